"""The parts of HTML that pages have many of, as functions: a template takes several times as long for each.

Everything is escaped here. Ids are not: they have letters, digits, dots and dashes alone.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from html import escape
from typing import Any

from markupsafe import Markup

from app.pages.columns import Column
from app.pages.lists import Facet
from app.pages.visit import CITATIONS, Asked, Visit
from app.pages.words import cut, figure, format_name, heading, interval, number, percent, plain, printed, words

Record = Mapping[str, Any]
NOTHING = '<span class="none">–</span>'
SUBJECTS = {"class": "classes", "condition": "conditions", "target": "targets", "therapy": "therapies"}
"""Kinds of what statements are about, and their lists."""
CLASSES = {
    "number": " class=n",
    "count": " class=n",
    "facts": " class=n",
    "first": " class=day",
    "day": " class=day",
    "figure": " class=figure",
    "rate": " class=figure",
    "indication": " class=text",
    "itself": " class=text",
    "arm": " class=text",
}
"""How cells of a kind are laid out."""
MOST_LETTERS = 260


def _finished(html: str) -> Markup:
    """HTML that a template takes as it is."""
    return Markup(html)  # noqa: S704  # every function here escapes what it is given


class Pieces:
    """The parts, with links that stay in the release of a visit. Each function of a template gives finished HTML."""

    def __init__(self, visit: Visit) -> None:
        """Hold what every link begins and ends with."""
        self.begin = visit.href("").partition("?")[0]
        self.end = escape(f"?{visit.pin}") if visit.pin else ""

    def link(self, of: str, record_id: str, text: str) -> str:
        """A link to a record."""
        return f'<a href="{self.begin}/{of}/{record_id}{self.end}">{escape(text)}</a>'

    def ref(self, of: str, record: Record | None, text: str | None = None) -> Markup:
        """A link to a record, by what it is called; nothing for none."""
        return _finished(_ref(self, of, record, text))

    def refs(self, of: str, records: Sequence[Record], most: int = 6) -> Markup:
        """Links to records, the first ones, and how many more there are."""
        found = ", ".join([_ref(self, of, record) for record in records[:most]])
        return _finished(f"{found} and {len(records) - most} more" if len(records) > most else found)

    def cite(self, numbers: Mapping[str, int], most: int, fact: Record) -> Markup:
        """The number of the source of a fact, in the list of its page or by itself, and where it was read."""
        cited = fact["evidence"]
        source = cited["source"]["id"]
        number_ = numbers[source]
        href = f"#s{number_}" if number_ <= most else f"{self.begin}/sources/{source}{self.end}"
        where = escape(cut(cited["locator"], 60))
        return _finished(f'<span class="evidence"><a href="{href}">[{number_}]</a> {where}</span>')

    def evidence(self, cited: Record | None) -> Markup:
        """Where a fact was read."""
        return _finished(_evidence(self, cited) if cited else "")

    def rate(self, found: Record | None, kind: str = "") -> Markup:
        """A rate with its interval, as words and as a bar."""
        return _finished(_rate(found, kind))

    def bar(self, share: float, bounds: Sequence[float] | None = None, most: float = 100, kind: str = "") -> Markup:
        """A bar on a scale from zero, with an interval."""
        return _finished(_bar(share, bounds, most, kind))

    def biomarkers(self, found: Iterable[Any]) -> Markup:
        """Biomarkers with their states."""
        return _finished(", ".join([_biomarker(self, item) for item in found]))

    def requests(self, visit: Visit) -> Markup:
        """The requests that a page was made of, each with the formats in which it is answered."""
        return _finished("".join([_request(visit, asked) for asked in visit.asked]))

    def facets(self, found: Iterable[Facet]) -> Markup:
        """The filters beside a list, each value with how many records it would find."""
        return _finished("".join([_facet(each) for each in found if each.values]))

    def rows(self, noun: str, columns: Sequence[Column], records: Sequence[Record]) -> Markup:
        """The rows of a table."""
        drawers = [
            (f"<td{CLASSES.get(column.kind, '')}>", partial(_CELLS[column.kind], self, noun, column))
            for column in columns
        ]
        return _finished(
            "".join(
                [
                    f"<tr>{''.join([f'{open_}{draw(record)}</td>' for open_, draw in drawers])}</tr>\n"
                    for record in records
                ]
            )
        )


def _request(visit: Visit, asked: Asked) -> str:
    def link(text: str, format_: str | None = None) -> str:
        return f'<a href="{escape(visit.api(asked.link(format_)))}" hx-boost="false">{text}</a>'

    shown = [link("JSON"), *(link(format_name(each), each) for each in asked.formats if each not in CITATIONS)]
    cited = [link(format_name(each), each) for each in asked.formats if each in CITATIONS]
    cite = f"; cite as {', '.join(cited)}" if cited else ""
    return f"<li><code>{escape(asked.link())}</code> as {', '.join(shown)}{cite}</li>\n"


def _facet(facet: Facet) -> str:
    begin = f'<a id="{facet.name}:'
    values = [
        f'<li class="d{min(value.depth, 5)}">{begin}{escape(value.id)}" href="{escape(value.href)}"'
        f"{' aria-current=true' if value.chosen else ''}>{escape(plain(value.name))}</a> "
        f"<small>{number(value.records)}</small></li>\n"
        for value in facet.values
    ]
    more = f'<p><a href="{escape(facet.all)}">{facet.more} more</a></p>\n' if facet.more else ""
    title = f"<summary>{escape(heading(facet.name))}</summary>"
    return f"<details open>\n{title}\n<ul>\n{''.join(values)}</ul>\n{more}</details>\n"


def _ref(at: Pieces, of: str, record: Record | None, text: str | None = None) -> str:
    if not record:
        return ""
    return at.link(of, record["id"], text or record.get("name") or record.get("title") or record["id"])


def _evidence(at: Pieces, cited: Record) -> str:
    source = cited["source"]["id"]
    where = escape(cut(cited["locator"], 90))
    return f'<span class="evidence">{at.link("sources", source, source)}, {where}</span>'


def _bar(share: float, bounds: Sequence[float] | None = None, most: float = 100, kind: str = "") -> str:
    line = f'<path d="M{bounds[0]} 5H{bounds[1]}"/>' if bounds else ""
    return (
        f'<svg class="bar {kind}" viewBox="0 0 {most} 10" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect width="{share}" height="10"/>{line}</svg>'
    )


def _rate(found: Record | None, kind: str = "", link: Callable[[str], str] = escape) -> str:
    if not found:
        return '<span class="none">not reported</span>'
    if found.get("percent") is None:
        return link(percent(found) or f"{found.get('patients')} patients")
    bounds = found.get("ci95")
    said = f' <small title="95 % interval, computed">({interval(bounds)})</small>' if bounds else ""
    return f'<span class="rate">{link(percent(found))}{said}</span>{_bar(found["percent"], bounds, 100, kind)}'


def _biomarker(at: Pieces, item: Any) -> str:
    if isinstance(item, str):
        return escape(item)
    named = _ref(at, "biomarkers", item) if item.get("id") else escape(str(item.get("name") or ""))
    state = f" {plain(item['state'])}" if item.get("state") else ""
    alteration = f" {item['alteration']}" if item.get("alteration") else ""
    cutoff = f" ({item['cutoff']})" if item.get("cutoff") else ""
    return named + escape(state + alteration + cutoff)


def _value(draw: Callable[[Pieces, Column, Any], str]) -> Callable[[Pieces, str, Column, Record], str]:
    """A cell that shows one value of a record, and a dash where there is none."""

    def cell(at: Pieces, noun: str, column: Column, record: Record) -> str:  # noqa: ARG001  # as all cells are called
        value = record.get(column.path)
        return NOTHING if value is None or value == [] else draw(at, column, value)

    return cell


def _itself(at: Pieces, noun: str, column: Column, record: Record) -> str:
    text = record.get(column.path) if column.path else None
    called = text or record.get("name") or record.get("title") or record["id"]
    link = at.link(noun, record["id"], cut(called, MOST_LETTERS))
    brands = record.get("brand_names") if noun == "therapies" else None
    if not brands:
        return link
    return f"{link}<small>{escape(', '.join(brands[:4]))}{' …' if len(brands) > 4 else ''}</small>"


def _indication(at: Pieces, noun: str, column: Column, record: Record) -> str:
    text = at.link(noun, record["id"], cut(record[column.path], MOST_LETTERS))
    return f"{_ref(at, 'conditions', record.get('condition'))}<small class=said>{text}</small>"


def _agency(at: Pieces, noun: str, column: Column, record: Record) -> str:  # noqa: ARG001  # as all cells are called
    return f"{escape(plain(record['agency']))}<small>{escape(plain(record['status']))}</small>"


def _rate_of(at: Pieces, noun: str, column: Column, record: Record) -> str:
    found = record.get(column.path)
    if not found:
        return NOTHING
    return _rate(found, column.path if column.path == "severe" else "", partial(at.link, noun, record["id"]))


def _arm(at: Pieces, noun: str, column: Column, record: Record) -> str:  # noqa: ARG001  # as all cells are called
    cohort = record[column.path]
    return f"{_ref(at, 'cohorts', cohort, cohort['label'])}<small>{_counted(record)}</small>"


def _counted(record: Record) -> str:
    subset = record.get("subset")
    said = f"{plain(record['causality'])}, {plain(record['kind'])}{', serious' if record.get('serious') else ''}"
    return escape(f"{said}, only {subset['text']}" if subset else said)


def _arms(at: Pieces, noun: str, column: Column, record: Record) -> str:  # noqa: ARG001  # as all cells are called
    cohort, against = record["cohort"], record.get("against")
    found = _ref(at, "cohorts", cohort, cohort["label"])
    if against:
        found += f" against {_ref(at, 'cohorts', against, against['label'])}"
    patients = escape(record.get("population") or "") or at.biomarkers(record.get("biomarkers") or ())
    return f"{found}<small>{patients}</small>" if patients else found


def _measure(at: Pieces, noun: str, column: Column, record: Record) -> str:  # noqa: ARG001  # as all cells are called
    time, said = record.get("time"), words(record["measure"])
    if time:
        said += f", {time.get('text') or ' '.join((str(time['value']), plain(time['unit'])))}"
    return escape(said)


def _figure(at: Pieces, noun: str, column: Column, record: Record) -> str:  # noqa: ARG001  # as all cells are called
    found = at.link("outcomes", record["id"], figure(record))
    share, bounds = record.get("share"), record.get("interval")
    if bounds:
        p = f", p {record['p_value']}" if record.get("p_value") else ""
        found += f" <small>{escape(printed(bounds) + p)}</small>"
    elif share and share.get("ci95"):
        found += f" <small>95 % interval, computed: {interval(share['ci95'])}</small>"
    shown = (share or record).get("percent")
    if shown is None or record.get("against"):
        return found
    return f"{found}{at.bar(shown, (share or {}).get('ci95'))}"


def _use(at: Pieces, noun: str, column: Column, record: Record) -> str:  # noqa: ARG001  # as all cells are called
    indication = record.get("indication")
    if indication:
        return at.link("indications", indication["id"], cut(indication["text"], 160))
    brand = (record.get("product") or {}).get("brand") or "the product"
    return escape(f"{brand}, a biosimilar" if record.get("biosimilar") else brand)


def _subject(at: Pieces, column: Column, about: Any) -> str:  # noqa: ARG001  # as all cells are called
    of = SUBJECTS.get(about["kind"])
    return _ref(at, of, about) if of and about.get("id") else escape(about["name"])


def _facts(at: Pieces, column: Column, counts: Any) -> str:  # noqa: ARG001  # as all cells are called
    return number(sum(counts.get(name, 0) for name in ("indications", "warnings", "adverse_events", "approvals")))


_CELLS: dict[str, Callable[[Pieces, str, Column, Record], str]] = {
    "itself": _itself,
    "indication": _indication,
    "agency": _agency,
    "rate": _rate_of,
    "arm": _arm,
    "arms": _arms,
    "measure": _measure,
    "figure": _figure,
    "use": _use,
    "subject": _value(_subject),
    "facts": _value(_facts),
    "ref": _value(lambda at, column, value: _ref(at, column.of, value)),
    "refs": _value(lambda at, column, value: at.refs(column.of, value)),
    "evidence": _value(lambda at, _, value: _evidence(at, value)),
    "first": _value(lambda _at, _, value: escape(f"{value.get('on') or value.get('date')} {value['agency']}")),
    "count": _value(lambda _at, _, value: str(len(value))),
    "number": _value(lambda _at, _, value: number(value)),
    "words": _value(lambda _at, _, value: escape(plain(value) if isinstance(value, str) else words(value))),
    "flag": _value(lambda _at, _, value: escape(words(value))),
    "texts": _value(lambda _at, _, value: escape(", ".join(value[:5]))),
    "biomarkers": _value(lambda at, _, value: at.biomarkers(value)),
    "text": _value(lambda _at, _, value: escape(cut(value, MOST_LETTERS))),
    "day": _value(lambda _at, _, value: escape(str(value))),
}
"""How each kind of a column is drawn."""
