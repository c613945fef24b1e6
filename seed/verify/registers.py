"""What the registers say of identifiers: Crossref of a DOI, PubMed of a PMID, ClinicalTrials.gov of a trial."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from app.nouns.source import SourceRecord
from app.vocabulary import Standing
from seed.verify.titles import Day, day_of, plain, read_day, same_date, same_title
from seed.verify.verdicts import Verdict
from seed.verify.web import NoAnswerError, Web

CROSSREF = "https://api.crossref.org/works/"
PUBMED = "https://eutils.ncbi.nlm.nih.gov/entrez/eutils/esummary.fcgi"
TRIALS = "https://clinicaltrials.gov/api/v2/studies/"
BATCH = 100
"""PMIDs of one question."""


@dataclass(frozen=True)
class Entry:
    """What a register holds under an identifier."""

    titles: tuple[str, ...]
    dates: tuple[Day, ...]
    retracted: str | None = None
    """How the register says that the work is retracted."""
    names: tuple[str, ...] = ()
    """Further names of a trial: acronym, sponsor's number."""


def compared(source: SourceRecord, register: str, entry: Entry | None) -> tuple[Verdict, str]:
    """Whether what a register holds is what a source cites."""
    if entry is None:
        return Verdict.NOT_FOUND, f"{register} does not know it."
    if entry.retracted and source.standing is not Standing.RETRACTED:
        return Verdict.RETRACTED, f"{register}: {entry.retracted}."
    if not any(map(plain, entry.titles)):
        return Verdict.NOT_JUDGED, f"{register} prints no title."
    if not same_title(source.title, entry.titles):
        return Verdict.DIFFERS, f"{register} prints the title {entry.titles[0]!r}."
    if not same_date(source, entry.dates):
        printed = ", ".join("-".join(f"{part:02}" for part in day) for day in entry.dates)
        return Verdict.DIFFERS, f"{register} prints the date {printed}; cited is {source.date or source.year}."
    return Verdict.FOUND, f"{register} knows it by this title" + (" and date." if entry.dates else ".")


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def crossref(web: Web, doi: str) -> Entry | None:
    """What Crossref holds of a DOI; None where it knows no such DOI. Raises `NoAnswerError`."""
    url = CROSSREF + quote(doi, safe="/")
    answer = web.get(
        f"{url}?mailto={quote(web.mailto)}" if web.mailto else url,
        lambda json: isinstance(json["message"]["title"], list),
    )
    if answer is None:
        return None
    work = answer["message"]
    titles = [str(title) for key in ("title", "original-title") for title in _list(work.get(key))]
    whole = [f"{titles[0]} {subtitle}" for subtitle in _list(work.get("subtitle"))] if titles else []
    printed = [
        _list(_mapping(work.get(key)).get("date-parts"))[:1]
        for key in ("published-online", "published-print", "published", "issued")
    ]
    dates = [day for parts in printed for part in parts if (day := day_of(_list(part)))]
    return Entry(tuple(titles + whole), tuple(dict.fromkeys(dates)), _retraction(work, titles))


def _retraction(work: Mapping[str, Any], titles: list[str]) -> str | None:
    kinds = {"retraction", "withdrawal", "removal"}
    for update in _list(work.get("updated-by")):
        if str(_mapping(update).get("type", "")).lower() in kinds:
            return f"{_mapping(update)['type']} by {_mapping(update).get('DOI', 'a notice')}"
    for update in _list(work.get("update-to")):
        if str(_mapping(update).get("type", "")).lower() in kinds:
            return f"it is itself the {_mapping(update)['type']} of {_mapping(update).get('DOI', 'another work')}"
    if any(re.match(r"\W*(?:retracted|withdrawn)\b", title, re.IGNORECASE) for title in titles):
        return "the title says that it is retracted"
    return None


def pubmed(web: Web, pmids: list[str]) -> Iterator[tuple[str, Entry | NoAnswerError | None]]:
    """What PubMed holds of each PMID, requested in batches; each response is cached for itself."""
    missing = []
    for pmid in pmids:
        known, summary = web.read_cache(_summary_url(pmid))
        if known:
            yield pmid, _summary(summary)
        else:
            missing.append(pmid)
    for start in range(0, len(missing), BATCH):
        batch = missing[start : start + BATCH]
        try:
            result = _mapping(_mapping(web.request(_summary_url(",".join(batch), web.mailto))).get("result"))
            if not isinstance(result.get("uids"), list):
                raise NoAnswerError("eutils.ncbi.nlm.nih.gov answered JSON of another shape than it documents.")
        except NoAnswerError as error:
            yield from ((pmid, error) for pmid in batch)
            continue
        for pmid in batch:
            summary = _mapping(result.get(pmid))
            failure = str(summary.get("error", ""))
            if not summary or (failure and "cannot get document summary" not in failure):
                yield pmid, NoAnswerError(f"PubMed says nothing of it. {failure}".strip())
                continue
            web.write_cache(_summary_url(pmid), summary)
            yield pmid, _summary(summary)


def _summary_url(ids: str, mailto: str | None = None) -> str:
    contact = f"&email={quote(mailto)}" if mailto else ""
    return f"{PUBMED}?db=pubmed&retmode=json&tool=immunofacts-seed{contact}&id={ids}"


def _summary(summary: Any) -> Entry | None:
    fields = _mapping(summary)
    if not fields or "error" in fields:
        return None
    titles = [str(fields.get(key)) for key in ("title", "vernaculartitle") if fields.get(key)]
    dates = [day for key in ("pubdate", "epubdate") if (day := read_day(str(fields.get(key, ""))))]
    retracted = "Retracted Publication" in _list(fields.get("pubtype"))
    return Entry(
        tuple(titles),
        tuple(dict.fromkeys(dates)),
        "its publication type is Retracted Publication" if retracted else None,
    )


def trial(web: Web, nct_id: str) -> Entry | None:
    """What ClinicalTrials.gov holds of a trial; None where it knows no such trial. Raises `NoAnswerError`."""
    fields = "NCTId|BriefTitle|OfficialTitle|Acronym|OrgStudyId|SecondaryId|StudyFirstPostDate|LastUpdatePostDate"
    answer = web.get(
        f"{TRIALS}{nct_id}?format=json&fields={quote(fields)}",
        lambda json: bool(_mapping(json["protocolSection"]["identificationModule"])),
    )
    if answer is None:
        return None
    module = answer["protocolSection"]["identificationModule"]
    titles = [str(module[key]) for key in ("briefTitle", "officialTitle") if module.get(key)]
    further = [_mapping(other).get("id") for other in _list(module.get("secondaryIdInfos"))]
    names = [module.get("acronym"), _mapping(module.get("orgStudyIdInfo")).get("id"), *further]
    return Entry(tuple(titles), (), names=tuple(str(name) for name in names if name))


def names_trial(name: str, entry: Entry) -> bool:
    """Whether a trial's name is in what its register prints."""
    wanted = plain(name).replace(" ", "")
    return any(wanted in plain(text).replace(" ", "") for text in (*entry.titles, *entry.names))
