"""The draft of one label, from its openFDA record."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from app.nouns.adverse_event import AdverseEventRecord
from app.nouns.base import slugged
from app.nouns.therapy_forms import TherapyRecord
from app.vocabulary import EventKind
from seed.draft.arms import Names, spoken
from seed.draft.cohorts import Cohorts, Place
from seed.draft.conditions import ConditionVocabulary
from seed.draft.counts import Counted, RowCount, TableArm
from seed.draft.denominators import Denominators, read_denominators
from seed.draft.footnotes import restated
from seed.draft.labels import (
    brand_of,
    first,
    inn_of,
    only_result,
    section,
    section_at,
    source_of,
    subsections,
    therapy_hints,
)
from seed.draft.prose import draft_prose
from seed.draft.reactions import read_counts
from seed.draft.report import CohortHint, Draft, Skipped, Unread
from seed.draft.skipping import reason_to_skip
from seed.draft.tables import Table, UnreadableTableError, read_table, squeezed
from seed.draft.terms import EventVocabulary
from seed.draft.trials import part_in, trials_in

TABLES = {
    "adverse_reactions_table": ("adverse_reactions", "6"),
    "warnings_and_cautions_table": ("warnings_and_cautions", "5"),
}
"""Fields that hold tables, with the section and chapter in which they stand."""


def draft_label(
    document: Any,
    vocabulary: EventVocabulary,
    therapies: Mapping[str, str],
    conditions: ConditionVocabulary | None = None,
) -> Draft:
    """Draft a label. `therapies`: names of therapies (INN, synonyms, brands), in lower case, with their ids."""
    label = only_result(document)
    source = source_of(label)
    names = names_of(label, therapies)
    draft = Draft(source, therapy_hints(label, source.id))
    draft.indications_raw = [
        {"locator": number, "text": text} for number, text in subsections(section(label, "indications_and_usage"), "1")
    ]
    draft.boxed_raw = section(label, "boxed_warning") or None
    cohorts = Cohorts(names, source.id)
    for key, (name, chapter) in TABLES.items():
        text = section(label, name)
        for markup in label.get(key) or []:
            _draft_table(str(markup), text, chapter, cohorts, vocabulary, draft)
    draft.cohorts = cohorts.records()
    _add_conditions(draft, cohorts, section(label, "adverse_reactions"), conditions or ConditionVocabulary())
    draft_prose(label, names, vocabulary, draft)
    _separate(draft)
    return draft


def therapy_names(therapies: Iterable[TherapyRecord]) -> dict[str, str]:
    """Every name of the given therapies (INN, synonyms, brands), in lower case, with their ids."""
    names: dict[str, str] = {}
    for therapy in therapies:
        for name in (
            therapy.name,
            *therapy.synonyms,
            *(product.brand for product in therapy.products if product.brand),
        ):
            names.setdefault(spoken(name), therapy.id)
    return names


def _add_conditions(draft: Draft, cohorts: Cohorts, text: str, conditions: ConditionVocabulary) -> None:
    """Add to each cohort the one condition that its captions name; else give those of the text as candidates."""
    for cohort, record in zip(cohorts.cohorts, draft.cohorts, strict=True):
        named = {condition for caption in cohort.captions for condition in conditions.named_in(caption)}
        if len(named) == 1 and any(conditions.only_named_in(caption) in named for caption in cohort.captions):
            record.condition = next(iter(named))
        candidates = sorted(named) or conditions.named_near(text, cohort.place.trials)
        hint = "" if record.condition else "which condition?"
        review = tuple(filter(None, (*cohort.review, hint)))
        captions = " / ".join(dict.fromkeys(cohort.captions))
        draft.cohort_hints.append(
            CohortHint(cohort.key, captions, review, () if record.condition else tuple(candidates))
        )


def names_of(label: Mapping[str, Any], therapies: Mapping[str, str]) -> Names:
    """The names of all therapies, and those of the label's own."""
    brand, inn, generic = brand_of(label), inn_of(label), squeezed(first(label, "generic_name")).lower()
    own = therapies.get(spoken(brand)) or therapies.get(inn) or slugged(inn)
    return Names(dict(therapies), own, tuple(dict.fromkeys([brand, inn, generic])))


def _draft_table(
    markup: str, text: str, chapter: str, cohorts: Cohorts, vocabulary: EventVocabulary, draft: Draft
) -> None:
    try:
        table = read_table(markup)
    except UnreadableTableError as error:
        draft.unread.append(Unread(chapter, "", squeezed(re.sub("<[^>]*>", " ", markup))[:80], str(error)))
        return
    place = _place(table, text, chapter, cohorts.names)
    reason = reason_to_skip(table, place.caption)
    if reason:
        draft.skipped.append(Skipped(place.locator, place.caption, reason))
        return
    counted = read_counts(table, place.caption)
    draft.unread.extend(Unread(place.locator, item.row, item.cell, item.reason) for item in counted.problems)
    if not counted.counts:
        draft.skipped.append(Skipped(place.locator, place.caption, "no row of it could be read; see unread"))
        return
    draft.tables_read += 1
    _draft_counts(counted, place, cohorts, vocabulary, draft)


