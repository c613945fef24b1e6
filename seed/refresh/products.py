"""What registers of products share: a row, and how it differs from the product that the facts have."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from app.vocabulary import Agency, ProductStatus
from seed.refresh.changes import Base, Change, Kind

_ON_THE_MARKET = {ProductStatus.AUTHORISED, ProductStatus.EMERGENCY_USE}


@dataclass(frozen=True)
class Row:
    """A product, as a register prints it today."""

    application: str
    brand: str | None
    proper_name: str
    status: ProductStatus
    approved_on: str | None
    """ISO date."""
    status_on: str | None = None


def key_of(agency: Agency, application: str, brand: str | None) -> tuple[str, str]:
    """What a product is found by: its number at the EMA; its BLA and, without regard to case, brand at the FDA."""
    return application.upper(), "" if agency is Agency.EMA else (brand or "").casefold()


def differences(base: Base, register: str, agency: Agency, rows: Iterable[Row]) -> Iterator[Change]:
    """Products whose status is another one, that the register has no more, and new ones of the therapies."""
    there = {key_of(agency, row.application, row.brand): row for row in rows}
    known: set[tuple[str, str]] = set()
    names = {_name(name): file for file in base.files() for name in (file.therapy.name, file.therapy.id)}
    for file in base.files():
        for product in file.therapy.products:
            if product.agency is not agency or not product.application:
                continue
            key = key_of(agency, product.application, product.brand)
            known.add(key)
            row = there.get(key)
            if row and row.status is not product.status:
                kind = Kind.WITHDRAWAL if _ended(row, product.status) else Kind.STATUS
                says = f"{register} says {row.status.value}, the facts {product.status.value}."
                plain = product.model_dump(mode="json", exclude_defaults=True) | _stated(row)
                yield Change(kind, register, product.called, says, (file.therapy.id,), {file.file: [plain]})
    for key, row in there.items():
        of = names.get(_name(row.proper_name))
        if of and key not in known and row.status in _ON_THE_MARKET:
            says = f"{register} lists {row.brand or row.application} ({row.proper_name}), which the facts do not have."
            draft = {
                "brand": row.brand,
                "agency": agency.value,
                "proper_name": row.proper_name,
                "application": row.application,
                "approved_on": row.approved_on,
                **_stated(row),
            }
            yield Change(
                Kind.PRODUCT, register, row.brand or row.application, says, (of.therapy.id,), {of.file: [draft]}
            )


def _ended(row: Row, before: ProductStatus) -> bool:
    return before in _ON_THE_MARKET and row.status not in _ON_THE_MARKET


def _stated(row: Row) -> dict[str, Any]:
    return {"status": row.status.value} | ({"status_on": row.status_on} if row.status_on else {})


def _name(name: str) -> str:
    """A proper name without its suffix of four letters: `adalimumab-aacf` is adalimumab."""
    plain = name.casefold().strip().replace("-", " ")
    head, _, suffix = plain.rpartition(" ")
    return head if head and len(suffix) == 4 and "-" in name else plain
