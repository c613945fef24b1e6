"""Forest plots: each mark is where its value is."""

import re
from xml.etree import ElementTree

import pytest

from app.pictures import adverse_events, forest
from app.pictures.forest import shares
from app.pictures.frame import Caption
from tests.pictures.answers import SVG, compared, rate, read, rows, words

CAPTION = Caption("forest plot", "Ratios", "Hazard ratio", "", [], [], "2026.01.02", "/x")


def ticks(root: ElementTree.Element) -> dict[str, list[float]]:
    """Where the ticks of the axes are, by what they say."""
    found: dict[str, list[float]] = {}
    for part in root.iter(f"{SVG}text"):
        if part.get("text-anchor") == "middle":
            found.setdefault(str(part.text), []).append(float(part.get("x", "")))
    return found


def line(row: ElementTree.Element) -> tuple[float, float]:
    """From where to where the line of a row is drawn."""
    [path] = [part.get("d", "") for part in row.iter(f"{SVG}path") if "H" in part.get("d", "")]
    left, right = re.findall(r"[MH]([\d.]+)", path)
    return float(left), float(right)


def test_a_percent_and_its_interval_are_where_the_axis_says() -> None:
    root = read(adverse_events.plot(compared(20, contrasts=False)).svg())
    marks = ticks(root)
    zero, ten = marks["0"][0], marks["10"][0]

    def x(percent: float) -> float:
        return zero + (ten - zero) * percent / 10

    drawn = rows(root)
    assert len(drawn) == 20
    for number, row in enumerate(drawn):
        [dot] = row.iter(f"{SVG}circle")
        assert float(dot.get("cx", "")) == pytest.approx(x(number + 1), abs=0.1)
        left, right = line(row)
        assert (left, right) == (pytest.approx(x(number), abs=0.15), pytest.approx(x(number + 3), abs=0.15))
        assert f"{number + 1} % ({number:.1f} to {number + 3:.1f})" in words(row)
        assert f"{2 * (number + 1)}/200" in words(row)
    assert drawn[0].find(f"{SVG}circle[@stroke]") is not None, "the comparator is open"
    assert drawn[1].find(f"{SVG}circle[@stroke]") is None


def test_a_difference_has_an_axis_of_its_own_with_zero_in_it() -> None:
    root = read(adverse_events.plot(compared(2)).svg())
    [difference] = [row for row in rows(root) if any("pp (" in text for text in words(row))]
    assert "−5.0 pp (−10.0 to +20.0)" in words(difference)
    assert "1 − 0" in words(difference)[0], "arms without the name of their trial"
    marks = ticks(root)
    zero, ten = marks["0"][1], marks["−10"][0]
    left, right = line(difference)
    assert left == pytest.approx(ten, abs=0.1)
    assert right == pytest.approx(zero + 2 * (zero - ten), abs=0.3)
    assert any("percentage points" in text for text in words(root))


def test_without_a_figure_nothing_is_drawn_but_words() -> None:
    document = compared(3, contrasts=False)
    document["items"][0]["rows"] = [
        rate("a.0", None, frequency_band="very_common", patients_at_risk=None),
        rate("a.1", None, percent_below=5),
        rate("a.2", 12.5, computed=["ci95", "patients", "percent"]),
    ]
    band, below, computed = rows(read(adverse_events.plot(document).svg()))
    assert {"very common, no figure", "N ?"} <= set(words(band))
    assert not list(band.iter(f"{SVG}circle")) + list(band.iter(f"{SVG}path"))
    assert "< 5 %" in words(below)
    assert [part.get("stroke-dasharray") for part in below.iter(f"{SVG}path")] == ["3 3"]
    assert {"25*/200", "12.5* % (11.5 to 14.5)"} <= set(words(computed))


def test_ratios_are_on_a_log_scale_and_go_on_where_the_axis_ends() -> None:
    estimates = [
        forest.Row(str(value), f"HR {value}", "", f"{value}", "", "", value=value, interval=interval)
        for value, interval in ((0.5, (0.25, 1.0)), (1.0, (0.5, 2.0)), (2.0, (1.0, 1000.0)))
    ]
    root = read(forest.plot(CAPTION, [forest.Axis("Hazard ratio", log=True)], [forest.Group("Death", estimates)]).svg())
    half, one, two = (float(row.find(f"{SVG}circle").get("cx")) for row in rows(root))  # type: ignore[union-attr]
    assert one - half == pytest.approx(two - one, abs=0.1)
    assert ticks(root)["1"][0] == pytest.approx(one, abs=0.1)
    arrows = [len(list(row.iter(f"{SVG}path"))) - 1 for row in rows(root)]
    assert arrows == [0, 0, 1]


def test_each_event_has_its_share_of_the_room_and_what_is_left_out_is_counted() -> None:
    assert shares([5, 100, 1], 20) == [5, 14, 1]
    assert shares([3, 3], 100) == [3, 3]
    assert shares([1, 1, 1], 2) == [1, 1, 0]
    assert sum(shares([7, 90, 0, 33], 50)) == 50
    root = read(adverse_events.plot(compared(300, 5)).svg())
    lists = rows(root, "list")
    assert len(lists) == 5
    sizes = [len(rows(each)) for each in lists]
    assert max(sizes) - min(sizes) <= 1
    [said] = [text for text in words(root) if text.startswith("Left out")]
    assert f"{1505 - sum(sizes):,} of 1,505 rows" in said


def test_the_specification_holds_the_same_figures() -> None:
    specification = adverse_events.plot(compared(3)).vega_lite()
    percents, differences = (view["data"]["values"] for view in specification["vconcat"])
    assert [(row["value"], row["low"], row["high"]) for row in percents] == [(1, 0, 3), (2, 1, 4), (3, 2, 5)]
    assert [(row["value"], row["kind"]) for row in differences] == [(-5.0, "contrast")]
    assert [row["kind"] for row in percents] == ["comparator", "arm", "arm"]
    assert [row["label"] for row in percents] == ["Arm 0 (2/200)", "Arm 1 (4/200)", "Arm 2 (6/200)"]
    assert "percentage points" in str(specification["vconcat"][1])
    assert any(text.startswith("[1] ") for text in specification["title"]["subtitle"])
