"""A list that is too long to be held is read row by row, and says the same.

All lists of today are short: here they are taken for long ones.
"""

import asyncio

import httpx
import pytest

from app import reader
from app.config import Settings
from app.main import create_app
from app.queries import matching

ASKED = [
    "/therapies?condition=melanoma&agency=EMA&sort=-first_approval&limit=5",
    "/therapies?target=PD-1&class=pd-1-inhibitor&facets=class,condition,agency",
    "/therapies?brand=Keytruda",
    "/therapies?first_approved_from=2014-01-01&first_approved_to=2019-12-31&sort=name&limit=3",
    "/therapies?boxed_warning=true&setting=metastatic&sort=-name",
    "/therapies?q=melanoma&sort=first_approval",
    "/therapies?id=nivolumab,pembrolizumab",
    "/therapies/pembrolizumab",
    "/therapies/pembrolizumab?fields=name",
    "/therapies/Keytruda",
    "/therapies/nobody",
    "/therapies?condition=melanomma",
    "/therapies?condition=MS",
    "/therapies/ipilimumab/adverse-events?event=colitis&sort=-any_percent",
    "/adverse-events?event=CRS&any_percent_from=20&sort=-severe_percent&facets=therapy",
    "/indications?condition=melanoma&q=adjuvant",
    "/suggest?q=keyt",
    "/resolve?name=Opdivo&name=PD-1",
    "/search?q=colitis",
]


@pytest.mark.parametrize("small", [10, 100])
def test_a_long_list_answers_what_a_short_one_does(
    client: httpx.Client, database: str, monkeypatch: pytest.MonkeyPatch, small: int
) -> None:
    monkeypatch.setattr(reader, "SMALL", small)  # of 100 records or fewer are the classes
    monkeypatch.setattr(matching, "FEW", small)
    app = create_app(Settings(database_url=database, cache_bytes=0, log_level="warning"))

    async def ask() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as here:
            # Twice: what the first had to look up in a thread, the second may be answered without one.
            return [await here.get(path) for _ in range(2) for path in ASKED]

    answers = asyncio.run(ask())
    for path, *given in zip(ASKED, answers, answers[len(ASKED) :], strict=False):
        expected = client.get(path)
        for answer in given:
            assert (answer.status_code, answer.content) == (expected.status_code, expected.content), path
            assert answer.headers.get("location") == expected.headers.get("location")
    assert {answer.status_code for answer in answers} == {200, 307, 404, 422}
