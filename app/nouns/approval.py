"""Approvals: actions of agencies on an indication, from which its history follows."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

from pydantic import StringConstraints
from sqlalchemy import Index, String
from sqlmodel import Field, SQLModel

from app.nouns.base import (
    Fact,
    FactRecord,
    Named,
    RecordTable,
    Schema,
    Text,
    TherapyRef,
    release_foreign_key,
    unique_position,
)
from app.nouns.condition import ConditionRef
from app.nouns.dates import PartialDate, bounds, days_of
from app.nouns.declaration import Forms, Noun, Reference, RenderContext, Section
from app.nouns.fact_filters import FACT_FILTERS
from app.nouns.filters import FlagFilter, TermFilter
from app.nouns.paths import values_at
from app.nouns.product import days_stated, history_of
from app.vocabulary import Agency, ApprovalAction, ApprovalType, Area, Line


class ApprovalBase(SQLModel):
    """What an agency did about an indication or a product, and when."""

    action: ApprovalAction = Field(sa_type=String, description="What the agency, or the holder of the licence, did.")
    approval_type: ApprovalType | None = Field(
        default=None,
        sa_type=String,
        description="Kind of approval; null where the source does not say. `note` says where it was inferred.",
    )
    on: PartialDate | None = Field(
        default=None,
        max_length=10,
        description="Day, month or year of the action, as the source states it; null: the source does not say when.",
    )
    trial: Text | None = Field(default=None, description="Pivotal trial that the source names for this action.")
    note: Text | None = Field(default=None, description="What a reader must know of it, in our own words.")


class ApprovalRecord(ApprovalBase, FactRecord):
    """An action in the fact files. Natural key: indication, action, date."""

    indication: Annotated[str, StringConstraints(pattern=r"^[a-z]+(\.[a-z0-9]+(-[a-z0-9]+)*){1,2}$")] = Field(
        description="Natural key of an indication of the same file."
    )

    def natural_key(self) -> str:
        """The id within its therapy."""
        return ".".join(filter(None, [self.indication, self.action, self.on]))


class ApprovalTable(ApprovalBase, RecordTable, table=True):
    """The table of approvals."""

    __tablename__ = "approval"
    __table_args__ = (
        unique_position(),
        release_foreign_key("therapy_id", "therapy"),
        release_foreign_key("indication_id", "indication"),
        release_foreign_key("source_id", "source"),
        Index("ix_approval_earliest", "release_id", "earliest"),
    )
    therapy_id: str
    indication_id: str | None = None
    product_id: str | None = None
    source_id: str
    locator: str
    agency: Agency = Field(sa_type=String)
    earliest: dt.date | None = None
    latest: dt.date | None = None


class IndicationRef(Schema):
    """An indication referred to."""

    id: str = Field(description="Id, as in `/indications`.")
    condition: ConditionRef = Field(description="Condition of the indication.")
    line: Line | None = Field(description="Line of therapy; null where it is not limited to one.")
    text: str = Field(description="The indication in our own words.")


class ProductRef(Schema):
    """A product referred to."""

    id: str | None = Field(description="Id, as among the products of the therapy.")
    brand: str | None = Field(description="Brand name; null where the register prints none.")


class Approval(ApprovalBase, Fact):
    """An action of an agency, as the API answers it."""

    agency: Agency = Field(description="Agency that acted.")
    indication: IndicationRef | None = Field(description="Indication that was acted on; null: the product as a whole.")
    product: ProductRef | None = Field(default=None, description="Product that was acted on; null: the indication.")
    biosimilar: bool | None = Field(default=None, description="Whether the product, or all that have the use, is one.")
    targets: list[Named] = Field(default=[], description="Targets of the mechanisms of the therapy.")
    earliest: dt.date | None = Field(description="First day that `on` can mean; computed.")
    latest: dt.date | None = Field(description="Last day that `on` can mean; computed.")


def _compute(record: ApprovalRecord, _: Mapping[str, Any], context: RenderContext) -> Mapping[str, Any]:
    agency = next(agency for agency in Agency if agency.lower() == record.indication.partition(".")[0])
    return {"agency": agency, **_days(record.on), "targets": _targets(context.facts("mechanisms"))}


def _days(on: str | None) -> dict[str, Any]:
    earliest, latest = days_of(on) if on else (None, None)
    return {"earliest": earliest, "latest": latest}


def _targets(mechanisms: Sequence[Any]) -> list[Named]:
    return list({form.target.id: form.target for form in mechanisms if form.target}.values())


def _finish(approvals: list[Any], forms: Forms) -> None:
    """Say which uses are of biosimilars, and add what was done about products that no use is granted to by name."""
    brands = {form.id: set(form.brands) for form in forms["indications"]}
    by_therapy: dict[str, list[Any]] = defaultdict(list)
    for approval in approvals:
        by_therapy[approval.therapy.id].append(approval)
    granted_to: dict[str, list[Any]] = defaultdict(list)
    for indication in forms["indications"]:
        granted_to[indication.therapy.id].append(indication)
    approvals.clear()
    for therapy in forms["therapies"]:
        own = by_therapy[therapy.id]
        biosimilars = {(item.agency, item.brand or item.proper_name): item.biosimilar for item in therapy.products}
        for approval in own:
            known = [biosimilars.get((approval.agency, brand)) for brand in brands[approval.indication.id]]
            approval.biosimilar = all(known) if known and None not in known else None
        for product in therapy.products:
            granted = (form for form in granted_to[therapy.id] if form.agency is product.agency)
            named = any(not form.brands or {product.brand, product.proper_name} & set(form.brands) for form in granted)
            own += _of_product(therapy, product) if product.biosimilar or not named else []
        approvals += sorted(own, key=_in_order)


def _of_product(therapy: Any, product: Any) -> Iterator[Approval]:
    """What was done about a product: approved, and ended."""
    mechanisms, names = (
        therapy.mechanisms,
        {"id": therapy.id, "name": therapy.name, "class": therapy.class_, "classes": therapy.classes},
    )
    for step in history_of(product, days_stated(product), dt.date.max):
        yield Approval(
            id=".".join(filter(None, [product.id, step.action, step.on])),
            therapy=TherapyRef.model_validate(names),
            action=step.action,
            approval_type=step.approval_type,
            on=step.on,
            evidence=product.evidence,
            agency=product.agency,
            indication=None,
            product=ProductRef(id=product.id, brand=product.brand),
            biosimilar=product.biosimilar,
            targets=_targets(mechanisms),
            **_days(step.on),
        )


def _in_order(form: Approval) -> tuple[dt.date, str]:
    return form.earliest or dt.date.max, form.id


NOUN = Noun(
    name="approvals",
    singular="approval",
    order=25,
    record=ApprovalRecord,
    table=ApprovalTable,
    public=Approval,
    section=Section("approvals", order=6, coverage={"approvals": lambda _: True}, embedded=False),
    references=(Reference("indication", "indications", local=True),),
    compute=_compute,
    finish=_finish,
    sort_key=_in_order,
    columns=lambda form: {"product_id": form.product.id if form.product else None},
    list_summary="Find approvals",
    list_description=(
        "Actions of agencies, one record each: approved, converted, expanded, narrowed, withdrawn, discontinued, "
        "refused; on an indication, or on a product that has no indication of its own, such as a biosimilar. "
        "`facets=year` with `class` makes a timeline. A date that is known to the month or year only meets a bound "
        "where any of its days can; an action that no source dates meets none."
    ),
    record_summary="Get one approval",
    record_description="One action of an agency, by its stable id.",
    common=("therapy", "class", "condition", "agency", "action", "year", "target", "on_from"),
    filters=(
        *FACT_FILTERS,
        TermFilter(
            "condition",
            "Condition of the indication, with every condition below it.",
            "indication.condition.id",
            example="melanoma",
            names="conditions",
            of_therapies="condition",
        ),
        TermFilter(
            "area",
            "Area of medicine.",
            "indication.condition.area",
            example="oncology",
            vocabulary=Area,
            of_therapies="area",
        ),
        TermFilter(
            "indication",
            "Indication, by id.",
            "indication.id",
            example="pembrolizumab.fda.melanoma.advanced",
        ),
        TermFilter(
            "target",
            "Target of one of the therapy's mechanisms, by symbol or common name: `PD-1` finds `PDCD1`.",
            "targets.id",
            example="PD-1",
            names="targets",
        ),
        FlagFilter("biosimilar", "Of a biosimilar product, or of a use that only biosimilars have here.", "biosimilar"),
        TermFilter("agency", "Agency that decided.", "agency", example="EMA", vocabulary=Agency, of_therapies="agency"),
        TermFilter("action", "What it did.", "action", example="converted", vocabulary=ApprovalAction),
        TermFilter(
            "approval_type",
            "Kind of approval; unknown where the source does not say.",
            "approval_type",
            example="accelerated",
            vocabulary=ApprovalType,
        ),
        TermFilter("trial", "Pivotal trial named.", "trial", example="KEYNOTE-048"),
        TermFilter("year", "Year of the action.", lambda fact: [fact["on"] and fact["on"][:4]], example="2014"),
        *bounds(
            ("on_from", "on_to"),
            ("On this day or later.", "On this day or earlier."),
            ("2015-01-01", "2024-12-31"),
            lambda fact: [fact["on"]],
        ),
    ),
    sorts={"on": "earliest", "therapy": None},
    picture="timeline",
    text=lambda fact: (
        fact["therapy"]["name"],
        *values_at(fact, "indication.condition.name"),
        *values_at(fact, "indication.text"),
        *values_at(fact, "product.brand"),
        fact["trial"],
        fact["note"],
    ),
)
