"""What is requested: thousands of different URLs, put together from the vocabulary of the fact base itself.

Everything is learned over HTTP, so that nothing here knows how the service works inside. A fixed seed makes every run
send the same.
"""

import random
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import orjson

from benchmarks.client import Answer, Request, fetch, get

FACETS = "class,target,condition,agency"
FILTERS = [
    *("class", "target", "condition", "agency", "status", "route", "area", "setting", "line", "intent", "age_group"),
    *("biomarker", "approval_type", "warning", "boxed_warning", "biosimilars"),
]
"""Filters of /therapies whose values the facets tell."""
SORTS = ["", "", "first_approval", "-first_approval", "name", "-name"]
TEXTS = {
    "therapies": ("mechanisms", "description"),
    "mechanisms": ("mechanisms", "description"),
    "indications": ("indications", "text"),
    "warnings": ("warnings", "text"),
    "adverse-events": ("adverse-events", "reported_term"),
    "statements": ("statements", "text"),
    "sources": ("sources", "title"),
    "events": ("events", "name"),
}
"""Lists that are searched, and where the words come from: the key of a list."""
Query = list[tuple[str, str]]


def answers(port: int, targets: list[str]) -> list[Answer]:
    """The answers to GETs of targets."""
    return fetch(port, [get(target) for target in targets])


def with_answers(port: int, targets: list[str], connections: int = 4) -> list[Request]:
    """Requests that hold the answers they must get: those given now."""
    found = fetch(port, [get(target) for target in targets], connections)
    return [get(target, body=answer.body) for target, answer in zip(targets, found, strict=True)]


def parsed(answer: Answer) -> dict[str, Any]:
    """An answer as JSON."""
    found: dict[str, Any] = orjson.loads(answer.body)
    return found


def vocabulary(port: int) -> dict[str, list[tuple[str, str, int]]]:
    """The values of each filter of therapies: id, name, and how many therapies carry it."""
    [answer] = answers(port, [f"/therapies?limit=1&facets={','.join(FILTERS)}"])
    return {
        name: [(value["id"], value["name"], value["count"]) for value in values]
        for name, values in parsed(answer)["facets"].items()
    }


def _random_query(chance: random.Random, words: dict[str, list[tuple[str, str, int]]]) -> Query:
    """One to three filters, each with one to three values, frequent values more often; ids and names; any order."""
    query: Query = []
    for name in chance.sample(FILTERS, chance.choice([1, 1, 2, 2, 3])):
        weights = [count for _, _, count in words[name]]
        several = 1 if name in {"boxed_warning", "biosimilars"} else chance.choice([1, 1, 2, 3])
        picked = dict.fromkeys(chance.choices(words[name], weights, k=several))
        query += [(name, value if "," in label or chance.random() < 0.7 else label) for value, label, _ in picked]
    if chance.random() < 0.5:
        bound = chance.choice(["first_approved_from", "first_approved_to"])
        year = chance.randint(1990, 2012) if bound.endswith("from") else chance.randint(2008, 2025)
        query.append((bound, f"{year}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"))
    if sort := chance.choice(SORTS):
        query.append(("sort", sort))
    return query


def _targets(queries: Iterator[Query]) -> Iterator[str]:
    """Targets of queries, each only once."""
    seen = set()
    for query in queries:
        target = f"/therapies?{urlencode(query)}"
        if target not in seen:
            seen.add(target)
            yield target


def pages(port: int, wanted: int, progress: Callable[[str], None]) -> list[Request]:
    """Different pages of 20 therapies: filters, sorts, and, for every third, a cursor somewhere in the result."""
    chance, words = random.Random(6), vocabulary(port)  # noqa: S311  # the same requests in every run
    candidates = _targets(iter(lambda: _random_query(chance, words), None))
    found: dict[str, Request] = {}
    while len(found) < wanted:
        batch = [next(candidates) for _ in range(400)]
        first = answers(port, [f"{target}&limit={chance.randint(1, 60)}" for target in batch[::3]])
        nexts = [parsed(answer)["next"] for answer in first]
        targets = [f"{target}&limit=20" for number, target in enumerate(batch) if number % 3]
        targets += [re.sub(r"&limit=\d+", "&limit=20", target) for target in nexts if target]
        for target, answer in zip(targets, answers(port, targets), strict=True):
            if len(parsed(answer)["items"]) == 20:
                found[target] = get(target, body=answer.body)
        progress(f"putting together requests: {len(found)} of {wanted}")
    everything = list(found.values())[:wanted]
    chance.shuffle(everything)
    return everything


