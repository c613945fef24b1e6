"""Pictures as answers: the document of an answer, drawn by a module of `app/pictures`, as SVG or as a specification."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from app.api.formats import Format

POLICY = "default-src 'none'; style-src {}; frame-ancestors 'none'"
"""Of a picture that is opened by itself: its own style sheet, and nothing else."""


def drawn(picture: str, format_: Format, document: Mapping[str, Any], at: str) -> tuple[str, dict[str, str]]:
    """A document drawn by a module of `app/pictures`, and the headers that it needs; `at` is the service's address.

    A large one takes up to some tenths of a second: call it in `Store.compute`.
    """
    # Imported here, and by name: who asks for no picture pays for none.
    plot = import_module(f"app.pictures.{picture}").plot(document, at)
    if format_ is Format.SVG:
        from app.pictures.svg import STYLE_HASH

        return plot.svg(), {"Content-Security-Policy": POLICY.format(STYLE_HASH)}
    from app.pictures.frame import written

    return written(plot.vega_lite()), {}
