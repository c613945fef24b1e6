"""Parts of a therapy's page of which there are many: indications, warnings, products, arms and sources, as HTML."""

from collections.abc import Callable, Sequence
from html import escape
from typing import NamedTuple

from app.pages.links import Links, Record
from app.pages.pieces import finished
from app.pages.words import cut, history, number, plain

Cite = Callable[[Record], str]


class Cited:
    """The sources of a page, each with its number, in the order in which they are given."""

    def __init__(self, at: Links, facts: Sequence[Record], most: int) -> None:
        """Number the sources that facts cite; the first `most` are listed on the page."""
        self.at, self.most = at, most
        cited = (fact["evidence"]["source"] for fact in facts if fact.get("evidence"))
        self.sources = {source["id"]: source for source in cited}
        self._hrefs = {
            source: (number_, f"#s{number_}" if number_ <= most else f"{at.begin}/sources/{source}{at.end}")
            for number_, source in enumerate(self.sources, 1)
        }

    def __call__(self, fact: Record) -> str:
        """The number of the source of a fact, as a link to the list of the page or to itself, and where it was read."""
        cited = fact["evidence"]
        number_, href = self._hrefs[cited["source"]["id"]]
        return f'<span class="evidence"><a href="{href}">[{number_}]</a> {escape(cut(cited["locator"], 60))}</span>'

    def listed(self) -> str:
        """The sources as items of a list."""
        return finished("".join([self._item(*each) for each in enumerate([*self.sources.values()][: self.most], 1)]))

    def _item(self, number_: int, source: Record) -> str:
        said, title = source["id"], source["title"]
        itself = f" <small>{escape(said)}</small>" if len(title) < 60 else ""
        return f'<li id="s{number_}">{self.at.to("sources", said, cut(title, 110))}{itself}</li>\n'


class OfLine(NamedTuple):
    """The indications of a line of therapy, by one agency."""

    heading: str
    shown: Sequence[Record]
    total: int
    href: str
    """All of them as a list."""


class OfAgency(NamedTuple):
    """The indications by one agency, by line of therapy."""

    agency: str
    total: int
    href: str
    """All of them as a list."""
    lines: Sequence[OfLine]


def indications(at: Links, agencies: Sequence[OfAgency], cite: Cite) -> str:
    """Indications by agency, then by line, with what became of each."""
    found: list[str] = []
    for each in agencies:
        agency, plural = escape(plain(each.agency)), "s" if each.total > 1 else ""
        link = f'<a href="{escape(each.href)}">{each.total} indication{plural}</a>'
        found.append(f"<h3>{agency} <small>{link}</small></h3>\n")
        for line in each.lines:
            items = "".join([_indication(at, fact, cite) for fact in line.shown])
            found.append(f'<h4>{escape(line.heading)}</h4>\n<ul class="uses">\n{items}</ul>\n')
            if line.total > len(line.shown):
                said = f"All {line.total}: {escape(line.heading.lower())}, {agency}"
                found.append(f'<p class="more"><a href="{escape(line.href)}">{said}</a></p>\n')
    return finished("".join(found))


def _indication(at: Links, fact: Record, cite: Cite) -> str:
    ended = fact["status"] != "active"
    said = f"{at.named('conditions', fact['condition'])}: {at.to('indications', fact['id'], cut(fact['text'], 150))}"
    more = ""
    if fact.get("history") or ended:
        trials = fact.get("pivotal_trials")
        rests = f" · {at.several('trials', trials, 3)}" if trials else ""
        more = f"<small>{escape(history(fact))}{rests}</small>"
    return f"<li{' class=ended' if ended else ''}>{said} {cite(fact)}{more}</li>\n"


def warnings(at: Links, facts: Sequence[Record], cite: Cite, length: int, *, levels: bool) -> str:
    """Warnings as items of a list, with their levels where these differ."""
    return finished("".join([_warning(at, fact, cite, length, levels=levels) for fact in facts]))


def _warning(at: Links, fact: Record, cite: Cite, length: int, *, levels: bool) -> str:
    level = f" ({escape(plain(fact['level']))})" if levels and fact["level"] != "warning" else ""
    text = at.to("warnings", fact["id"], cut(fact["text"], length))
    return f"<li>{at.named('events', fact['event'])}{level}: {text} {cite(fact)}</li>\n"


def products(facts: Sequence[Record], cite: Cite) -> str:
    """Products as rows of a table."""
    return finished("".join([_product(fact, cite) for fact in facts]))


def _product(fact: Record, cite: Cite) -> str:
    name = escape(fact["brand"] or fact.get("proper_name") or "–") + (", biosimilar" if fact.get("biosimilar") else "")
    said = f'<td>{escape(fact["agency"])}</td><td class="day">{escape(fact.get("approved_on") or "–")}</td>'
    said += f'<td>{escape(plain(fact["status"]))}</td><td class="text">{escape(fact.get("holder") or "–")}</td>'
    return f'<tr><th scope="row">{name}</th>{said}<td>{cite(fact)}</td></tr>\n'


def arms(facts: Sequence[Record]) -> str:
    """Arms to choose from, as items of a list."""
    found = []
    for arm in facts:
        patients = f", N {number(arm['patients'])}" if arm.get("patients") else ""
        box = f'<input type="checkbox" name="cohort" value="{escape(arm["id"])}">'
        found.append(f"<li><label>{box} <span>{escape(arm['label'])}{patients}</span></label></li>\n")
    return finished("".join(found))
