"""Agents: two real clients of the protocol, twenty questions whose answers the facts have, and how much is said."""

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

import httpx
import pytest
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.shared.exceptions import MCPError

from app.agents.client import MAX_BYTES
from app.agents.server import PROMPT, RELEASES, VOCABULARIES, VOCABULARY, definitions
from app.agents.tools import Cite, FindFacts, GetRecord
from app.nouns.registry import nouns
from tests.conftest import ROOT
from tests.servers import served

MAX_TOKENS = 3_000
Facts = dict[str, list[dict[str, Any]]]
Json = dict[str, Any]


class Question(NamedTuple):
    """A question: the tool and what it is given, what is read off an item, and what the facts say."""

    tool: str
    given: Json
    read: Callable[[Json], Any]
    known: Callable[[Facts], Any]


def of(records: list[Json], **wanted: Any) -> list[Json]:
    """The records with these values, at paths with `__`."""

    def at(record: Any, path: str) -> Any:
        for key in path.split("__"):
            record = record[key] if record is not None else None
        return record

    return [record for record in records if all(at(record, path) == value for path, value in wanted.items())]


def ids(records: list[Json]) -> set[str]:
    return {record["id"] for record in records}


def identity(item: Json) -> Any:
    return item["id"]


def therapy(facts: Facts, name: str) -> Json:
    return of(facts["therapies"], id=name)[0]


def figures(facts: Facts, trial: str, endpoint: str) -> set[str]:
    return ids(of(facts["outcomes"], trial__id=trial, endpoint__id=endpoint))


_ARMS = {"nivolumab.checkmate-067-nivolumab", "nivolumab.checkmate-067-ipilimumab"}
QUESTIONS = [
    Question("find_therapies", {"class": ["LAG-3 inhibitor"]}, identity,
             lambda facts: {t["id"] for t in facts["therapies"] if "lag-3-inhibitor" in ids(t["classes"])}),
    Question("find_therapies", {"filters": {"boxed_warning": True}, "class": ["CAR-T"]}, identity,
             lambda facts: {t["id"] for t in facts["therapies"]
                            if t["boxed_warning"] and ids(t["classes"]) & subclasses(facts, "car-t")}),
    Question("find_therapies", {"target": ["CD19"]}, identity,
             lambda facts: {t["id"] for t in facts["therapies"] if "CD19" in ids(t["targets"])}),
    Question("get_therapy", {"id": "Keytruda"}, lambda item: item["first_approval"]["FDA"],
             lambda facts: {therapy(facts, "pembrolizumab")["first_approval"]["FDA"]}),
    Question("get_therapy", {"id": "nivolumab", "sections": ["mechanisms"]}, identity,
             lambda facts: ids(of(facts["mechanisms"], therapy__id="nivolumab"))),
    Question("get_therapy", {"id": "ipilimumab", "sections": ["indications"]}, identity,
             lambda facts: ids(of(facts["indications"], therapy__id="ipilimumab"))),
    Question("find_facts", {"kind": "warnings", "filters": {"event": "CRS", "level": "boxed"}}, identity,
             lambda facts: ids(of(facts["warnings"], event__id="cytokine-release-syndrome", level="boxed"))),
    Question("find_facts", {"kind": "adverse-events",
                            "filters": {"therapy": "Yervoy", "event": "colitis", "severe_percent_from": 5}}, identity,
             lambda facts: {a["id"] for a in of(facts["adverse-events"], term__id="colitis")
                            if "ipilimumab" in ids(a["cohort"]["therapies"]) and not a["cohort"]["comparator"]
                            and a["severe"] and (a["severe"]["percent"] or 0) >= 5}),
    Question("find_facts", {"kind": "statements", "filters": {"class": "car-t", "topic": "limitation"}}, identity,
             lambda facts: {s["id"] for s in of(facts["statements"], topic="limitation")
                            if "car-t" in json.dumps(s["about"])}),
    Question("find_facts", {"kind": "trials", "filters": {"therapy": "tebentafusp"}}, identity,
             lambda facts: {t["id"] for t in facts["trials"] if "tebentafusp" in ids(t["therapies"])}),
    Question("get_record", {"kind": "sources", "id": "label.keytruda.2023-12-15"}, lambda item: item["set_id"],
             lambda facts: {of(facts["sources"], id="label.keytruda.2023-12-15")[0]["set_id"]}),
    Question("get_record", {"kind": "trials", "id": "KEYNOTE-006"}, lambda item: tuple(item["nct_ids"]),
             lambda facts: {tuple(of(facts["trials"], id="keynote-006")[0]["nct_ids"])}),
    Question("get_record", {"kind": "targets", "id": "PD-1"}, identity, lambda _: {"PDCD1"}),
    Question("compare_safety", {"cohort": ["nivolumab.checkmate-067-nivolumab"], "event": ["rash"]},
             lambda item: item["contrast"]["arm"]["fact"] if "contrast" in item else item["fact"],
             lambda facts: ids([a for a in of(facts["adverse-events"], term__id="rash", therapy__id="nivolumab")
                                if a["cohort"]["id"] in _ARMS])),
    Question("compare_outcomes", {"trial": ["CheckMate 067"], "endpoint": ["OS"]}, lambda item: item.get("id"),
             lambda facts: figures(facts, "checkmate-067", "overall-survival")),
    Question("approvals", {"therapy": ["tebentafusp"]}, identity,
             lambda facts: ids(of(facts["approvals"], therapy__id="tebentafusp"))),
    Question("approvals", {"class": ["CAR-T"], "agency": ["EMA"], "on_from": "2018-01-01", "on_to": "2020-12-31"},
             identity,
             lambda facts: {a["id"] for a in of(facts["approvals"], agency="EMA")
                            if ids(a["therapy"]["classes"]) & subclasses(facts, "car-t")
                            and "2018" <= (a["on"] or "") < "2021"}),
    Question("resolve_names", {"names": ["Keytruda", "MK-3475", "Yervoy"]}, lambda item: item["match"]["id"],
             lambda _: {"pembrolizumab", "ipilimumab"}),
    Question("search_facts", {"q": "imlifidase", "type": ["therapy"]}, identity, lambda _: {"imlifidase"}),
    Question("cite", {"kind": "therapies", "ids": ["nivolumab-and-relatlimab"]},
             lambda item: item["id"] if not item["id"].startswith("immunofacts-") else None,
             lambda facts: set(re.findall(r'"source":{"id":"([^"]+)"',
                               json.dumps(therapy(facts, "nivolumab-and-relatlimab"), separators=(",", ":"))))),
]  # fmt: skip


