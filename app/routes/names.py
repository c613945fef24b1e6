"""Names: suggestions while a user types, and resolving of names that are at hand."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from app.parameters import Pinned, split
from app.problems import Culprit, bad_parameter
from app.queries.names import SPACES
from app.queries.searching import SEARCHED, Hit, Searched, hits
from app.queries.suggestions import Resolution, Suggestion, Type, resolution, suggestions
from app.routes.descriptions import ALWAYS, BAD_BODY, TOO_LONG
from app.routes.reading import reading
from app.search import MAX_WORDS, is_searchable

router = APIRouter(tags=["names"])

Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]

Types = Annotated[
    Annotated[list[Type], Field(min_length=1)] | None,
    BeforeValidator(split),
    Field(description=f"Only these types: {', '.join(f'`{name}`' for name in SPACES)}."),
]


def _readable(value: str) -> str:
    if not value.strip():
        raise ValueError("a name is needed")
    return value


class SuggestQuery(Pinned):
    """The parameters of `/suggest`."""

    q: Annotated[
        Name, AfterValidator(_readable), Field(description="What was typed so far.", examples=["keyt"])
    ]  # fmt: skip
    type: Types = None
    limit: Annotated[int, Field(ge=1, le=50, description="Suggestions at most, 1 to 50.")] = 10


class SuggestPage(BaseModel):
    """Suggestions, best first."""

    items: list[Suggestion]
    release: str


class ResolveQuery(Pinned):
    """The parameters of `GET /resolve`."""

    name: Annotated[
        list[Name],
        Field(min_length=1, max_length=50, description="Name, brand, code or CURIE; may be given up to 50 times.",
              examples=[["Keytruda"]]),
    ]  # fmt: skip
    type: Types = None


class ResolveBody(BaseModel):
    """The body of `POST /resolve`."""

    model_config = ConfigDict(extra="forbid")

    names: Annotated[
        list[Name],
        Field(min_length=1, max_length=1000, description="Names, brands, codes or CURIEs.", examples=[["Keytruda"]]),
    ]
    types: Annotated[list[Type] | None, Field(description="Only these types.")] = None


class ResolvePage(BaseModel):
    """What each name leads to, in the order asked."""

    items: list[Resolution]
    release: str


def suggest(request: Request, query: Annotated[SuggestQuery, Query()]) -> SuggestPage:
    """Suggest therapies, targets, conditions, classes and events while a user types.

    Beginnings of names come first; one or two typing errors are forgiven.
    """
    with reading(request, query) as reader:
        items = suggestions(reader, query.q, query.type or list(SPACES), query.limit)
        return SuggestPage(items=items, release=reader.version)


def resolve(request: Request, query: Annotated[ResolveQuery, Query()]) -> ResolvePage:
    """Resolve a few names, brands, codes or CURIEs to records, and say how each matched.

    Nothing is picked among equals: where several records share a name, all are alternatives. Combinations such as
    `nivolumab + ipilimumab` are resolved part by part.
    """
    with reading(request, query) as reader:
        items = [resolution(reader, name, query.type or list(SPACES)) for name in query.name]
        return ResolvePage(items=items, release=reader.version)


def resolve_many(request: Request, query: Annotated[Pinned, Query()], body: ResolveBody) -> ResolvePage:
    """Resolve up to 1,000 names at once; otherwise as `GET /resolve`."""
    with reading(request, query) as reader:
        items = [resolution(reader, name, body.types or list(SPACES)) for name in body.names]
        return ResolvePage(items=items, release=reader.version)


class SearchQuery(Pinned):
    """The parameters of `/search`."""

    q: Annotated[
        Name,
        AfterValidator(_readable),
        Field(description='Words, each of which may be the beginning of a word, and "phrases".', examples=["colitis"]),
    ]
    type: Annotated[
        Annotated[list[Searched], Field(min_length=1)] | None,
        BeforeValidator(split),
        Field(description=f"Only these types: {', '.join(f'`{name}`' for name in SEARCHED)}."),
    ] = None
    limit: Annotated[int, Field(ge=1, le=100, description="Hits at most, 1 to 100.")] = 20


class SearchPage(BaseModel):
    """Hits, best first."""

    items: list[Hit]
    total: int = Field(description="How many records hold it; exact.")
    totals: dict[str, int] = Field(description="The same by type.")
    release: str


def search_all(request: Request, query: Annotated[SearchQuery, Query()]) -> SearchPage:
    """Search names, mechanisms, indications, statements and events at once.

    Records whose title holds every word come first. The words are marked in `fragment`, which is safe as HTML. To page
    through all hits of one type, use `q` of its list.
    """
    if not is_searchable(query.q):
        detail = f"`q` holds no word to search for, or more than {MAX_WORDS}."
        raise bad_parameter(Culprit(parameter="q", detail=detail, allowed='words, and phrases in "quotes"'))
    with reading(request, query) as reader:
        items, totals = hits(reader, query.q, query.type or list(SEARCHED), query.limit)
        return SearchPage(items=items, total=sum(totals.values()), totals=totals, release=reader.version)


search_all.query_model = SearchQuery  # type: ignore[attr-defined]  # read by problems.py to name what is known
suggest.query_model = SuggestQuery  # type: ignore[attr-defined]  # read by problems.py to name what is known
resolve.query_model = ResolveQuery  # type: ignore[attr-defined]  # read by problems.py to name what is known
resolve_many.query_model = Pinned  # type: ignore[attr-defined]  # read by problems.py to name what is known
router.get("/suggest", operation_id="suggest", summary="Suggest names", responses=ALWAYS)(suggest)
router.get("/resolve", operation_id="resolve", summary="Resolve names", responses=ALWAYS)(resolve)
router.post(
    "/resolve",
    operation_id="resolve_many",
    summary="Resolve many names",
    responses={**ALWAYS, 400: BAD_BODY, 413: TOO_LONG},
)(resolve_many)
router.get("/search", operation_id="search", summary="Search everything", responses=ALWAYS)(search_all)
