"""An HTTP client for registers: a rate limit for each host, retries, and a cache of responses on disk.

`httpx` alone retries only where no connection was made. Clock and sleep are parameters, so that tests take no time.
"""

import datetime as dt
import email.utils
import hashlib
import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import SystemRandom
from typing import Any
from urllib.parse import urlsplit

import httpx

from seed.openfda import AGENT

CACHE = Path(".cache/verify")
DAY = 86_400.0
TRIES = 5
FIRST_WAIT = 1.0
LONGEST_WAIT = 60.0
"""Seconds. A host that wants a longer pause gets no more requests in this run."""
RETRIED = {408, 425, 429, 500, 502, 503, 504}
"""Statuses after which a request is sent again."""
MAX_FAILURES = 2
"""Requests in a row that failed at a host, after which it gets no more."""

SECONDS_BETWEEN = {
    "api.crossref.org": 0.2,
    "eutils.ncbi.nlm.nih.gov": 0.34,
    "api.fda.gov": 0.26,
    "clinicaltrials.gov": 1.2,
}
"""By host: what its terms of use ask for, kept a little under."""


class NoAnswerError(Exception):
    """There is no response that can be judged; the message says why."""


@dataclass
class Web:
    """A client of registers. `get` answers JSON, or None where the register says that it has no such record."""

    cache: Path = CACHE
    max_age: float = 30
    """Days for which a cached response is used."""
    offline: bool = False
    mailto: str | None = None
    clock: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = SystemRandom().random
    requests: int = 0
    responses: int = 0
    cache_hits: int = 0
    failures: dict[str, str] = field(default_factory=dict)
    """Hosts that get no more requests, and why."""
    _failed: dict[str, int] = field(default_factory=dict)
    _next: dict[str, float] = field(default_factory=dict)
    _client: httpx.Client | None = None

    def __enter__(self) -> "Web":
        return self

    def __exit__(self, *_: object) -> None:
        if self._client:
            self._client.close()

    @property
    def unreachable(self) -> bool:
        """Whether requests were sent, and none had a response."""
        return bool(self.requests) and not self.responses

    def read_cache(self, url: str) -> tuple[bool, Any]:
        """Whether the cache has a response that is young enough, and the response."""
        try:
            entry = json.loads(self._file(url).read_text(encoding="utf-8"))
            young = self.clock() - float(entry["asked"]) <= self.max_age * DAY
            matches = bool(entry["url"] == url)
            answer = entry["answer"]
        except (OSError, ValueError, KeyError, TypeError):
            return False, None
        if young and matches:
            self.cache_hits += 1
            return True, answer
        return False, None

    def write_cache(self, url: str, answer: Any) -> None:
        """Write a response into the cache: whole or not at all, also where the run is interrupted."""
        file = self._file(url)
        file.parent.mkdir(parents=True, exist_ok=True)
        unfinished = file.with_suffix(f".{os.getpid()}")
        unfinished.write_text(json.dumps({"url": url, "asked": self.clock(), "answer": answer}), encoding="utf-8")
        unfinished.replace(file)

    def get(self, url: str, sound: Callable[[Any], bool], *, text: bool = False) -> Any:
        """The JSON, or the `text`, at an address, from the cache or requested now; only what is `sound` is kept.

        None where the register has no such record. Raises `NoAnswerError` where nothing can be said.
        """
        known, answer = self.read_cache(url)
        if known:
            return answer
        answer = self.request(url, text=text)
        if answer is not None and not _is_sound(answer, sound):
            what = "a text" if text else "JSON"
            raise NoAnswerError(f"{urlsplit(url).hostname} answered {what} of another shape than it documents.")
        self.write_cache(url, answer)
        return answer

    def request(self, url: str, *, text: bool = False) -> Any:
        """The JSON, or the `text`, at an address, requested now; None where the register has no such record."""
        host = urlsplit(url).hostname or ""
        if self.offline:
            raise NoAnswerError("Offline, and no answer of it is kept.")
        if host in self.failures:
            raise NoAnswerError(self.failures[host])
        try:
            answer = self._answer(url, host)
        except NoAnswerError as error:
            self._failed[host] = self._failed.get(host, 0) + 1
            if self._failed[host] >= MAX_FAILURES:
                self.failures[host] = str(error)
            raise
        self._failed[host] = 0
        self.responses += 1
        if answer.status_code in (httpx.codes.NOT_FOUND, httpx.codes.GONE):
            return None
        if answer.is_error:
            raise NoAnswerError(f"{host} answered {answer.status_code}.")
        if text:
            return answer.text
        try:
            return answer.json()
        except ValueError as error:
            raise NoAnswerError(f"{host} answered something other than JSON.") from error

    def _answer(self, url: str, host: str) -> httpx.Response:
        """The response of a host, after up to `TRIES` requests. Raises `NoAnswerError` where there is none."""
        failure = ""
        for attempt in range(TRIES):
            self._pace(host)
            self.requests += 1
            wait = FIRST_WAIT * 2**attempt * (0.5 + self.chance())
            try:
                answer = self._session().get(url)
            except httpx.TransportError as error:
                failure = f"{host} cannot be reached ({type(error).__name__})."
            except (httpx.TooManyRedirects, httpx.DecodingError) as error:
                failure = f"{host} answered what cannot be read ({type(error).__name__})."
            else:
                if answer.status_code not in RETRIED:
                    return answer
                failure = f"{host} answered {answer.status_code}."
                wait = max(wait, self._retry_after(answer))
                if wait > LONGEST_WAIT:
                    failure = f"{host} answered {answer.status_code} and asks for a pause of {wait:.0f} s."
                    self._failed[host] = MAX_FAILURES
                    break
            if attempt + 1 < TRIES:
                self.sleep(wait)
        raise NoAnswerError(failure)

    def _retry_after(self, answer: httpx.Response) -> float:
        """Seconds of `Retry-After`, given as a number or as a date."""
        value = answer.headers.get("Retry-After", "").strip()
        if value.isdigit():
            return float(value)
        try:
            until = email.utils.parsedate_to_datetime(value)
        except ValueError:
            return 0.0
        return (until.replace(tzinfo=until.tzinfo or dt.UTC)).timestamp() - self.clock()

    def _pace(self, host: str) -> None:
        now = self.clock()
        pause = self._next.get(host, now) - now
        if pause > 0:
            self.sleep(pause)
        self._next[host] = max(now, self._next.get(host, now)) + SECONDS_BETWEEN.get(host, 1.0)

    def _session(self) -> httpx.Client:
        if self._client is None:
            contact = f" (mailto:{self.mailto})" if self.mailto else ""
            self._client = httpx.Client(
                timeout=httpx.Timeout(30, connect=10),
                follow_redirects=True,
                headers={"User-Agent": f"{AGENT}{contact}", "Accept": "application/json, */*;q=0.5"},
            )
        return self._client

    def _file(self, url: str) -> Path:
        parts = urlsplit(url)
        return self.cache / (parts.hostname or "-") / f"{hashlib.sha256(url.encode()).hexdigest()[:32]}.json"


def _is_sound(answer: Any, sound: Callable[[Any], bool]) -> bool:
    """Whether an answer is sound; one without the keys or the types that are read is not."""
    try:
        return sound(answer)
    except (LookupError, TypeError, ValueError):
        return False
