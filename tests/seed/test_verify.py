"""Verifying: rates against labels, identifiers against registers, and a web that fails in every way.

Drug, trials, identifiers and figures are invented; the answers have the shape of the registers' own.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import respx

from app.nouns.adverse_event import AdverseEventRecord
from app.nouns.base import slugged
from seed.files import Facts, read
from seed.verify import command
from seed.verify.documents import Shelf, read_folder
from seed.verify.rates import judge
from seed.verify.scope import UnknownScopeError, read_scope
from seed.verify.titles import read_day, same_title
from seed.verify.verdicts import Judgement, Kind, Verdict
from seed.verify.verifying import Verifying
from seed.verify.web import TRIES, NoAnswerError, Web
from tests.conftest import run
from tests.seed.base import sound, write

SET_ID = "00000000-1111-2222-3333-444444444444"
URL = "https://registry.example/works/1"
TITLE = "Examplumab in Melanoma: A Randomised Trial"
DOI, PMID, NCT = "10.5555/example.1", "99999991", "NCT99999991"
TABLE = """<table><caption>Table 1: Adverse Reactions in TRIAL-1</caption><thead>
<tr><th>Adverse Reaction</th><th colspan="2">EXAMPLARA N=200</th><th colspan="2">Placebo N=100</th></tr>
<tr><th/><th>All Grades n (%)</th><th>Grade 3-4 %</th><th>All Grades n (%)</th><th>Grade 3-4 %</th></tr></thead><tbody>
<tr><td>Rash<sup>1</sup></td><td>30 (15)</td><td>2.0</td><td>9 (9)</td><td>0</td></tr>
<tr><td>Cough</td><td>24 (12)</td><td>&lt;1</td><td>8 (8)</td><td>1</td></tr>
<tr><td>Fatigue</td><td>22 (11)</td><td>1.5</td><td>7 (7)</td><td>1</td></tr>
<tr><td>Nausea</td><td>20 (10)</td><td>1.0</td><td>6 (6)</td><td>2</td></tr>
<tr><td>Pruritus</td><td>18 (9)</td><td>0.5</td><td>5 (5)</td><td>2</td></tr>
<tr><td>Anemia</td><td>16 (8)</td><td>3.0</td><td>4 (4)</td><td>3</td></tr>
<tr><td>Headache</td><td>14 (7)</td><td>0</td><td>3 (3)</td><td>0</td></tr>
</tbody></table>"""
PROSE = (
    "6 ADVERSE REACTIONS 6.1 Clinical Trials. Table 1: Adverse Reactions in TRIAL-1 Adverse Reaction Rash 30 (15). "
    "EXAMPLARA was discontinued in 6% of patients for an adverse reaction. Immune-mediated hepatitis occurred in 2.5% "
    "(5/200) of patients, including Grade 3 (1%). One patient (0.5%) died of sepsis."
)


def label(effective: str = "20230102") -> dict[str, Any]:
    return {
        "set_id": SET_ID,
        "effective_time": effective,
        "openfda": {},
        "adverse_reactions": [PROSE],
        "adverse_reactions_table": [TABLE],
    }


def rate(grades: str = "any", **printed: float) -> dict[str, Any]:
    return {"grades": grades, **printed}


def event(term: str, *rates: dict[str, Any], locator: str = "6.1, Table 1", **further: Any) -> dict[str, Any]:
    source = "label.examplara.2023-01-02"
    shown = {"cohort": "trial-1-examplumab", "event": slugged(term), "reported_term": term, "rates": list(rates)}
    return {**shown, "source": source, "locator": locator, **further}


def facts(folder: Path, *events: dict[str, Any], sources: list[dict[str, Any]] | None = None) -> Facts:
    """The small fact base, with a set id, these adverse events and further sources."""
    files = sound()
    files["sources/label.json"][0] |= {"set_id": SET_ID, "date": "2023-01-02"}
    files["sources/trial_publication.json"] = sources or []
    files["therapies/examplumab.json"]["adverse_events"] = list(events)
    base, unread = read(write(files, folder))
    assert not unread
    return base


def publication(**identifiers: str) -> dict[str, Any]:
    return {
        "id": "trial.examplumab",
        "kind": "trial_publication",
        "title": "Examplumab in melanoma: a randomised trial.",
        "date": "2021-03-04",
        "level": "randomised_trial",
        **identifiers,
    }


class Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now, self.slept = 1_700_000_000.0, list[float]()

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def web(tmp_path: Path, time: Time) -> Iterator[Web]:
    with Web(tmp_path / "cache", clock=lambda: time.now, sleep=time.sleep, chance=lambda: 0.5) as web:
        yield web


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    folder = tmp_path / "labels"
    folder.mkdir()
    (folder / "examplara.json").write_text(json.dumps({"meta": {}, "results": [label()]}))
    return read_folder(folder)


def anything(_: Any) -> bool:
    return True


def only(judgements: list[Judgement], kind: Kind) -> Judgement:
    (judgement,) = (item for item in judgements if item.kind is kind)
    return judgement


RIGHT = [
    event("Rash", rate(patients=30, percent=15), rate("3-4", percent=2.0)),
    event("Rash", rate(percent=15)),
    event("rash", rate(patients=9, percent=9), rate("3-4", patients=0, percent=0)),
    event("Cough", rate(percent=12), rate("3-4", percent_below=1)),
    event("Immune-mediated hepatitis", rate(patients=5, percent=2.5), rate("3", percent=1), locator="6.1"),
    event("Adverse reactions leading to discontinuation", rate(percent=6), locator="6.1, TRIAL-1"),
    event("Fatal sepsis", rate("5", patients=1, percent=0.5), locator="6.1"),
]
WRONG = [
    event("Rash", rate(patients=30, percent=16)),
    event("Rash", rate(patients=31, percent=15)),
    event("Rash", rate(percent=15), rate("3-4", percent=3)),
    event("Cough", rate(percent=12), rate("3-4", percent=1.5)),
    event("Dizziness", rate(percent=15)),
    event("Rash", rate(percent=15), locator="6.1, Table 7"),
    event("Immune-mediated hepatitis", rate(percent=7.5), locator="6.1"),
    event("Immune-mediated colitis", rate(percent=8.5), locator="6.1"),
]


@pytest.mark.parametrize("fact", RIGHT, ids=lambda fact: str(fact["reported_term"]))
def test_a_rate_that_the_label_prints_is_found(fact: dict[str, Any], shelf: Shelf) -> None:
    found = judge(AdverseEventRecord.model_validate(fact), next(iter(shelf.by_set.values())))
    assert found.verdict is Verdict.FOUND, found.reason


@pytest.mark.parametrize("fact", WRONG, ids=lambda fact: str(fact["reported_term"]))
def test_a_rate_that_the_label_does_not_print_is_not_found(fact: dict[str, Any], shelf: Shelf) -> None:
    found = judge(AdverseEventRecord.model_validate(fact), next(iter(shelf.by_set.values())))
    assert found.verdict is Verdict.NOT_FOUND
    assert found.reason


def test_what_cannot_be_judged_says_why(shelf: Shelf) -> None:
    document = next(iter(shelf.by_set.values()))
    band = AdverseEventRecord.model_validate(event("Rash", frequency_band="common"))
    elsewhere = AdverseEventRecord.model_validate(event("Rash", rate(percent=15), locator="14.1, Table 3"))
    assert judge(band, document).verdict is Verdict.NOT_JUDGED
    assert "section 14" in judge(elsewhere, document).reason


OTHERS = [
    event(term, rate(patients=n, percent=percent), rate("3-4", percent=severe))
    for term, n, percent, severe in [
        ("Fatigue", 22, 11, 1.5),
        ("Nausea", 20, 10, 1.0),
        ("Pruritus", 18, 9, 0.5),
        ("Anemia", 16, 8, 3.0),
        ("Headache", 14, 7, 0),
        ("Cough", 24, 12, 0),
    ]
]
OTHERS[-1]["rates"] = [rate(patients=24, percent=12)]


def test_a_rate_of_another_arm_is_not_found(tmp_path: Path, shelf: Shelf, web: Web) -> None:
    base = facts(tmp_path / "facts", *OTHERS, event("Rash", rate(patients=9, percent=9)))
    judged = {item.record: item for item in Verifying(base, web, shelf, read_scope(["rate"], base)).run()}
    astray = judged.pop("examplumab.trial-1-examplumab.rash")
    assert astray.verdict is Verdict.NOT_FOUND
    assert "column" in astray.reason
    assert {item.verdict for item in judged.values()} == {Verdict.FOUND}


def test_a_whole_arm_under_the_heading_of_another_is_not_found(tmp_path: Path, shelf: Shelf, web: Web) -> None:
    placebo = [("Rash", 9), ("Cough", 8), ("Fatigue", 7), ("Nausea", 6), ("Pruritus", 5), ("Anemia", 4)]
    swapped = [event(term, rate(patients=n, percent=n)) for term, n in placebo]
    base = facts(tmp_path / "facts", *swapped)
    judged = Verifying(base, web, shelf, read_scope(["rate"], base)).run()
    assert {item.verdict for item in judged} == {Verdict.NOT_FOUND}
    assert "N=100" in judged[0].reason


def test_a_plain_text_is_a_label_too(tmp_path: Path) -> None:
    header = "# product: Examplara | INN: examplumab | text as served on 2023-01-02\n\n== ADVERSE REACTIONS ==\n"
    table = "6.1 Trials Table 1: Reactions Adverse Reaction EXAMPLARA Placebo Rash a 30 (15) 9 (9) Cough 24 (12) 8 (8) "
    table += "Increased alaine 14 (7) 2 (2) "
    (tmp_path / "examplara.txt").write_text(header + table)
    misprinted = AdverseEventRecord.model_validate(event("Increased alanine", rate(percent=7)))
    (tmp_path / "label.other.2020.txt").write_text("Rash occurred in 4% of patients.")
    shelf = read_folder(tmp_path)
    assert set(shelf.by_id) == {"label.examplara.2023-01-02", "label.other.2020"}
    document = shelf.by_id["label.examplara.2023-01-02"]
    for percent, verdict in ((15, Verdict.FOUND), (12, Verdict.NOT_FOUND)):
        fact = AdverseEventRecord.model_validate(event("Rash", rate(percent=percent)))
        assert judge(fact, document).verdict is verdict
    assert judge(misprinted, document).verdict is Verdict.FOUND


def test_files_that_are_no_labels_are_named(tmp_path: Path) -> None:
    (tmp_path / "broken.json").write_text("{")
    (tmp_path / "other.json").write_text('{"results": [{"title": "no label"}]}')
    (tmp_path / "shape.json").write_text('{"results": 7}')
    (tmp_path / "binary.txt").write_bytes(b"\xff\xfe\x00")
    assert [problem.split()[0] for problem in read_folder(tmp_path).problems] == [
        "broken.json",
        "other.json",
        "shape.json",
        "binary.txt",
    ]


@respx.mock
def test_a_label_is_fetched_at_its_revision(tmp_path: Path, web: Web) -> None:
    respx.get(host="api.fda.gov").respond(json={"results": [label()]})
    base = facts(tmp_path / "facts", event("Rash", rate(percent=15)), event("Cough", rate(percent=99)))
    judged = Verifying(base, web).run()
    assert [item.verdict for item in judged] == [Verdict.FOUND, Verdict.FOUND, Verdict.NOT_FOUND]


@respx.mock
def test_a_newer_revision_is_reported_and_judges_nothing(tmp_path: Path, web: Web) -> None:
    respx.get(host="api.fda.gov").respond(json={"results": [label("20240506")]})
    revision, rash = Verifying(facts(tmp_path / "facts", event("Rash", rate(percent=99))), web).run()
    assert revision.verdict is Verdict.NEWER
    assert rash.verdict is Verdict.NOT_JUDGED
    assert "2024-05-06" in rash.reason


@respx.mock
def test_another_set_than_asked_for_judges_nothing(tmp_path: Path, web: Web) -> None:
    respx.get(host="api.fda.gov").respond(json={"results": [label() | {"set_id": SET_ID.replace("4", "5")}]})
    judged = Verifying(facts(tmp_path / "facts", event("Rash", rate(percent=15))), web).run()
    assert {item.verdict for item in judged} == {Verdict.NOT_JUDGED}


def crossref(**fields: Any) -> dict[str, Any]:
    work = {"title": [TITLE], "published-online": {"date-parts": [[2021, 3, 1]]}, "issued": {"date-parts": [[2021]]}}
    return {"status": "ok", "message": work | fields}


def notice(kind: str) -> list[dict[str, str]]:
    return [{"type": kind, "DOI": "10.5555/notice"}]


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (crossref(), Verdict.FOUND),
        (crossref(title=["<i>Examplumab</i> in melanoma &amp; a randomised trial"]), Verdict.FOUND),
        (crossref(title=["Examplumab in Melanoma"], subtitle=["A Randomised Trial"]), Verdict.FOUND),
        (crossref(title=["Another drug in asthma"]), Verdict.DIFFERS),
        (crossref(**{"published-online": None, "issued": {"date-parts": [[2019, 1]]}}), Verdict.DIFFERS),
        (crossref(**{"published-online": {"date-parts": [[None]]}, "issued": {}}), Verdict.FOUND),
        (crossref(**{"updated-by": notice("retraction")}), Verdict.RETRACTED),
        (crossref(**{"updated-by": notice("correction")}), Verdict.FOUND),
        (crossref(**{"update-to": notice("retraction")}), Verdict.RETRACTED),
        (crossref(title=["RETRACTED: " + TITLE]), Verdict.RETRACTED),
        (crossref(title=[]), Verdict.NOT_JUDGED),
        ({"message": []}, Verdict.NOT_JUDGED),
        ([1], Verdict.NOT_JUDGED),
    ],
)
@respx.mock
def test_a_doi_is_compared_with_crossref(answer: Any, verdict: Verdict, tmp_path: Path, web: Web) -> None:
    respx.get(host="api.crossref.org").respond(json=answer)
    base = facts(tmp_path / "facts", sources=[publication(doi=DOI)])
    assert only(Verifying(base, web, scope=read_scope(["doi"], base)).run(), Kind.DOI).verdict is verdict


def pubmed(**fields: Any) -> dict[str, Any]:
    summary = {
        "uid": PMID,
        "title": TITLE + ".",
        "pubdate": "2021 Mar 4",
        "epubdate": "",
        "pubtype": ["Journal Article"],
    }
    return {"header": {}, "result": {"uids": [PMID], PMID: summary | fields}}


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (pubmed(), Verdict.FOUND),
        (pubmed(pubdate="2021 Spring"), Verdict.FOUND),
        (pubmed(title="Another drug in asthma."), Verdict.DIFFERS),
        (pubmed(pubdate="2018 Jan"), Verdict.DIFFERS),
        (pubmed(pubtype=["Journal Article", "Retracted Publication"]), Verdict.RETRACTED),
        ({"result": {"uids": [], PMID: {"uid": PMID, "error": "cannot get document summary"}}}, Verdict.NOT_FOUND),
        ({"result": {"uids": [], PMID: {"uid": PMID, "error": "backend failed"}}}, Verdict.NOT_JUDGED),
        ({"error": "API rate limit exceeded"}, Verdict.NOT_JUDGED),
        ({"result": {"uids": []}}, Verdict.NOT_JUDGED),
    ],
)
@respx.mock
def test_a_pmid_is_compared_with_pubmed(answer: Any, verdict: Verdict, tmp_path: Path, web: Web) -> None:
    respx.get(host="eutils.ncbi.nlm.nih.gov").respond(json=answer)
    base = facts(tmp_path / "facts", sources=[publication(pmid=PMID)])
    assert only(Verifying(base, web, scope=read_scope(["pmid"], base)).run(), Kind.PMID).verdict is verdict


@respx.mock
def test_pmids_are_asked_for_together_and_kept_one_by_one(tmp_path: Path, web: Web) -> None:
    route = respx.get(host="eutils.ncbi.nlm.nih.gov")
    both = pubmed()
    both["result"]["99999992"] = both["result"][PMID] | {"uid": "99999992"}
    route.respond(json=both)
    sources = [publication(pmid=PMID), publication(pmid="99999992") | {"id": "trial.second"}]
    base = facts(tmp_path / "facts", sources=sources)
    assert len(Verifying(base, web, scope=read_scope(["pmid"], base)).run()) == 2
    alone = facts(tmp_path / "alone", sources=sources[:1])
    Verifying(alone, web, scope=read_scope(["pmid"], alone)).run()
    assert route.call_count == 1
    assert route.calls[0].request.url.params["id"] == f"{PMID},99999992"


@respx.mock
def test_a_trial_is_looked_up_by_its_number(tmp_path: Path, web: Web) -> None:
    module = {"nctId": NCT, "briefTitle": "A Study of Examplumab (TRIAL-1)", "orgStudyIdInfo": {"id": "EX-001"}}
    registry = publication(nct_id=NCT) | {"kind": "registry", "title": "A study of examplumab (TRIAL 1)"}
    route = respx.get(host="clinicaltrials.gov")
    route.respond(json={"protocolSection": {"identificationModule": module}})
    files = sound()
    files["sources/registry.json"] = [registry, registry | {"id": "registry.wrong", "title": "Another drug in asthma"}]
    files["therapies/examplumab.json"]["cohorts"][0]["nct_id"] = NCT
    base, _ = read(write(files, tmp_path / "facts"))
    judged = Verifying(base, web, scope=read_scope(["nct"], base)).run()
    assert [item.verdict for item in judged] == [Verdict.FOUND, Verdict.DIFFERS, Verdict.FOUND]
    assert route.call_count == 1


@respx.mock
@pytest.mark.parametrize("kind", ["doi", "nct"])
def test_what_a_register_does_not_know_is_not_found(kind: str, tmp_path: Path, web: Web) -> None:
    respx.get(host__in=["api.crossref.org", "clinicaltrials.gov"]).respond(404, text="Resource not found.")
    base = facts(tmp_path / "facts", sources=[publication(doi=DOI, nct_id=NCT)])
    (judged,) = Verifying(base, web, scope=read_scope([kind], base)).run()
    assert judged.verdict is Verdict.NOT_FOUND


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


@respx.mock
def test_offline_nobody_is_asked(tmp_path: Path, web: Web, shelf: Shelf) -> None:
    web.offline = True
    base = facts(
        tmp_path / "facts", event("Rash", rate(percent=15)), sources=[publication(doi=DOI, pmid=PMID, nct_id=NCT)]
    )
    judged = {item.kind: item.verdict for item in Verifying(base, web, shelf).run()}
    assert judged.pop(Kind.RATE) is Verdict.FOUND
    assert set(judged) == set(Kind) - {Kind.RATE}
    assert set(judged.values()) == {Verdict.NOT_JUDGED}


def test_filters_name_kinds_and_therapies(tmp_path: Path) -> None:
    base = facts(tmp_path / "facts")
    assert read_scope([], base).includes(Kind.DOI, [])
    narrow = read_scope(["rate/examplumab"], base)
    assert narrow.includes(Kind.RATE, ["examplumab"])
    assert not narrow.includes(Kind.RATE, ["other"])
    assert not narrow.includes(Kind.DOI, ["examplumab"])
    assert read_scope(["examplumab"], base).includes(Kind.DOI, ["examplumab"])
    for unknown in ("nothing", "rate/nothing", "nothing/examplumab"):
        with pytest.raises(UnknownScopeError, match="revision"):
            read_scope([unknown], base)


@pytest.mark.parametrize(
    ("cited", "printed", "same"),
    [
        ("Effect of α-agonists", "Effect of alpha-Agonists.", True),
        ("A naïve trial", "A NAIVE TRIAL", True),
        ("Two trials of a drug in asthma", "Two trials of a drug in asthma: final results", True),
        ("Two trials", "Two trials of a drug in asthma", False),
        ("", "", False),
    ],
)
def test_titles_are_compared_by_their_words(cited: str, printed: str, same: bool) -> None:
    assert same_title(cited, [printed]) is same


def test_dates_are_read_as_far_as_they_are_printed() -> None:
    read = {text: read_day(text) for text in ("2021 Jul 3", "2021 Jul-Aug", "2021 Summer", "2021-07", "", "in press")}
    assert list(read.values()) == [(2021, 7, 3), (2021, 7), (2021,), (2021, 7), None, None]


@pytest.fixture
def options(tmp_path: Path, shelf: Shelf) -> Callable[..., command.Options]:  # noqa: ARG001  # writes the labels
    def with_changes(**changes: Any) -> command.Options:
        given = {"labels": [tmp_path / "labels"], "only": [], "offline": True, "cache": tmp_path / "cache"}
        return command.Options(**(given | {"max_age": 30, "mailto": None, "report": None} | changes))

    return with_changes


def test_a_report_holds_every_judgement(tmp_path: Path, options: Callable[..., command.Options]) -> None:
    base = facts(tmp_path / "facts", event("Rash", rate(percent=15)), event("Cough", rate(percent=99)))
    assert not command.verify(base, options(report=tmp_path / "report.json"))
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["counts"]["rate"] == {"found": 1, "not found": 1}
    wrong = [item for item in report["judgements"] if item["verdict"] == "not found"]
    assert [(item["reported_term"], item["rates"], item["locator"]) for item in wrong] == [
        ("Cough", "any: 99%", "6.1, Table 1")
    ]


@pytest.mark.parametrize(
    "change", [{"only": ["nothing"]}, {"labels": [Path("nowhere")]}, {"report": Path("no/r.json")}]
)
def test_options_that_cannot_be_followed_are_refused(
    change: dict[str, Any], tmp_path: Path, options: Callable[..., command.Options]
) -> None:
    with pytest.raises(command.UnusableOptionError):
        command.verify(facts(tmp_path / "facts"), options(**change))


@respx.mock
def test_without_network_it_is_said_and_nothing_is_wrong(
    tmp_path: Path,
    options: Callable[..., command.Options],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("seed.verify.web.FIRST_WAIT", 0)
    respx.route().mock(side_effect=httpx.ConnectError("no network"))
    base = facts(tmp_path / "facts", event("Rash", rate(percent=15)), sources=[publication(doi=DOI)])
    assert command.verify(base, options(offline=False))
    assert "The network cannot be reached" in capsys.readouterr().err


def test_the_command_says_by_its_code_whether_all_is_right(tmp_path: Path, shelf: Shelf) -> None:  # noqa: ARG001
    folder = tmp_path / "facts"
    common = ("seed", "verify", "--facts", str(folder), "--labels", str(tmp_path / "labels"), "--offline")
    facts(folder, event("Rash", rate(percent=15)))
    right = run(*common)
    assert right.returncode == 0, right.stderr
    assert "Offline" in right.stderr
    facts(folder, event("Rash", rate(percent=16)))
    wrong = run(*common)
    assert wrong.returncode == 1
    assert "not found: rate of examplumab.trial-1-examplumab.rash" in wrong.stdout
    assert run(*common, "--only", "nothing").returncode == 2
