"""The page of a list: any of the API, with its facets as a sidebar, its filters as chips, its orders and its pages."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

from app.api.errors import Problem, ProblemType, bad_parameter
from app.api.other_paths import intended_path
from app.nouns.declaration import Noun
from app.nouns.filters import TermFilter
from app.nouns.registry import nouns
from app.pages.columns import FACETS, HIDDEN_FACETS, SORTS, USUAL_FACETS, columns_of
from app.pages.routes import PREFIX
from app.pages.visit import Moved, Visit, quoted, without, written
from app.pages.words import words
from app.release.opened import OpenRelease

OF_PAGES = ("limit", "cursor", "sort")
MAX_VALUES = 14
"""Values of a facet that are shown: the most frequent, and those that were chosen."""

MAX_OF_ALL = 120
"""The same, where all of one filter were asked for: a page is small."""


class Value(NamedTuple):
    """A value of a facet."""

    id: str
    name: str
    records: int
    chosen: bool
    depth: int
    """How far below the root of its tree."""
    href: str
    """The list with the value chosen, or no longer."""


class Facet(NamedTuple):
    """The values of a filter, as links."""

    name: str
    values: list[Value]
    more: int
    """Values that are not shown."""
    all: str
    """The list with more of them."""


class Chip(NamedTuple):
    """A filter that is applied, and the list without it."""

    name: str
    value: str
    href: str


def noun_at(visit: Visit) -> Noun:
    """The noun of the list in the path. Raises `Moved` for another word for it, `Problem` for none."""
    name = visit.ids["noun"]
    found = next((noun for noun in nouns() if noun.name == name), None)
    if found is None:
        lists = [f"/{noun.name}" for noun in nouns()]
        meant = intended_path(visit.path.removeprefix(PREFIX), [*lists, *(f"{path}/{{id}}" for path in lists)])
        if meant is not None:
            raise Moved(unquote(meant))
        raise Problem(ProblemType.NOT_FOUND, f"There is no list {name[:120]!r}.", title="No such page")
    return found


async def listed(visit: Visit) -> dict[str, Any]:
    """What a list found, and how to go on from there."""
    noun = noun_at(visit)
    facets = [name for name in FACETS.get(noun.name, _usual_facets(noun)) if name in noun.facets]
    given = visit.params()
    whole = given.pop("all", "")
    if whole:
        if whole not in facets:
            raise bad_parameter("all", f"{whole[:100]!r} has no values beside this list.", allowed=", ".join(facets))
        facets = [whole]
    if noun.name in SORTS:
        given.setdefault("sort", SORTS[noun.name])
    page = await visit.fetch(f"/{noun.name}", given | ({"facets": facets} if facets else {}))
    applied = without(page["query"], *OF_PAGES)
    kept = applied | {name: given[name] for name in ("sort", "limit") if name in given}
    return {
        "noun": noun,
        "page": page,
        "columns": columns_of(noun),
        "facets": [
            facet(visit, noun, name, page["facets"][name], kept, most=MAX_OF_ALL if whole else MAX_VALUES)
            for name in facets
        ],
        "fewer": visit.again(kept) if whole else None,
        "chips": [chip for name in applied for chip in chips(visit, noun, name, kept)],
        "clear": visit.again({name: kept[name] for name in OF_PAGES if name in kept}),
        "kept": {name: written(value) for name, value in without(kept, "q", "sort").items()},
        "q": applied.get("q", ""),
        "sort": given.get("sort", ""),
        "sorts": [order for key in noun.sorts for order in (key, f"-{key}")],
        "sorted_by": {key: visit.again(kept | {"sort": _other_way(key, given.get("sort"))}) for key in noun.sorts},
        "first": visit.again(kept) if "cursor" in given else None,
        "next": next_page(visit, kept, page["next"]),
    }


def _usual_facets(noun: Noun) -> Sequence[str]:
    return [name for name in noun.facets if name not in HIDDEN_FACETS][:USUAL_FACETS]


def _other_way(key: str, sort: str | None) -> str:
    """The order that a click on the head of a column asks for: descending first, then ascending."""
    return key if sort == f"-{key}" else f"-{key}"


def next_page(visit: Visit, kept: Mapping[str, Any], following: str | None) -> str | None:
    """The page after this one, given that of the API."""
    if following is None:
        return None
    return visit.again({**kept, "cursor": dict(parse_qsl(urlsplit(following).query))["cursor"]})


def facet(
    visit: Visit, noun: Noun, name: str, values: Sequence[Mapping[str, Any]], kept: Mapping[str, Any], *, most: int
) -> Facet:
    """The values of a filter, each as the link that chooses it, trees as trees."""
    wanted = noun.by_name[name]
    several = isinstance(wanted, TermFilter)
    chosen = [written(value) for value in _as_list(kept.get(name, []))]
    by_id = {value["id"]: value for value in values}
    shown = _shown(by_id, chosen, most)
    rest = visit.again(without(kept, name))
    begin = f"{rest}{'' if rest == '?' else '&'}{name}="
    further = begin + "".join([f"{quoted(each)}," for each in chosen]) if several else begin

    def link(value_id: str) -> str:
        if value_id not in chosen:
            return further + quoted(value_id)
        left = [other for other in chosen if other != value_id]
        return begin + ",".join(map(quoted, left)) if left else rest

    named = words if getattr(wanted, "vocabulary", None) else str
    found = [
        Value(key, named(by_id[key]["name"]), by_id[key]["count"], key in chosen, depth, link(key))
        for key, depth in _in_tree(by_id, shown)
    ]
    return Facet(name, found, len(by_id) - len(shown), visit.again({**kept, "all": name}))


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _shown(by_id: Mapping[str, Mapping[str, Any]], chosen: Sequence[str], most: int) -> set[str]:
    """The values that are shown: the most frequent, those chosen and those just below these, and what is above them."""
    above = set(chosen)
    below = [key for key, value in by_id.items() if not above.isdisjoint(value.get("parents", ()))] if above else []
    found: set[str] = set()
    waiting = [*(key for key in chosen if key in by_id), *below[:most], *[*by_id][:most]]
    while waiting:
        key = waiting.pop(0)
        if key not in found:
            found.add(key)
            waiting += [parent for parent in by_id[key].get("parents", ()) if parent in by_id]
    return found


def _in_tree(by_id: Mapping[str, Mapping[str, Any]], shown: set[str]) -> list[tuple[str, int]]:
    """Values in the order of their tree, each once, with their depth."""
    below: dict[str, list[str]] = {}
    for key in shown:
        for parent in by_id[key].get("parents", ()):
            below.setdefault(parent, []).append(key)
    place = {key: number for number, key in enumerate(by_id) if key in shown}
    found: dict[str, int] = {}

    def add(key: str, depth: int) -> None:
        if key not in found:
            found[key] = depth
            for other in sorted(below.get(key, ()), key=place.__getitem__):
                add(other, depth + 1)

    for key in sorted(shown, key=place.__getitem__):
        if shown.isdisjoint(by_id[key].get("parents", ())):
            add(key, 0)
    return list(found.items())


def chips(visit: Visit, noun: Noun, name: str, kept: Mapping[str, Any]) -> list[Chip]:
    """The values of a filter that are applied, each with the list without it."""
    values = _as_list(kept[name])
    found = []
    for value in values:
        left = [other for other in values if other != value]
        rest = without(kept, name)
        href = visit.again(rest | {name: left} if left else rest)
        found.append(Chip(name, value_name(visit.release, noun, name, value), href))
    return found


def value_name(release: OpenRelease, noun: Noun, name: str, value: Any) -> str:
    """What a value of a filter is called."""
    wanted = noun.by_name.get(name)
    titles = release.names.titles.get(getattr(wanted, "names", None) or "", {})
    return titles.get(value, written(value))
