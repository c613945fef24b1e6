"""Identifiers against Crossref, PubMed and ClinicalTrials.gov: known, unknown, retracted, of something else."""

from pathlib import Path
from typing import Any

import pytest
import respx

from seed.files import read
from seed.verify.scope import read_scope
from seed.verify.titles import read_day, same_title
from seed.verify.verdicts import Judgement, Kind, Verdict
from seed.verify.verifying import Verifying
from seed.verify.web import Web
from tests.seed.base import sound, write
from tests.seed.verify.invented import DOI, NCT, PMID, TITLE, crossref, facts, publication


def only(judgements: list[Judgement], kind: Kind) -> Judgement:
    (judgement,) = (item for item in judgements if item.kind is kind)
    return judgement


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
