"""Pictures as answers: the document of an answer, drawn by a module of `app/pictures`, as SVG or as a specification."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, NamedTuple

from app.api.formats import Format

POLICY = "default-src 'none'; style-src {}; frame-ancestors 'none'"
"""Of a picture that is opened by itself: its own style sheet, and nothing else."""


class Drawn(NamedTuple):
    """A picture, and the headers that it needs."""

    body: str
    headers: dict[str, str]


def drawn(picture: str, format_: Format, document: Mapping[str, Any], at: str) -> Drawn:
    """A document drawn by a module of `app/pictures`; `at` is the address of the service.

    A large one takes up to some tenths of a second: call it in `Store.compute`.
    """
    # Imported here, and by name: who asks for no picture pays for none.
    module = import_module(f"app.pictures.{picture}")
    if format_ is Format.SVG:
        from app.pictures.svg import STYLE_HASH

        return Drawn(module.svg(document, at), {"Content-Security-Policy": POLICY.format(STYLE_HASH)})
    from app.pictures.frame import written

    return Drawn(written(module.vega_lite(document, at)), {})
