"""The heat map: each figure is in its cell, and each colour under its figure."""

import re

from app.pictures import heat_map
from app.pictures.heat_map import LEFT, SHADES, WIDEST
from tests.pictures.answers import SVG, matrix, read, rows, words


def test_each_cell_has_its_figure_and_its_colour() -> None:
    document = matrix(3, 4)
    document["cells"] = [cell for cell in document["cells"] if cell[:2] != [1, 2]]
    document["cells"][0][2] = None
    document["cells"][-1][2] = 97.25
    root = read(heat_map.plot(document).svg())
    heading, *table = rows(root, "row")
    assert [text.rpartition(" N ")[2] for text in words(heading)[1:]] == [f"{100 + n} [1]" for n in range(4)]
    figures = [[cell.text for cell in rows(row, "cell")] for row in table]
    assert figures == [["·", "1", "2", "3"], ["1", "2", None, "4"], ["2", "3", "4", "97.2"]]
    for row in table:
        assert [float(cell.get("x", "")) for cell in rows(row, "cell")] == [LEFT + WIDEST * (n + 0.5) for n in range(4)]
    boxes = {
        (int((float(x) - LEFT) // WIDEST), float(y)): part.get("fill")
        for part in root.iter(f"{SVG}path")
        for x, y in re.findall(r"M([\d.]+) ([\d.]+)", part.get("d", ""))
        if part.get("fill") in SHADES
    }
    assert len(boxes) == 10, "no colour without a figure"
    assert [colour for _, colour in sorted(boxes.items())].count(SHADES[9]) == 1
    assert sum(cell.get("fill") == "#fff" for row in table for cell in rows(row, "cell")) == 1


def test_the_scale_begins_at_zero_and_ends_where_it_says() -> None:
    document = matrix(2, 3)
    assert {"0", "5 %"} <= set(words(read(heat_map.plot(document).svg())))
    document["cells"][0][2] = 100
    assert {"0", "100 %"} <= set(words(read(heat_map.plot(document).svg())))


def test_what_is_left_out_is_counted_and_the_fullest_columns_stay() -> None:
    document = matrix(40, 60)
    document["cells"] = [cell for cell in document["cells"] if cell[1] > 30 or cell[0] == 0]
    root = read(heat_map.plot(document).svg())
    heading, *table = rows(root, "row")
    assert [text.split(" N ")[0] for text in words(heading)[1:3]] == ["Arm 31", "Arm 32"]
    [said] = [text for text in words(root) if text.startswith("Left out")]
    assert f"{60 - len(words(heading)) + 1} of 60 cohorts" in said
    assert len(table) == 40 or f"{40 - len(table)} of 40 events" in said


def test_the_specification_holds_the_same_figures() -> None:
    specification = heat_map.plot(matrix(2, 2)).vega_lite()
    assert [row["percent"] for row in specification["data"]["values"]] == [0, 1, 1, 2]
    assert specification["encoding"]["y"]["sort"] == ["Arm event 0", "Arm event 1"]
    document = matrix(1, 2)
    document["cohorts"][1]["label"] = document["cohorts"][0]["label"]
    document["cohorts"][1]["patients"] = document["cohorts"][0]["patients"]
    assert len({row["cohort"] for row in heat_map.plot(document).vega_lite()["data"]["values"]}) == 2
