"""Loading: a whole new release in one transaction, beside the old ones, and current at its end."""

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Select, Table, insert, select
from sqlalchemy.exc import DBAPIError

from app import releases, search
from app.models.base import table_of
from app.models.index import Name, SearchText, Tag
from app.models.release import Release
from app.models.therapy import Product, TherapyForm, TherapySummary
from app.queries.catalogue import LISTS
from app.queries.filters import Flag, List, Tagged
from app.queries.names import fold
from app.queries.searching import title
from app.queries.sets import packed
from app.queries.therapies import THERAPIES
from seed.bundles import BUNDLES, Bundle, UnsoundBundleError, bundles
from seed.contents import Contents
from seed.lock import settle
from seed.trees import Tree

CODE = [Path(__file__).parent, Path(__file__).parent.parent / "app"]
CHUNK = 20_000
PLAIN = {str, int, float, bool, bytes, dt.date, type(None)}
"""Types that the drivers take as they are."""
POINTERS = [(name, f"{name}_id") for name in ("therapy", "target", "condition", "event", "cohort")]
POINTERS += [("term", "event_id"), ("class_", "class_id")]
"""Keys of a form that are other records, and the column that names the record."""
_release = table_of(Release)
TREES = ("classes", "targets", "conditions", "events")
"""Lists whose records have parents."""


@dataclass(frozen=True)
class Loaded:
    """What a load did."""

    version: str
    counts: dict[str, int]
    new: bool
    activated: bool


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
        row = connection.execute(releases.latest()).mappings().first()
    if row is None or row["inputs"] != inputs:
        return None
    return Loaded(row["version"], row["counts"], new=False, activated=False)


def load(
    engine: Engine, contents: Contents, inputs: str, progress: Callable[[str], None], today: dt.date | None = None
) -> Loaded:
    """Make contents current: as a new release, or as the one that says the same already, which is activated again.

    What was published keeps its version: the same facts have the same version in every database.
    """
    with engine.begin() as connection:
        known = connection.execute(_readable().where(_release.c.digest == contents.digest)).mappings().first()
        if known is not None:
            _set_inputs(connection, known["id"], inputs)
            return Loaded(
                known["version"], known["counts"], new=False, activated=_make_current(connection, known["id"])
            )
        taken = releases.versions(connection)
        published = bundles()
        own = next((one for one in published if one.digest == contents.digest and one.version not in taken), None)
        day = own.released_on if own else today or dt.datetime.now(dt.UTC).date()
        version = own.version if own else releases.next_version(taken | {one.version for one in published}, day)
        release_id = _new(connection, version, day, contents.digest, contents.counts, inputs)
        _write(connection, contents, release_id, progress)
        if own:
            releases.activate(connection, release_id, own.activated_at)
        _make_current(connection, release_id)
    settle(engine)
    return Loaded(version, contents.counts, new=True, activated=True)


def restore(engine: Engine, bundle: Bundle, progress: Callable[[str], None], *, current: bool = False) -> Loaded:
    """Write the release of a bundle beside the others, current since the day it was, or `current` from now on."""
    with engine.begin() as connection:
        row = connection.execute(releases.named(bundle.version)).mappings().first()
        if row is not None and row["digest"] != bundle.digest:
            message = f"The database has another release {bundle.version}, of the digest {row['digest']}."
            raise UnsoundBundleError(message)
        there = row is not None and row["removed_at"] is None
        contents = bundle.contents() if not there else None
        if row is not None:
            release_id: int = row["id"]
        else:
            release_id = _new(connection, bundle.version, bundle.released_on, bundle.digest, bundle.counts)
            releases.activate(connection, release_id, bundle.activated_at)
        if contents:
            releases.bring_back(connection, release_id)
            _write(connection, contents, release_id, progress)
        activated = current and _make_current(connection, release_id)
        counts = connection.execute(releases.named(bundle.version)).mappings().one()["counts"]
    settle(engine)
    return Loaded(bundle.version, counts, new=not there, activated=activated)


def _make_current(connection: Connection, release_id: int) -> bool:
    """Activate a release unless it is current, and say whether that was needed."""
    current = connection.execute(releases.latest()).mappings().first()
    if current is not None and current["id"] == release_id:
        return False
    releases.activate(connection, release_id)
    return True


