"""What a therapy is: its record in the fact files, its table, its public forms, and how they are made of its facts."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Mapping
from types import GenericAlias
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, create_model
from sqlalchemy import JSON, Index, String
from sqlmodel import Field, SQLModel

from app.nouns.base import (
    Curie,
    Evidence,
    FactRecord,
    Named,
    RecordTable,
    Schema,
    Slug,
    Text,
    release_foreign_key,
    unique_position,
)
from app.nouns.condition import ConditionRef
from app.nouns.declaration import Forms, RenderContext
from app.nouns.declaration_errors import DeclarationError
from app.nouns.first_approvals import EarliestApproval, with_agencies
from app.nouns.identifiers import Identifier, identifier
from app.nouns.product import (
    FirstApproval,
    Product,
    ProductRecord,
    TherapyStanding,
    derived,
    products_of,
)
from app.nouns.registry import fact_nouns
from app.vocabulary import Coverage, IndicationStatus, TherapyStatus, Vocabulary

_FACTS = fact_nouns()
_SECTIONS = [noun.section for noun in _FACTS if noun.section]
KINDS = tuple(kind for section in _SECTIONS for kind in section.coverage)
"""Kinds of fact that are known, reported as none, or not curated."""

FactKind: Any = Vocabulary(
    "FactKind",
    {  # type: ignore[arg-type]  # the functional form of an enumeration
        kind.upper(): (kind, f"{kind.replace('_', ' ').capitalize()}, at `/{noun.name}`.")
        for noun in _FACTS
        if noun.section
        for kind in noun.section.coverage
    },
)
FactKind.__doc__ = "Kind of fact of a therapy."


class NoneReported(FactRecord):
    """A kind of fact that was looked for in a source, which reports none."""

    kind: Literal[KINDS]  # type: ignore[valid-type]  # the kinds that the nouns of facts declare


class _TherapyName(SQLModel):
    """What a therapy is called."""

    name: Text = Field(description="International non-proprietary name, without suffix.")


class TherapyDetails(SQLModel):
    """What is said of the medicine itself, alike in the fact files, in the table and in the single therapy."""

    synonyms: list[Text] = Field(default=[], sa_type=JSON, description="Other names, without brands and codes.")
    codes: list[Text] = Field(default=[], sa_type=JSON, description="Development codes.")
    format: Text | None = Field(default=None, description="Format, such as whole antibody (IgG1 kappa).")
    routes: list[Slug] = Field(default=[], sa_type=JSON, description="Routes of administration.")


class TherapyBase(TherapyDetails, _TherapyName):
    """What a therapy is."""

    identifiers: list[Curie] = Field(default=[], sa_type=JSON, description="CURIEs: unii, chembl, atc, NCIT, rxnorm …")


class TherapyRecord(TherapyBase, FactRecord):
    """A therapy in the fact files. Source and locator support its identity (name, format, class)."""

    id: Slug
    class_: Slug = Field(alias="class")
    more_classes: list[Slug] = Field(default=[], description="Further classes, where one does not say all.")
    components: list[Slug] = Field(default=[], description="Therapies that a fixed combination consists of.")
    stated_status: TherapyStatus | None = Field(default=None, description="Standing, where it has no product.")
    products: list[ProductRecord] = []
    none_reported: list[NoneReported] = []

    @property
    def classes(self) -> list[str]:
        """All its classes."""
        return [self.class_, *self.more_classes]


class TherapyTable(TherapyBase, RecordTable, table=True):
    """The table of therapies."""

    __tablename__ = "therapy"
    __table_args__ = (
        unique_position(),
        release_foreign_key("class_id", "class"),
        release_foreign_key("source_id", "source"),
        Index("ix_therapy_first_approval", "release_id", "first_approval"),
    )
    class_id: str
    source_id: str
    locator: str
    status: TherapyStatus | None = Field(default=None, sa_type=String)
    first_approval: dt.date | None = None
    boxed_warning: bool | None = None


class _Generated(Schema):
    """A model whose fields follow from the nouns of facts; what an older release lacks has its default."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=True)


