"""Therapies: the medicine under its INN, its products and identifiers."""

import datetime as dt
from typing import Literal

from pydantic import ConfigDict
from sqlalchemy import JSON, Index, String
from sqlmodel import Field, SQLModel

from app.models.base import Curie, Day, Evidence, FactRecord, Named, Part, Row, Slug, Text, place, refers
from app.models.cohort import CohortForm
from app.models.indication import ConditionRef, IndicationForm
from app.models.mechanism import MechanismForm
from app.models.warning import WarningForm
from app.vocabulary import Agency, Coverage, ProductStatus, TherapyStatus


class ProductBase(SQLModel):
    """A branded product, as its register states it."""

    brand: Text
    agency: Agency = Field(sa_type=String)
    proper_name: Text | None = Field(default=None, description="Non-proprietary name with its suffix, as licensed.")
    holder: Text | None = Field(default=None, description="Holder of the licence.")
    application: Text | None = Field(default=None, description="BLA number (`BLA125514`) or EMA product number.")
    approved_on: Day | None = Field(default=None, description="First approval of the application.")
    status: ProductStatus = Field(sa_type=String)
    status_on: Day | None = Field(default=None, description="Day of withdrawal or revocation, where stated.")
    biosimilar: bool = Field(default=False)


class ProductRecord(ProductBase, FactRecord):
    """A product in the fact files."""


class NoneReported(FactRecord):
    """A kind of fact that was looked for in a source, which reports none."""

    kind: Literal["mechanisms", "indications", "boxed_warning", "warnings", "adverse_events"]


class TherapyBase(SQLModel):
    """What a therapy is."""

    name: Text = Field(description="International non-proprietary name, without suffix.")
    synonyms: list[Text] = Field(default=[], sa_type=JSON, description="Other names, without brands and codes.")
    codes: list[Text] = Field(default=[], sa_type=JSON, description="Development codes.")
    format: Text | None = Field(default=None, description="Format, such as whole antibody (IgG1 kappa).")
    routes: list[Slug] = Field(default=[], sa_type=JSON, description="Routes of administration.")
    identifiers: list[Curie] = Field(default=[], sa_type=JSON, description="CURIEs: unii, chembl, atc, ncit, rxcui …")


class TherapyRecord(TherapyBase, FactRecord):
    """A therapy in the fact files. Source and locator support its identity (name, format, class)."""

    id: Slug
    class_: Slug = Field(alias="class")
    components: list[Slug] = Field(default=[], description="Therapies that a fixed combination consists of.")
    stated_status: TherapyStatus | None = Field(default=None, description="Standing, where it has no product.")
    products: list[ProductRecord] = []
    none_reported: list[NoneReported] = []


class Therapy(TherapyBase, Row, table=True):
    """The table of therapies. `summary` is the record of a list, `document` that of the single therapy."""

    __tablename__ = "therapy"
    __table_args__ = (
        place(),
        refers("class_id", "class"),
        refers("source_id", "source"),
        Index("ix_therapy_first_approval", "release_id", "first_approval"),
    )
    class_id: str
    source_id: str
    locator: str
    status: TherapyStatus | None = Field(default=None, sa_type=String)
    first_approval: dt.date | None = None
    boxed_warning: bool | None = None
    summary: str


class Product(ProductBase, Row, table=True):
    """The table of products."""

    __tablename__ = "product"
    __table_args__ = (place(), refers("therapy_id", "therapy"), refers("source_id", "source"))
    therapy_id: str
    source_id: str
    locator: str


class ProductForm(ProductBase):
    """A product, as the API answers it."""

    evidence: Evidence


class Approval(Part):
    """The first approval known to the fact base."""

    agency: Agency
    date: dt.date


class Counts(Part):
    """How many facts the nested lists hold."""

    mechanisms: int
    indications: int
    warnings: int
    cohorts: int
    adverse_events: int
    sources: int


class Identifier(Part):
    """An identifier; the register it names is its source."""

    id: str = Field(description="CURIE, such as `unii:DPT0O3T46P`.")
    registry: str
    url: str | None


class TherapySummary(Part):
    """A therapy in a list."""

    model_config = ConfigDict(populate_by_name=True)

    id: str
    name: str
    class_: Named = Field(alias="class")
    brand_names: list[str]
    targets: list[Named]
    conditions: list[ConditionRef] = Field(description="Conditions with an active indication.")
    former_conditions: list[ConditionRef] = Field(description="Conditions with none but withdrawn indications.")
    status: TherapyStatus | None
    first_approval: Approval | None = Field(description="Earliest approval date among its products.")
    boxed_warning: bool | None = Field(description="Null: not curated.")
    counts: Counts


class CoverageForm(Part):
    """What is known for each kind of fact."""

    mechanisms: Coverage
    indications: Coverage
    boxed_warning: Coverage
    warnings: Coverage
    adverse_events: Coverage


class TherapyForm(TherapySummary):
    """A single therapy with its facts, except adverse events, which have lists of their own."""

    synonyms: list[str]
    codes: list[str]
    format: str | None
    routes: list[str]
    components: list[Named]
    identifiers: list[Identifier]
    products: list[ProductForm]
    mechanisms: list[MechanismForm]
    indications: list[IndicationForm]
    warnings: list[WarningForm]
    cohorts: list[CohortForm]
    coverage: CoverageForm
    evidence: Evidence
