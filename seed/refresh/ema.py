"""The EMA's table of medicines: status of each product, newer pages, and indications that have become wider."""

import html
import re
from collections.abc import Iterator
from typing import Any

from app.nouns.dates import days_of
from app.nouns.source import SourceRecord
from app.vocabulary import Agency, Level, ProductStatus, SourceKind
from seed.refresh.changes import Base, Change, Found, Kind, Open, last_known, superseding
from seed.refresh.products import Row, differences
from seed.verify.web import NoAnswerError, Web

NAME = "EMA table"
URL = "https://www.ema.europa.eu/en/documents/report/medicines-output-medicines_json-report_en.json"
_STATUS = {
    "authorised": ProductStatus.AUTHORISED,
    "withdrawn": ProductStatus.WITHDRAWN,
    "expired": ProductStatus.WITHDRAWN,
    "lapsed": ProductStatus.WITHDRAWN,
    "revoked": ProductStatus.REVOKED,
    "suspended": ProductStatus.SUSPENDED,
    "refused": ProductStatus.REFUSED,
}
"""Status of the table to that of a product; opinions and withdrawn applications are no products."""


def compare(base: Base, web: Web) -> Found:
    """The table, once, against products, pages and indications."""
    try:
        answer = web.get(URL, _is_table)
    except NoAnswerError as error:
        yield Open(NAME, URL, str(error))
        return
    if answer is None:
        yield Open(NAME, URL, "www.ema.europa.eu has no table at its address.")
        return
    table = [row for row in answer["data"] if row.get("category", "Human").lower() == "human"]
    yield from differences(base, NAME, Agency.EMA, _rows(table))
    yield from _pages(base, table)
    yield from _indications(base, table)


def _is_table(answer: Any) -> bool:
    table = answer["data"]
    return bool(table) and all(row["ema_product_number"] and row["name_of_medicine"] for row in table)


def iso(day: str | None) -> str | None:
    """`14/03/2026` as `2026-03-14`; a date that is one already stays."""
    parts = re.fullmatch(r"(\d\d)/(\d\d)/(\d{4})", (day or "").strip())
    return f"{parts[3]}-{parts[2]}-{parts[1]}" if parts else (day or "").strip() or None


def _rows(table: list[Any]) -> Iterator[Row]:
    for row in table:
        status = _STATUS.get(row.get("medicine_status", "").lower())
        if status:
            ended = row.get("withdrawal_expiry_revocation_lapse_of_marketing_authorisation_date")
            yield Row(
                application=row["ema_product_number"],
                brand=row["name_of_medicine"],
                proper_name=row.get("international_non_proprietary_name_common_name") or "",
                status=status,
                approved_on=iso(row.get("marketing_authorisation_date")),
                status_on=iso(ended),
            )


def _pages(base: Base, table: list[Any]) -> Iterator[Change]:
    """Pages that the EMA updated after the revision that the facts cite."""
    pages = {row.get("medicine_url", "").lower(): row for row in table}
    for source, therapies in base.sources():
        row = pages.get((source.url or "").lower()) if source.kind is SourceKind.ASSESSMENT_REPORT else None
        updated = iso(row.get("last_updated_date")) if row else None
        known = last_known(source)
        if row and updated and known and days_of(known)[1] < days_of(updated)[0]:
            slug = row["medicine_url"].rsplit("/", 1)[-1].lower()
            new = SourceRecord(
                id=f"epar.{slug}.{updated}",
                kind=SourceKind.ASSESSMENT_REPORT,
                level=Level.REGULATORY_LABEL,
                title=source.title,
                authors=source.authors,
                container=source.container,
                date=days_of(updated)[0],
                revision=f"revision {row.get('revision_number') or 'not numbered'}, last updated {updated}",
                url=row["medicine_url"],
            )
            says = f"The EMA updated the page on {updated}; the facts are of {known}."
            yield Change(Kind.REVISION, NAME, source.id, says, therapies, superseding(source, new))


def _indications(base: Base, table: list[Any]) -> Iterator[Change]:
    """Conditions that the indication of an authorised product names, and no EMA indication of the therapy is for."""
    rows = {row["ema_product_number"]: row for row in table if row.get("medicine_status", "").lower() == "authorised"}
    for file in base.files():
        for product in file.therapy.products:
            row = rows.get(product.application or "")
            if row is None or product.biosimilar:
                continue
            text = re.sub(r"<[^>]+>", " ", html.unescape(row.get("therapeutic_indication") or ""))
            for condition in base.conditions_without(file, Agency.EMA, text):
                says = f"The indication of {product.called} names {condition}, for which there is no EMA indication."
                draft = {
                    "condition": condition,
                    "agency": Agency.EMA.value,
                    "text": "",
                    "source": f"ema.medicines-report.{iso(row.get('last_updated_date'))}",
                    "locator": f"row {row['ema_product_number']}",
                }
                where = f"{file.therapy.id}: {condition}"
                yield Change(Kind.INDICATION, NAME, where, says, (file.therapy.id,), {file.file: [draft]})
