"""The way of agents to the service. What speaks their protocol is imported at the first request for it."""

from asyncio import to_thread
from importlib import import_module

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from app.agents.guide import guide
from app.release.store import Store

PATH = "/mcp"


class _ByHttp:
    """The protocol over HTTP: one request, one answer in JSON, and no session, so any worker or replica answers."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a message of an agent."""
        scope["state"]["route"] = PATH
        # In a thread: the protocol takes 2 s to import, in which others want to be answered.
        module = await to_thread(import_module, "app.agents.server")
        await module.answer(scope, receive, send)


async def _llms(request: Request) -> Response:
    """What there is for agents, in Markdown."""
    store: Store = request.app.state.store
    release = await store.current()
    request.scope["state"].update(route="/llms.txt", release=release.version)
    own = request.scope.get("root_path", "")
    text = guide(own, release.version, release.counts, mcp=request.app.state.settings.mcp == "on")
    return PlainTextResponse(text)


def agent_routes(mcp: str) -> list[Route]:
    """The routes of agents; those of the protocol only where it is `on`."""
    routes = [Route("/llms.txt", _llms, name="llms")]
    return [*routes, Route(PATH, _ByHttp(), methods=["POST"], name="mcp")] if mcp == "on" else routes
