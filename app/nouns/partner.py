"""Partners: what an indication combines a therapy with; alternatives are lists."""

from collections.abc import Sequence

from pydantic import ConfigDict
from sqlmodel import Field

from app.nouns.base import Schema, Text


class Partner(Schema):
    """A part of a combination."""

    model_config = ConfigDict(extra="forbid")

    any_of: list[Text] = Field(min_length=1, description="What is given; where they are several, any of them.")
    optional: bool = Field(default=False, description="It may be left out.")
    given: Text | None = Field(
        default=None, description="When, or for how long, it is given, such as `before surgery`, `2 cycles`."
    )


def partner(written: str | Partner) -> Partner:
    """A partner as the fact files write it: a plain text is the one medicine that is given."""
    return written if isinstance(written, Partner) else Partner(any_of=[written])


def partner_text(written: str | Partner) -> str:
    """A partner in words: `paclitaxel, docetaxel or topotecan (optional, after surgery)`."""
    part = partner(written)
    more = [*(["optional"] if part.optional else []), *([part.given] if part.given else [])]
    return _either(part.any_of) + (f" ({', '.join(more)})" if more else "")


def _either(words: Sequence[str]) -> str:
    *before, last = words
    return f"{', '.join(before)} or {last}" if before else last
