"""What is wrong with a declaration, as a sentence that says where, and what to do."""

import traceback
from pathlib import Path

_APP = Path(__file__).parent.parent
_DECLARING = {_APP / "nouns", _APP / "vocabulary"}
_READING = {"declaration", "declaration_checks", "filters", "paths", "registry", "tree"}
"""Modules beside them that read what is declared: what goes wrong there was declared elsewhere."""
_HINTS = {
    "has no matching SQLAlchemy type": "a list or an object takes `sa_type=JSON`",
    "union as a SQLAlchemy field": "a figure that is `int | float` takes `sa_type=Float`",
}
"""By what a library says, what to do."""
OF_FUNCTIONS = (AttributeError, LookupError, TypeError, ValueError)
"""What a function that is declared raises where it cannot read what it is given."""


class DeclarationError(Exception):
    """A noun is not declared soundly; the message says which, what is wrong and what to do."""


def as_declaration_error(error: Exception, what: str, advice: str = "") -> DeclarationError:
    """What went wrong in the code of a declaration, as a sentence that says in which line of it; and what to do."""
    frames = [(Path(frame.filename), frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
    if isinstance(error, SyntaxError) and error.filename:
        frames.append((Path(error.filename), error.lineno))
    ours = [(path, line) for path, line in frames if path.parent in _DECLARING and path.stem not in _READING]
    where = f" ({ours[-1][0].relative_to(_APP.parent)}, line {ours[-1][1]})" if ours else ""
    said = str(error).partition("  ")[0].partition("\n")[0]
    hints = filter(None, (advice, *(hint for part, hint in _HINTS.items() if part in said)))
    return DeclarationError("; ".join((f"{what}{where}: {type(error).__name__}: {said}", *hints)))
