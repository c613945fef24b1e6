"""Dotted paths into documents: the values there, and what the public form of a record declares of them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from types import NoneType
from typing import Annotated, Any, NamedTuple, get_args, get_origin

from pydantic import BaseModel

Document = Mapping[str, Any]
Values = str | Callable[[Document], Iterable[Any]]


def values_at(document: Any, path: str) -> list[Any]:
    """The values at a dotted path of a document; lists on the way are followed, nulls left out.

    `id|name` is the first of these keys that has a value: documents of older releases may lack the former.
    """
    keys = _keys(path)
    value = document
    for number, key in enumerate(keys):  # most paths pass no list and no alternative: one value, or none
        if type(value) is not dict or "|" in key:
            return _values_of([value], keys[number:])
        value = value.get(key)
        if value is None:
            return []
        if type(value) is list:
            return _values_of(value, keys[number + 1 :])
    return [value]


def _values_of(found: list[Any], keys: list[str]) -> list[Any]:
    """The values at what remains of a path, of each of some values."""
    for key in keys:
        following: list[Any] = []
        for value in found:
            if type(value) is dict:  # as JSON is read; this runs for each value of each record
                item = value.get(key)
                if item is None and "|" in key:
                    item = next((value[other] for other in key.split("|") if value.get(other) is not None), None)
                if type(item) is list:
                    following.extend(item)
                elif item is not None:
                    following.append(item)
        found = following
    return found


def at(*paths: str) -> Callable[[Document], list[Any]]:
    """Values that stand at any of some paths."""
    return lambda document: [value for path in paths for value in values_at(document, path)]


@cache
def _keys(path: str) -> list[str]:
    return path.split(".")


def reader(values: Values, of: str = "it") -> Callable[[Document], Sequence[Any]]:
    """What reads the values that a declaration names; nulls left out. It is made once for many documents.

    It raises `TypeError`, which says of what, where a function gives a single value.
    """
    if not isinstance(values, str):

        def call(document: Document) -> Sequence[Any]:
            found = values(document)
            if isinstance(found, str) or not isinstance(found, Iterable):
                raise TypeError(f"the function of {of} gives one value; it is to give several, such as `(one,)`")
            return [value for value in found if value is not None]

        return call
    *before, last = _keys(values)
    if "|" in values or len(before) > 1:
        return lambda document: values_at(document, values)

    def read(document: Document) -> Sequence[Any]:
        inside = document.get(before[0]) if before else document
        if type(inside) is not dict:
            return values_at(document, values)
        value = inside.get(last)
        return () if value is None else value if type(value) is list else (value,)

    return read


class Place(NamedTuple):
    """What a form says of the values at a path."""

    optional: bool
    """There may be no value: something on the way is null, or an empty list."""
    several: bool
    """There may be several: the way goes through a list."""
    types: tuple[type, ...] = ()
    """Of the values; not known of what free objects hold."""


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
    parts: list[Any] = []
    for key in (keys.partition("|")[0] for keys in path.split(".")):
        forms = [part for part in _parts(annotation) if isinstance(part, type) and issubclass(part, BaseModel)]
        if not forms and any(part is Any or part is dict for part in _parts(annotation)):
            return Place(optional=True, several=several)
        annotation = _field(forms, key, annotation)
        parts = list(_parts(annotation))
        optional |= NoneType in parts or list in parts
        several |= list in parts
    types = (part for part in parts if isinstance(part, type) and part not in {NoneType, list})
    return Place(optional, several, tuple(types))


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


def models_of(form: type[BaseModel]) -> list[type[BaseModel]]:
    """A form, and the forms of its parts."""
    found = [form]
    for model in found:  # which grows by the parts of each
        parts = {part for field in model.model_fields.values() for part in _parts(field.annotation)}
        forms = (part for part in parts if isinstance(part, type) and issubclass(part, BaseModel))
        found += [part for part in forms if part not in found]
    return found


def public_keys(form: type[BaseModel]) -> list[str]:
    """The keys of a form, as the API writes them."""
    return [item.alias or name for name, item in form.model_fields.items()]
