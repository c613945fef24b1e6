"""US labels as openFDA serves them: from a file, or fetched by brand, set id or BLA number."""

import json
import re
from pathlib import Path
from typing import Any

import httpx

URL = "https://api.fda.gov/drug/label.json"
AGENT = "immunofacts-seed"

_SET_ID = re.compile(r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
_BLA = re.compile(r"^BLA\d{6}$", re.IGNORECASE)


class LabelNotFoundError(Exception):
    """No label was found; the message says where it was looked for."""


def query_for(name: str) -> str:
    """The search expression for a set id, a BLA number or a brand."""
    if _SET_ID.match(name):
        return f'set_id:"{name}"'
    if _BLA.match(name):
        return f'openfda.application_number:"{name.upper()}"'
    quoted = name.replace('"', "")
    return f'openfda.brand_name:"{quoted}"'


def label(name: str, client: httpx.Client | None = None) -> Any:
    """The label record of a file, or of a brand, set id or BLA number at openFDA.

    Raises `LabelNotFoundError` where there is none, where several sets share the name, or where openFDA cannot be
    reached.
    """
    path = Path(name)
    if path.suffix == ".json":
        if not path.exists():
            raise LabelNotFoundError(f"There is no file {name}.")
        try:
            return json.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise LabelNotFoundError(f"{name} cannot be read: {error.strerror}.") from error
        except (ValueError, RecursionError) as error:
            raise LabelNotFoundError(f"{name} is not JSON: {error}.") from error
    with client or httpx.Client(timeout=30, headers={"User-Agent": AGENT}) as session:
        try:
            answer = session.get(URL, params={"search": query_for(name), "limit": 5})
        except httpx.TransportError as error:
            raise LabelNotFoundError(f"openFDA cannot be reached: {error}.") from error
    if answer.status_code == httpx.codes.NOT_FOUND:
        raise LabelNotFoundError(f"openFDA has no label for {name!r}.")
    if answer.is_error:
        raise LabelNotFoundError(f"openFDA answered {answer.status_code} for {name!r}.")
    try:
        results = answer.json()["results"]
    except (ValueError, KeyError, TypeError) as error:
        raise LabelNotFoundError("openFDA answered something other than labels.") from error
    if len({result.get("set_id") for result in results}) > 1:
        found = ", ".join(sorted(str(result.get("set_id")) for result in results))
        raise LabelNotFoundError(f"Several labels are called {name!r}; name one by its set id: {found}.")
    return results[0]