def _generated(name: str, text: str, fields: dict[str, tuple[Any, Any]]) -> type[_Generated]:
    return create_model(name, __base__=_Generated, __doc__=text, __module__=__name__, **fields)  # type: ignore[call-overload,no-any-return]  # fields by name


if TYPE_CHECKING:

    class Counts(_Generated):
        """How many facts the nested lists hold."""

    class TherapyCoverage(_Generated):
        """What is known for each kind of fact."""
else:
    _counts = {
        noun.section.key: (int, Field(default=0, description=f"Its {noun.name.replace('-', ' ')}."))
        for noun in _FACTS
        if noun.section
    } | {"sources": (int, Field(default=0, description="Sources that its facts cite."))}
    Counts = _generated("Counts", "How many facts the nested lists hold.", _counts)
    _kinds = {
        kind: (Coverage, Field(default=Coverage.NOT_CURATED, description=f"Its {kind.replace('_', ' ')}."))
        for kind in KINDS
    }
    TherapyCoverage = _generated("TherapyCoverage", "What is known for each kind of fact.", _kinds)


class TherapySummary(Schema):
    """A therapy in a list."""

    model_config = ConfigDict(populate_by_name=True)

    id: str = Field(description="Id, as in paths and filters: the slug of the name.")
    name: str = Field(description="International non-proprietary name, without suffix.")
    class_: Named = Field(alias="class", description="Class of the therapy; its first, where it has several.")
    classes: list[Named] = Field(default=[], description="All its classes.")
    brand_names: list[str] = Field(description="Brand names of its products, each once.")
    targets: list[Named] = Field(description="Targets of its mechanisms.")
    conditions: list[ConditionRef] = Field(description="Conditions with an active indication.")
    former_conditions: list[ConditionRef] = Field(description="Conditions with none but withdrawn indications.")
    status: TherapyStatus | None = Field(description="Standing over all its products; null where it is not curated.")
    first_approval: EarliestApproval | None = Field(description="Earliest approval known of any agency, and of each.")
    boxed_warning: bool | None = Field(description="Null: not curated.")
    counts: Counts = Field(description="How many facts of each kind there are.")


class _Medicine(TherapyDetails, TherapySummary):  # type: ignore[misc]  # SQLModel types its configuration otherwise
    """The single therapy without its facts."""

    __init__ = BaseModel.__init__  # SQLModel's prepares a table row, which an answer is not

    components: list[Named] = Field(description="Therapies that a fixed combination consists of; empty for others.")
    identifiers: list[Identifier] = Field(description="Identifiers in other registers.")
    products: list[Product] = Field(description="Products, as their registers state them.")
    first_approvals: list[FirstApproval] = Field(default=[], description="The first approval by each agency.")
    standings: list[TherapyStanding] = Field(
        default=[], description="What is known to have held of all products together, from when until when."
    )


_TAKEN = {*_Medicine.model_fields, *TherapyRecord.model_fields}
_TAKEN |= {"therapy", "curated_on", "coverage", "evidence", "sources"}
"""What therapies and their files say of themselves."""
for _noun in _FACTS:
    if _noun.section and _noun.section.key in _TAKEN:
        _where = f"The section {_noun.section.key!r} of {_noun.name}"
        raise DeclarationError(f"{_where} has the name of a field of therapies: call it otherwise.")

EMBEDDED: dict[str, tuple[Any, Any]] = {
    noun.section.key: (
        GenericAlias(list, noun.public),
        Field(default=[], description=f"Its {noun.name}, as in `/{noun.name}`."),
    )
    for noun in _FACTS
    if noun.section and noun.section.embedded
}
_WithFacts: type[_Medicine] = create_model("_WithFacts", __base__=_Medicine, **EMBEDDED)  # type: ignore[call-overload]  # fields by name


