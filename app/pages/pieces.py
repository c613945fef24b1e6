"""The parts of HTML that pages share, as functions: a macro of a template takes several times as long."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from markupsafe import Markup

from app.api.formats import PICTURES
from app.pages.cells import CLASSES, NUMBERS, rows
from app.pages.columns import Column
from app.pages.links import Links, Record, bar_of
from app.pages.lists import Chip, Facet
from app.pages.visit import CITATIONS, OF_RELEASE, ApiRequest, Visit
from app.pages.words import format_name, heading, number, plain, words


def finished(html: str) -> Markup:
    """HTML that a template takes as it is."""
    return Markup(html)  # noqa: S704  # every function that calls this escapes what it is given


def scrolled(label: str, inside: str) -> str:
    """What may be wider than the screen, to be scrolled by itself, with the keyboard too."""
    return f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(label)}">\n{inside}</div>\n'


class Pieces(Links):
    """The parts, with links that stay in the release of a visit. Each gives finished HTML, or plain where no end is."""

    def __init__(self, visit: Visit) -> None:
        """Hold the visit, whose release every link keeps."""
        super().__init__(visit)
        self.visit = visit

    def hidden(self, params: Mapping[str, Any] | None = None) -> Markup:
        """Parameters that a form keeps, the release among them."""
        of_release = [(each.name, each.value) for each in self.visit.given if each.name in OF_RELEASE]
        kept = [(escape(name), escape(str(value))) for name, value in [*(params or {}).items(), *of_release]]
        return finished("".join([f'<input type="hidden" name="{name}" value="{value}">' for name, value in kept]))

    def requests(self) -> Markup:
        """The requests that a page was made of, each with the formats in which it is answered."""
        return finished("".join([_request(self.visit, each) for each in self.visit.api_requests]))

    def facets(self, found: Iterable[Facet]) -> Markup:
        """The filters beside a list, each value with how many records it would find."""
        return finished("".join([_facet(each) for each in found if each.values]))

    def table(
        self,
        noun: str,
        columns: Sequence[Column],
        records: Sequence[Record],
        caption: str,
        sorted_by: Mapping[str, str] | None = None,
        sort: str = "",
    ) -> Markup:
        """Records as a table; the heads of its columns are links where they sort it."""
        heads = "".join([f"\n{_head(column, sorted_by or {}, sort)}" for column in columns])
        wide = " class=wide" if len(columns) > 3 else ""
        title = f'<caption class="hidden">{escape(caption)}</caption>'
        head = f"<table{wide}>\n{title}\n<thead><tr>{heads}</tr></thead>\n"
        body = f'<tbody hx-boost="false">\n{rows(self, noun, columns, records)}</tbody>\n</table>\n'
        return finished(scrolled(caption, head + body))

    def counts(self, pairs: Sequence[tuple[str, int, str]], caption: str) -> Markup:
        """Counts as bars, each name a link."""
        most = max((count for _, count, _ in pairs), default=1)
        lines = [
            f'<tr><th scope="row"><a href="{escape(href)}">{escape(name)}</a></th><td class="n">{number(count)}</td>'
            f'<td class="wide">{bar_of(count, None, most)}</td></tr>\n'
            for name, count, href in pairs
        ]
        title = f"<caption>{escape(caption)}</caption>"
        return finished(f'<table class="bars ">{title}\n<tbody>\n{"".join(lines)}</tbody></table>\n')

    def picture(self, path: str, what: str) -> Markup:
        """The picture of what the page requested of the API, where that draws one."""
        address = self.visit.picture(path)
        if not address:
            return Markup()
        alt = escape(f"{what}; the figures are in the table, or behind the links below.")
        image = f'<img class="picture" src="{escape(address)}" loading="lazy" alt="{alt}">'
        return finished(scrolled(what, image))

    def pager(self, first: str | None, following: str | None, shown: int, total: int) -> Markup:
        """The way to other pages of a list."""
        ways = (("first", first, "First page"), ("next", following, "Next page"))
        found = "".join([f'<a href="{escape(href)}" rel="{rel}">{text}</a>\n' for rel, href, text in ways if href])
        said = f"<span>{number(shown)} of {number(total)} shown</span>"
        return finished(f'<nav class="pager" aria-label="Pages">\n{said}\n{found}</nav>\n')

    def chips(self, found: Sequence[Chip], clear: str) -> Markup:
        """The filters that are applied, each as a link that removes it."""
        if not found:
            return Markup()
        items = [
            f'<li><a href="{escape(chip.href)}"><span class="hidden">Remove </span>{escape(words(chip.name))}: '
            f'<b>{escape(plain(chip.value))}</b> <span aria-hidden="true">×</span></a></li>\n'
            for chip in found
        ]
        if len(found) > 1:
            items.append(f'<li><a href="{escape(clear)}">Remove all</a></li>\n')
        return finished(f'<ul class="chips" aria-label="Filters applied">\n{"".join(items)}</ul>\n')

    def coverage_gaps(self, page: Record) -> Markup:
        """The therapies of which a list says nothing, and why."""
        found = [
            f'<p class="note">{self.named("therapies", item["therapy"])}: <b>{escape(item["coverage"])}</b>.</p>\n'
            for item in page.get("absence") or ()
        ]
        unknown, none = (page.get(name) or {"count": 0} for name in ("not_curated", "none_found"))
        if unknown["count"]:
            one = unknown["count"] == 1
            found.append(
                f'<p class="note"><b>Not curated</b> for {unknown["count"]} therap{"y" if one else "ies"} under these '
                f"filters, so nothing is known of {'it' if one else 'them'} here: {self._ids(unknown['ids'])}</p>\n"
            )
        if none["count"]:
            begin = f'<p class="note"><b>None found</b> under all filters for {none["count"]}'
            found.append(f"{begin}: {self._ids(none['ids'])}</p>\n")
        return finished("".join(found))

    def _ids(self, ids: Sequence[str], most: int = 12) -> str:
        found = ", ".join([self.to("therapies", each, each) for each in ids[:most]])
        return f"{found} …" if len(ids) > most else found


def _request(visit: Visit, request: ApiRequest) -> str:
    begin = escape(visit.api(request.link("")))

    def link(format_: str) -> str:
        unordered = request.order and format_ in PICTURES
        href = escape(visit.api(request.link(format_))) if unordered else begin + format_
        return f'<a href="{href}" hx-boost="false">{format_name(format_)}</a>'

    shown = [f'<a href="{escape(visit.api(request.link()))}" hx-boost="false">JSON</a>']
    shown += [link(each) for each in request.formats if each not in CITATIONS]
    cited = [link(each) for each in request.formats if each in CITATIONS]
    cite = f"; cite as {', '.join(cited)}" if cited else ""
    return f"<li><code>{escape(request.link())}</code> as {', '.join(shown)}{cite}</li>\n"


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


def _head(column: Column, sorted_by: Mapping[str, str], sort: str) -> str:
    attributes, text = CLASSES["number"] if column.kind in NUMBERS else "", escape(column.head)
    if sort and sort.lstrip("-") == column.sort:
        attributes += f' aria-sort="{"descending" if sort.startswith("-") else "ascending"}"'
        arrow = " ↓" if sort.startswith("-") else " ↑"
    else:
        arrow = ""
    if href := sorted_by.get(column.sort):
        text = f'<a href="{escape(href)}">{text}{arrow}</a>'
    return f'<th scope="col"{attributes}>{text}</th>'
