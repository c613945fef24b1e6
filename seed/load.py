"""Loading: a whole new release in one transaction, beside the old ones, and current at its end."""

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from sqlalchemy import Connection, Engine, Select, Table, func, insert, select

from app import search
from app.models.base import table_of
from app.models.index import Name, SearchText, Tag
from app.models.release import Activation, Release
from app.models.therapy import Product, TherapyForm, TherapySummary
from app.queries.catalogue import LISTS
from app.queries.filters import Flag, List, Tagged
from app.queries.names import fold
from app.queries.searching import title
from app.queries.therapies import THERAPIES
from seed.files import Facts
from seed.lock import settle
from seed.render import Rendering
from seed.trees import Tree

CODE = [Path(__file__).parent, Path(__file__).parent.parent / "app"]
CHUNK = 2000


@dataclass(frozen=True)
class Loaded:
    """What a load did."""

    version: str
    counts: dict[str, int]
    new: bool


def inputs_digest(folder: Path) -> str:
    """SHA-256 over the fact files and the code that renders them: the same inputs make the same release."""
    digest = hashlib.sha256()
    files = sorted(folder.rglob("*.json")) + sorted(path for root in CODE for path in root.rglob("*.py"))
    for path in files:
        digest.update(f"{path.name}\0{path.stat().st_size}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def already_current(engine: Engine, inputs: str) -> Loaded | None:
    """The current release, if it was made from these inputs."""
    with engine.connect() as connection:
        row = _current(connection)
    if row is None or row["inputs"] != inputs:
        return None
    return Loaded(row["version"], row["counts"], new=False)


def load(
    engine: Engine, facts: Facts, inputs: str, progress: Callable[[str], None], today: dt.date | None = None
) -> Loaded:
    """Write a new release and make it current, or do nothing where the current one says the same already."""
    progress("rendering")
    rendering = Rendering(facts)
    rows = {spec.name: list(_rows(spec, rendering)) for spec in LISTS}
    digest = hashlib.sha256()
    for name, entries in sorted(rows.items()):
        digest.update(f"{name}\0".encode())
        for entry in entries:
            digest.update(entry["document"].encode())
    counts = {name: len(entries) for name, entries in rows.items()}
    with engine.begin() as connection:
        current = _current(connection)
        if current is not None and current["digest"] == digest.hexdigest():
            _set_inputs(connection, current["id"], inputs)
            return Loaded(current["version"], current["counts"], new=False)
        now = dt.datetime.now(dt.UTC)
        day = today or now.date()
        version = _next_version(connection, day)
        release_id: int = connection.execute(
            insert(table_of(Release)).values(
                version=version, released_on=day, digest=digest.hexdigest(), counts=counts, inputs=inputs
            )
        ).inserted_primary_key[0]  # type: ignore[index]  # an insert of one row has its key
        for spec in _in_order_of_references():
            progress(spec.name)
            _insert(connection, table_of(spec.table), release_id, rows[spec.name])
        _insert(connection, table_of(Product), release_id, _products(rendering))
        progress("index")
        _insert_plain(connection, table_of(Name), release_id, _names(facts, rendering))
        for spec in LISTS:
            forms = rendering.forms[spec.name]
            _insert_plain(connection, table_of(Tag), release_id, _tags(spec, forms, rendering.trees))
            _insert_plain(connection, table_of(SearchText), release_id, _texts(spec, forms))
        search.index(connection, release_id)
        connection.execute(insert(table_of(Activation)).values(release_id=release_id, activated_at=now))
    settle(engine)
    return Loaded(version, counts, new=True)


def _current(connection: Connection) -> Any:
    return connection.execute(_newest()).mappings().first()


def _newest() -> Select[Any]:
    activation = table_of(Activation)
    return select(table_of(Release)).join(activation).order_by(activation.c.id.desc()).limit(1)


def _set_inputs(connection: Connection, release_id: int, inputs: str) -> None:
    table = table_of(Release)
    connection.execute(table.update().where(table.c.id == release_id).values(inputs=inputs))


def _next_version(connection: Connection, day: dt.date) -> str:
    table, plain = table_of(Release), day.strftime("%Y.%m.%d")
    found = connection.execute(
        select(func.count()).select_from(table).where(table.c.version.like(f"{plain}%"))
    ).scalar_one()
    return f"{plain}.{found + 1}" if found else plain


def _in_order_of_references() -> list[List]:
    by_table = {spec.table.__tablename__: spec for spec in LISTS}
    order = ["source", "class", "target", "condition", "event", "therapy", "cohort"]
    first = [by_table[name] for name in order]
    return [*first, *(spec for spec in LISTS if spec not in first)]


def _insert(connection: Connection, table: Table, release_id: int, rows: Iterable[dict[str, Any]]) -> None:
    """Insert rows that carry dates or JSON, through the types of their columns."""
    remaining = iter(rows)
    while chunk := [row | {"release_id": release_id} for row in islice(remaining, CHUNK)]:
        connection.execute(insert(table), chunk)


def _insert_plain(connection: Connection, table: Table, release_id: int, rows: Iterable[tuple[Any, ...]]) -> None:
    """Insert rows of nothing but text and numbers, straight into the driver: there are hundreds of thousands."""
    columns = [column.name for column in table.columns if column.name != "rowid"]
    remaining = iter(rows)
    if connection.dialect.name == "postgresql":
        with connection.connection.cursor().copy(f"COPY {table.name} ({', '.join(columns)}) FROM STDIN") as copy:
            for row in remaining:
                copy.write_row((release_id, *row))
        return
    statement = f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"  # noqa: S608  # names of our own tables and columns
    while chunk := [(release_id, *row) for row in islice(remaining, CHUNK * 10)]:
        connection.exec_driver_sql(statement, chunk)


def _rows(spec: List, rendering: Rendering) -> Iterator[dict[str, Any]]:
    columns = {column.name for column in table_of(spec.table).columns} - {"release_id"}
    for position, form in enumerate(rendering.forms[spec.name]):
        row = {name: value for name, value in form.__dict__.items() if name in columns and value is not None}
        row |= {"position": position, "document": form.model_dump_json(by_alias=True)}
        row |= _references(form, columns)
        if isinstance(form, TherapyForm):
            row["summary"] = form.model_dump_json(by_alias=True, include=set(TherapySummary.model_fields))
            row["first_approval"] = form.first_approval.date if form.first_approval else None
        yield {name: _plain(row.get(name)) for name in columns}


def _references(form: Any, columns: set[str]) -> dict[str, Any]:
    """Values of the columns that point to other records, and of those that repeat a figure for filters."""
    found: dict[str, Any] = {}
    for name in ("therapy", "target", "condition", "event", "term", "cohort", "class_"):
        part = form.__dict__.get(name)
        column = {"term": "event_id", "class_": "class_id"}.get(name, f"{name}_id")
        if column in columns and part is not None:
            found[column] = part.id
    if "source_id" in columns:
        found |= {"source_id": form.evidence.source.id, "locator": form.evidence.locator}
    if "any_percent" in columns:
        found["any_percent"] = form.any_grade.percent if form.any_grade else None
        found["severe_percent"] = form.severe.percent if form.severe else None
    return found


def _plain(value: Any) -> Any:
    """A value as the database drivers take it: models and enums inside JSON columns become plain JSON."""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value.model_dump(mode="json") if isinstance(value, BaseModel) else value


def _products(rendering: Rendering) -> Iterator[dict[str, Any]]:
    position = 0
    columns = {column.name for column in table_of(Product).columns} - {"release_id"}
    for therapy in rendering.forms["therapies"]:
        for number, product in enumerate(therapy.products):
            row = {name: _plain(getattr(product, name, None)) for name in columns}
            row |= {"id": f"{therapy.id}.{number}", "position": position, "therapy_id": therapy.id}
            row |= {"source_id": product.evidence.source.id, "locator": product.evidence.locator}
            yield row | {"document": product.model_dump_json(by_alias=True)}
            position += 1


def _tags(spec: List, forms: list[Any], trees: dict[str, Tree]) -> Iterator[tuple[str, str, str, int]]:
    for wanted in spec.filters:
        if not isinstance(wanted, Tagged | Flag):
            continue
        tree = trees.get(wanted.names) if isinstance(wanted, Tagged) and wanted.names else None
        places: dict[str, list[int]] = defaultdict(list)
        for position, form in enumerate(forms):
            values = {str(value) for value in wanted.values(form) if value is not None}
            if tree:
                values = set().union(*(tree.upwards(value) for value in values))
            for value in values:
                places[value].append(position)
        # In the order of the index: appending to it costs a third of inserting here and there.
        for value in sorted(places):
            yield from ((spec.name, wanted.name, value, position) for position in places[value])


def _names(facts: Facts, rendering: Rendering) -> Iterator[tuple[str, str, str, str, str]]:
    """Every name of every record that can be asked for by name, and every free value of a filter."""
    found: dict[tuple[str, str, str, str], str] = {}
    for space, record_id, how, name in _all_names(facts, rendering):
        folded = fold(name)
        if folded:
            found.setdefault((space, folded, record_id, how), name)
    yield from ((*key, name) for key, name in sorted(found.items()))


def _all_names(facts: Facts, rendering: Rendering) -> Iterator[tuple[str, str, str, str]]:
    for kind in ("classes", "targets", "conditions", "events"):
        for term in getattr(facts, kind):
            yield kind, term.id, "id", term.id
            yield kind, term.id, "name", term.name
            yield from ((kind, term.id, "synonym", synonym) for synonym in term.synonyms)
            yield from ((kind, term.id, "identifier", curie) for curie in getattr(term, "xrefs", []))
    for form in rendering.forms["therapies"]:
        space = THERAPIES.name
        yield space, form.id, "id", form.id
        yield space, form.id, "name", form.name
        yield from ((space, form.id, "brand", brand) for brand in form.brand_names)
        yield from ((space, form.id, "synonym", synonym) for synonym in form.synonyms)
        yield from (
            (space, form.id, "synonym", product.proper_name) for product in form.products if product.proper_name
        )
        yield from ((space, form.id, "code", code) for code in form.codes)
        yield from ((space, form.id, "identifier", identifier.id) for identifier in form.identifiers)
        yield from (
            (space, form.id, "identifier", product.application) for product in form.products if product.application
        )
    for source in facts.sources:
        yield "sources", source.id, "id", source.id
        yield "sources", source.id, "name", source.title
    for cohort in rendering.forms["cohorts"]:
        yield "cohorts", cohort.id, "id", cohort.id
    for spec in LISTS:
        for wanted in spec.filters:
            if isinstance(wanted, Tagged) and wanted.names is None and wanted.vocabulary is None:
                values = {str(value) for form in rendering.forms[spec.name] for value in wanted.values(form) if value}
                yield from ((f"{spec.name}.{wanted.name}", value, "id", value) for value in sorted(values))


def _texts(spec: List, forms: list[Any]) -> Iterator[tuple[str, int, str]]:
    for position, form in enumerate(forms):
        text = " ".join(word for part in spec.text(form) if part for word in search.words(str(part)))
        yield spec.name, position, text
        yield f"{spec.name}.title", position, " ".join(search.words(title(form)))
