"""Rendering: from records to the public forms that the API answers. Each form is built once, at load.

How a form is made of a record follows from the declaration of its noun: fields that both have, the id, the therapy, the
evidence, other records by its references, then what the noun computes.
"""

import datetime as dt
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from app.nouns.base import Evidence, FactRecord, SourceRef
from app.nouns.declaration import Forms, Noun, Reference
from app.nouns.declaration_errors import OF_FUNCTIONS, as_declaration_error
from app.nouns.paths import public_keys
from app.nouns.registry import fact_nouns, noun, nouns
from seed.files import THERAPIES, Facts, TherapyFile, key_of, list_nouns, sections


class RenderError(Exception):
    """Facts cannot be rendered; the message says which, and why."""


def render(facts: Facts) -> Forms:
    """All public forms of a fact base, by list, each in the order of its list. Raises `RenderError`."""
    return _Renderer(facts).render()


@dataclass(frozen=True)
class _Plan:
    """Where the fields of a noun's public form come from."""

    taken: tuple[str, ...]
    """Fields that the record has too."""
    referred: tuple[tuple[str, str, Reference, type[BaseModel]], ...]
    """Field of the record, field of the form, reference, and what the form answers of the other record."""
    therapy: type[BaseModel] | None
    """What a fact answers of its therapy."""
    evidence: bool
    aliases: dict[str, str]
    """Keys of the form by its fields, where they differ: a form is made by its keys."""
    known: frozenset[str]
    """What may be computed: fields of the form, by their names and by their keys."""

    def keyed(self, fields: dict[str, Any]) -> dict[str, Any]:
        """The values of fields by the keys of the form."""
        return {self.aliases.get(name, name): value for name, value in fields.items()} if self.aliases else fields


@cache
def _plan(of: Noun) -> _Plan:
    fields = of.public.model_fields
    referred = tuple(
        (reference.field, reference.public_field, reference, _model_of(of.public, reference.public_field))
        for reference in of.references
    )
    others = {name for pair in referred for name in pair[:2]} | {"therapy", "evidence"}
    taken = tuple(name for name in of.record.model_fields if name in fields and name not in others)
    therapy = _model_of(of.public, "therapy") if of.section else None
    aliases = {name: item.alias for name, item in fields.items() if item.alias}
    return _Plan(taken, referred, therapy, "evidence" in fields, aliases, frozenset({*fields, *public_keys(of.public)}))


def _model_of(form: type[BaseModel], name: str) -> type[BaseModel]:
    """The model of a field that refers to records: `list[Named]` and `Named | None` give `Named`.

    Raises `RenderError` where it is none.
    """
    annotation = form.model_fields[name].annotation
    if found := _model_in(annotation):
        return found
    said = f"The field {name!r} of {form.__name__} refers to a record, and is no form"
    raise RenderError(f"{said}, but {getattr(annotation, '__name__', annotation)}: let it be one, such as `Named`.")


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_model_in, get_args(annotation))), None)


_NATURAL_KEY = re.compile(r"[A-Za-z0-9]+([._-][A-Za-z0-9]+)*")
"""Of the id of a fact, which is a part of paths: what follows the id of its therapy."""


def _check_kinds(facts: Facts) -> None:
    """Raise `RenderError` where there are records of which no noun knows: they would be missing in the release."""
    unknown = sorted(facts.lists.keys() - list_nouns())
    unknown += [f"{file.file}: {key}" for file in facts.therapies for key in file.sections.keys() - sections()]
    if unknown:
        raise RenderError(f"No noun in app/nouns/ has the records of {', '.join(unknown)}.")


def _called(of: Noun, name: str, call: Callable[[], Any]) -> Any:
    """What a call of a function that a noun declares gives. Raises `DeclarationError` where it fails."""
    try:
        return call()
    except OF_FUNCTIONS as error:
        raise as_declaration_error(error, f"`{name}` of {of.name} fails") from error


def _computed(of: Noun, record: Any, fields: dict[str, Any], context: "_Renderer") -> dict[str, Any]:
    """What a noun computes of a record. Raises `DeclarationError` where it cannot, or its form has no such field."""
    computed: dict[str, Any] = _called(of, "compute", lambda: dict(of.compute(record, fields, context)))
    if unknown := computed.keys() - _plan(of).known:
        raise RenderError(f"`compute` of {of.name} gives {min(unknown)!r}, which is no field of {of.public.__name__}.")
    return computed


def _in_order(of: Noun, forms: Iterable[Any]) -> list[Any]:
    """The public forms of a noun in its order. Raises `DeclarationError` where they have none."""
    found = list(forms)
    return list(_called(of, "sort_key", lambda: sorted(found, key=of.sort_key)))


