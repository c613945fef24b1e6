"""The tools of agents, as a table: what each takes, the request of the API that it is, and what it answers."""

import itertools
from collections.abc import Awaitable, Callable
from inspect import cleandoc
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

import orjson
from pydantic import BaseModel, ConfigDict, Field

from app.agents.client import Api, Json, RefusedError, listed, outline, page_of, pinned, record_path, size, slim
from app.nouns.registry import nouns

Names = Annotated[list[str], Field(max_length=50)]
if TYPE_CHECKING:
    Kind = str
else:
    Kind = Literal[tuple(noun.name for noun in nouns() if noun.name != "therapies")]
OUTLINE_BYTES = 2_000
"""Bytes of a part of a record that is shown at once; longer ones are named in its outline."""


class Arguments(BaseModel):
    """What every tool takes."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    release: str = ""


class Paged(Arguments):
    """What every tool takes that answers in parts."""

    cursor: str = ""

    def params(self) -> dict[str, Any]:
        """The arguments as parameters of a list of the API; `filters` among them. Raises `RefusedError`."""
        given = self.model_dump(by_alias=True, exclude_defaults=True, exclude={"cursor", "filters", "kind"})
        filters: dict[str, Any] = getattr(self, "filters", {})
        if taken := sorted(filters.keys() & {*given, "cursor", "limit", "release"}):
            raise RefusedError(f"`filters` has {taken[0]!r}, which is an argument of its own, or set by the tool.")
        return {**filters, **given}


class FindTherapies(Paged):
    """Names are OR within a filter, filters are AND."""

    class_: Names = Field(default=[], alias="class")
    target: Names = []
    condition: Names = []
    agency: Names = []
    q: str = ""
    filters: dict[str, str | bool | int] = Field(default={}, description="Others: line, biomarker, partner, status …")


class GetRecord(Paged):
    """A record, and the parts of it that are wanted."""

    kind: Kind
    id: str
    sections: Names = Field(default=[], description="Of its outline")


class GetTherapy(Paged):
    """A therapy, and the parts of it that are wanted."""

    id: str
    sections: Names = Field(default=[], description="Of its outline")


class FindFacts(Paged):
    """A list and its filters."""

    kind: Kind
    filters: dict[str, str | bool | int | float] = Field(
        default={}, description="therapy, class, condition, event, trial, endpoint, agency, level … with commas: OR"
    )
    q: str = ""
    sort: str = ""
    facets: str = Field(default="", description="Filters to count by")


class CompareSafety(Paged):
    """Cohorts and events; at most 200 cohorts."""

    therapy: Names = []
    class_: Names = Field(default=[], alias="class")
    cohort: Names = []
    trial: Names = []
    event: Names = []
    organ_system: Names = []
    condition: Names = []
    monotherapy: bool | None = None
    severity: Literal["any", "severe"] = "any"


class CompareOutcomes(Paged):
    """Arms of trials and endpoints."""

    therapy: Names = []
    class_: Names = Field(default=[], alias="class")
    condition: Names = []
    trial: Names = []
    endpoint: Names = []
    measure: Names = []


class Approvals(Paged):
    """What agencies did when; days as `YYYY-MM-DD`."""

    therapy: Names = []
    class_: Names = Field(default=[], alias="class")
    condition: Names = []
    agency: Names = []
    action: Names = []
    on_from: str = ""
    on_to: str = ""
    sort: str = "on"


class SearchFacts(Arguments):
    """Words."""

    q: str = Field(min_length=1)
    type: Names = []
    limit: int = Field(default=10, ge=1, le=20)


class ResolveNames(Arguments):
    """Names."""

    names: list[str] = Field(min_length=1, max_length=100)
    cursor: str = ""


class Cite(Paged):
    """Records whose sources are wanted: by ids, or by filters as in find_facts."""

    kind: Kind | Literal["therapies"]
    ids: Names = []
    filters: dict[str, str | bool | int | float] = {}
    format: Literal["csl-json", "bibtex", "ris"] = "csl-json"


async def find_therapies(api: Api, given: FindTherapies) -> Json:
    """Therapies by class, target, condition, agency; `total` is exact."""
    return await listed(api, "/therapies", given.params(), given.cursor)


async def get_therapy(api: Api, given: GetTherapy) -> Json:
    """A therapy in short, with the outline of what else there is; name `sections` to read them.

    Its adverse events and outcomes: find_facts.
    """
    return await _record(api, "therapies", given)


async def get_record(api: Api, given: GetRecord) -> Json:
    """One record; of a long one the outline, and the `sections` named."""
    return await _record(api, given.kind, given)


async def _record(api: Api, kind: str, given: Any) -> Json:
    _, release = pinned(given.cursor, given.release)
    if not release:
        release = (await api.get("/service-info", {}))["release"]
    record = await api.get(record_path(kind, given.id), {"release": release})
    answer = {"release": release, "permalink": f"{record_path(kind, record['id'])}?release={release}"}
    if not given.sections:
        short = {key: value for key, value in slim(record).items() if size(value) <= OUTLINE_BYTES}
        long = {key: value for key, value in record.items() if key not in short and value not in (None, [], {})}
        return page_of([{**short, **({"outline": outline(long)} if long else {})}], answer, given.cursor)
    unknown = [name for name in given.sections if name not in record]
    parts = [(name, part) for name in given.sections if name in record for part in _parts(record[name])]
    items = [{"section": name, **(part if isinstance(part, dict) else {"value": part})} for name, part in parts]
    items += [{"section": name, "note": f"No such section; there are {', '.join(record)}."} for name in unknown]
    return page_of(items, answer, given.cursor)


def _parts(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


async def find_facts(api: Api, given: FindFacts) -> Json:
    """Records of any list by its filters (a refusal names them all), each fact with its evidence."""
    return await listed(api, f"/{given.kind}", given.params(), given.cursor)


async def compare_safety(api: Api, given: CompareSafety) -> Json:
    """Adverse events of cohorts side by side: a row for each, then `contrast` rows, of arms of one trial only."""
    found = await _whole(api, "/adverse-events/compare", given)
    cohorts = {one["id"]: {key: one[key] for key in _COHORT if key in one} for one in found["cohorts"]}
    rows: list[Json] = []
    for part in ("rows", "contrasts"):
        for item in found["items"]:
            event = {"event": item["event"]["id"], **{key: item[key] for key in ("kind", "causality", "subset")}}
            for row in item[part]:
                own = {**row, "cohort": cohorts[row["cohort"]]} if part == "rows" else {"contrast": row}
                rows.append({**event, **own})
    return page_of(rows, found, given.cursor)


_COHORT = ("id", "label", "patients", "population", "schedule", "condition", "therapies", "other_agents", "pooled")


async def compare_outcomes(api: Api, given: CompareOutcomes) -> Json:
    """Outcomes (survival, response …) by endpoint and trial: arms, results between arms, and cautions as rows."""
    found = await _whole(api, "/outcomes/compare", given)
    rows: list[Json] = []
    for item in found["items"]:
        for trial in item["trials"]:
            name = {"endpoint": item["endpoint"]["id"], "trial": (trial["trial"] or {}).get("name")}
            if trial["cautions"]:
                rows.append({**name, "cautions": trial["cautions"]})
            rows += [{**row, **name, "row": "arm"} for row in trial["arms"]]
            rows += [{**row, **name, "row": "between_arms"} for row in trial["between_arms"]]
    return page_of(rows, found, given.cursor)


async def _whole(api: Api, path: str, given: Paged) -> Json:
    _, release = pinned(given.cursor, given.release)
    return await api.get(path, given.params() | {"release": release})


async def approvals(api: Api, given: Approvals) -> Json:
    """What agencies did when: approved, converted, expanded, narrowed, withdrawn …; oldest first, `-on` newest."""
    return await listed(api, "/approvals", given.params() | {"sort": given.sort}, given.cursor)


async def search_facts(api: Api, given: SearchFacts) -> Json:
    """Full text over all records, best first; facts with their evidence."""
    found = await api.get("/search", given.model_dump())
    for kind, hits in itertools.groupby(sorted(found["items"], key=_kind), _kind):
        by_id = {hit["id"]: hit for hit in hits}
        if kind in _FACTS:
            query = {"id": list(by_id), "release": found["release"], "fields": "id,evidence", "limit": len(by_id)}
            for record in (await api.get(f"/{kind}", query))["items"]:
                by_id[record["id"]]["evidence"] = record["evidence"]
    answer = page_of(found["items"], found, "")
    return answer | {"total": found["total"]}


_FACTS = frozenset(noun.name for noun in nouns() if "evidence" in noun.listed.model_fields)
"""Lists whose records say where they were read."""


def _kind(hit: Json) -> str:
    return str(hit["url"]).split("/")[1]


async def resolve_names(api: Api, given: ResolveNames) -> Json:
    """What names, brands, codes and CURIEs mean: ids, how each matched, and what is ambiguous."""
    _, release = pinned(given.cursor, given.release)
    found = await api.post("/resolve", {"names": given.names}, {"release": release} if release else {})
    return page_of(found["items"], found, given.cursor)


async def cite(api: Api, given: Cite) -> Json:
    """The sources of records, as citations."""
    _, release = pinned(given.cursor, given.release)
    about = await api.get("/service-info", {})
    params = given.filters | {"id": given.ids, "format": given.format, "release": release or about["release"]}
    text = await api.text(f"/{given.kind}", params)
    return page_of(citations(text, given.format), {"release": params["release"]}, given.cursor)


def citations(text: str, format_: str) -> list[Json]:
    """The entries of a list of citations."""
    if format_ == "csl-json":
        found: list[Json] = orjson.loads(text)
        return found
    return [{"citation": entry.strip()} for entry in text.split("\n\n") if entry.strip()]


class Tool(NamedTuple):
    """A tool: the function, whose docstring and arguments describe it, and the keys that each item has."""

    run: Callable[[Api, Any], Awaitable[Json]]
    arguments: type[Arguments]
    keys: str
    """Keys of an item, of which those without a value are left out."""

    @property
    def name(self) -> str:
        """What it is called."""
        return str(getattr(self.run, "__name__", ""))

    @property
    def description(self) -> str:
        """What it does."""
        return " ".join(cleandoc(self.run.__doc__ or "").split())

    def input_schema(self) -> Json:
        """What it takes, as JSON Schema: without what says nothing to an agent."""
        schema: Json = _plain(self.arguments.model_json_schema())
        schema.pop("description", None)
        return schema

    def output_schema(self) -> Json:
        """What it answers, as JSON Schema."""
        items = {"type": "object", "properties": {key: {} for key in self.keys.split()}}
        properties = {
            "items": {"type": "array", "items": items},
            "total": {"type": "integer"},
            "next_cursor": {"type": ["string", "null"]},
            "release": {"type": "string"},
        }
        return {"type": "object", "properties": properties, "required": list(properties)}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        schema = {
            key: _plain(part) for key, part in value.items() if key not in _OMITTED_KEYS or isinstance(part, dict)
        }
        if "anyOf" in schema:
            schema["type"] = [part["type"] for part in schema.pop("anyOf")]
        return schema
    return [_plain(part) for part in value] if isinstance(value, list) else value


_OMITTED_KEYS = frozenset({"title", "default", "maxItems", "minItems", "minLength"})

TOOLS = (
    Tool(find_therapies, FindTherapies, "id name class brand_names targets conditions status first_approval"),
    Tool(get_therapy, GetTherapy, "id name outline section evidence"),
    Tool(find_facts, FindFacts, "id therapy evidence"),
    Tool(get_record, GetRecord, "id outline section evidence"),
    Tool(compare_safety, CompareSafety, "event cohort percent patients evidence contrast"),
    Tool(compare_outcomes, CompareOutcomes, "endpoint trial row cohort value percent evidence"),
    Tool(approvals, Approvals, "id therapy condition agency action on evidence"),
    Tool(search_facts, SearchFacts, "type id name fragment evidence"),
    Tool(resolve_names, ResolveNames, "query status match alternatives"),
    Tool(cite, Cite, "citation title"),
)
