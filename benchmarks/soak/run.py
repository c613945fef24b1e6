"""One run of the soak: clients that send requests and check the answers, and what happens meanwhile."""

import http.client
import json
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psutil

from benchmarks.soak import cases as soak_cases
from benchmarks.soak.cases import Case
from benchmarks.soak.findings import Findings
from benchmarks.soak.service import Answer, Client, Key, Service

CLIENTS = 6
STALE = 2.5
"""Seconds after an activation, after which the release before it is stale."""
EXCUSED = 3.0
"""Seconds after a kill, a restart or a removal, in which connections may be closed unanswered."""
ATTEMPTS_FOR = 20.0
"""Seconds in which a request is sent again before it counts as lost."""


class Soak:
    """One run: clients that send cases and check answers, and what happens meanwhile."""

    def __init__(self, service: Service, cases: list[Case], expected: dict[Case, dict[str, Key]], current: str) -> None:
        self.service = service
        self.cases = {
            kind: [case for case in cases if case.kind == kind] for kind in (*soak_cases.WEIGHTS, soak_cases.DOWNLOADS)
        }
        self.expected = expected
        self.versions = sorted({version for answers in expected.values() for version in answers})
        self.findings = Findings()
        self.over = threading.Event()
        self._excused_until = 0.0
        self._current = current
        self._since = 0.0
        """Since when nothing but the current release may be answered where none is named."""

    def run(self, seconds: float) -> Findings:
        """Send cases for so long, while everything happens."""
        threads = [threading.Thread(target=self._client, args=(number,)) for number in range(CLIENTS)]
        threads.append(threading.Thread(target=self._disturb))
        for thread in threads:
            thread.start()
        self.over.wait(seconds)
        self.over.set()
        for thread in threads:
            thread.join(120)
        return self.findings

    # Clients

    def _client(self, number: int) -> None:
        chance, client = random.Random(number), Client(self.service.port)  # noqa: S311  # which cases does not matter
        for turn in count():
            if self.over.is_set():
                break
            [kind] = chance.choices(list(soak_cases.WEIGHTS), list(soak_cases.WEIGHTS.values()))
            if number == 0 and turn % 10 == 9:
                kind = soak_cases.DOWNLOADS
            case = chance.choice(self.cases[kind])
            removable = [version for version in self.versions if version != self.versions[-1]]
            release = chance.choice(removable) if case.takes_release and chance.random() < 0.1 else None
            found = self._answered(client, case, release)
            if found is not None:
                answer, sent, seconds = found
                with self.findings.lock:
                    self.findings.seconds[case.kind].append(seconds)
                    self.findings.releases[answer.release or "none"] += 1
                self._check(case, release, answer, sent)
        client.close()

    def _answered(self, client: Client, case: Case, release: str | None) -> tuple[Answer, float, float] | None:
        """The answer, when its request was sent, and the seconds it took; if need be sent again, as clients do."""
        end = time.monotonic() + ATTEMPTS_FOR
        while (sent := time.monotonic()) < end:
            try:
                answer = client.send(case, release)
            except (OSError, http.client.HTTPException) as error:
                what = "refused" if isinstance(error, ConnectionRefusedError) else "closed unanswered"
                if sent < self._excused_until or time.monotonic() < self._excused_until:
                    self.findings.count(f"{what}, at a kill, restart or removal")
                else:
                    self.findings.count(what, f"{case.target}: {error!r}")
                time.sleep(0.1)
            else:
                return answer, sent, time.monotonic() - sent
        self.findings.count("lost", case.target)
        return None

    def _check(self, case: Case, release: str | None, answer: Answer, sent: float) -> None:
        where = f"{case.method} {case.pinned(release)}: {answer.status}, {answer.release}, {answer.body[:300]!r}"
        if answer.status == 503:
            self.findings.count("503", where)
        elif answer.status >= 500:
            self.findings.count("5xx", where)
        elif release is not None and answer.status == 422 and b"was removed" in answer.body:
            self.findings.count("told that the release was removed")
        elif case.is_right is not None:
            if not case.is_right(answer.status, answer.release, answer.body):
                self.findings.count("wrong", where)
        else:
            self._compare(case, release or answer.release, answer, where)
        if release is None and answer.release and case.takes_release and answer.status == 200:
            with self.findings.lock:
                current, since = self._current, self._since
            if sent > since + STALE and answer.release != current and current:
                self.findings.count("stale", f"{where} instead of {current}")

    def _compare(self, case: Case, release: str | None, answer: Answer, where: str) -> None:
        """Hold an answer against that of its release; one that names none against those of all."""
        expected = self.expected[case]
        right = {expected[release]} if release in expected else set(expected.values())
        if release is not None and release not in expected:
            self.findings.count("wrong", f"unknown release: {where}")
        elif answer.key not in right:
            self.findings.count("mixed" if answer.key in expected.values() else "wrong", where)

    # What happens meanwhile

    def _disturb(self) -> None:
        chance = random.Random(6)  # noqa: S311  # the same order in every run
        actions: list[Callable[[], None]] = [
            self._activate_other,
            lambda: self._kill(chance),
            self._remove_oldest,
            lambda: self._kill(chance),
            self._load_oldest,
            self._activate_other,
            self._restart,
        ]
        while not self.over.is_set():
            for action in actions:
                if self.over.wait(2.0):
                    return
                try:
                    action()
                except (RuntimeError, psutil.Error, subprocess.SubprocessError) as error:
                    with self.findings.lock:
                        self.findings.failed_actions.append(repr(error)[:500])

    def _command(self, *command: str) -> None:
        environment = os.environ | {"DATABASE_URL": self.service.url}
        done = subprocess.run(  # noqa: S603  # our own commands
            [sys.executable, "-m", *command], env=environment, capture_output=True, text=True, timeout=120, check=False
        )
        if done.returncode:
            raise RuntimeError(f"{command}: {done.stdout}{done.stderr}")

    @contextmanager
    def _becoming_current(self, version: str) -> Iterator[None]:
        """From the beginning of an activation until some time after its end, either release is right."""
        with self.findings.lock:
            self._current = ""
        yield
        with self.findings.lock:
            self._current, self._since = version, time.monotonic()

    def _activate(self, version: str) -> None:
        with self._becoming_current(version):
            self._command("app", "release", "activate", version)
        self.findings.actions["releases activated"] += 1

    def _activate_other(self) -> None:
        """Move between the newest release and the one before it."""
        newest, before = self.versions[-1], self.versions[-2]
        self._activate(before if self._current == newest else newest)

    def _remove_oldest(self) -> None:
        self._activate(self.versions[-1])
        self._excused_until = time.monotonic() + 60  # an export that reads it is cut short
        try:
            self._command("app", "release", "remove", self.versions[0])
        finally:
            self._excused_until = time.monotonic() + EXCUSED
        self.findings.actions["releases removed"] += 1

    def _load_oldest(self) -> None:
        with self._becoming_current(self.versions[0]):
            self._command("seed", "load", "--release", self.versions[0])
        self.findings.actions["releases loaded"] += 1

    def _kill(self, chance: random.Random) -> None:
        self._excused_until = time.monotonic() + EXCUSED
        if self.service.kill_worker(chance):
            self.findings.actions["workers killed (SIGKILL)"] += 1

    def _restart(self) -> None:
        self._excused_until = float("inf")
        try:
            self.service.stop()
            self.service.start()
        finally:
            self._excused_until = time.monotonic() + EXCUSED
        self.findings.actions["restarts (SIGTERM)"] += 1


