"""Dotted paths into documents, as the public form of a record declares what stands there."""

from collections.abc import Iterator
from types import NoneType
from typing import Annotated, Any, NamedTuple, get_args, get_origin

from pydantic import BaseModel


class Place(NamedTuple):
    """What a form says of the values at a path."""

    optional: bool
    """There may be no value: something on the way is null, or an empty list."""
    several: bool
    """There may be several: the way goes through a list."""


class NoSuchKeyError(LookupError):
    """A form has no such key. Carries the name of the form and the key."""

    def __init__(self, form: str, key: str) -> None:
        super().__init__(f"{form} has no such field.")
        self.form = form
        self.key = key


def place(form: type[BaseModel], path: str) -> Place:
    """What a form says of the values at a dotted path. Raises `NoSuchKeyError` for a key that it does not have.

    Free objects (`dict`) are not looked into: what they hold is not declared.
    """
    annotation: Any = form
    optional = several = False
    for key in (keys.partition("|")[0] for keys in path.split(".")):
        forms = [part for part in _parts(annotation) if isinstance(part, type) and issubclass(part, BaseModel)]
        if not forms and any(part is Any or part is dict for part in _parts(annotation)):
            return Place(optional=True, several=several)
        annotation = _field(forms, key, annotation)
        parts = list(_parts(annotation))
        optional |= NoneType in parts or list in parts
        several |= list in parts
    return Place(optional, several)


def _field(forms: list[type[BaseModel]], key: str, annotation: Any) -> Any:
    for form in forms:
        for name, field in form.model_fields.items():
            if key == (field.alias or name):
                return field.annotation
    raise NoSuchKeyError(forms[0].__name__ if forms else str(getattr(annotation, "__name__", annotation)), key)


def _parts(annotation: Any) -> Iterator[Any]:
    """The types of which an annotation is made: alternatives, `list` with what it holds, and `None`."""
    origin = get_origin(annotation)
    if origin is None:
        yield annotation
    elif origin is Annotated:
        yield from _parts(get_args(annotation)[0])
    elif origin is dict:
        yield dict
    else:
        if origin is list:
            yield list
        for part in get_args(annotation):
            yield from _parts(part)
