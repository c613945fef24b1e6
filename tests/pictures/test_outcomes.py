"""The forest plot of outcomes: proportions from zero on, ratios on a log scale, all else in words."""

import pytest

from app.pictures import outcomes
from tests.pictures.answers import SVG, outcome, printed, read, rows, words
from tests.pictures.answers import outcomes as compared
from tests.pictures.test_forest import line, ticks


def test_proportions_begin_at_zero_and_ratios_are_logarithmic() -> None:
    root = read(outcomes.plot(compared(1)).svg())
    one, two, ratio = rows(root)
    marks = ticks(root)
    zero, ten = marks["0"][0], marks["10"][0]
    [first], [second] = one.iter(f"{SVG}circle"), two.iter(f"{SVG}circle")
    assert float(first.get("cx", "")) == pytest.approx(ten, abs=0.1)
    assert float(second.get("cx", "")) == pytest.approx(2 * ten - zero, abs=0.2)
    assert first.get("stroke"), "the comparator is open"
    assert {"10/100", "10 % (5.0 to 30.0)*", "[1]"} <= set(words(one))
    low, high = line(ratio)
    middle = float(next(ratio.iter(f"{SVG}path")).get("d", "")[1:].split(" ")[0])
    [diamond] = [part.get("d", "") for part in ratio.iter(f"{SVG}path") if "l6 6" in part.get("d", "")]
    assert float(diamond[1:].split(" ")[0]) == pytest.approx((low + high) / 2, abs=0.2), "0.5 lies between 0.25 and 1"
    assert middle == low
    assert high == pytest.approx(marks["1"][0], abs=0.1)
    assert {"HR, t0.1 vs t0.0", "0.5 (0.25 to 1)"} <= set(words(ratio))


def test_an_interval_without_an_end_goes_on_and_words_stand_for_what_has_no_figure() -> None:
    document = compared(1)
    trial = document["items"][0]["trials"][0]
    trial["arms"] += [
        outcome("median", "t0.1", value=12.5, unit="months", interval=printed(9, None, high_status="not_reached")),
        outcome("median", "t0.0", value_status="not_reached", unit="months"),
        outcome("proportion", "t0.1", percent_below=5, time={"value": 6, "unit": "months", "text": None}),
        outcome("mean_change", "t0.1", value=-3, unit="points", population="A subgroup"),
    ]
    trial["between_arms"] += [outcome("test", "t0.1", "t0.0", p_value="<0.001")]
    drawn = {text: row for row in rows(read(outcomes.plot(document).svg())) for text in words(row)}
    median = drawn["12.5 mo (9 to NR)"]
    assert len(list(median.iter(f"{SVG}path"))) == 2, "a line, and an arrow at its end"
    for text in ("not reached", "-3 points", "p <0.001"):
        assert not list(drawn[text].iter(f"{SVG}path")) + list(drawn[text].iter(f"{SVG}circle"))
    assert "< 5 %" in words(drawn["proportion (6 months), Trial Arm: t0.1"])
    assert "mean change, Trial Arm: t0.1 [A subgroup]" in drawn


def test_a_ratio_without_its_arms_is_drawn_and_trials_are_left_out_as_a_whole() -> None:
    document = compared(3)
    for trial in document["items"][0]["trials"]:
        trial["arms"] = []
    assert len(rows(read(outcomes.plot(document).svg()))) == 3
    many = read(outcomes.plot(compared(500)).svg())
    lists = rows(many, "list")
    assert [len(rows(each)) for each in lists] == [3] * len(lists)
    [said] = [text for text in words(many) if text.startswith("Left out")]
    assert f"{1500 - 3 * len(lists):,} of 1,500 rows" in said
    named = [text for text in words(many) if text.startswith("[")]
    assert {row.partition(" ")[0] for row in named} >= {f"[{number}]" for number in range(1, min(40, len(lists)) + 1)}


def test_the_specification_holds_the_same_figures() -> None:
    document = compared(1)
    document["items"][0]["trials"][0]["arms"].append(outcome("count", "t0.1", value=7))
    percents, ratios, in_words = outcomes.plot(document).vega_lite()["vconcat"]
    assert [row["value"] for row in percents["data"]["values"]] == [10, 20]
    assert [(row["value"], row["low"], row["high"]) for row in ratios["data"]["values"]] == [(0.5, 0.25, 1)]
    assert ratios["spec"]["layer"][1]["encoding"]["x"]["scale"] == {"type": "log"}
    assert [row["figures"] for row in in_words["data"]["values"]] == ["7"]
