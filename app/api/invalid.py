"""What is said of parameters that cannot be answered: which, why, what is allowed, and what is meant."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from pydantic import BaseModel
from rapidfuzz import process

from app.api.errors import InvalidParam, Problem, ProblemType
from app.api.meanings import PARAMETERS, VALUES, meant_by
from app.nouns.filters import UNKNOWN

NO_PARAMETER = "There is no parameter"
"""How the detail of an unknown parameter begins; what is suggested for it are parameters, and else values."""


def invalid_params(errors: Sequence[Any], model: type[BaseModel]) -> Problem:
    """The problem of values that a model refuses (`ValidationError.errors()`)."""
    known = [field.alias or name for name, field in model.model_fields.items()]
    of_unknown = [item for item in errors if f"literal['{UNKNOWN}']" in item["loc"]]  # said by the other type too
    optional = {item["loc"][0] for item in of_unknown}
    params = [_invalid_param(item, known, optional) for item in errors if item not in of_unknown]
    unique = {(param.parameter, param.detail): param for param in params}
    return Problem(ProblemType.BAD_PARAMETER, params=list(unique.values()))


def _invalid_param(error: Mapping[str, Any], known: Sequence[str], optional: Collection[str]) -> InvalidParam:
    parameter = str(error["loc"][0]) if error["loc"] else "body"
    if error["type"] == "extra_forbidden":
        alike = [match for match, *_ in process.extract(parameter[:100], known, limit=3, score_cutoff=60)]
        return InvalidParam(
            parameter=parameter[:100],
            detail=f"{NO_PARAMETER} {parameter[:100]!r} here.",
            allowed=f"one of: {', '.join(known) or 'none'}",
            suggestions=meant_by(parameter[:100], PARAMETERS, known) or alike,
        )
    given = error.get("input")
    sentence = _SENTENCES.get(error["type"])
    message = sentence.format(**error.get("ctx") or {}) if sentence else error["msg"]
    detail = f"{message}."
    allowed, suggestions = None, list[str]()
    if error["type"] in {"enum", "literal_error"}:
        expected = str((error.get("ctx") or {}).get("expected", ""))
        values = expected.replace("'", "").replace(" or ", ", ").split(", ") + [UNKNOWN] * (parameter in optional)
        allowed = "one of: " + ", ".join(values)
        matched = process.extract(str(given)[:100].casefold(), values, limit=3, score_cutoff=60)
        suggestions = values_meant(parameter, str(given), values) or [value for value, *_ in matched]
        detail = f"No value of `{parameter}` is called {str(given)[:80]!r}."
    elif isinstance(given, str):
        detail = f"`{parameter}` cannot be {given[:80]!r}: {message}."
        if parameter in optional:
            suggestions = values_meant(parameter, given, [UNKNOWN])
        if error["type"] == "bool_parsing":
            allowed = "true, false or unknown" if parameter in optional else "true or false"
    return InvalidParam(parameter=parameter, detail=detail, allowed=allowed, suggestions=suggestions)


def values_meant(parameter: str, given: str, known: Collection[str]) -> list[str]:
    """The values of a parameter that a word may mean; what names nothing is `unknown`."""
    meanings = VALUES.get(parameter.removesuffix("_all"), {})
    nothing = {UNKNOWN: "none null na n/a nil missing undefined not_curated not_known not_stated unspecified"}
    return meant_by(given[:100], {**meanings, **nothing}, known)


_SENTENCES = {
    "bool_parsing": "true or false is needed",
    "int_parsing": "a whole number is needed",
    "int_from_float": "a whole number is needed",
    "float_parsing": "a number is needed",
    "finite_number": "a number is needed",
    "date_from_datetime_parsing": "a day is written as 2020-12-31",
    "date_parsing": "a day is written as 2020-12-31",
    "greater_than_equal": "it is at least {ge}",
    "less_than_equal": "it is at most {le}",
    "int_parsing_size": "the number is too large",
    "too_short": "at least one value is needed",
    "string_too_short": "at least {min_length} character is needed",
    "string_too_long": "it has at most {max_length} characters",
}
"""What is said of a value, by the kind of pydantic's error, where its own words speak of types; and of its limits."""
