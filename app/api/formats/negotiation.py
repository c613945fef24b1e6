"""The format of an answer, as `Accept` has it."""

from collections.abc import Collection

from app.api.formats import MEDIA_TYPES, OF_LISTS, Format


def negotiate(accept: str | None, offered: Collection[Format] = OF_LISTS) -> Format | None:
    """The format that `Accept` prefers of those offered; None where it names none of them."""
    for media_type in _preferred(accept or "*/*"):
        if media_type in {"*/*", "application/*", ""}:
            return Format.JSON
        for format_ in offered:
            known = MEDIA_TYPES[format_]
            if media_type in (known, f"{known.split('/')[0]}/*"):
                return format_
    return None


def _preferred(accept: str) -> list[str]:
    """The media types of an `Accept` header, best first; those that are refused (`q=0`) or malformed are left out."""
    ranked = []
    for number, part in enumerate(accept.split(",")):
        media_type, *parameters = (piece.strip() for piece in part.split(";"))
        quality = next((piece[2:] for piece in parameters if piece.startswith("q=")), "1")
        try:
            ranked.append((-float(quality), number, media_type.lower()))
        except ValueError:
            continue
    return [media_type for negative, _, media_type in sorted(ranked) if negative != 0]
