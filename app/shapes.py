"""The shape of records: `fields` leaves keys out, `include` brings more in, so that one request does for twenty."""

from collections.abc import Iterable, Sequence
from typing import Any

import orjson
from sqlalchemy import select

from app.models.base import FactForm, table_of
from app.models.source import Source
from app.models.statement import StatementForm
from app.models.therapy import Therapy, TherapyForm, TherapySummary
from app.queries.filters import List
from app.reader import Reader


def keys_of(form: type[Any]) -> list[str]:
    """The keys of a form, as the API writes them."""
    return [field.alias or name for name, field in form.model_fields.items()]


def includable(spec: List) -> list[str]:
    """What `include` takes in a list: for therapies the rest of the record, for facts the whole source and therapy."""
    if spec.form is TherapyForm:
        return [key for key in keys_of(TherapyForm) if key not in keys_of(TherapySummary)]
    found = ["source"] if issubclass(spec.form, FactForm | StatementForm) else []
    return [*found, "therapy"] if issubclass(spec.form, FactForm) else found


def selectable(spec: List) -> list[str]:
    """What `fields` takes in a list."""
    return keys_of(spec.summary or spec.form)


def shaped(
    reader: Reader, spec: List, documents: Sequence[str], fields: Iterable[str] | None, include: Iterable[str] | None
) -> Sequence[str]:
    """The documents in the shape asked for; `id` is always there."""
    if not fields and not include:
        return documents
    records = [orjson.loads(document) for document in documents]
    wanted = set(include or ())
    if wanted and spec.form is TherapyForm:
        whole = _documents(reader, Therapy, [record["id"] for record in records])
        for record in records:
            record |= {key: value for key, value in whole[record["id"]].items() if key in wanted}
    if "source" in wanted:
        whole = _documents(reader, Source, {record["evidence"]["source"]["id"] for record in records})
        for record in records:
            record["source"] = whole[record["evidence"]["source"]["id"]]
    if "therapy" in wanted:
        whole = _documents(reader, Therapy, {record["therapy"]["id"] for record in records}, column="summary")
        for record in records:
            record["therapy"] = whole[record["therapy"]["id"]]
    if fields:
        kept = {"id", *fields, *wanted}
        records = [{key: value for key, value in record.items() if key in kept} for record in records]
    return [orjson.dumps(record).decode() for record in records]


def _documents(reader: Reader, model: Any, ids: Iterable[str], column: str = "document") -> dict[str, Any]:
    table = table_of(model)
    query = select(table.c.id, table.c[column]).where(
        table.c.release_id == reader.release_id, table.c.id.in_(list(ids))
    )
    return {row[0]: orjson.loads(row[1]) for row in reader.connection.execute(query)}
