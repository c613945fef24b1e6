"""The columns of lists: those that are named, and those that a list has which is not."""

from dataclasses import replace
from types import SimpleNamespace
from typing import cast

import httpx
from lxml import html
from pydantic import BaseModel

from app.nouns.base import Named
from app.nouns.declaration import title_of
from app.nouns.paths import public_keys
from app.nouns.registry import noun as noun_of
from app.nouns.registry import nouns
from app.pages.cells import CELLS, MOST_LETTERS, rows
from app.pages.columns import COLUMNS, FACETS, SORTS, columns_of
from app.pages.links import Links
from app.pages.visit import Visit
from app.pages.words import cut

WARNINGS = noun_of("warnings")


def test_columns_and_facets_are_of_lists_and_filters_that_there_are() -> None:
    """Else a column would be one of dashes, and a page of a list a fault."""
    known = {noun.name: noun for noun in nouns()}
    assert {*COLUMNS, *FACETS, *SORTS} <= known.keys(), "app/pages/columns.py names a list that is not there."
    for name, columns in COLUMNS.items():
        keys = public_keys(known[name].listed)
        for column in columns:
            where = f"The column {column.head!r} of {name}"
            assert not column.path or column.path in keys, f"{where} is of {column.path!r}, which no row of it has."
            assert column.kind in CELLS, f"{where} is of the kind {column.kind!r}, which app/pages/cells.py lacks."
            assert column.of in known or column.kind not in {"ref", "refs"}, f"{where} is of no list: {column.of!r}."
            assert not column.sort or column.sort in known[name].sorts, (
                f"{where} is sorted by {column.sort!r}: no sort."
            )
    for name, facets in FACETS.items():
        for facet in facets:
            assert facet in known[name].facets, f"The facet {facet!r} of {name} is no filter that is counted."
    for name, sort in SORTS.items():
        assert sort.removeprefix("-") in known[name].sorts, f"The usual order of {name} is {sort!r}: no sort."


class Brief(BaseModel):
    """A warning in a list, without what it is of, and without its source."""

    id: str
    therapy: Named
    text: str


def test_a_list_that_is_not_named_has_columns_of_what_its_rows_hold() -> None:
    for noun in nouns():
        unnamed = replace(noun, name="unnamed")
        assert {column.path for column in columns_of(unnamed)} <= {"", *public_keys(noun.listed)}, noun.name
    whole, brief = (replace(WARNINGS, name="unnamed", summary=form) for form in (None, Brief))
    assert {"therapy", "event", "text", "evidence"} <= {column.path for column in columns_of(whole)}
    assert [column.path for column in columns_of(brief)] == ["", "therapy", "text"]


def test_a_list_that_is_not_named_calls_records_by_their_title(visitor: httpx.Client) -> None:
    at = Links(cast("Visit", SimpleNamespace(href=lambda _: "/browse", pin="")))
    for noun in nouns():
        records = visitor.get(f"/{noun.name}?limit=3").json()["items"]
        columns = columns_of(replace(noun, name="unnamed"))
        shown = html.fromstring(f"<table>{rows(at, noun.name, columns, records)}</table>")
        called = title_of if noun.title else lambda _, record: record.get("name") or record.get("title") or record["id"]
        assert shown.xpath("//tr/td[1]/a/text()") == [cut(called(noun, record), MOST_LETTERS) for record in records]
    brief = replace(WARNINGS, name="unnamed", summary=Brief, title=lambda warning: str(warning["event"]["name"]))
    assert columns_of(brief)[0].kind == "itself"