def with_facets(port: int, of: list[Request]) -> list[Request]:
    """The same pages with four facets."""
    return with_answers(port, [f"{each.target}&facets={FACETS}" for each in of])


def ids(port: int, listed: str = "therapies") -> list[str]:
    """All ids of a list."""
    [answer] = answers(port, [f"/{listed}?limit=500&fields=id"])
    return [item["id"] for item in parsed(answer)["items"]]


def records(port: int, wanted: int) -> list[Request]:
    """Every single therapy, in an order of chance, over again."""
    known = ids(port)
    random.Random(6).shuffle(known)  # noqa: S311  # the same requests in every run
    every = with_answers(port, [f"/therapies/{quote(each)}" for each in known])
    return [every[number % len(every)] for number in range(wanted)]


def texts(port: int, wanted: int, progress: Callable[[str], None]) -> list[Request]:
    """Different full-text requests to several lists: one word, two of one record, or the beginning of one."""
    chance = random.Random(6)  # noqa: S311  # the same requests in every run
    pools: dict[str, list[list[str]]] = {}
    for listed, (of, key) in TEXTS.items():
        [answer] = answers(port, [f"/{of}?limit=500"])
        pools[listed] = [re.findall(r"[a-z]{4,}", item[key].lower()) for item in parsed(answer)["items"]]
    found: dict[str, Request] = {}
    while len(found) < wanted:
        targets = list(dict.fromkeys(_text_target(chance, pools) for _ in range(400)))
        targets = [target for target in targets if target not in found]
        for target, answer in zip(targets, answers(port, targets), strict=True):
            if parsed(answer)["total"]:
                found[target] = get(target, body=answer.body)
        progress(f"putting together searches: {len(found)} of {wanted}")
    return list(found.values())[:wanted]


def _text_target(chance: random.Random, pools: dict[str, list[list[str]]]) -> str:
    listed = chance.choice(list(pools))
    words = chance.choice([words for words in pools[listed] if words])
    picked = chance.sample(words, min(len(words), chance.choice([1, 1, 2])))
    if chance.random() < 0.2:
        picked[-1] = picked[-1][: chance.randint(4, 6)]
    return f"/{listed}?{urlencode({'q': ' '.join(picked), 'limit': chance.choice([10, 20, 20, 20])})}"


def query_of(target: str) -> dict[str, str]:
    """The parameters of a target."""
    return dict(parse_qsl(urlsplit(target).query))


def exports(port: int) -> list[str]:
    """Whole lists in every format: as tables, and as the citations of their sources."""
    [answer] = answers(port, ["/service-info"])
    lists = [name for name, count in parsed(answer)["counts"].items() if count]
    targets = [f"/{name}?format={kind}" for name in lists for kind in ("csv", "jsonl", "bibtex", "ris", "csl-json")]
    return [target for target, found in zip(targets, answers(port, targets), strict=True) if len(found.body)]


def comparisons(port: int, wanted: int) -> list[str]:
    """Comparisons and matrices of adverse events, of two or three therapies each, or of a class."""
    chance = random.Random(6)  # noqa: S311  # the same requests in every run
    [answer] = answers(port, ["/adverse-events?limit=1&facets=therapy,class"])
    facets = parsed(answer)["facets"]
    therapies, classes = (
        [value["id"] for value in facets[name] if value["id"] != "unknown"] for name in ("therapy", "class")
    )
    found = []
    for number in range(wanted):
        path = "/adverse-events/compare" if number % 2 else "/adverse-events/matrix"
        chosen = f"classes={chance.choice(classes)}"
        if number % 5:
            chosen = f"therapies={','.join(chance.sample(therapies, chance.choice([2, 3])))}"
        found.append(f"{path}?{chosen}&limit={chance.randint(5, 30)}")
    return found


def names(port: int) -> list[str]:
    """Suggestions, names resolved, and searches of everything."""
    beginnings = sorted({each[:length] for each in ids(port) for length in (3, 5, 7)})
    words = ["colitis", "melanoma", "cell", "infusion reaction", "pneumonitis", "rash", "hepatitis", "lymphoma"]
    found = [f"/suggest?q={quote(each)}" for each in beginnings]
    found += [f"/resolve?name={quote(each)}&name=Keytruda" for each in beginnings[::5]]
    return found + [f"/search?q={quote(word)}&limit={limit}" for word in words for limit in range(10, 60, 5)]