def missing(engine: Engine, folder: Path = BUNDLES) -> list[Bundle]:
    """The bundles whose releases the database never had."""
    with engine.connect() as connection:
        taken = releases.versions(connection)
    return [bundle for bundle in bundles(folder) if bundle.version not in taken]


def _readable() -> Select[Any]:
    return select(_release).where(_release.c.removed_at.is_(None))


def _new(
    connection: Connection, version: str, day: dt.date, digest: str, counts: dict[str, int], inputs: str = ""
) -> int:
    """Write what a release says of itself; answer its key."""
    values = {"version": version, "released_on": day, "digest": digest, "counts": counts, "inputs": inputs}
    release_id: int = connection.execute(insert(_release).values(**values)).inserted_primary_key[0]  # type: ignore[index]  # an insert of one row has its key
    return release_id


def _write(connection: Connection, contents: Contents, release_id: int, progress: Callable[[str], None]) -> None:
    """Write all records of a release, and what finds them."""
    for spec in _in_order_of_references():
        progress(spec.name)
        table = table_of(spec.table)
        _insert(connection, table, release_id, _prepared(connection, table, _rows(spec, contents)))
    table = table_of(Product)
    _insert(connection, table, release_id, _prepared(connection, table, _products(contents)))
    progress("index")
    _insert(connection, table_of(Name), release_id, _names(contents))
    trees = _trees(contents)
    for spec in LISTS:
        forms = contents.forms[spec.name]
        _insert(connection, table_of(Tag), release_id, _tags(spec, forms, trees))
        _insert(connection, table_of(SearchText), release_id, _texts(spec, forms))
    search.index(connection, release_id)


def _trees(contents: Contents) -> dict[str, Tree]:
    return {
        kind: Tree({form.id: [parent.id for parent in form.parents] for form in contents.forms[kind]}) for kind in TREES
    }


def _set_inputs(connection: Connection, release_id: int, inputs: str) -> None:
    connection.execute(_release.update().where(_release.c.id == release_id).values(inputs=inputs))


def _in_order_of_references() -> list[List]:
    by_table = {spec.table.__tablename__: spec for spec in LISTS}
    order = ["source", "class", "target", "condition", "event", "therapy", "cohort"]
    first = [by_table[name] for name in order]
    return [*first, *(spec for spec in LISTS if spec not in first)]


def _columns(table: Table) -> list[str]:
    """The columns that a row brings; its release is the same for all, and the key of a text is given."""
    return [column.name for column in table.columns if column.name not in {"release_id", "rowid"}]


def _insert(connection: Connection, table: Table, release_id: int, rows: Iterable[Iterable[Any]]) -> None:
    """Insert rows, whose values stand in the order of `_columns`, straight into the driver: there are many."""
    quote = connection.dialect.identifier_preparer
    columns = [quote.quote(name) for name in ("release_id", *_columns(table))]
    names = f"{quote.format_table(table)} ({', '.join(columns)})"
    own = ((release_id, *row) for row in rows)
    if connection.dialect.name == "postgresql":
        statement = f"COPY {names} FROM STDIN"
        try:
            with connection.connection.cursor().copy(statement) as copy:
                for row in own:
                    copy.write_row(row)
        except connection.dialect.loaded_dbapi.Error as error:  # told as of any other statement
            raise DBAPIError(statement, None, error) from error
        return
    statement = f"INSERT INTO {names} VALUES ({', '.join('?' * len(columns))})"  # noqa: S608  # names of our own tables and columns
    while chunk := list(islice(own, CHUNK)):
        connection.exec_driver_sql(statement, chunk)


def _prepared(connection: Connection, table: Table, rows: Iterable[Iterable[Any]]) -> Iterator[list[Any]]:
    """Rows as the driver takes them: days, JSON and words of vocabularies are written by the types of the columns."""
    dialect = connection.dialect
    types = [table.columns[name].type.dialect_impl(dialect) for name in _columns(table)]
    takes = [type_.bind_processor(dialect) or _plain for type_ in types]
    for row in rows:
        yield [take(value) for take, value in zip(takes, row, strict=True)]


def _plain(value: Any) -> Any:
    """A value as the drivers take it, who know no words of a vocabulary."""
    return value if type(value) in PLAIN else str(value)


