"""Names: suggestions while a user types, and resolving of given names."""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints
from starlette.responses import Response

from app.api.descriptions import TOO_LONG
from app.api.endpoint import Call, Endpoint
from app.api.errors import bad_parameter
from app.api.params import ReleaseParams
from app.api.query_string import AT_COMMAS
from app.api.responses import json_response
from app.nouns.base import Schema
from app.nouns.declaration import Noun
from app.nouns.registry import named_nouns
from app.nouns.registry import noun as noun_of
from app.nouns.shorthand import parts_of
from app.release.fulltext import is_searchable
from app.release.names import NameMatch, Names, leading
from app.release.naming import Name as KnownName
from app.release.opened import OpenRelease
from app.release.question import parse_question
from app.release.ranking import best_hits

MAX_NAMES = 1000
"""Names, and parts of combinations, that one request may resolve."""
MAX_NEAR = 5
"""Records that are answered for a name that is nearly known."""
TYPES = named_nouns()
SOURCES = noun_of("sources")
"""Not among the types: it is resolved by its identifiers alone."""
_TYPE_OF = {noun.name: name for name, noun in TYPES.items()} | {SOURCES.name: SOURCES.kind}

if TYPE_CHECKING:
    Type = str
    MatchType = str
else:
    Type = Literal[tuple(TYPES)]
    MatchType = Literal[(*TYPES, SOURCES.kind)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Types = Annotated[
    Annotated[list[Type], Field(min_length=1)] | None,
    AT_COMMAS,
    Field(description=f"Only these types: {', '.join(f'`{name}`' for name in TYPES)}."),
]


def not_blank(value: str) -> str:
    """Refuse a name of spaces."""
    if not value.strip():
        raise ValueError("a name is needed")
    return value


class Suggestion(Schema):
    """A record that may be meant."""

    type: Type = Field(description="Kind of record.")
    id: str = Field(description="Id of the record.")
    name: str = Field(description="Name of the record.")
    matched: str = Field(description="The name that matched what was typed.")


class Match(Schema):
    """A record that a name led to."""

    type: MatchType = Field(description="Kind of record.")
    id: str = Field(description="Id of the record.")
    name: str = Field(description="Name of the record.")
    how: Literal["id", "name", "brand", "synonym", "code", "identifier", "fuzzy"] = Field(
        description="What matched: `fuzzy` is within one or two typing errors."
    )
    matched: str = Field(description="The name of the record that matched.")


class Resolution(Schema):
    """What a name leads to."""

    query: str = Field(description="The name as it was given.")
    status: Literal["matched", "ambiguous", "combination", "fuzzy", "unknown"] = Field(
        description="`ambiguous`: several records are called so. `combination`: see `parts`. "
        "`fuzzy`: only names nearly the same are known. `unknown`: nothing is near."
    )
    match: Match | None = Field(description="The record; null unless exactly one is best.")
    alternatives: list[Match] = Field(description="The other records that it may mean, best first.")
    parts: list["Resolution"] = Field(default=[], description="The parts of a combination.")


class SuggestParams(ReleaseParams):
    """The parameters of `/suggest`."""

    q: Annotated[
        Name, AfterValidator(not_blank), Field(description="What was typed so far.", examples=["keyt"])
    ]  # fmt: skip
    type: Types = None
    limit: Annotated[int, Field(ge=1, le=50, description="Suggestions at most, 1 to 50.")] = 10


class SuggestPage(Schema):
    """Suggestions, best first."""

    items: list[Suggestion] = Field(description="Suggestions, best first.")
    release: str = Field(description="The release that was read.")


class ResolveParams(ReleaseParams):
    """The parameters of `GET /resolve`."""

    name: Annotated[
        list[Name],
        Field(min_length=1, max_length=50, description="Name, brand, code or CURIE; may be given up to 50 times.",
              examples=[["Keytruda"]]),
    ]  # fmt: skip
    type: Types = None


class ResolveBody(Schema):
    """The body of `POST /resolve`."""

    model_config = ConfigDict(extra="forbid")

    names: Annotated[
        list[Name],
        Field(
            min_length=1, max_length=MAX_NAMES, description="Names, brands, codes or CURIEs.", examples=[["Keytruda"]]
        ),
    ]
    types: Annotated[list[Type] | None, Field(description="Only these types.")] = None


class ResolvePage(Schema):
    """What each name leads to, in the order given."""

    items: list[Resolution] = Field(description="One for each name, in the order given.")
    release: str = Field(description="The release that was read.")


def suggestions(release: OpenRelease, typed: str, types: Sequence[str], limit: int) -> list[Suggestion]:
    """Records whose names begin with what was typed; where there are none, what several words mean; then errors."""
    names, nouns = release.names, [TYPES[name] for name in types]
    found = _suggested(names, names.named.beginning_with(typed), nouns, limit)
    if not found and len(typed.split()) > 1 and is_searchable(typed):
        hits, _ = best_hits(release, parse_question(release, typed, nouns), nouns, limit)
        found = [_suggestion(names, noun.name, release.lists[noun.name].ids[position]) for noun, position in hits]
    return found or _suggested(names, names.named.beginning_nearly_with(typed), nouns, limit)


def _suggested(names: Names, found: Iterable[KnownName], nouns: Sequence[Noun], limit: int) -> list[Suggestion]:
    best, spaces = dict[tuple[str, str], Suggestion](), {noun.name for noun in nouns}
    for entry in found:
        key = (entry.space, entry.id)
        if entry.space in spaces and key not in best:
            best[key] = _suggestion(names, *key, matched=entry.name)
            if len(best) == limit:
                break
    return list(best.values())


def _suggestion(names: Names, space: str, record_id: str, matched: str | None = None) -> Suggestion:
    """A record as a suggestion, for the name that matched; by default its title."""
    title = names.titles[space].get(record_id, record_id)
    return Suggestion(type=_TYPE_OF[space], id=record_id, name=title, matched=matched or title)


def resolution(names: Names, name: str, types: Sequence[str], *, whole: bool = True) -> Resolution:
    """What a name leads to among the types; what stands for several names is taken apart."""
    spaces = [TYPES[kind].name for kind in types]
    found = names.called(name, spaces) or (_sources(names, name) if len(types) == len(TYPES) else [])
    known = [_match(names, match, match.how) for match in found]
    if known:
        if len(leading(found)) == 1:
            return Resolution(query=name, status="matched", match=known[0], alternatives=known[1:])
        return Resolution(query=name, status="ambiguous", match=None, alternatives=known)
    if whole and (parts := names.read(name, spaces)):
        resolved = [resolution(names, part, types, whole=False) for part in parts]
        if any(part.status in {"matched", "ambiguous"} for part in resolved):
            return Resolution(query=name, status="combination", match=None, alternatives=[], parts=resolved)
    near: dict[tuple[str, str], KnownName] = {}
    for entry in names.nearly(name, spaces):
        near.setdefault((entry.space, entry.id), entry)
    alternatives = [_match(names, entry, "fuzzy") for entry in list(near.values())[:MAX_NEAR]]
    status: Literal["fuzzy", "unknown"] = "fuzzy" if alternatives else "unknown"
    return Resolution(query=name, status=status, match=None, alternatives=alternatives)


def _sources(names: Names, text: str) -> list[NameMatch]:
    """The sources that an identifier is of: a DOI, a PubMed id, a set id, also as an address."""
    return [match for match in names.called(text, [SOURCES.name]) if match.how == "identifier"]


def _match(names: Names, entry: NameMatch | KnownName, how: str) -> Match:
    title = names.titles[entry.space].get(entry.id, entry.id)
    return Match.model_validate(
        {"type": _TYPE_OF[entry.space], "id": entry.id, "name": title, "how": how, "matched": entry.name}
    )


async def suggest(call: Call) -> Response:
    """Suggest therapies, targets, conditions, classes and events while a user types.

    Beginnings of names come first; one or two typing errors are forgiven.
    """
    release = await call.release()
    items = suggestions(release, call.query.q, call.query.type or list(TYPES), call.query.limit)
    return json_response(SuggestPage(items=items, release=release.version), release)


async def resolve(call: Call) -> Response:
    """Resolve a few names, brands, codes or CURIEs to records, and say how each matched.

    Nothing is picked among equals: where several records share a name, all are alternatives. Combinations such as
    `nivolumab + ipilimumab` are resolved part by part.
    """
    return await _resolved(call, "name", call.query.name, call.query.type)


async def resolve_many(call: Call) -> Response:
    """Resolve up to 1,000 names at once, parts of combinations included; otherwise as `GET /resolve`."""
    return await _resolved(call, "names", call.body.names, call.body.types)


async def _resolved(call: Call, parameter: str, given: Sequence[str], types: Sequence[str] | None) -> Response:
    release = await call.release()
    different = list(dict.fromkeys(given))
    count = sum(max(1, len(parts_of(name))) for name in different)
    if count > MAX_NAMES:
        detail = f"`{parameter}` holds {count} names and parts of combinations."
        raise bad_parameter(parameter, detail, allowed=f"at most {MAX_NAMES} names and parts")

    def work(_: Any) -> dict[str, Resolution]:
        return {name: resolution(release.names, name, types or list(TYPES)) for name in different}

    found = await call.store.compute(work)
    return json_response(ResolvePage(items=[found[name] for name in given], release=release.version), release)


def name_routes() -> list[Endpoint]:
    """The routes of names."""
    route = partial(Endpoint, tag="names")
    return [
        route("/suggest", suggest, query=lambda: SuggestParams, answer=lambda: SuggestPage, summary="Suggest names"),
        route("/resolve", resolve, query=lambda: ResolveParams, answer=lambda: ResolvePage, summary="Resolve names"),
        route("/resolve", resolve_many, query=lambda: ReleaseParams, body=ResolveBody, answer=lambda: ResolvePage,
              summary="Resolve many names", responses={413: TOO_LONG}),
    ]  # fmt: skip
