"""The application: what is put together, and in which order."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from importlib.metadata import version

from fastapi import FastAPI
from fastapi.responses import Response
from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

from app import problems
from app.cache import Cache
from app.config import Settings
from app.database import Database
from app.documentation import install as install_documentation
from app.gate import Gate
from app.hardening import HARDENED
from app.queries.warming import warm
from app.reader import NotReadyError
from app.routes import comparison, lists, names, releases, service
from app.routes.descriptions import DESCRIPTION, TITLE
from app.routes.reading import Reads
from app.stopping import stop_gently
from app.telemetry import Telemetry


class Cors(CORSMiddleware):
    """Answers of its own, to browsers that ask whether they may ask, carry the headers of all others."""

    def preflight_response(self, request_headers: Headers) -> Response:
        """Say what a page of another origin may ask."""
        answer = super().preflight_response(request_headers)
        answer.headers.update(HARDENED)
        return answer


def create_app(settings: Settings | None = None) -> ASGIApp:
    """Make the application: the API, and before it the layers that most requests need not pass.

    Nothing is opened before the first request.
    """
    settings = settings or Settings()
    database = Database(settings.database_url, settings.release_check_seconds, settings.deadline_seconds, warm)
    app = api(settings, database)
    cors = partial(
        Cors,
        allow_origins=settings.cors_origins,
        allow_methods=["GET", "HEAD", "POST"],
        allow_headers=["*"],
        expose_headers=["Link", "X-Release", "ETag", "Retry-After", "RateLimit", "RateLimit-Policy", "X-Request-ID"],
        max_age=86400,
    )
    served: ASGIApp = Cache(
        cors(Gate(Reads(app))),
        database,
        settings.cache_bytes,
        origins_differ="*" not in settings.cors_origins,
    )
    refusing = refusals(served, settings)
    if refusing is not served:
        served = cors(refusing)  # a page of another origin may read why it was refused
    return Telemetry(served, log_requests=settings.log_level in {"debug", "info"})


def prepare(database: Database) -> None:
    """Read what most questions need; and let the collector of garbage leave alone what stays for good.

    Where the command has kept it off so far, it begins now.
    """
    with suppress(NotReadyError):  # whoever asks is told
        database.prepare()
    gc.freeze()
    gc.enable()


def refusals(served: ASGIApp, settings: Settings) -> ASGIApp:
    """The application behind the layers that settings ask for: who may ask, and how often."""
    if settings.rate_limit != "none":
        from limits import parse  # imported here: its library takes a tenth of the time to start

        from app.limiting import RateLimit

        served = RateLimit(served, parse(settings.rate_limit))
    if "*" not in settings.allowed_hosts:
        from app.limiting import Hosts

        served = Hosts(served, settings.allowed_hosts)
    return served


def api(settings: Settings, database: Database) -> FastAPI:
    """Make the API itself: routes, problems and documentation."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        stop_gently()
        prepare(database)
        yield
        database.engine.dispose()

    app = FastAPI(
        title=TITLE,
        description=DESCRIPTION,
        version=version("immunofacts"),
        license_info={"name": "Facts CC0-1.0, code Apache-2.0", "identifier": "Apache-2.0 AND CC0-1.0"},
        openapi_url=None,  # documentation.py serves all three
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # it would lead to whatever host the client names
        lifespan=lifespan,
    )
    app.state.database = database
    app.state.settings = settings
    problems.install(app)
    # Comparison before the lists: `/adverse-events/{id}` would take its paths.
    app.router.routes.extend([*comparison.ROUTES, *lists.ROUTES])
    app.include_router(names.router)
    app.include_router(releases.router)
    app.include_router(service.router)
    app.add_api_route("/", service.redirect_to_docs, include_in_schema=False, response_class=Response)
    install_documentation(app)
    return app