def subclasses(facts: Facts, root: str) -> set[str]:
    """A class, and all below it."""
    found = {root}
    while more := {c["id"] for c in facts["classes"] if ids(c["parents"]) & found} - found:
        found |= more
    return found


async def read(client: Client, tool: str, given: Json) -> tuple[list[Json], Json]:
    """All items of a tool's answer, over its pages, and the last of these."""
    items: list[Json] = []
    cursor: str | None = ""
    while cursor is not None:
        answer = await client.call_tool(tool, given | ({"cursor": cursor} if cursor else {}))
        assert not answer.is_error, answer.content
        assert len(answer.model_dump_json(by_alias=True, exclude_none=True).encode()) <= MAX_BYTES
        page = answer.structured_content
        assert json.loads(answer.content[0].text) == page  # type: ignore[union-attr]  # text is all there is
        items += page["items"]
        cursor = page["next_cursor"]
    return items, page


def clients(url: str, database: str) -> dict[str, Callable[[], Client]]:
    """By transport, how a client is made."""
    command = StdioServerParameters(
        command=sys.executable, args=["-m", "app", "mcp"], cwd=ROOT, env=os.environ | {"DATABASE_URL": database}
    )
    return {"http": lambda: Client(f"{url}/mcp"), "stdio": lambda: Client(stdio_client(command))}


@pytest.mark.parametrize("transport", ["http", "stdio"])
def test_twenty_questions(transport: str, url: str, database: str, documents: Facts) -> None:
    async def ask() -> None:
        async with clients(url, database)[transport]() as client:
            for question in QUESTIONS:
                items, last = await read(client, question.tool, question.given)
                known, read_off = question.known(documents), {question.read(item) for item in items} - {None}
                if not known or read_off != known:
                    wrong.append((question.tool, question.given, read_off ^ known))
                assert last["release"]
                assert last["total"] == len(items)

    wrong: list[Any] = []
    asyncio.run(ask())
    assert not wrong
    assert len(QUESTIONS) == 20


def in_process(url: str, work: Callable[[Client], Awaitable[None]]) -> None:
    async def ask() -> None:
        async with Client(f"{url}/mcp") as client:
            await work(client)

    asyncio.run(ask())


def test_every_fact_has_its_source(url: str) -> None:
    async def work(client: Client) -> None:
        for kind in ("indications", "approvals", "mechanisms", "warnings", "adverse-events", "outcomes", "statements"):
            answer = await client.call_tool("find_facts", {"kind": kind})
            for item in answer.structured_content["items"]:
                assert item["evidence"]["source"]["id"], kind
                assert item["evidence"]["locator"], kind

    in_process(url, work)


def test_a_therapy_comes_as_an_outline_before_long_texts(url: str) -> None:
    async def work(client: Client) -> None:
        [item] = (await client.call_tool("get_therapy", {"id": "pembrolizumab"})).structured_content["items"]
        assert {"indications", "warnings"} <= {part["section"] for part in item["outline"]}
        assert "indications" not in item

    in_process(url, work)


