"""A web that fails in every way: outwaited, refused, paced, kept."""

from pathlib import Path
from typing import Any

import httpx
import pytest
import respx

from seed.verify.scope import read_scope
from seed.verify.verdicts import Verdict
from seed.verify.verifying import Verifying
from seed.verify.web import TRIES, NoAnswerError, Web
from tests.seed.verify.conftest import Time
from tests.seed.verify.invented import crossref, facts, publication

URL = "https://registry.example/works/1"


def anything(_: Any) -> bool:
    return True


@pytest.mark.parametrize(
    "failure",
    [httpx.ConnectTimeout, httpx.ReadTimeout, httpx.ConnectError, httpx.RemoteProtocolError, httpx.ReadError],
)
@respx.mock
def test_a_failure_that_passes_is_outwaited(failure: type[httpx.TransportError], web: Web, time: Time) -> None:
    respx.get(URL).mock(side_effect=[failure("no"), failure("no"), httpx.Response(200, json={"a": 1})])
    assert web.get(URL, anything) == {"a": 1}
    assert time.slept == [1.0, 2.0]


@respx.mock
def test_a_failure_that_lasts_is_no_answer(web: Web, time: Time) -> None:
    route = respx.get(URL).mock(side_effect=httpx.ConnectError("refused"))
    with pytest.raises(NoAnswerError, match=r"registry\.example cannot be reached"):
        web.get(URL, anything)
    assert route.call_count == TRIES
    assert time.slept == [1.0, 2.0, 4.0, 8.0]


@respx.mock
def test_a_dead_host_is_asked_no_more(web: Web) -> None:
    route = respx.get(host="registry.example").mock(side_effect=httpx.ConnectTimeout("silent"))
    for number in range(5):
        with pytest.raises(NoAnswerError):
            web.get(f"https://registry.example/{number}", anything)
    assert route.call_count == 2 * TRIES
    assert web.unreachable


@pytest.mark.parametrize(
    ("header", "wait"),
    [("7", 7.0), ("Tue, 14 Nov 2023 22:13:29 GMT", 9.0), ("soon", 1.0), ("-5", 1.0)],
)
@respx.mock
def test_a_pause_that_is_asked_for_is_made(header: str, wait: float, web: Web, time: Time) -> None:
    answers = [httpx.Response(429, headers={"Retry-After": header}), httpx.Response(200, json=[1])]
    respx.get(URL).mock(side_effect=answers)
    assert web.get(URL, anything) == [1]
    assert time.slept == [wait]


@respx.mock
def test_too_long_a_pause_ends_the_asking(web: Web, time: Time) -> None:
    route = respx.get(host="registry.example").respond(503, headers={"Retry-After": "3600"})
    for number in range(3):
        with pytest.raises(NoAnswerError, match="pause of 3600 s"):
            web.get(f"{URL}{number}", anything)
    assert route.call_count == 1
    assert not time.slept


@respx.mock
def test_500_then_200_is_an_answer(web: Web) -> None:
    respx.get(URL).mock(side_effect=[httpx.Response(500), httpx.Response(200, json={})])
    assert web.get(URL, anything) == {}


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, text='{"message": {'),
        httpx.Response(200, html="<html>Down for maintenance</html>"),
        httpx.Response(200, content=b"\xff\xfe\x00"),
        httpx.Response(200, json={"unlike": "documented"}),
        httpx.Response(403, json={"error": "forbidden"}),
        httpx.Response(400, text="bad request"),
    ],
)
@respx.mock
def test_what_is_no_answer_is_neither_believed_nor_kept(answer: httpx.Response, web: Web) -> None:
    route = respx.get(URL).mock(return_value=answer)
    for _ in range(2):
        with pytest.raises(NoAnswerError):
            web.get(URL, lambda json: "message" in json)
    assert route.call_count == 2


@respx.mock
def test_requests_to_a_host_are_paced(web: Web, time: Time) -> None:
    respx.get(host="eutils.ncbi.nlm.nih.gov").respond(json={})
    begun = time.now
    for number in range(7):
        web.get(f"https://eutils.ncbi.nlm.nih.gov/{number}", anything)
    assert time.now - begun >= 2


@respx.mock
def test_the_user_agent_names_the_project(web: Web) -> None:
    web.mailto = "curator@example.org"
    route = respx.get(URL).respond(json={})
    web.get(URL, anything)
    assert route.calls[0].request.headers["User-Agent"] == "immunofacts-seed (mailto:curator@example.org)"


@respx.mock
def test_kept_answers_are_good_for_their_days(web: Web, time: Time) -> None:
    route = respx.get(URL).respond(json={"a": 1})
    web.get(URL, anything)
    time.now += 29 * 86_400
    web.get(URL, anything)
    assert route.call_count == 1
    time.now += 2 * 86_400
    web.get(URL, anything)
    assert route.call_count == 2


@pytest.mark.parametrize("damaged", ["", "{", "[]", '{"url": 1}', '{"url": "x", "asked": "y", "answer": 1}'])
@respx.mock
def test_a_damaged_file_of_the_cache_is_asked_again(damaged: str, web: Web) -> None:
    route = respx.get(URL).respond(json={"a": 1})
    web.get(URL, anything)
    (file,) = web.cache.rglob("*.json")
    file.write_text(damaged)
    assert web.get(URL, anything) == {"a": 1}
    assert route.call_count == 2


@respx.mock
def test_an_interrupted_run_goes_on_where_it_was(tmp_path: Path, web: Web) -> None:
    sources = [publication(doi=f"10.5555/example.{number}") | {"id": f"trial.n{number}"} for number in range(4)]
    base = facts(tmp_path / "facts", sources=sources)
    scope = read_scope(["doi"], base)
    first = respx.get(host="api.crossref.org")

    def interrupted(_: httpx.Request) -> httpx.Response:
        if first.call_count == 2:
            raise KeyboardInterrupt
        return httpx.Response(200, json=crossref())

    first.mock(side_effect=interrupted)
    with pytest.raises(KeyboardInterrupt):
        Verifying(base, web, scope=scope).run()
    asked = first.call_count
    first.respond(json=crossref())
    assert {item.verdict for item in Verifying(base, web, scope=scope).run()} == {Verdict.FOUND}
    assert first.call_count == asked + 2
