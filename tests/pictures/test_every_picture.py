"""What is true of every picture: its size, its words, what it is to a screen reader, and its specification."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from app.pictures import adverse_events, heat_map, outcomes, timeline
from app.pictures.frame import MAX_BYTES, written
from app.pictures.svg import STYLE, WIDTH
from tests.pictures.answers import HOSTILE, SVG, approvals, compared, matrix, read, words
from tests.pictures.answers import outcomes as compared_outcomes

Draw = Callable[[int, str], tuple[str, dict[str, Any]]]
HERE = "https://facts.example.org"


def _both(module: Any, document: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    return module.plot(document, HERE).svg(), module.plot(document, HERE).vega_lite()


PICTURES: dict[str, Draw] = {
    "arms": lambda size, name: _both(adverse_events, compared(size, name=name)),
    "arms of many events": lambda size, name: _both(adverse_events, compared(max(size // 10, 1), min(size, 10), name)),
    "outcomes": lambda size, name: _both(outcomes, compared_outcomes(size, name)),
    "events": lambda size, name: _both(heat_map, matrix(size, min(size, 3), name)),
    "cohorts": lambda size, name: _both(heat_map, matrix(min(size, 3), size, name)),
    "a whole matrix": lambda size, name: _both(heat_map, matrix(size, max(1, size // 4), name)),
    "classes": lambda size, name: _both(timeline, approvals(size, name=name)),
    "years": lambda size, name: _both(timeline, approvals(size and 2, 2020 - size // 10, size // 10 + 2, name)),
}
SIZES = (0, 1, 2, 30, 1000)


@pytest.fixture(scope="module")
def schema() -> Any:
    """What checks a specification by the schema of Vega-Lite 6."""
    import altair  # imported here: it takes long
    from jsonschema_rs import validator_for

    file = Path(altair.__file__).parent / "vegalite" / "v6" / "schema" / "vega-lite-schema.json"

    def quoted(part: dict[str, Any]) -> dict[str, Any]:  # references in it hold characters that no URI does
        return part | {"$ref": quote(part["$ref"], safe="#/")} if isinstance(part.get("$ref"), str) else part

    return validator_for(json.loads(file.read_text(encoding="utf-8"), object_hook=quoted))


@pytest.mark.parametrize("name", ["Plain", HOSTILE], ids=["plain", "hostile"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("draw", PICTURES.values(), ids=PICTURES.keys())
def test_a_picture_of_any_size_is_small_and_well_formed(schema: Any, draw: Draw, size: int, name: str) -> None:
    text, specification = draw(size, name)
    assert len(text.encode()) <= MAX_BYTES
    assert len(written(specification).encode()) <= MAX_BYTES
    schema.validate(specification)
    root = read(text)
    assert {part.tag.removeprefix(SVG) for part in root.iter()} <= {
        "svg", "title", "desc", "metadata", "style", "rect", "g", "text", "path", "circle",
    }  # fmt: skip
    assert not [part for part in root.iter() if any(key.startswith("on") or "href" in key for key in part.attrib)]
    shown = words(root)
    assert any("release 2026.01.02" in text for text in shown)
    assert f"{HERE}/" in "".join(shown)
    if size:
        assert any(text.startswith("[1] ") for text in shown), "the source"
    else:
        assert any(text.startswith("Nothing") for text in shown)
    if size == 1000 and specification["usermeta"]["permalink"]:
        assert any(text.startswith("Left out for want of room") for text in shown) or "≤" in "".join(shown)


@pytest.mark.parametrize("draw", PICTURES.values(), ids=PICTURES.keys())
def test_a_picture_says_what_it_is_to_those_who_do_not_see_it(draw: Draw) -> None:
    root = read(draw(2, "Plain")[0])
    title, described = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None
    assert described is not None
    assert (root.get("aria-labelledby"), root.get("aria-describedby")) == (title.get("id"), described.get("id"))
    assert root.get("role") == "graphics-document"
    assert title.text
    assert "Release 2026.01.02." in str(described.text)
    assert root.findtext(f"{SVG}style") == STYLE
    assert root.findtext(f"{SVG}metadata") == draw(2, "Plain")[1]["usermeta"]["permalink"]
    roles = {part.get("role") for part in root.iter()}
    assert {"list", "listitem"} <= roles or {"table", "row", "columnheader", "rowheader", "cell"} <= roles


@pytest.mark.parametrize("draw", PICTURES.values(), ids=PICTURES.keys())
def test_a_picture_looks_the_same_without_its_style_sheet(draw: Draw) -> None:
    """Programs without style sheets draw it too: each text and shape has, or inherits, its colour."""

    def coloured(part: Any, inherited: bool) -> bool:
        own = inherited or bool({"fill", "stroke"} & part.attrib.keys())
        shape = part.tag.removeprefix(SVG) in {"text", "path", "circle", "rect"}
        return (own or not shape) and all(coloured(child, own) for child in part)

    assert coloured(read(draw(3, "Plain")[0]), inherited=False)


@pytest.mark.parametrize("draw", PICTURES.values(), ids=PICTURES.keys())
def test_everything_stands_inside_the_picture(draw: Draw) -> None:
    root = read(draw(1000, HOSTILE)[0])
    height = float(root.get("height", "0"))
    assert root.get("viewBox") == f"0 0 {WIDTH} {root.get('height')}"
    for part in root.iter():
        assert 0 <= float(part.get("x", "1")) <= WIDTH
        assert 0 <= float(part.get("cx", "1")) <= WIDTH
        assert 0 <= float(part.get("y", "1")) <= height
