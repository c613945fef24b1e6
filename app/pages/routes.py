"""The way to the pages. What draws them is imported at the first request for one: most requests are of the API."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Match, Route
from starlette.types import Scope

PREFIX = "/browse"


class _ForBrowsers(Route):
    """A route for those who want to see HTML; programs, which ask for anything or for JSON, pass it."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match where `Accept` names HTML."""
        accepted = dict(scope.get("headers", ())).get(b"accept", b"")
        return super().matches(scope) if b"text/html" in accepted.lower() else (Match.NONE, {})


async def _to_pages(request: Request) -> Response:
    headers = {"Cache-Control": "public, max-age=3600", "Vary": "Accept"}
    return RedirectResponse(f"{request.scope.get('root_path', '')}{PREFIX}", headers=headers)


async def _show(request: Request) -> Response:
    from app.pages.site import respond  # here: 5 MB and 0.2 s, which only those who look pay

    return await respond(request)


def page_routes() -> list[Route]:
    """The routes of the pages."""
    return [Route(PREFIX, _show), Route(f"{PREFIX}/{{page:path}}", _show)]


def start_routes() -> list[Route]:
    """The way of browsers from `/` to the pages; to be before that of the documentation."""
    return [_ForBrowsers("/", _to_pages)]
