"""Excel workbooks: typed cells, one sheet of rows, one that describes the columns, one that says what the file is.

XlsxWriter writes row by row and forgets each; nothing is taken for a formula, a number or an address that is a text.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

from app.tabular.columns import Column, Type, plain

MOST_ROWS, LONGEST_CELL, LONGEST_NAME = 1_048_575, 32_767, 31
"""Rows under a header, characters of a cell and of the name of a sheet that Excel can hold."""
_DAY, _MOMENT = {"num_format": "yyyy-mm-dd"}, {"num_format": "yyyy-mm-dd hh:mm:ss"}
_WIDTHS = {Type.BOOLEAN: 10, Type.DATE: 12, Type.INTEGER: 12, Type.NUMBER: 12}


def write(path: Path, columns: Sequence[Column], rows: Iterable[list[Any]], about: Mapping[str, str]) -> None:
    """Write rows as a workbook. Raises `OSError`, or `ValueError` where they are more than a sheet holds."""
    try:
        _write_book(path, columns, rows, about)
    except FileCreateError as error:
        raise OSError(str(error)) from error


def _write_book(path: Path, columns: Sequence[Column], rows: Iterable[list[Any]], about: Mapping[str, str]) -> None:
    options = {"constant_memory": True, "default_date_format": "yyyy-mm-dd", "tmpdir": str(path.parent)}
    with xlsxwriter.Workbook(path, options) as book:
        # Nothing of the moment at which it is written: the same rows are the same bytes.
        created = dt.datetime.fromisoformat(about["created"])
        book.set_properties({"title": about["title"], "comments": about["description"], "created": created})
        bold, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True})
        sheet = book.add_worksheet(about["title"].replace("/", " ")[:LONGEST_NAME])
        formats = [_format(book, column) for column in columns]
        for number, column in enumerate(columns):
            width = _WIDTHS.get(column.of.type, 24 if column.repeated else 18)
            sheet.set_column(number, number, max(width, min(len(column.name) + 2, 30)))
            sheet.write_string(0, number, column.name, bold)
        sheet.freeze_panes(1, 1)
        last = 0
        for last, row in enumerate(rows, start=1):
            if last > MOST_ROWS:
                raise ValueError(f"a sheet of Excel has room for {MOST_ROWS} rows")
            for number, value in enumerate(row):
                if value is not None:
                    _write(sheet, last, number, columns[number], value, formats[number])
        sheet.autofilter(0, 0, max(last, 1), len(columns) - 1)
        described = book.add_worksheet("columns")
        described.set_column(0, 1, 30)
        described.set_column(2, 2, 100, wrapped)
        texts = ([column.name, _named(column), column.text] for column in columns)
        for number, cells in enumerate(chain([["column", "type", "description"]], texts)):
            for place, text in enumerate(cells):
                described.write_string(number, place, text, None if number else bold)
        about_sheet = book.add_worksheet("about")
        about_sheet.set_column(0, 0, 20)
        about_sheet.set_column(1, 1, 100, wrapped)
        for number, (key, text) in enumerate(about.items()):
            about_sheet.write_string(number, 0, key, bold)
            about_sheet.write_string(number, 1, text[:LONGEST_CELL])


def _format(book: Any, column: Column) -> Any:
    shown = {Type.DATE: _DAY, Type.DATETIME: _MOMENT}.get(column.of.type)
    return book.add_format(shown) if shown and not column.repeated else None


def _named(column: Column) -> str:
    """The type of a column in words."""
    return f"{'list of ' if column.repeated else ''}{column.of.type}"


def _write(sheet: Any, row: int, number: int, column: Column, value: Any, shown: Any) -> None:
    if isinstance(value, bool):
        sheet.write_boolean(row, number, value)
    elif isinstance(value, int | float):
        sheet.write_number(row, number, value)
    elif column.repeated or not isinstance(value, str) or column.of.type not in {Type.DATE, Type.DATETIME}:
        text = str(plain(value))
        if len(text) > LONGEST_CELL:
            text = f"{text[: LONGEST_CELL - 1]}…"
        sheet.write_string(row, number, text)
    elif column.of.type is Type.DATE:
        sheet.write_datetime(row, number, dt.datetime.fromisoformat(value), shown)
    else:
        moment = dt.datetime.fromisoformat(value).astimezone(dt.UTC)
        sheet.write_datetime(row, number, moment.replace(tzinfo=None), shown)
