"""The requests of the soak: pages, facets, records, searches, comparisons, exports, downloads, and bad ones."""

import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from benchmarks import workload

Check = Callable[[int, str | None, bytes], bool]
"""Whether status, release named and body are right, where answers are not compared."""
WEIGHTS = {
    "pages": 22,
    "records": 15,
    "facets": 10,
    "full text": 10,
    "names and search": 10,
    "bad requests": 9,
    "comparisons": 7,
    "service": 6,
    "POST /resolve": 5,
    "exports": 6,
}
"""How often each kind is sent, of a hundred."""
DOWNLOADS = "downloads"
"""One client sends these, after each ten others: they take seconds, in which nothing else would be sent."""
SMALL_LISTS = ("indications", "mechanisms", "warnings", "targets", "classes", "statements", "cohorts")


@dataclass(frozen=True)
class Case:
    """A request, and how its answer is checked."""

    kind: str
    target: str
    method: str = "GET"
    body: bytes | None = None
    headers: tuple[tuple[str, str], ...] = ()
    takes_release: bool = True
    """`release=` can be added to the query."""
    is_right: Check | None = None
    """By default it is compared with the answer of a quiet server."""

    def pinned(self, release: str | None) -> str:
        """The target, pinned to a release if one is given."""
        if release is None:
            return self.target
        return f"{self.target}{'&' if '?' in self.target else '?'}release={release}"


def cases(port: int, digests: Mapping[str, str]) -> list[Case]:
    """All requests; `digests` are those of the releases, by version."""
    pages = [each.target for each in workload.pages(port, 150, lambda _: None)]
    pages = [target for target in pages if "cursor=" not in target]  # a cursor belongs to one release
    names = workload.names(port)
    random.Random(6).shuffle(names)  # noqa: S311  # the same requests in every run
    found = [Case("pages", target) for target in pages]
    found += [Case("facets", f"{target}&facets={workload.FACETS}") for target in pages[:60]]
    found += [Case("records", f"/therapies/{each}") for each in workload.ids(port)[:60]]
    found += [Case("full text", each.target) for each in workload.texts(port, 60, lambda _: None)]
    found += [Case("names and search", target) for target in names[:60]]
    found += [Case("comparisons", target) for target in workload.comparisons(port, 30)]
    exports = [f"/{name}?format={kind}" for name in SMALL_LISTS for kind in ("csv", "jsonl", "bibtex")]
    exports += ["/adverse-events?class=pd-1-inhibitor&format=csv", "/adverse-events?format=jsonl"]
    found += [Case("exports", target) for target in exports]
    found += _many_names(port) + _bad_requests() + _of_the_moment(digests)
    return found


def _many_names(port: int) -> list[Case]:
    known = workload.ids(port)
    bodies = [[*known[start : start + 40], "Keytruda + Yervoy", "no such name"] for start in range(0, 200, 40)]
    kind = (("Content-Type", "application/json"),)
    return [Case("POST /resolve", "/resolve", "POST", json.dumps({"names": each}).encode(), kind) for each in bodies]


def _bad_requests() -> list[Case]:
    targets = (
        *("/therapies?clas=x", "/therapies?limit=0", "/therapies?limit=1&limit=2", "/therapies/no-such-therapy"),
        *("/nothing", "/therapies?class=no-such-class", "/therapies?cursor=abc", "/adverse-events/compare"),
        f"/therapies?q={'a' * 17_000}",
    )
    found = [Case("bad requests", target, takes_release=False) for target in targets]
    kind = (("Content-Type", "application/json"),)
    found.append(Case("bad requests", "/resolve", "POST", b'{"names": [', kind, takes_release=False))
    found.append(Case("bad requests", "/therapies", "DELETE", takes_release=False))
    found.append(Case("bad requests", "/therapies", headers=(("Accept", "image/png"),), takes_release=False))
    return found


def _of_the_moment(digests: Mapping[str, str]) -> list[Case]:
    """What no release can be pinned for."""
    one = partial(Case, takes_release=False)
    found = [
        one("service", "/service-info", is_right=partial(_is_service_info, digests)),
        one("service", "/live", is_right=lambda status, _, __: status == 200),
        one("service", "/ready", is_right=lambda status, _, __: status == 200),
        one(
            "service",
            "/releases",
            is_right=lambda status, _, body: status == 200 and len(json.loads(body)["items"]) > 1,
        ),
        one("service", "/metrics", is_right=lambda status, _, body: status == 200 and body.endswith(b"\n")),
    ]
    for version in digests:
        found += [
            one(DOWNLOADS, f"/releases/{version}/download?format={kind}", is_right=partial(_is_download, start))
            for kind, start in (("sqlite", b"SQLite format 3\0"), ("jsonl", b"{"), ("sha256", b""))
        ]
    return found


def _is_service_info(digests: Mapping[str, str], status: int, release: str | None, body: bytes) -> bool:
    found = json.loads(body)
    return status == 200 and found["release"] == release and found["digest"] == digests.get(release or "")


def _is_download(start: bytes, status: int, _: str | None, body: bytes) -> bool:
    """A release may be removed at the moment: then there is none."""
    return status == 404 or (status == 200 and len(body) > 100 and body.startswith(start))
