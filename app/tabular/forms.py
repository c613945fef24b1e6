"""The keys of a form, with their types, as its fields declare them."""

import datetime as dt
from enum import Enum
from functools import cache
from types import NoneType
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel

from app.tabular.columns import Key, Type

_TYPES = {bool: Type.BOOLEAN, int: Type.INTEGER, float: Type.NUMBER, dt.date: Type.DATE, dt.datetime: Type.DATETIME}
_NUMBERS = {Type.INTEGER, Type.NUMBER}


@cache
def keys_of(form: type[BaseModel]) -> tuple[Key, ...]:
    """The keys of a form, in the order of its answers."""
    fields = form.model_fields.items()
    return tuple(_key(field.alias or name, field.annotation, field.description or "") for name, field in fields)


def _key(name: str, annotation: Any, text: str) -> Key:
    found = {part for part in _parts(annotation) if part is not NoneType}
    repeated = all(get_origin(part) is list for part in found)
    types = {part for whole in found for part in _parts(*get_args(whole))} - {NoneType} if repeated else found
    form = next((part for part in types if isinstance(part, type) and issubclass(part, BaseModel)), None)
    if form:
        return Key(name, Type.OBJECT, text, repeated, below=keys_of(form))
    type_ = _type(types)
    return Key(name, type_, text, repeated, pair=repeated and type_ in _NUMBERS)


def _parts(annotation: Any) -> list[Any]:
    """The alternatives of an annotation, without what is noted beside them."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _parts(get_args(annotation)[0])
    if origin in {list, dict, Literal} or not get_args(annotation):
        return [annotation]
    return [part for each in get_args(annotation) for part in _parts(each)]


def _type(parts: set[Any]) -> Type:
    """The type that holds values of each of some types."""
    found = {_TYPES.get(part) or (Type.STRING if _is_text(part) else Type.JSON) for part in parts}
    if found == _NUMBERS:
        return Type.NUMBER
    return found.pop() if len(found) == 1 else Type.JSON


def _is_text(part: Any) -> bool:
    is_text = isinstance(part, type) and issubclass(part, str | Enum)
    return is_text or (get_origin(part) is Literal and all(isinstance(value, str) for value in get_args(part)))