def expected_answers(service: Service, cases: list[Case], versions: list[str]) -> dict[Case, dict[str, Key]]:
    """The answer of a quiet server to each case, pinned to each release."""
    client = Client(service.port)
    found: dict[Case, dict[str, Key]] = {case: {} for case in cases if case.is_right is None}
    for version in versions:  # one after the other: a server holds a few open, and opening one takes a second
        for case, answers in found.items():
            answers[version] = client.send(case, version if case.takes_release else None).key
    client.close()
    return found


def soak(folder: Path, seconds: float, progress: Callable[[str], None]) -> Findings:
    """Load the fact base with its past releases into a folder, and run."""
    url = f"sqlite:///{folder / 'soak.db'}"
    environment = os.environ | {"DATABASE_URL": url}
    progress("soak: loading the fact base, with past releases")
    command = [sys.executable, "-m", "seed", "load", "--migrate", "--past"]
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603  # our own command
    service = Service(url, folder)
    service.start()
    try:
        progress("soak: answers of a quiet server")
        client = Client(service.port)
        releases = json.loads(client.send(Case("", "/releases")).body)["items"]
        current = next(item["version"] for item in releases if item["current"])
        client.close()
        cases = soak_cases.cases(service.port, {item["version"]: item["digest"] for item in releases})
        expected = expected_answers(service, cases, [item["version"] for item in releases])
        progress(f"soak: {seconds:.0f} s with {len(cases)} different requests, {len(releases)} releases")
        findings = Soak(service, cases, expected, current).run(seconds)
    finally:
        service.stop()
    findings.faults, findings.exits = service.faults(), service.exits
    return findings
