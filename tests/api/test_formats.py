"""Formats: what a client prefers, and tables that no spreadsheet misreads."""

import csv
import io
import json
from typing import Any

import pytest

from app.api.formats import MEDIA_TYPES, PICTURES, TABLES, Format, negotiate
from app.api.formats.cells import cell, grades, locator
from app.api.formats.csv_format import names_of
from app.api.formats.rows import rows_of
from app.nouns.declaration import Noun
from app.nouns.registry import noun as noun_of
from app.nouns.registry import nouns
from app.tabular.forms import keys_of


def exported(format_: Format, noun: Noun, *documents: str) -> str:
    return TABLES[format_].header(rows_of(noun)) + "".join(
        text.decode() for text in TABLES[format_].texts(rows_of(noun), map(str.encode, documents), "2026.01.02")
    )


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, Format.JSON),
        ("", Format.JSON),
        ("*/*", Format.JSON),
        ("application/*", Format.JSON),
        ("text/csv", Format.CSV),
        ("Text/CSV", Format.CSV),
        ("text/*", Format.CSV),
        ("application/x-ndjson;q=0.5, text/csv;q=0.9", Format.CSV),
        ("application/x-ndjson;\tq=0.5,application/x-bibtex ; q=0.4", Format.JSON_LINES),
        ("text/html,application/xhtml+xml,*/*;q=0.8", Format.JSON),
        ("text/csv;q=0, */*", Format.JSON),
        ("text/csv;q=high, application/x-bibtex", Format.BIBTEX),
        ("text/csv;q=0", None),
        ("image/png", None),
    ],
)
def test_accept_chooses_the_format(accept: str | None, expected: Format | None) -> None:
    assert negotiate(accept) is expected


def test_every_format_has_a_media_type_of_its_own() -> None:
    assert set(MEDIA_TYPES) == set(Format)
    assert len(set(MEDIA_TYPES.values())) == len(Format)
    assert all(negotiate(kind, [*Format]) is format_ for format_, kind in MEDIA_TYPES.items())
    assert all(negotiate(MEDIA_TYPES[format_]) is None for format_ in PICTURES)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_is_a_formula(text: str) -> None:
    assert str(cell(text)).startswith("'")
    assert str(cell([text])).startswith("'")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, ""),
        (True, "true"),
        (0, 0),
        (-2.5, -2.5),
        (["a", "b"], "a; b"),
        ([], ""),
        ([{"id": "a", "name": "A"}, {"id": "b", "name": "B", "area": "x"}], "a; b"),
        ([{"id": None, "name": "A"}], "A"),
        ("NA", "'NA"),
        ("2024-05-06", "2024-05-06"),
        ("2024-05", "'2024-05"),
        ("37459141", "37459141"),
        ([{"id": "a"}], '[{"id":"a"}]'),
        ([1, 2], "[1,2]"),
        ({"a": None}, '{"a":null}'),
    ],
)
def test_a_value_as_a_cell(value: Any, expected: Any) -> None:
    assert cell(value) == expected


def test_grades_and_locators_are_words() -> None:
    assert [grades(value) for value in ("3-4", ">=3", "3", "any", None)] == [
        "grade 3-4", "grade >=3", "grade 3", "any grade", ""]  # fmt: skip
    assert [locator(value) for value in ("5.10", "6", "6.1, Table 4", "=1", None)] == [
        "section 5.10", "section 6", "6.1, Table 4", "'=1", ""]  # fmt: skip


def test_line_breaks_and_quotes_survive_a_table() -> None:
    record = {"id": "x", "name": 'a "b"\r\nc; d,e', "parents": [], "children": [], "synonyms": ["ä", "µ"]}
    table = exported(Format.CSV, noun_of("classes"), json.dumps(record | {"definition": "=1", "therapies": 3}))
    (row,) = csv.DictReader(io.StringIO(table, newline=""))
    assert (row["name"], row["synonyms"], row["definition"]) == (record["name"], "ä; µ", "'=1")


@pytest.mark.parametrize("noun", nouns(), ids=lambda noun: noun.name)
def test_a_table_without_records_is_its_header(noun: Noun) -> None:
    names = exported(Format.CSV, noun).removesuffix("\r\n").split(",")
    assert names == names_of(keys_of(noun.listed))
    assert "id" in names
    assert names[-1] == "release"
    assert len(set(names)) == len(names)
    assert exported(Format.JSON_LINES, noun) == ""


@pytest.mark.parametrize("format_", TABLES)
def test_each_document_is_a_text_of_its_own(format_: Format) -> None:
    documents = [b'{"id":"t%d","name":"a\\nb, c","parents":null}' % number for number in range(5)]
    rows = rows_of(noun_of("events"))
    texts = TABLES[format_].texts(rows, documents, "2026.01.02")
    assert len(texts) == 5
    assert [TABLES[format_].texts(rows, [document], "2026.01.02")[0] for document in documents] == texts
