"""SVG as text: nothing of a name is markup, and no text is wider than its room."""

import pytest

from app.pictures.scales import linear, logarithmic
from app.pictures.svg import escaped, shortened, text_width, wrapped
from tests.pictures.answers import HOSTILE, read


@pytest.mark.parametrize("text", [HOSTILE, "a & b", '"', "\ufffe\x85", "TNF-α ≥ 3"])
def test_a_text_is_read_as_it_was_written(text: str) -> None:
    root = read(f'<a b="{escaped(text)}">{escaped(text)}</a>')
    assert root.text == root.get("b")
    assert [char for char in str(root.text) if char != " "] == [
        char for char in text if char.isprintable() and char != " "
    ]
    assert not list(root)


@pytest.mark.parametrize("text", ["", "short", "m" * 500, "one two three " * 50, "漢字" * 90, "A-very-long-word" * 20])
def test_lines_are_no_wider_than_their_room(text: str) -> None:
    lines = wrapped(text, 300, 3)
    assert len(lines) <= 3
    assert all(text_width(line) <= 300 for line in lines)
    whole = "".join(lines).replace(" ", "")
    assert whole == text.replace(" ", "") or (whole.endswith("…") and text.replace(" ", "").startswith(whole[:-1]))
    assert shortened(text, 10_000) == text


def test_a_linear_axis_holds_zero_and_every_value() -> None:
    for values in ([], [0], [0.03], [3, 97], [-4, 2], [-12.5], [1e-9], [100], [1234567]):
        scale = linear(values, 100, 200)
        assert all(scale.holds(value) for value in [0, *values]), values
        assert (scale(scale.least), scale(scale.greatest)) == (100, 200)
        assert 0 in scale.ticks
        assert 2 <= len(scale.ticks) <= 12
    assert linear([50], 0, 100)(25) == 50 / 50 * 25 / linear([50], 0, 100).greatest * 100


def test_a_log_axis_holds_one_and_is_symmetric_about_it() -> None:
    scale = logarithmic([0.5, 2], 0, 100)
    assert scale(1) == pytest.approx(50)
    assert scale(0.5) == pytest.approx(0)
    assert scale(2**0.5) == pytest.approx(75)
    wide = logarithmic([0.00001, 1e9], 0, 100)
    assert (wide(0.00001), wide(1e9)) == (0, 100)
    assert not wide.holds(1e9)
    assert 1 in wide.ticks
