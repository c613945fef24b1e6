"""The application: what is put together, and in which order."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from importlib.metadata import version

import orjson
from fastapi import FastAPI
from starlette.types import ASGIApp

from app.api import comparisons, handlers
from app.api.descriptions import TITLE
from app.api.document import openapi_document
from app.api.endpoint import Endpoint
from app.api.names import name_routes
from app.api.openapi import Documentation
from app.api.releases import release_routes
from app.api.routes import list_routes
from app.api.search import search_routes
from app.api.service import service_routes
from app.config import Settings
from app.http.headers import page_policy
from app.http.plain_text_errors import PlainTextErrors
from app.http.stack import build
from app.http.telemetry import metrics
from app.release.database import NotReadyError
from app.release.store import Store


def worker() -> ASGIApp:
    """The application of one worker process."""
    return create_app(Settings())


def create_app(settings: Settings) -> ASGIApp:
    """Make the application: the API, and before it the layers that most requests need not pass.

    Nothing is opened before the first request.
    """
    store = Store(settings.database_url, settings.release_check_seconds, settings.deadline_seconds)
    return build(create_api(settings, store), settings, store.peek)


def openapi() -> bytes:
    """The OpenAPI document of the service, without examples, which come out of a release."""
    settings = Settings()
    app = create_api(settings, Store(settings.database_url))
    endpoints = [route for route in app.routes if isinstance(route, Endpoint)]
    return orjson.dumps(openapi_document(endpoints, app.version))


def create_api(settings: Settings, store: Store) -> FastAPI:
    """Make the API itself: endpoints, problems and documentation."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        with suppress(NotReadyError):  # each request is told
            await store.observe()
        gc.freeze()  # the release and the code stay: looking through them held up all requests for 60 ms
        yield
        store.close()

    app = FastAPI(
        title=TITLE,
        version=version("immunofacts"),
        openapi_url=None,  # openapi.py serves all three
        docs_url=None,
        redoc_url=None,
        telemetry={
            "tracing": False,
            "metrics": False,
            "logs": False,
        },  # 15 µs a request
        redirect_slashes=False,  # it would lead to whatever host the client names
        lifespan=lifespan,
    )
    app.state.store = store
    app.state.settings = settings
    app.state.examples = comparisons.examples
    handlers.install(app)
    app.router.routes.extend(
        [
            *comparisons.compare_routes(),  # before the lists: `/adverse-events/{id}` would take their paths
            *list_routes(),
            *name_routes(),
            *search_routes(),
            *release_routes(),
            *service_routes(partial(metrics, store.peek)),
            *Documentation(app, page_policy, PlainTextErrors).routes(),
        ]
    )
    return app
