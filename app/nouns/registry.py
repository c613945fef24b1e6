"""The registry: finds every noun of this package, and refuses to start where a declaration is not sound.

A module of this package that has a `NOUN` declares one; nothing else needs to know of it.
"""

import pkgutil
from collections.abc import Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType

from sqlalchemy.exc import SQLAlchemyError

from app.nouns.declaration import Noun
from app.nouns.declaration_checks import check
from app.nouns.declaration_errors import OF_FUNCTIONS, as_declaration_error

_PACKAGE = Path(__file__).parent
_OF_THERAPIES = ("therapy", "therapy_forms")
"""Modules that are made of the nouns of facts."""
_WRONG_IN_A_MODULE = (*OF_FUNCTIONS, ImportError, NameError, SyntaxError, SQLAlchemyError)
"""What the import of a module with a mistake raises."""


@cache
def nouns() -> tuple[Noun, ...]:
    """All nouns, in the order in which the documentation shows them. Raises `DeclarationError`."""
    found = sorted((module.NOUN for module in _modules(leave_out=())), key=lambda noun: noun.order)
    check(found)
    return tuple(found)


@cache
def fact_nouns() -> tuple[Noun, ...]:
    """The nouns whose records are sections of a therapy file, in the order of the file.

    What therapies are is made of them: their modules ask for them while they are themselves imported.
    """
    found = [module.NOUN for module in _modules(leave_out=_OF_THERAPIES) if module.NOUN.section]
    return tuple(sorted(found, key=lambda noun: noun.section.order if noun.section else 0))


@cache
def noun(name: str) -> Noun:
    """The noun of a list."""
    return {found.name: found for found in nouns()}[name]


@cache
def named_nouns() -> dict[str, Noun]:
    """Nouns that `/suggest` and `/resolve` find, by type, in the order in which equals are shown."""
    found = [candidate for candidate in nouns() if candidate.resolved_order is not None]
    return {named.kind: named for named in sorted(found, key=lambda named: named.resolved_order or 0)}


def _modules(leave_out: Sequence[str]) -> list[ModuleType]:
    names = [item.name for item in pkgutil.iter_modules([str(_PACKAGE)]) if item.name not in leave_out]
    modules = [_module(name) for name in names if name != "registry"]
    return [module for module in modules if hasattr(module, "NOUN")]


def _module(name: str) -> ModuleType:
    """A module of this package. Raises `DeclarationError` where it cannot be imported."""
    try:
        return import_module(f"{__package__}.{name}")
    except _WRONG_IN_A_MODULE as error:
        raise as_declaration_error(error, f"{name}.py cannot be imported") from error
