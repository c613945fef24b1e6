"""The timeline: each action in its year, and by what it is told apart."""

import re

import pytest

from app.pictures import timeline
from tests.pictures.answers import SVG, approvals, read, rows, words


def test_each_action_is_in_its_year() -> None:
    document = approvals(2, 2001, 10)
    document["items"] += [document["items"][0]] * 3
    root = read(timeline.plot(document).svg())
    years = {
        int(str(part.text)): float(part.get("x", ""))
        for part in root.iter(f"{SVG}text")
        if re.fullmatch(r"\d{4}", str(part.text))
    }
    assert years.keys() == set(range(2001, 2011))
    first, second = rows(root)
    assert [float(dot.get("cx", "")) for dot in first.iter(f"{SVG}circle")] == pytest.approx(
        [years[year] for year in range(2001, 2010)], abs=0.1
    )
    [diamond] = [part.get("d", "") for part in first.iter(f"{SVG}path")]
    assert float(diamond[1:].split(" ")[0]) == pytest.approx(years[2010], abs=0.1)
    assert [text for text in words(first) if text.isdigit()] == ["4"], "several actions have their number"
    assert "granted: 2001 4, 2002 1" in str(first.findtext(f"{SVG}title"))
    assert "ended or refused: 2010 1" in str(second.findtext(f"{SVG}title"))


def test_rows_are_classes_or_the_therapies_of_one_or_the_uses_of_one() -> None:
    document = approvals(3)
    assert "Approvals by class and year" in words(read(timeline.plot(document).svg()))
    for item in document["items"]:
        item["therapy"]["class"]["name"] = "One class"
    assert {"Approvals by therapy and year", "Therapy 1"} <= set(words(read(timeline.plot(document).svg())))
    for item in document["items"]:
        item["therapy"]["name"] = "One therapy"
    document["items"][0] |= {"indication": None, "product": {"brand": "Brandex"}}
    document["items"][1] |= {"indication": None, "product": None}
    shown = set(words(read(timeline.plot(document).svg())))
    assert {"Approvals by condition or product and year", "Class condition 1", "Brandex", "the product"} <= shown


def test_what_has_no_date_or_no_room_is_counted() -> None:
    document = approvals(3, 1950, 60)
    document["items"][0]["on"] = None
    shown = words(read(timeline.plot(document).svg()))
    assert "≤ 1976" in shown
    assert "1 of 180 actions have no date, and so no place here." in shown
    many = read(timeline.plot(approvals(500)).svg())
    [said] = [text for text in words(many) if text.startswith("Left out")]
    left = 500 - len(rows(many))
    assert said.startswith(
        f"Left out for want of room: {left} of 500 rows, those with the fewest actions ({3 * left:,}"
    )


def test_the_specification_holds_the_same_figures() -> None:
    values = timeline.plot(approvals(1, 2000, 3)).vega_lite()["data"]["values"]
    assert [(row["year"], row["actions"], row["way"]) for row in values] == [
        (2000, 1, "granted"),
        (2001, 1, "granted"),
        (2002, 1, "ended or refused"),
    ]
