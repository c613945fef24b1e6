"""Checks of the tree of conditions: what lies below a condition is one."""

import re

from app.nouns.base import slugged
from app.nouns.tree import Tree
from seed.checks.references import Found
from seed.files import Facts

_EXCLUDES = (
    (r"skin cancer", r"uveal|mucosal|ocular|conjunctival"),
    (r"thoracic cancer", r"peritoneal|abdominal"),
    (r"cancer", r"precancer|intraepithelial neoplasia|actinic keratosis"),
    (r"hodgkin lymphoma", r"non hodgkin"),
    (r"acute", r"chronic"),
    (r"chronic", r"acute"),
    (r"b cell", r"t cell"),
    (r"t cell", r"b cell"),
    (r"type 1", r"type 2"),
    (r"juvenile", r"adult onset"),
    (r"acquired", r"hereditary|congenital"),
)
"""Words of a condition, and words of conditions that it excludes."""
_NEEDS = ((r"muscle invasive bladder", "urothelial-carcinoma"),)
"""Words of a condition, and what it must lie below."""


def excluded_by_parents(facts: Facts) -> Found:
    """No condition lies below one that excludes it, and each below what it is a kind of."""
    conditions = facts.records("conditions")
    tree = Tree({item.id: item.parents for item in conditions})
    names = {item.id: slugged(item.name).replace("-", " ") for item in conditions}
    for item in conditions:
        name, above = names[item.id], tree.upwards(item.id) - {item.id}
        for parent in sorted(above & names.keys()):
            for words, excluded in _EXCLUDES:
                if _has(names[parent], words) and _has(name, excluded) and not _has(names[parent], excluded):
                    yield "conditions.json", item.id, f"It lies below {parent}, which excludes it."
        for words, wanted in _NEEDS:
            if _has(name, rf"^{words}") and wanted not in above:
                yield "conditions.json", item.id, f"It does not lie below {wanted}."


def _has(name: str, words: str) -> bool:
    return re.search(rf"\b(?:{words})\b" if not words.startswith("^") else words, name) is not None
