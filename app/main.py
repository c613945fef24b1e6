"""The application: what is put together, and in which order."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import orjson
from starlette.applications import Starlette
from starlette.types import ASGIApp

from app.agents.routes import agent_routes
from app.api import comparisons, handlers, outcomes
from app.api.cited import cited_routes
from app.api.datasets import dataset_routes
from app.api.document import openapi_document
from app.api.endpoint import Endpoint
from app.api.feeds import feed_routes
from app.api.names import name_routes
from app.api.openapi import Documentation
from app.api.rates import rate_routes
from app.api.releases import release_routes
from app.api.routes import list_routes
from app.api.search import search_routes
from app.api.service import service_routes
from app.api.standards import standard_routes
from app.config import Settings
from app.http.plain_text_errors import PlainTextErrors
from app.http.stack import build
from app.http.telemetry import metrics
from app.pages.routes import page_routes, start_routes
from app.release.database import NotReadyError
from app.release.store import Store


def worker() -> ASGIApp:
    """The application of one worker process."""
    return create_app(Settings())


def create_app(settings: Settings) -> ASGIApp:
    """Make the application: the API, and before it the layers that most requests need not pass.

    Nothing is opened before the first request.
    """
    api = create_api(settings)
    # The router tries one route after another: what is requested most comes first.
    api.routes.sort(key=lambda route: not getattr(route, "path", "").startswith("/therapies"))
    return build(api, settings, api.state.store.peek)


def openapi() -> bytes:
    """The OpenAPI document of the service, without examples, which come out of a release."""
    endpoints = [route for route in create_api(Settings()).routes if isinstance(route, Endpoint)]
    return orjson.dumps(openapi_document(endpoints))


async def speak_with_agent(settings: Settings) -> None:
    """Answer an agent over standard input and output until it ends."""
    from app.agents.server import serve_stdio  # here: the protocol takes 2 s, which a server of the API never pays

    api = create_api(settings)
    try:
        await serve_stdio(api)
    finally:
        api.state.store.close()


def create_api(settings: Settings) -> Starlette:
    """Make the API itself: endpoints, problems and documentation."""
    store = Store(settings.database_url, settings.release_check_seconds, settings.deadline_seconds)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        with suppress(NotReadyError):  # each request is told
            await store.observe()
        gc.freeze()  # the release and the code stay: looking through them held up all requests for 60 ms
        gc.enable()  # off since the start
        yield
        store.close()

    # Not FastAPI: its wrapping of each request takes 20 µs, a tenth of a single record.
    app = Starlette(exception_handlers=handlers.HANDLERS, lifespan=lifespan)
    app.router.redirect_slashes = False  # it would lead to whatever host the client names
    app.state.store = store
    app.state.settings = settings
    app.routes.extend(
        [
            *comparisons.compare_routes(),  # before the lists: `/adverse-events/{id}` would take their paths
            *outcomes.outcome_routes(),
            *rate_routes(),
            *name_routes(),
            *search_routes(),
            *page_routes(),
            *list_routes(),
            *comparisons.compare_exports(),
            *outcomes.outcome_exports(),
            *cited_routes(),
            *release_routes(),
            *feed_routes(),
            *service_routes(metrics),
            *standard_routes(),
            *dataset_routes(),
            *agent_routes(settings.mcp),
            *start_routes(),
            *Documentation(app, PlainTextErrors).routes(),
        ]
    )
    return app
