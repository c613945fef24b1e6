"""Asking registers politely: paced by host, asked again after a failure that may pass, answers kept on disk.

`httpx` alone asks again only where no connection came about. The loop here is short, and clock and sleep are given to
it, so that its tests take no time.
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
"""Seconds. A host that asks for a longer pause is not asked again in this run."""
PASSING = {408, 425, 429, 500, 502, 503, 504}
"""Statuses after which the same question may be answered."""
ENOUGH = 2
"""Questions in a row that a host failed to answer, after which it is asked no more."""

SECONDS_BETWEEN = {
    "api.crossref.org": 0.2,
    "eutils.ncbi.nlm.nih.gov": 0.34,
    "api.fda.gov": 0.26,
    "clinicaltrials.gov": 1.2,
}
"""By host: what its terms of use ask for, kept a little under."""


class NoAnswerError(Exception):
    """A question has no answer that can be judged; the message says why."""


@dataclass
class Web:
    """A client of registers. `get` answers JSON, or None where the register says that it has no such record."""

    cache: Path = CACHE
    max_age: float = 30
    """Days for which an answer on disk is good."""
    offline: bool = False
    mailto: str | None = None
    clock: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = SystemRandom().random
    asked: int = 0
    answered: int = 0
    kept: int = 0
    """Questions that the disk answered."""
    failures: dict[str, str] = field(default_factory=dict)
    """Hosts that are asked no more, and why."""
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
        """Whether questions were asked, and not one was answered."""
        return bool(self.asked) and not self.answered

    def remembered(self, url: str) -> tuple[bool, Any]:
        """Whether an answer to this question is on disk and young enough, and the answer."""
        try:
            entry = json.loads(self._file(url).read_text(encoding="utf-8"))
            young = self.clock() - float(entry["asked"]) <= self.max_age * DAY
            matches = bool(entry["url"] == url)
            answer = entry["answer"]
        except (OSError, ValueError, KeyError, TypeError):
            return False, None
        if young and matches:
            self.kept += 1
            return True, answer
        return False, None

    def remember(self, url: str, answer: Any) -> None:
        """Keep an answer on disk: whole or not at all, also where the run is interrupted."""
        file = self._file(url)
        file.parent.mkdir(parents=True, exist_ok=True)
        unfinished = file.with_suffix(f".{os.getpid()}")
        unfinished.write_text(json.dumps({"url": url, "asked": self.clock(), "answer": answer}), encoding="utf-8")
        unfinished.replace(file)

    def get(self, url: str, sound: Callable[[Any], bool]) -> Any:
        """The JSON at an address, from disk or asked for; only what is `sound` is believed and kept.

        None where the register has no such record. Raises `NoAnswerError` where nothing can be said.
        """
        known, answer = self.remembered(url)
        if known:
            return answer
        answer = self.ask(url)
        if answer is not None and not sound(answer):
            raise NoAnswerError(f"{urlsplit(url).hostname} answered JSON of another shape than it documents.")
        self.remember(url, answer)
        return answer

    def ask(self, url: str) -> Any:
        """The JSON at an address, asked for now; None where the register has no such record."""
        host = urlsplit(url).hostname or ""
        if self.offline:
            raise NoAnswerError("Offline, and no answer of it is kept.")
        if host in self.failures:
            raise NoAnswerError(self.failures[host])
        try:
            answer = self._answer(url, host)
        except NoAnswerError as error:
            self._failed[host] = self._failed.get(host, 0) + 1
            if self._failed[host] >= ENOUGH:
                self.failures[host] = str(error)
            raise
        self._failed[host] = 0
        self.answered += 1
        if answer.status_code in (httpx.codes.NOT_FOUND, httpx.codes.GONE):
            return None
        if answer.is_error:
            raise NoAnswerError(f"{host} answered {answer.status_code}.")
        try:
            return answer.json()
        except ValueError as error:
            raise NoAnswerError(f"{host} answered something other than JSON.") from error

    def _answer(self, url: str, host: str) -> httpx.Response:
        """The answer of a host, asked up to `TRIES` times; raises `NoAnswerError` where there is none."""
        failure = ""
        for attempt in range(TRIES):
            self._pace(host)
            self.asked += 1
            wait = FIRST_WAIT * 2**attempt * (0.5 + self.chance())
            try:
                answer = self._session().get(url)
            except httpx.TransportError as error:
                failure = f"{host} cannot be reached ({type(error).__name__})."
            except (httpx.TooManyRedirects, httpx.DecodingError) as error:
                failure = f"{host} answered what cannot be read ({type(error).__name__})."
            else:
                if answer.status_code not in PASSING:
                    return answer
                failure = f"{host} answered {answer.status_code}."
                wait = max(wait, self._asked_wait(answer))
                if wait > LONGEST_WAIT:
                    failure = f"{host} answered {answer.status_code} and asks for a pause of {wait:.0f} s."
                    self._failed[host] = ENOUGH
                    break
            if attempt + 1 < TRIES:
                self.sleep(wait)
        raise NoAnswerError(failure)

    def _asked_wait(self, answer: httpx.Response) -> float:
        """Seconds that `Retry-After` asks for, as a number or as a date."""
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
                headers={"User-Agent": f"{AGENT}{contact}", "Accept": "application/json"},
            )
        return self._client

    def _file(self, url: str) -> Path:
        parts = urlsplit(url)
        return self.cache / (parts.hostname or "-") / f"{hashlib.sha256(url.encode()).hexdigest()[:32]}.json"