def _rows(spec: List, contents: Contents) -> Iterator[list[Any]]:
    columns = _columns(table_of(spec.table))
    pointers = [pair for pair in POINTERS if pair[1] in columns]
    paired = zip(contents.forms[spec.name], contents.documents[spec.name], strict=True)
    for position, (form, document) in enumerate(paired):
        row = form.__dict__ | {"position": position, "document": document}
        row |= {column: part.id for name, column in pointers if (part := row.get(name)) is not None}
        if "source_id" in columns:
            row |= {"source_id": form.evidence.source.id, "locator": form.evidence.locator}
        if "any_percent" in columns:  # figures repeated for filters
            row["any_percent"] = form.any_grade.percent if form.any_grade else None
            row["severe_percent"] = form.severe.percent if form.severe else None
        if isinstance(form, TherapyForm):
            row["summary"] = form.model_dump_json(by_alias=True, include=set(TherapySummary.model_fields))
            row["first_approval"] = form.first_approval.date if form.first_approval else None
        yield [row.get(name) for name in columns]


def _products(contents: Contents) -> Iterator[list[Any]]:
    columns = _columns(table_of(Product))
    position = 0
    for therapy in contents.forms["therapies"]:
        for number, product in enumerate(therapy.products):
            row = product.__dict__ | {"id": f"{therapy.id}.{number}", "position": position, "therapy_id": therapy.id}
            row |= {"source_id": product.evidence.source.id, "locator": product.evidence.locator}
            row["document"] = product.model_dump_json(by_alias=True)
            yield [row.get(name) for name in columns]
            position += 1


def _tags(spec: List, forms: list[Any], trees: dict[str, Tree]) -> Iterator[tuple[str, str, str, bytes]]:
    for wanted in spec.filters:
        if not isinstance(wanted, Tagged | Flag):
            continue
        tree = trees.get(wanted.names) if isinstance(wanted, Tagged) and wanted.names else None
        places: dict[str, set[int]] = defaultdict(set)
        for position, form in enumerate(forms):
            for value in wanted.values(form):
                if value is not None:
                    places[value].add(position)
        found: dict[str, set[int]] = defaultdict(set)
        for value, records in places.items():
            for each in tree.upwards(value) if tree else [value]:  # what is below a value is found by it too
                found[str(each)] |= records
        yield from ((spec.name, wanted.name, value, packed(sorted(found[value]))) for value in sorted(found))


def _names(contents: Contents) -> Iterator[tuple[str, str, str, str, str]]:
    """Every name of every record that can be asked for by name, and every free value of a filter."""
    found: dict[tuple[str, str, str, str], str] = {}
    for space, record_id, how, name in _all_names(contents):
        folded = fold(name)
        if folded:
            found.setdefault((space, folded, record_id, how), name)
    yield from ((*key, name) for key, name in sorted(found.items()))


def _all_names(contents: Contents) -> Iterator[tuple[str, str, str, str]]:
    for kind in TREES:
        for term in contents.forms[kind]:
            yield kind, term.id, "id", term.id
            yield kind, term.id, "name", term.name
            yield from ((kind, term.id, "synonym", synonym) for synonym in term.synonyms)
            yield from ((kind, term.id, "identifier", curie) for curie in getattr(term, "xrefs", []))
    for form in contents.forms["therapies"]:
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
    for source in contents.forms["sources"]:
        yield "sources", source.id, "id", source.id
        yield "sources", source.id, "name", source.title
    for cohort in contents.forms["cohorts"]:
        yield "cohorts", cohort.id, "id", cohort.id
    for spec in LISTS:
        for wanted in spec.filters:
            if isinstance(wanted, Tagged) and wanted.names is None and wanted.vocabulary is None:
                values = {str(value) for form in contents.forms[spec.name] for value in wanted.values(form) if value}
                yield from ((f"{spec.name}.{wanted.name}", value, "id", value) for value in sorted(values))


def _texts(spec: List, forms: list[Any]) -> Iterator[tuple[str, int, str]]:
    for position, form in enumerate(forms):
        yield (
            spec.name,
            position,
            " ".join(filter(None, (_words(str(part)) for part in spec.text(form) if part))),
        )
    for position, form in enumerate(forms):
        yield f"{spec.name}.title", position, _words(title(form))


@cache
def _words(text: str) -> str:
    """The words of a text, between spaces; most texts are those of many records."""
    return " ".join(search.words(text))
