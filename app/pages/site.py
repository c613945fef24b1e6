"""The pages there are, as a table, and how a request finds its page."""

import re
from collections.abc import Awaitable, Callable
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from app.api.errors import Problem, ProblemType
from app.api.handlers import problem_of
from app.pages import compare, lists, records, releases, search, start, therapy, trial
from app.pages.draw import asset, drawn, drawn_problem
from app.pages.routes import PREFIX
from app.pages.visit import Moved, Visit
from app.release.database import NotReadyError


class Page(NamedTuple):
    """A page: where it is, the function that asks the API for what it shows, and the template that shows it."""

    path: str
    context: Callable[[Visit], Awaitable[dict[str, Any]]]
    template: str


PAGES = (
    Page("", start.start, "start.html"),
    Page("/search", search.search, "search.html"),
    Page("/suggest", search.suggest, "suggest.html"),
    Page("/releases", releases.listed, "releases.html"),
    Page("/releases/{a}/diff/{b}", releases.diff, "diff.html"),
    Page("/adverse-events/compare", compare.comparison, "compare.html"),
    Page("/adverse-events/matrix", compare.matrix, "matrix.html"),
    Page("/outcomes/compare", compare.outcomes, "compare_outcomes.html"),
    Page("/therapies/{id}", therapy.therapy, "therapy.html"),
    Page("/conditions/{id}", records.condition, "condition.html"),
    Page("/targets/{id}", records.target, "target.html"),
    Page("/classes/{id}", records.therapy_class, "class.html"),
    Page("/trials/{id}", trial.trial, "trial.html"),
    Page("/sources/{id}", records.source, "source.html"),
    Page("/{noun}", lists.listed, "list.html"),
    Page("/{noun}/{id}", records.record, "record.html"),
)
"""Each as in the API, the first that matches."""


async def respond(request: Request) -> Response:
    """The page at an address, or the page that says what is wrong with it."""
    path = f"/{request.path_params.get('page', '')}".rstrip("/")
    if path.startswith("/assets/"):
        return asset(path.removeprefix("/assets/"))
    visit: Visit | None = None
    try:
        page, ids = _page_at(path)
        request.scope["state"]["route"] = PREFIX + page.path
        visit = Visit(request, ids)
        await visit.open()
        context = await page.context(visit)
    except Moved as moved:
        query = f"?{request.url.query}" if request.url.query else ""
        prefix = request.scope.get("root_path", "")
        return RedirectResponse(f"{prefix}{PREFIX}{quote(moved.path)}{query}", status_code=307)
    except (Problem, NotReadyError, HTTPException) as error:
        return drawn_problem(request, visit, problem_of(error, request))
    return drawn(visit, page.template, context)


def _page_at(path: str) -> tuple[Page, dict[str, str]]:
    """The page at a path, and the parts of the path that are its own. Raises `Problem`."""
    for page in PAGES:
        if (found := _pattern(page.path).fullmatch(path)) is not None:
            return page, found.groupdict()
    raise Problem(ProblemType.NOT_FOUND, f"There is no page {PREFIX + path[:120]!r}.", title="No such page")


@cache
def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path))
