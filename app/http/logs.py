"""Log lines, each one line of JSON on standard output."""

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


class RequestLog:
    """The lines of requests, written without `logging`, which costs more than a cached answer.

    Each line is one write, and fits into a pipe at once: nothing is held back, and the lines of workers do not mix.
    """

    def __init__(self) -> None:
        self._file = sys.__stdout__.fileno() if sys.__stdout__ else os.open(os.devnull, os.O_WRONLY)

    def write(self, fields: dict[str, Any]) -> None:
        """Write a line. One that cannot be written is lost; the request is none the worse for it."""
        line = orjson.dumps({**fields, "timestamp": datetime.now(UTC)}, option=orjson.OPT_APPEND_NEWLINE)
        with suppress(OSError):
            os.write(self._file, line)


class _Line(OrjsonFormatter):
    """A record as one line of JSON."""

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        """Write the level in lower case, as in the settings."""
        return log_data | {"level": log_data["level"].lower()}


def logging_config(level: str) -> dict[str, Any]:
    """The configuration of `logging`, for the lines of uvicorn and ours."""
    logger = {"handlers": ["stdout"], "level": level.upper(), "propagate": False}
    formatter = {
        "()": _Line,
        "fmt": "%(levelname)s %(message)s",
        "rename_fields": {"levelname": "level", "message": "event", "exc_info": "exception"},
        "timestamp": True,
        "reserved_attrs": [*RESERVED_ATTRS, "color_message"],  # uvicorn's own lines once more, for a terminal
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": formatter},
        "handlers": {"stdout": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout", "formatter": "json"}},
        "loggers": {"uvicorn": logger, log.name: logger},
    }
