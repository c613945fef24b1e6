"""What functions of declarations give is taken as their filters say, or refused."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import orjson
import pytest

from app.nouns.declaration import Noun
from app.nouns.filters import FlagFilter, RangeFilter, TermFilter
from app.nouns.registry import noun
from app.release.index import ListIndex
from app.release.indexing import build_list
from app.vocabulary import WarningLevel

TARGETS = noun("targets")
TARGET = {"id": "one", "name": "One", "kind": "protein", "parents": [], "synonyms": [], "identifiers": {}, "rank": 3}


def indexed(of: Noun) -> ListIndex:
    """The index of a list of one target, as it is declared otherwise."""
    return build_list(of, [orjson.dumps(TARGET).decode()], {}, {})


def with_filter(wanted: Any) -> Noun:
    """Targets with one more filter."""
    return replace(TARGETS, filters=(*TARGETS.filters, wanted))


def term(values: Callable[..., Any], **more: Any) -> Noun:
    return with_filter(TermFilter("of", "Something.", values, "x", **more))


def bound(values: Callable[..., Any], of: type) -> Noun:
    return with_filter(RangeFilter("of", "Something.", values, of, "3"))


REFUSED: dict[str, tuple[Noun, str]] = {
    "a flag that is a text": (
        with_filter(FlagFilter("of", "Something.", lambda _: ["yes"])),
        "the function of 'of' gives 'yes', which the filter does not take",
    ),
    "a flag that is not known": (
        with_filter(FlagFilter("of", "Something.", lambda _: [])),
        "the function of 'of' gives no value for a record; a flag is true or false",
    ),
    "no word of the vocabulary": (
        term(lambda _: ["blood"], vocabulary=WarningLevel),
        "the function of 'of' gives 'blood', which the filter does not take",
    ),
    "objects": (
        term(lambda _: [{"id": "one"}]),
        "a filter reads {'id': 'one'}, which is no value but an object",
    ),
    "several numbers": (
        bound(lambda _: [3, 100], int),
        "the function of 'of' gives several values, of which one is compared",
    ),
    "a number for a day": (
        bound(lambda _: [2021], dt.date),
        "the function of 'of' gives 2021, which is no date",
    ),
    "a day for a number": (
        bound(lambda _: ["2021-01-31"], int),
        "the function of 'of' gives '2021-01-31', which is no int",
    ),
    "a text for a number": (
        bound(lambda _: ["many"], int),
        "'of' compares 'many', which is no number and no day",
    ),
    "a sort by a text": (
        replace(TARGETS, sorts={"name": lambda target: [target["name"]]}),
        "'name' compares 'One', which is no number and no day",
    ),
    "a text that is a number": (
        replace(TARGETS, text=lambda target: (target["name"], target["rank"])),
        "`text` gives 3, which is no text",
    ),
    "no title": (
        replace(TARGETS, title=lambda target: target.get("label")),
        "`title` gives None, which is no text",
    ),
    "a way of naming that there is not": (
        replace(TARGETS, names=lambda target: [("id", target["id"]), ("nickname", "No. 1")]),
        "`names` says that a name is a 'nickname'; it is one of id, name, brand, synonym, code, identifier",
    ),
}


@pytest.mark.parametrize(("unsound", "sentence"), REFUSED.values(), ids=REFUSED.keys())
def test_what_an_index_cannot_hold_is_refused(unsound: Noun, sentence: str) -> None:
    with pytest.raises((TypeError, ValueError)) as error:
        indexed(unsound)
    assert str(error.value) == sentence


def test_what_filters_take_is_indexed() -> None:
    kept = indexed(term(lambda _: ["boxed"], vocabulary=WarningLevel))
    assert list(kept.postings["of"]) == ["boxed"]
    kept = indexed(with_filter(FlagFilter("of", "Something.", lambda target: [target["rank"] == 3])))
    assert list(kept.postings["of"]) == ["true"]
    for values, of, expected in (
        (lambda _: [2.5], float, 2.5),
        (lambda _: ["2021-01-31"], dt.date, dt.date(2021, 1, 31).toordinal()),
        (lambda _: [dt.date(2021, 1, 31)], dt.date, dt.date(2021, 1, 31).toordinal()),
    ):
        kept = indexed(bound(values, of))
        assert list(kept.columns["of()"].values) == [expected]
