"""Log lines on standard output: each one line of JSON, or on a terminal, one for people to read."""

import logging
import os
import sys
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import orjson
from pythonjsonlogger.core import RESERVED_ATTRS
from pythonjsonlogger.orjson import OrjsonFormatter

log = logging.getLogger("immunofacts")
"""For everything but requests: what went wrong, and what the server says of itself."""
CLOCK = "%H:%M:%S"
"""Format of the time on a terminal."""


def _read_by_people() -> bool:
    return sys.__stdout__ is not None and sys.__stdout__.isatty()


class RequestLog:
    """The lines of requests, written without `logging`, which costs more than a cached answer.

    Each line is one write, and fits into a pipe at once: nothing is held back, and the lines of workers do not mix.
    """

    def __init__(self) -> None:
        self._file = sys.__stdout__.fileno() if sys.__stdout__ else os.open(os.devnull, os.O_WRONLY)
        self._line = _plain_line if _read_by_people() else _json_line

    def write(self, fields: dict[str, Any]) -> None:
        """Write a line. One that cannot be written is lost; the request is answered all the same."""
        with suppress(OSError):
            os.write(self._file, self._line(fields))


def _json_line(fields: dict[str, Any]) -> bytes:
    return orjson.dumps({**fields, "timestamp": datetime.now(UTC)}, option=orjson.OPT_APPEND_NEWLINE)


def _plain_line(fields: dict[str, Any]) -> bytes:
    """A request as people read it. What a client sends is written so that no terminal obeys it."""
    query = f"?{fields['query']}" if fields["query"] else ""
    kept = " (from the cache)" if fields["cache"] == "hit" else ""
    request_line = ascii(f"{fields['method']} {fields['path']}{query}")[1:-1]
    return f"{datetime.now():{CLOCK}}  {fields['status']}  {request_line}  {fields['ms']:.1f} ms{kept}\n".encode()  # noqa: DTZ005  # the reader's own clock


class _Line(OrjsonFormatter):
    """A record as one line of JSON."""

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        """Write the level in lower case, as in the settings."""
        return log_data | {"level": log_data["level"].lower()}


def logging_config(level: str) -> dict[str, Any]:
    """The configuration of `logging`, for the lines of uvicorn and ours. On a terminal, uvicorn logs warnings only."""
    people = _read_by_people()
    own = {"handlers": ["stdout"], "level": level.upper(), "propagate": False}
    of_uvicorn = own | {"level": "WARNING"} if people and level == "info" else own
    formatter: dict[str, Any] = {
        "()": _Line,
        "fmt": "%(levelname)s %(message)s",
        "rename_fields": {"levelname": "level", "message": "event", "exc_info": "exception"},
        "timestamp": True,
        "reserved_attrs": [*RESERVED_ATTRS, "color_message"],  # uvicorn's own lines once more, for a terminal
    }
    if people:
        formatter = {"format": "%(asctime)s  %(message)s", "datefmt": CLOCK}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": formatter},
        "handlers": {"stdout": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout", "formatter": "line"}},
        "loggers": {"uvicorn": of_uvicorn, log.name: own},
    }
