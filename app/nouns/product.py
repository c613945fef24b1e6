"""Products: what agencies have licensed of a therapy, and how a therapy stands by all of them."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from pydantic import BaseModel
from sqlalchemy import JSON, String
from sqlmodel import Field, SQLModel

from app.nouns.base import (
    Day,
    Evidence,
    FactRecord,
    RecordTable,
    Schema,
    Slug,
    Text,
    release_foreign_key,
    slugged,
    unique_position,
)
from app.nouns.dates import days_of
from app.nouns.declaration import RenderContext
from app.nouns.filters import FlagFilter
from app.nouns.history import ENDS, State, Step, periods, possible, states
from app.nouns.paths import Document
from app.nouns.source import seen_on
from app.vocabulary import Agency, ApprovalAction, ApprovalType, IndicationStatus, ProductStatus, TherapyStatus


class ProductBase(SQLModel):
    """A product, as its register states it."""

    brand: Text | None = Field(default=None, description="Brand name; null where the register prints none.")
    agency: Agency = Field(sa_type=String, description="Agency whose register lists it.")
    proper_name: Text | None = Field(default=None, description="Non-proprietary name with its suffix, as licensed.")
    holder: Text | None = Field(default=None, description="Holder of the licence.")
    application: Text | None = Field(default=None, description="BLA number (`BLA125514`) or EMA product number.")
    presentation: Text | None = Field(
        default=None, description="Dosage form, as the register prints it; null where it lists several."
    )
    routes: list[Slug] = Field(default=[], sa_type=JSON, description="Routes of administration.")
    strength: Text | None = Field(default=None, description="Strength, as the source prints it.")
    approved_on: Day | None = Field(default=None, description="First approval of the application.")
    status: ProductStatus = Field(sa_type=String, description="Standing of its licence.")
    status_on: Day | None = Field(default=None, description="Day of withdrawal or revocation, where stated.")
    biosimilar: bool = Field(default=False, description="Licensed as a biosimilar of another product.")
    interchangeable: bool | None = Field(
        default=None, description="Licensed as interchangeable with it; null where it is no biosimilar, or not known."
    )


class ProductRecord(ProductBase, FactRecord):
    """A product in the fact files."""

    @property
    def called(self) -> str:
        """Its brand, else its proper name, else its application: what findings call it by."""
        return self.brand or self.proper_name or self.application or "unnamed"


class ProductTable(ProductBase, RecordTable, table=True):
    """The table of products."""

    __tablename__ = "product"
    __table_args__ = (
        unique_position(),
        release_foreign_key("therapy_id", "therapy"),
        release_foreign_key("source_id", "source"),
    )
    therapy_id: str
    source_id: str
    locator: str


class Product(ProductBase):
    """A product, as the API answers it."""

    __init__ = BaseModel.__init__  # SQLModel's prepares a table row, which an answer is not

    id: str | None = Field(default=None, description="Id: therapy, agency, and brand or application.")
    evidence: Evidence = Field(description="Where it was read.")


class FirstApproval(Schema):
    """The first approval, by one agency or by any."""

    agency: Agency = Field(description="Agency that approved it.")
    date: dt.date | None = Field(description="Day of the approval; null where it is not known to the day.")
    on: str | None = Field(default=None, description="Day, month or year of the approval; null: no source gives it.")
    certain: bool = Field(default=True, description="False: a product, or an approval, without a day may be earlier.")


class TherapyStanding(Schema):
    """What is known to have held of a therapy, over all its products, over some days."""

    status: TherapyStatus = Field(description="How it stood.")
    since: dt.date = Field(description="First day on which this is known to have held.")
    until: dt.date | None = Field(description="Last day on which this is known to have held; null: it still holds.")


_ENDED = {
    ProductStatus.DISCONTINUED: ApprovalAction.DISCONTINUED,
    ProductStatus.WITHDRAWN: ApprovalAction.WITHDRAWN,
    ProductStatus.REVOKED: ApprovalAction.WITHDRAWN,
    ProductStatus.SUSPENDED: ApprovalAction.WITHDRAWN,
    ProductStatus.EMERGENCY_USE_ENDED: ApprovalAction.WITHDRAWN,
    ProductStatus.REFUSED: ApprovalAction.REFUSED,
}
"""Standings of a product that are an end, and the action that each is."""
_EMERGENCY = {ProductStatus.EMERGENCY_USE, ProductStatus.EMERGENCY_USE_ENDED}
_OVER = {
    IndicationStatus.WITHDRAWN: TherapyStatus.WITHDRAWN,
    IndicationStatus.DISCONTINUED: TherapyStatus.DISCONTINUED,
    IndicationStatus.REFUSED: TherapyStatus.REFUSED,
}
_RANKS = (
    None,
    TherapyStatus.REFUSED,
    TherapyStatus.WITHDRAWN,
    TherapyStatus.DISCONTINUED,
    TherapyStatus.EMERGENCY_USE,
    TherapyStatus.APPROVED,
)
"""How a therapy stands by one product; by several, as by the one that comes last here."""


class ProductDays(NamedTuple):
    """When a product was approved, and when it ended, as far as either is known."""

    begun: str | None
    ended: str | None


def days_stated(product: ProductBase) -> ProductDays:
    """The days that the register of a product states."""
    found = (day.isoformat() if day else None for day in (product.approved_on, product.status_on))
    return ProductDays(*found)


def days_known(product: ProductRecord, indications: Sequence[Any], actions: Sequence[Any]) -> ProductDays:
    """The days of a product: as its register states them, else with the first and the last of its own uses."""
    stated = days_stated(product)
    own = {
        item.natural_key()
        for item in indications
        if item.agency is product.agency and set(item.brands) == {product.called}
    }
    of_uses = [item for item in actions if item.indication in own and item.on]
    approved = [item.on for item in of_uses if item.action is ApprovalAction.APPROVED]
    ended = {item.indication: item.on for item in of_uses if item.action in ENDS}
    all_ended = max(ended.values()) if own and ended.keys() == own else None
    return ProductDays(stated.begun or min(approved, default=None), stated.ended or all_ended)


def history_of(product: ProductBase, days: ProductDays, seen: dt.date) -> list[Step]:
    """What was done about a product on days that are known, as its register of the day `seen` states it."""
    type_ = ApprovalType.EMERGENCY if product.status in _EMERGENCY else None
    end = _ENDED.get(product.status)
    refused = end is ApprovalAction.REFUSED and not days.begun
    found = [] if refused else [Step(ApprovalAction.APPROVED, type_, days.begun, seen)]
    return [*found, *([Step(end, None, days.ended, seen)] if end else [])]


def _rank(state: State) -> int:
    """The place in `_RANKS` of what holds of a product."""
    if state is None:
        return 0
    if state[0] is IndicationStatus.ACTIVE:
        emergency = state[1] is ApprovalType.EMERGENCY
        return _RANKS.index(TherapyStatus.EMERGENCY_USE if emergency else TherapyStatus.APPROVED)
    return _RANKS.index(_OVER[state[0]])


def derived(
    products: Sequence[ProductRecord], stated: TherapyStatus | None, cited: Evidence, context: RenderContext
) -> Mapping[str, Any]:
    """What a therapy says that follows from its products and from what was decided of its uses.

    One without a product stands as its own source states, since the day of that.
    """
    if not products and stated:
        standings = [TherapyStanding(status=stated, since=seen_on(cited, context), until=None)]
    else:
        standings = standings_of(products, context)
    first = first_approvals(products, context.records("indications"), context.records("approvals"))
    return {
        "status": status_of(products) or stated,
        "standings": standings,
        "first_approval": first_approval(first),
        "first_approvals": first,
    }


def status_of(products: Sequence[ProductRecord]) -> TherapyStatus | None:
    """How a therapy stands today by its products: approved only while one is on the market somewhere."""
    return _RANKS[
        max((_rank(states(history_of(item, days_stated(item), dt.date.max))[-1]) for item in products), default=0)
    ]


def standings_of(products: Sequence[ProductRecord], context: RenderContext) -> list[TherapyStanding]:
    """What is known to have held of a therapy by its products, oldest first."""
    uses = context.records("indications"), context.records("approvals")
    histories = [
        history_of(item, days_known(item, *uses), seen_on(context.evidence(item), context)) for item in products
    ]

    def held_on(day: dt.date) -> TherapyStatus | None:
        ranks = [[_rank(state) for state in possible(steps, day)] for steps in histories]
        least, most = max(map(min, ranks)), max(map(max, ranks))
        return _RANKS[least] if least == most else None

    return [
        TherapyStanding(status=status, since=since, until=until) for status, since, until in periods(histories, held_on)
    ]


def first_approvals(
    products: Sequence[ProductRecord], indications: Sequence[Any], actions: Sequence[Any]
) -> list[FirstApproval]:
    """The first approval by each agency, of its products and of the uses granted to them; oldest first.

    A biosimilar follows its reference, so one without a day leaves nothing open.
    """
    found = []
    for agency in Agency:
        own = [item for item in products if item.agency is agency and item.status is not ProductStatus.REFUSED]
        uses = {item.natural_key() for item in indications if item.agency is agency}
        approved = [item for item in actions if item.action is ApprovalAction.APPROVED and item.indication in uses]
        stated = [days_known(item, indications, actions).begun for item in own if not item.biosimilar]
        dates = [*filter(None, (days_known(item, indications, actions).begun for item in own))]
        dates = _told_apart([*dates, *(item.on for item in approved if item.on)])
        if own or approved:
            first = min(dates, key=days_of, default=None)
            certain = all(stated) and (first is None or _is_first(first, dates))
            day = dt.date.fromisoformat(first) if first and len(first) == len("2014-09-04") else None
            found.append(FirstApproval(agency=agency, date=day, on=first, certain=certain))
    return sorted(found, key=lambda item: days_of(item.on) if item.on else (dt.date.max, dt.date.max))


def first_approval(by_agency: Sequence[FirstApproval]) -> FirstApproval | None:
    """The first approval by any agency, given the first by each, oldest first; None where no source dates one."""
    if not by_agency or not by_agency[0].on:
        return None
    first = by_agency[0]
    known = [item.on for item in by_agency if item.on]
    certain = all(item.certain for item in by_agency) and _is_first(by_agency[0].on, known)
    return FirstApproval(agency=first.agency, date=first.date, on=first.on, certain=certain)


def _told_apart(dates: Sequence[str]) -> list[str]:
    """Dates without the months and years within which another lies: they can mean the same day."""
    return [date for date in dates if not any(len(other) > len(date) and other.startswith(date) for other in dates)]


def _is_first(date: str, dates: Sequence[str]) -> bool:
    """Whether no other date can be an earlier day, whatever day each means."""
    return all(other == date or days_of(date)[1] <= days_of(other)[0] for other in dates)


def products_of(therapy_id: str, records: Sequence[ProductRecord], context: RenderContext) -> list[Product]:
    """The products of a therapy as the API answers them, originators first."""
    in_order = sorted(records, key=lambda item: (item.biosimilar, item.agency, item.called, item.application or ""))
    return [
        Product(
            **{key: getattr(item, key) for key in ProductBase.model_fields},
            id=f"{therapy_id}.{product_id}",
            evidence=context.evidence(item),
        )
        for item, product_id in zip(in_order, product_ids(in_order), strict=True)
    ]


def product_ids(records: Sequence[ProductRecord]) -> list[str]:
    """The id of each product within its therapy: agency and brand, and the application where that leaves several."""
    plain = [f"{item.agency.lower()}.{slugged(item.brand or item.application or item.called)}" for item in records]
    counted = Counter(plain)
    return [
        f"{name}.{slugged(item.application)}" if counted[name] > 1 and item.application and item.brand else name
        for name, item in zip(plain, records, strict=True)
    ]


def product_rows(form: Any) -> Iterator[tuple[type[RecordTable], Mapping[str, Any]]]:
    """The rows of the products of a therapy."""
    for number, product in enumerate(form.products):
        source = {"source_id": product.evidence.source.id, "locator": product.evidence.locator}
        own = {"id": product.id or f"{form.id}.{number}", "therapy_id": form.id}  # older releases gave them no ids
        yield ProductTable, product.__dict__ | source | own


def _any(key: str) -> Callable[[Document], list[bool]]:
    """Whether any product of a therapy is marked so."""
    return lambda therapy: [any(product.get(key) for product in therapy["products"])]


PRODUCT_FILTERS = (
    FlagFilter("biosimilars", "Has biosimilar products.", _any("biosimilar")),
    FlagFilter("interchangeable", "Has biosimilar products licensed as interchangeable.", _any("interchangeable")),
)
