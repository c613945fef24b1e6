"""Checks of sources: each can be found again, is cited, is what it is said to be, and gives way to its successor."""

import re
from collections import defaultdict
from urllib.parse import urlsplit

from app.nouns.base import FactRecord
from app.nouns.dates import days_of, known_date
from app.nouns.source import SourceRecord
from app.vocabulary import AuthorKind, Level, SourceKind, Standing
from seed.checks.references import Found, file_of, references_of, referred
from seed.files import Facts, key_of, list_nouns

_REVISED = {SourceKind.LABEL, SourceKind.LABEL_COPY, SourceKind.DATABASE}
"""Kinds of source that are revised: facts cite one revision."""

_OFFICIAL = (
    "ema.europa.eu",
    "fda.gov",
    "lilly.com",
    "medicines.org.uk",
    "nlm.nih.gov",
    "pfizer.com",
    "pfizermedicalinformation.com",
    "pfizermedicalinformationafrica.com",
)
"""Hosts of labels: of regulators, of who holds the licence, and of the compendium in which holders publish theirs."""


def sources_in_full(facts: Facts) -> Found:
    """A source can be found again: it has an address or an identifier, and a document that is revised its revision."""
    for source in facts.records("sources"):
        address = source.nct_id if source.kind is SourceKind.REGISTRY else source.url or source.set_id
        address = address or source.doi or source.pmid
        if not address or (source.kind in _REVISED and not source.revision):
            yield file_of("sources", source), source.id, f"Nothing finds this {source.kind.value} again."
        if (source.standing is Standing.SUPERSEDED) != (source.superseded_by is not None):
            yield file_of("sources", source), source.id, "`standing` and `superseded_by` do not agree."


_ORGANISATION = re.compile(
    r"[,&]|\b(Inc|LLC|Ltd|Limited|GmbH|Corporation|Company|Group|Institute|Agency|Association|Academy|Administration|"
    r"Center|Centre|Committee|Department|Foundation|Ministry|Network|Organi[sz]ation|Service|Society|University)\b"
)
_PERSON = re.compile(
    r"[A-Z][\w-]+( [A-Z][\w-]+)? [A-Z]\.? [A-Z][\w-]+"
    r"|[A-Z][a-z-]+ (?!AB|AG|BV|KK|LP|NV|SA|SE|UK|US)[A-Z]{1,2}|.*\bet al\."
)
"""`Cheryl A. Thompson`, `Feltes TF`: what hardly is an organisation."""


def kinds_of_authors(facts: Facts) -> Found:
    """Authors are people or organisations, as is said."""
    for source in facts.records("sources"):
        people = source.who_wrote() is AuthorKind.PEOPLE
        for author in source.authors:
            if people and _ORGANISATION.search(author):
                yield file_of("sources", source), source.id, f"{author!r} is no person."
            elif not people and _PERSON.fullmatch(author):
                yield file_of("sources", source), source.id, f"{author!r} is no organisation."


def days_of_reading(facts: Facts) -> Found:
    """A fact says when it was read, unless its file says it for all of its facts."""
    for name in list_nouns():
        for record in facts.records(name):
            if isinstance(record, FactRecord) and record.curated_on is None:
                yield file_of(name, record), key_of(record), "It has no `curated_on`, and its file none for all."


def unused_sources(facts: Facts) -> Found:
    """Every source is cited."""
    others = {name: of for name, of in list_nouns().items() if name != "sources"}
    cited = {
        record_id
        for name, of in others.items()
        for record in facts.records(name)
        for kind, record_id in referred(of, record)
        if kind == "sources"
    }
    for file in facts.therapies:
        cited.update(value for _, kind, value in references_of(file) if kind == "sources")
    sources = facts.records("sources")
    cited |= {source.superseded_by for source in sources if source.superseded_by and source.id in cited}
    for source in facts.records("sources"):
        if source.id not in cited:
            yield file_of("sources", source), source.id, "No fact cites it."


def copies_as_such(facts: Facts) -> Found:
    """What a third party copied is no label of a regulator, neither by its kind nor by its level."""
    for source in facts.records("sources"):
        host = urlsplit(source.url or "").hostname or ""
        official = not host or any(f".{host}".endswith(f".{known}") for known in _OFFICIAL)
        if source.kind is SourceKind.LABEL and not official:
            yield file_of("sources", source), source.id, f"{host} publishes copies of labels."
        if (source.kind is SourceKind.LABEL_COPY) != (source.level is Level.LABEL_COPY):
            yield file_of("sources", source), source.id, "`kind` and `level` do not agree on whether it is a copy."


def _document(source: SourceRecord) -> str | None:
    """What all revisions of a document share: the set id of a label, the address of an EPAR."""
    if source.kind in {SourceKind.LABEL, SourceKind.LABEL_COPY}:
        return source.set_id
    return source.url if source.kind is SourceKind.ASSESSMENT_REPORT else None


def superseded_as_such(facts: Facts) -> Found:
    """Of two revisions of a document, the one that is older for certain does not count as current."""
    revisions = defaultdict(list)
    for source in facts.records("sources"):
        dated = known_date(source.date, source.year, source.month)
        if dated and (document := _document(source)):
            revisions[document].append((days_of(dated), source))
    for found in revisions.values():
        begun, newest = max(((days[0], source) for days, source in found), key=lambda item: (item[0], item[1].id))
        for (_, last), source in found:
            if last < begun and source.standing is Standing.CURRENT:
                yield file_of("sources", source), source.id, f"{newest.id} is a newer revision of it."
