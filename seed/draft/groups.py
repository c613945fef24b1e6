"""Rows that are no event: organ systems and laboratory groups, totals, and words that need their heading."""

import re

_SYSTEMS = (
    "blood lymphatic", "blood lymphatic system", "cardiac", "cardiovascular", "congenital familial genetic",
    "ear labyrinth", "endocrine", "eye", "gastrointestinal", "general", "general administration site conditions",
    "general administration site", "general administrative site conditions", "general administration-site conditions",
    "general conditions administration site", "hepatobiliary", "hepatic", "liver", "immune", "immune system",
    "infections", "infections infestations", "infection", "injury poisoning procedural complications",
    "injury poisoning procedural", "procedural complications", "investigations", "metabolism nutrition",
    "metabolism nutritional", "metabolic nutritional", "metabolism", "metabolic", "metabolic/nutritional",
    "musculoskeletal", "musculoskeletal connective tissue", "musculoskeletal connective tissue bone",
    "neoplasms benign malignant unspecified", "nervous", "nervous system", "neurologic", "neurological", "psychiatric",
    "psychiatric disorders", "renal", "renal urinary", "renal urinary tract", "reproductive system breast",
    "reproductive", "respiratory", "respiratory system", "respiratory thoracic mediastinal", "respiratory thoracic",
    "respiratory mediastinal", "skin", "skin subcutaneous", "skin subcutaneous tissue", "dermatologic", "dermatology",
    "dermatologic/skin", "dermatological", "vascular", "surgical medical procedures", "body as a whole",
    "body as whole", "digestive", "hemic lymphatic", "hematologic", "hematological", "hematologic lymphatic",
    "hematology", "heme lymphatic", "urogenital", "genitourinary", "constitutional", "constitutional symptoms",
    "pulmonary", "ocular", "allergy", "allergy/immunology", "neurology", "pain", "other", "chemistry", "chemistries",
    "serum chemistry", "clinical chemistry", "biochemistry", "coagulation", "electrolytes", "electrolyte",
    "liver function", "liver function tests", "hepatic function", "renal function", "urinalysis", "thyroid",
    "other laboratory tests", "other chemistry", "other laboratory", "metabolic laboratory", "pancreatic",
    "general disorders administration site conditions", "skin appendages", "special senses", "nutritional metabolic",
    "metabolism/nutrition", "respiratory thoracic media", "general administration", "lipids", "endocrine disoders",
    "infections infestation", "metabolic/laboratory", "hemorrhage/bleeding", "laboratory", "laboratory abnormalities",
    "miscellaneous",
)  # fmt: skip

_ALONE = {
    "any", "all", "total", "other", "severe", "moderate", "mild", "serious", "fatal", "symptomatic", "asymptomatic",
    "events/patients", "overall", "none", "recurrent", "local", "systemic", "early", "late", "acute", "chronic",
    "induction", "consolidation", "liver", "cardiac", "renal", "metabolic", "pulmonary", "skin", "gastrointestinal",
    "neurologic",
}  # fmt: skip
"""Words that name no event without their heading."""


def _plain(text: str) -> str:
    text = re.sub(
        r"\b(?:disorders?|system organ class|and|the|conditions?(?=$))\b", " ", text.lower().replace("&", " ")
    )
    return re.sub(r"[,:;.()\s]+", " ", text).strip()


_GROUPS = {_plain(system) for system in _SYSTEMS} | set(_SYSTEMS)


def is_group(text: str) -> bool:
    """Whether a row's first cell is the name of an organ system or laboratory group."""
    plain = _plain(text)
    return plain in _GROUPS or plain.startswith("neoplasms benign") or plain.removesuffix(" system") in _GROUPS


def without_group(lines: tuple[str, ...]) -> tuple[str, ...]:
    """The lines of a term, without a group heading that stands in the same cell."""
    return lines[1:] if len(lines) > 1 and is_group(lines[0]) else lines


def is_no_event(term: str) -> bool:
    """Whether a row's first cell names no event of its own."""
    text = term.lower().strip(" :*")
    return (
        text in _ALONE
        or bool(re.fullmatch(r"(?:adverse )?(?:reactions?|events?)", text))
        or not re.search(r"[a-z]{3}", text)
        or bool(re.match(r"(?:grades? \d|any grade|n\s*=|≥|<|>|\d)", text))
    )
