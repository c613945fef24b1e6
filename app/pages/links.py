"""Links to records, with what is said beside them: the smallest parts of a page.

All text is escaped here. Ids are not: they have letters, digits, dots and dashes alone.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape
from typing import Any

from app.pages.visit import Visit
from app.pages.words import cut, interval, percent, plain

Record = Mapping[str, Any]
NOTHING_SHOWN = "–"
NOTHING = f'<span class="none">{NOTHING_SHOWN}</span>'


class Links:
    """Links that stay in the release of a visit, as finished HTML."""

    def __init__(self, visit: Visit) -> None:
        """Hold what every link begins and ends with."""
        self.begin = visit.href("").partition("?")[0]
        self.end = escape(f"?{visit.pin}") if visit.pin else ""

    def to(self, of: str, record_id: str, text: str) -> str:
        """A link to a record by its id."""
        return f'<a href="{self.begin}/{of}/{record_id}{self.end}">{escape(text)}</a>'

    def named(self, of: str, record: Record | None, text: str | None = None) -> str:
        """A link to a record, by what it is called; nothing for none."""
        if not record:
            return ""
        return self.to(of, record["id"], text or record.get("name") or record.get("title") or record["id"])

    def several(self, of: str, records: Sequence[Record], most: int = 6) -> str:
        """Links to records, the first ones, and how many more there are."""
        found = ", ".join([self.named(of, record) for record in records[:most]])
        return f"{found} and {len(records) - most} more" if len(records) > most else found

    def read_in(self, cited: Record | None) -> str:
        """Where a fact was read."""
        if not cited:
            return ""
        source = cited["source"]["id"]
        where = escape(cut(cited["locator"], 90))
        return f'<span class="evidence">{self.to("sources", source, source)}, {where}</span>'

    def markers(self, found: Iterable[Any]) -> str:
        """Biomarkers with their states."""
        return ", ".join([self._marker(item) for item in found])

    def _marker(self, item: Any) -> str:
        if isinstance(item, str):
            return escape(item)
        named = self.named("biomarkers", item) if item.get("id") else escape(str(item.get("name") or ""))
        state = f" {plain(item['state'])}" if item.get("state") else ""
        alteration = f" {item['alteration']}" if item.get("alteration") else ""
        cutoff = f" ({item['cutoff']})" if item.get("cutoff") else ""
        return named + escape(state + alteration + cutoff)


def bar_of(share: float, bounds: Sequence[float] | None = None, most: float = 100, kind: str = "") -> str:
    """A bar on a scale from zero, with an interval."""
    line = f'<path d="M{bounds[0]} 5H{bounds[1]}"/>' if bounds else ""
    return (
        f'<svg class="bar {kind}" viewBox="0 0 {most} 10" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect width="{share}" height="10"/>{line}</svg>'
    )


def rate_of(found: Record | None, kind: str = "", link: Callable[[str], str] = escape) -> str:
    """A rate with its interval, as words and as a bar."""
    if not found:
        return '<span class="none">not reported</span>'
    if found.get("percent") is None:
        return link(percent(found) or f"{found.get('patients')} patients")
    bounds = found.get("ci95")
    said = f' <small title="95 % interval, computed">({interval(bounds)})</small>' if bounds else ""
    return f'<span class="rate">{link(percent(found))}{said}</span>{bar_of(found["percent"], bounds, 100, kind)}'
