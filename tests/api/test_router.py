"""The router finds what Starlette's would, and tries few routes for it."""

import re

import pytest
from app.api.router import RouterByBeginning
from starlette.routing import Match, Mount, Route

from app.config import Settings
from app.main import create_api
from app.release.store import Store


@pytest.fixture(scope="module")
def router() -> RouterByBeginning:
    """The router of the service."""
    settings = Settings()
    found = create_api(settings, Store(settings.database_url)).router
    assert isinstance(found, RouterByBeginning)
    return found


def test_each_path_finds_the_first_route_that_matches(router: RouterByBeginning) -> None:
    paths = [re.sub(r"{[^}]+}", "some-id", route.path) for route in router.routes if isinstance(route, Route | Mount)]
    assert len(paths) > 100
    for path in [*paths, "/", "/nothing", "/browse/a/b", "/assets/x.js", "/therapies/x/nothing", ""]:
        for method in ("GET", "HEAD", "POST"):
            scope = {"type": "http", "path": path, "method": method, "headers": [(b"accept", b"text/html")]}
            first = next((route for route in router.routes if route.matches(scope)[0] is Match.FULL), None)
            tried = router.beginning(path)
            assert next((route for route in tried if route.matches(scope)[0] is Match.FULL), None) is first, path
            assert len(tried) < 40, path