class Therapy(_WithFacts):
    """A single therapy with its facts, except adverse events, which have lists of their own."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=True)  # type: ignore[assignment]  # as above

    coverage: TherapyCoverage = Field(
        description="What is known for each kind of fact: `not curated` is not the same as none."
    )
    evidence: Evidence = Field(description="Where its identity (name, format, class) was read.")


def compute(record: TherapyRecord, fields: Mapping[str, Any], context: RenderContext) -> Mapping[str, Any]:
    """The fields of a therapy that follow from its products and facts."""
    products = products_of(record.id, record.products, context)
    facts = {noun.section.key: context.facts(noun.section.key) for noun in _FACTS if noun.section}
    mechanisms, indications = facts["mechanisms"], facts["indications"]
    conditions = {form.condition.id: form.condition for form in indications}
    active = {form.condition.id for form in indications if form.status is IndicationStatus.ACTIVE}
    in_order = sorted(conditions.values(), key=lambda condition: condition.name.casefold())
    coverage = _coverage(record, facts)
    cited = [fields["evidence"], *(product.evidence for product in products)]
    cited += [fact.evidence for section in facts.values() for fact in section]
    return {
        "brand_names": list(dict.fromkeys(product.brand for product in products if product.brand)),
        "targets": list({form.target.id: form.target for form in mechanisms if form.target}.values()),
        "conditions": [condition for condition in in_order if condition.id in active],
        "former_conditions": [condition for condition in in_order if condition.id not in active],
        **_derived(record, fields["evidence"], context),
        "boxed_warning": {Coverage.CURATED: True, Coverage.NONE_REPORTED: False}.get(coverage["boxed_warning"]),
        "counts": Counts.model_validate({"sources": len({evidence.source.id for evidence in cited})}),
        "identifiers": [identifier(curie) for curie in record.identifiers],
        "products": products,
        **{key: facts[key] for key in EMBEDDED},
        "coverage": TherapyCoverage.model_validate(coverage),
    }


def _derived(record: TherapyRecord, cited: Evidence, context: RenderContext) -> Mapping[str, Any]:
    found = derived(record.products, record.stated_status, cited, context)
    return {**found, "first_approval": with_agencies(found["first_approval"], found["first_approvals"])}


def _coverage(record: TherapyRecord, facts: Mapping[str, list[Any]]) -> dict[str, Coverage]:
    none_reported = {entry.kind for entry in record.none_reported}
    there = {kind for section in _SECTIONS for fact in facts[section.key] for kind in section.kinds_of(fact)}
    missing = {kind: Coverage.NONE_REPORTED if kind in none_reported else Coverage.NOT_CURATED for kind in KINDS}
    return missing | dict.fromkeys(there, Coverage.CURATED)


def finish(therapies: list[Any], forms: Forms) -> None:
    """Count for each therapy the facts that are of it, whichever label reports them."""
    for noun in _FACTS:
        if not noun.section:
            continue
        counted: Counter[str] = Counter()
        kinds: dict[str, set[str]] = defaultdict(set)
        for fact in forms[noun.name]:
            of_fact = noun.section.kinds_of(fact)
            for therapy_id in therapies_of(fact):
                counted[therapy_id] += 1
                kinds[therapy_id].update(of_fact)
        for therapy in therapies:
            setattr(therapy.counts, noun.section.key, counted[therapy.id])
            for kind in kinds[therapy.id]:
                setattr(therapy.coverage, kind, Coverage.CURATED)


def therapies_of(fact: Any) -> list[str]:
    """The therapies that a fact counts for: those given in its cohort, where it has one, else its own."""
    given = vars(vars(fact).get("cohort", fact)).get("therapies")
    return [fact.therapy.id] if given is None else list(dict.fromkeys(therapy.id for therapy in given))