def _place(table: Table, text: str, chapter: str, names: Names) -> Place:
    """Where a table stands in its section, its caption, and its trial."""
    position = _position(table, text)
    number, caption = table.number, table.caption
    before = text[max(0, position - 1500) : position] if position > 0 else ""
    if not caption and before:
        found = list(re.finditer(r"Table (\d+)\s?[:.]", before))
        if found:
            number, caption = found[-1][1], squeezed(before[found[-1].start() :])
            before = before[: found[-1].start()]
    trials = trials_in(caption, names.brand)
    if not trials:
        heads = " ".join(cell.text for row in table.rows[:2] for cell in row.cells if cell.end - cell.start > 1)
        trials = trials_in(heads, names.brand)
    if not trials and number:
        trials = _trials_before(before, number, names)
    where = section_at(text, chapter, position) if position >= 0 else chapter
    laboratory = bool(re.search(r"\blaborator", caption, re.IGNORECASE))
    locator = f"{where}, Table {number}" if number else f"{where}, table `{caption[:60] or table.start_of_text[:60]}`"
    return Place(locator, caption, tuple(trials), part_in(caption), laboratory)


def _position(table: Table, text: str) -> int:
    """Where a table stands in its section's text: by its caption, its first rows, or its number; -1 where unknown."""
    for start in (table.caption[:40], table.start_of_text[:40]):
        if start and (position := text.find(start)) >= 0:
            return position
    numbered = list(re.finditer(rf"\bTable {table.number}\s?[:.] ", text)) if table.number else []
    return numbered[0].start() if len(numbered) == 1 else -1


def _trials_before(before: str, number: str, names: Names) -> list[str]:
    """The trial named by the sentence that introduces the table (`Table 4 summarizes … in …`), if it names just one."""
    sentences = [
        s for s in re.split(r"(?<=[.\]])\s+(?=[A-Z])", before) if re.search(rf"\bTables? (?:\d+ and )?{number}\b", s)
    ]
    trials = [trial for sentence in sentences[-1:] for trial in trials_in(sentence, names.brand)]
    return trials if len(trials) == 1 else []


def _draft_counts(counted: Counted, place: Place, cohorts: Cohorts, vocabulary: EventVocabulary, draft: Draft) -> None:
    placed = cohorts.place(place, counted.arms)
    arms = [cohort.arm for cohort in placed]
    attached = {position: list(arm.notes) for position, arm in enumerate(counted.arms) if arm.notes}
    own = Denominators({})
    if counted.kind is EventKind.LABORATORY:
        own = read_denominators(counted.notes, arms, attached, cohorts.names)
        if own.unread:
            draft.unread.append(Unread(place.locator, "", own.unread, "denominators could not be told apart by arm"))
        for position, (low, high) in own.ranges.items():
            if high > (counted.arms[position].patients or placed[position].patients or high):
                printed = f"{placed[position].arm.heading}: {low} to {high}"
                draft.unread.append(Unread(place.locator, "", printed, "more were tested than the arm has"))
                own = Denominators({}, own.excepted)
    for count in counted.counts:
        event = vocabulary.find(count.term)
        if event is None:
            event = vocabulary.propose(count.term)
            draft.new_terms[(event, count.term)] += 1
        cohort, arm = placed[count.arm], counted.arms[count.arm]
        notes, raw = restated(count.footnotes)
        for text in raw:
            footnote = {"where": place.locator, "row": count.term, "text": text}
            if footnote not in draft.footnotes_raw:
                draft.footnotes_raw.append(footnote)
        record = AdverseEventRecord(
            cohort=cohort.key,
            event=event,
            reported_term=count.term,
            kind=counted.kind,
            causality=counted.causality,
            rates=list(count.rates),
            none_in=list(count.none_in),
            note=" ".join(notes) or None,
            source=draft.source.id,
            locator=place.locator,
        )
        _set_denominator(record, count, arm, cohort.patients, own)
        draft.adverse_events.append(record)


def _set_denominator(
    record: AdverseEventRecord, count: RowCount, arm: TableArm, patients: int | None, own: Denominators
) -> None:
    if own.excepted and record.reported_term.lower()[-6:] in own.excepted.lower():
        return
    low, high = own.ranges.get(count.arm, (0, 0))
    if count.denominator:
        record.denominator = count.denominator if count.denominator != patients else None
    elif low and low == high:
        record.denominator = low if low != patients else None
    elif low and low < high:
        record.denominator_range = [low, high]
    elif arm.patients and patients and arm.patients != patients:
        record.denominator = arm.patients


def _separate(draft: Draft) -> None:
    """Make natural keys unique: drop what is printed twice alike, and set the rest apart by term or table."""
    kept: dict[str, AdverseEventRecord] = {}
    for record in draft.adverse_events:
        twin = kept.get(record.natural_key())
        if twin and twin.rates == record.rates and twin.reported_term == record.reported_term:
            draft.unread.append(
                Unread(record.locator, record.reported_term, record.cohort, f"the same as in {twin.locator}")
            )
            continue
        if twin:
            record.key = slugged(record.reported_term)[:60].strip("-")
            if record.natural_key() in kept:
                record.key = slugged(f"{record.reported_term[:60]} {record.locator.rpartition(', ')[2]}")
        if record.natural_key() in kept:
            draft.unread.append(
                Unread(record.locator, record.reported_term, record.cohort, "a second figure for one event")
            )
            continue
        kept[record.natural_key()] = record
    draft.adverse_events = list(kept.values())
