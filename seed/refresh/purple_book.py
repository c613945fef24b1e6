"""The Purple Book's monthly download: status of each licensed product, and new products."""

import csv
import datetime as dt
from calendar import month_name
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from app.vocabulary import Agency, ProductStatus
from seed.refresh.changes import Base, Found, Open
from seed.refresh.products import Row, differences, key_of
from seed.verify.web import NoAnswerError, Web

NAME = "Purple Book"
URL = "https://purplebooksearch.fda.gov/files/{year}/purplebook-search-{month}-data-download.csv"
TRIED = 4
"""Months back from today in which a download is looked for: it appears some weeks later."""
_NEEDED = {"BLA Number", "Proprietary Name", "Proper Name", "Marketing Status", "Licensure", "Approval Date"}


def compare(base: Base, web: Web, today: dt.date) -> Found:
    """The newest download against the FDA's products of the therapies."""
    text = reason = None
    for back in range(TRIED):
        year, month = divmod(today.year * 12 + today.month - 1 - back, 12)
        try:
            text = web.get(URL.format(year=year, month=month_name[month + 1].lower()), _is_download, text=True)
        except NoAnswerError as error:
            reason = str(error)
        if text:
            break
    if not text:
        yield Open(NAME, URL, reason or f"There is no download of the last {TRIED} months.")
        return
    yield from differences(base, NAME, Agency.FDA, _rows(text))


def _is_download(text: Any) -> bool:
    return isinstance(text, str) and bool(_table(text))


def _table(text: str) -> list[dict[str, str]]:
    """The rows below the heading, which follows some lines of title; none where there is no such heading."""
    lines = text.lstrip("\ufeff").splitlines()
    start = next((number for number, line in enumerate(lines) if "BLA Number" in line), None)
    rows = list(csv.DictReader(lines[start:])) if start is not None else []
    return rows if rows and rows[0].keys() >= _NEEDED else []


def _rows(text: str) -> Iterator[Row]:
    """A row for each BLA and brand: on the market while one of its presentations is."""
    grouped = defaultdict(list)
    for line in _table(text):
        if line["BLA Number"]:
            printed = line["Proprietary Name"].strip()
            named = printed if printed and printed != "N/A" else None
            grouped[key_of(Agency.FDA, f"BLA{line['BLA Number'].strip()}", named)].append((named, line))
    for (application, _), lines in grouped.items():
        brand, first = lines[0]
        statuses = {_status(line) for _, line in lines}
        days = sorted(day for _, line in lines if (day := _iso(line["Approval Date"])))
        status = min(statuses, key=list(ProductStatus).index)
        yield Row(application, brand, first["Proper Name"].strip(), status, days[0] if days else None)


def _status(line: dict[str, str]) -> ProductStatus:
    licensure = line["Licensure"].lower()
    if "revoked" in licensure:
        return ProductStatus.WITHDRAWN if "voluntarily" in licensure else ProductStatus.REVOKED
    if "suspended" in licensure:
        return ProductStatus.SUSPENDED
    return ProductStatus.DISCONTINUED if line["Marketing Status"].startswith("Disc") else ProductStatus.AUTHORISED


def _iso(day: str) -> str | None:
    """A date as the download prints it, in any of the forms of its years; None where it is none of them."""
    for form in ("%Y-%m-%d", "%m/%d/%Y", "%d-%b-%y", "%d-%b-%Y", "%B %d, %Y"):
        try:
            return dt.datetime.strptime(day.strip(), form).date().isoformat()  # noqa: DTZ007  # a day has no zone
        except ValueError:
            continue
    return None