class _Renderer:
    """Renders one fact base; what it offers to the functions of nouns is `RenderContext`."""

    def __init__(self, facts: Facts) -> None:
        _check_kinds(facts)
        self._facts = facts
        self._records: dict[str, dict[str, Any]] = {each.name: {} for each in nouns()}
        for name, records in facts.lists.items():
            self._records[name] = {key_of(record): record for record in records}
        for file in facts.therapies:
            self._records[THERAPIES][file.therapy.id] = file.therapy
            for section, key, record in file.all_facts:
                if not _NATURAL_KEY.fullmatch(key) or "None" in key.split("."):
                    advice = "let `natural_key` leave out what is null, and join what there is by dots"
                    raise RenderError(f"A fact of {section} in {file.file} has the natural key {key!r}: {advice}.")
                self._records[sections()[section].name][f"{file.therapy.id}.{key}"] = record
        self._file: TherapyFile | None = None
        self._same: dict[str, dict[str, str]] = {each.name: {} for each in nouns()}
        self._reports: dict[tuple[str, str], list[tuple[str, str, Any, Evidence]]] = {}
        for file in facts.therapies:
            self._file = file
            for section, key, record in file.all_facts:
                if "same_as" in sections()[section].record.model_fields and (canonical := record.same_as):
                    name, record_id = sections()[section].name, f"{file.therapy.id}.{key}"
                    self._same[name][record_id] = canonical
                    report = record_id, file.therapy.id, record, self.evidence(record)
                    self._reports.setdefault((name, canonical), []).append(report)
        self._file = None
        self._sections: dict[str, list[Any]] = {}

    def render(self) -> Forms:
        """All public forms: facts with their therapies, then the other lists; then each noun finishes its own."""
        forms: dict[str, list[Any]] = {each.name: [] for each in nouns()}
        therapies = noun(THERAPIES)
        for form, facts in sorted(
            map(self._therapy, self._facts.therapies), key=lambda pair: therapies.sort_key(pair[0])
        ):
            forms[THERAPIES].append(form)
            for key, found in facts.items():
                forms[sections()[key].name] += found
        self._file = None
        for name, each in list_nouns().items():
            records = self._facts.records(name)
            forms[name] = _in_order(each, (self._form(each, record, key_of(record)) for record in records))
        for each in (*fact_nouns(), therapies, *list_nouns().values()):
            _called(each, "finish", partial(each.finish, forms[each.name], forms))
        return forms

    def _therapy(self, file: TherapyFile) -> tuple[Any, dict[str, list[Any]]]:
        """The form of a therapy, and of its facts by section."""
        self._file, self._sections = file, {}
        therapy_id = file.therapy.id
        for key, each in sections().items():
            own = file.keyed.get(key, ())
            if "same_as" in each.record.model_fields:
                own = [(name, record) for name, record in own if not record.same_as]
            found = (self._form(each, record, f"{therapy_id}.{name}") for name, record in own)
            self._sections[key] = _in_order(each, found)
        return self._form(noun(THERAPIES), file.therapy, therapy_id), self._sections

    def _form(self, each: Noun, record: Any, record_id: str) -> Any:
        plan = _plan(each)
        values = vars(record)
        fields = {name: values[name] for name in plan.taken}
        fields["id"] = record_id
        if plan.therapy and self._file:
            fields["therapy"] = self.refer(THERAPIES, self._file.therapy.id, plan.therapy)
        for field, public_field, reference, model in plan.referred:
            fields[public_field] = self._referred(reference, getattr(record, field), model)
        if plan.evidence:
            fields["evidence"] = self.evidence(record)
        computed = _computed(each, record, fields, self)
        try:
            return each.public(**plan.keyed(fields | computed))
        except ValidationError as error:
            wrong = "; ".join(f"{'.'.join(map(str, part['loc']))}: {part['msg']}" for part in error.errors())
            if "instance of" in wrong:
                wrong += "; a field that holds the ids of other records is declared as a `Reference`"
            raise RenderError(f"{record_id} cannot be answered as {each.public.__name__}: {wrong}.") from error

    def _referred(self, reference: Reference, value: Any, model: type[BaseModel]) -> Any:
        if isinstance(value, list):
            return [self.refer(reference.noun, item, model) for item in value]
        if value is None:
            return None
        if reference.local and self._file:
            value = f"{self._file.therapy.id}.{value}"
        return self.refer(reference.noun, self._same[reference.noun].get(value, value), model)

    def evidence(self, record: FactRecord) -> Evidence:
        """Where a fact was read; its day of reading is by default that of the file."""
        day = record.curated_on or (self._file and self._file.curated_on)
        if day is None:
            raise RenderError(f"Nothing says when {record.locator!r} of {record.source} was read.")
        return self._evidence(record.source, record.locator, day)

    @cache  # noqa: B019  # a renderer lives as long as its load
    def _evidence(self, source_id: str, locator: str, day: dt.date) -> Evidence:
        source = self._record("sources", source_id)
        return Evidence(
            source=self.refer("sources", source_id, SourceRef), locator=locator, level=source.level, curated_on=day
        )

    @cache  # noqa: B019  # a renderer lives as long as its load
    def refer(self, name: str, record_id: str, model: type[BaseModel]) -> Any:
        """Another record as `model` answers it: its fields, and what it refers to itself."""
        record, by_field = self._record(name, record_id), {item.public_field: item for item in noun(name).references}
        fields: dict[str, Any] = {}
        for field in model.model_fields:
            reference = by_field.get(field)
            if field == "id":
                fields[field] = record_id
            elif reference:
                inner = _model_of(model, field)
                fields[field] = self._referred(reference, getattr(record, reference.field), inner)
            elif hasattr(record, field):
                fields[field] = getattr(record, field)
            else:
                raise RenderError(f"{model.__name__} has the field {field!r}, which records of {name} do not have.")
        return model.model_validate(fields, by_name=True, by_alias=True)

    def _record(self, name: str, record_id: str) -> Any:
        try:
            return self._records[name][record_id]
        except KeyError as error:
            raise RenderError(f"There is no {record_id!r} among the {name}, but facts refer to it.") from error

    def same_as(self, name: str, record_id: str) -> list[tuple[str, str, Any, Evidence]]:
        """Records that say they are the same as this one: id, therapy, record, and where it was read."""
        return self._reports.get((name, record_id), [])

    def facts(self, section: str) -> list[Any]:
        """The public facts of a section of the therapy file that is rendered."""
        return self._sections[section]

    def records(self, section: str) -> list[Any]:
        """The records of a section of the therapy file that is rendered."""
        return self._file.facts(section) if self._file else []