def test_a_search_answers_ten_hits_unless_it_is_told_how_many(url: str) -> None:
    async def work(client: Client) -> None:
        for given, count in (({}, 10), ({"limit": 11}, 11)):
            answer = await client.call_tool("search_facts", {"q": "colitis", **given})
            assert len(answer.structured_content["items"]) == count

    in_process(url, work)


def test_what_is_refused_says_what_is_allowed(url: str) -> None:
    refused = [
        ("find_facts", {"kind": "warnings", "filters": {"drug": "Yervoy"}}, "therapy"),
        ("find_therapies", {"class": ["no such class"]}, "no such class"),
        ("find_therapies", {"klass": ["car-t"]}, "class"),
        ("find_therapies", {"class": ["car-t"], "filters": {"class": "pd-1-inhibitor"}}, "'class', which is an"),
        ("find_therapies", {"filters": {"limit": "3"}}, "'limit', which is an"),
        ("get_therapy", {"id": "pembrolizumap"}, "pembrolizumab"),
        ("get_therapy", {"id": "pembrolizumab", "cursor": "nonsense"}, "next_cursor"),
        ("no_such_tool", {}, "find_therapies"),
    ]

    async def work(client: Client) -> None:
        for tool, given, said in refused:
            answer = await client.call_tool(tool, given)
            assert answer.is_error, tool
            assert said in answer.content[0].text, answer.content  # type: ignore[union-attr]  # text is all there is

    in_process(url, work)


def test_resources_and_the_prompt(url: str, documents: Facts) -> None:
    async def work(client: Client) -> None:
        listed = {resource.uri for resource in (await client.list_resources()).resources}
        assert listed == {RELEASES, *(VOCABULARY.format(name=name) for name in VOCABULARIES)}
        for name in VOCABULARIES:
            [contents] = (await client.read_resource(VOCABULARY.format(name=name))).contents
            lines = contents.text.splitlines()  # type: ignore[union-attr]  # text is all there is
            assert {line.partition("\t")[0] for line in lines} == ids(documents[name])
        [contents] = (await client.read_resource(RELEASES)).contents
        assert json.loads(contents.text)["items"]  # type: ignore[union-attr]  # text is all there is
        with pytest.raises(MCPError, match="no resource"):
            await client.read_resource("immunofacts://vocabularies/therapies")
        [prompt] = (await client.list_prompts()).prompts
        got = await client.get_prompt(prompt.name, {"therapies": "nivolumab, ipilimumab", "event": "colitis"})
        assert "nivolumab, ipilimumab as to colitis" in got.messages[0].content.text  # type: ignore[union-attr]  # text

    in_process(url, work)
    assert PROMPT


def test_definitions_are_short_and_read_only() -> None:
    """Tokens are counted as the larger of a quarter of the bytes, and pieces of words (6 letters) and of signs."""
    tools = [tool.model_dump(mode="json", by_alias=True, exclude_none=True) for tool in definitions()]
    text = json.dumps(tools, separators=(",", ":"))
    words = sum(-(-len(word) // 6) for word in re.findall(r"[A-Za-z0-9]+", text))
    assert max(len(text.encode()) / 4, words + len(re.findall(r"[^\sA-Za-z0-9]+", text))) <= MAX_TOKENS
    assert len(tools) <= 10
    for tool in tools:
        assert tool["annotations"] == {"readOnlyHint": True}
        assert {"items", "release"} <= tool["outputSchema"]["properties"].keys()
        assert len(tool["description"]) > 20


def test_every_list_is_a_kind_that_tools_take() -> None:
    for tool, more in ((FindFacts, set()), (GetRecord, set()), (Cite, {"therapies"})):
        kind = tool.model_json_schema()["properties"]["kind"]
        words = {word for part in kind.get("anyOf", [kind]) for word in part.get("enum", [part.get("const")])}
        assert words == {noun.name for noun in nouns()} - {"therapies"} | more


def test_llms_txt_has_links_that_lead_somewhere(client: httpx.Client) -> None:
    answer = client.get("/llms.txt")
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.text.startswith("# ImmunoFacts\n\n> ")
    links = re.findall(r"\]\((/[^)]*)\)", answer.text)
    assert len(links) > 15
    for link in links:
        assert client.get(link).status_code == 200, link


def test_only_what_is_asked_for_is_imported_and_a_setting_turns_it_off(reading: str) -> None:
    code = "import sys, app.main; app.main.worker(); print([name for name in sys.modules if name.startswith('mcp')])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    with served(reading, MCP="off") as (address, _):
        assert httpx.post(f"{address}/mcp", json={}).status_code in (404, 405)
        assert "/mcp" not in httpx.get(f"{address}/llms.txt").text
