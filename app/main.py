"""The application: what is put together, and in which order."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI
from fastapi.responses import Response
from starlette.middleware.cors import CORSMiddleware

from app import problems
from app.cache import Cache
from app.config import Settings
from app.database import Database
from app.documentation import install as install_documentation
from app.gate import Gate
from app.routes import comparison, lists, names, service
from app.routes.descriptions import DESCRIPTION, TITLE
from app.stopping import Closing, Stopping


def create_app(settings: Settings | None = None) -> FastAPI:
    """Make the application. Nothing is opened before the first request."""
    settings = settings or Settings()
    database = Database(settings.database_url, settings.release_check_seconds)
    stopping = Stopping()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        stopping.listen()
        yield
        database.engine.dispose()

    app = FastAPI(
        title=TITLE,
        description=DESCRIPTION,
        version=version("immunofacts"),
        license_info={"name": "Facts CC0-1.0, code Apache-2.0", "identifier": "Apache-2.0 AND CC0-1.0"},
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.database = database
    problems.install(app)
    app.include_router(comparison.router)  # before the lists: `/adverse-events/{id}` would take its paths
    app.include_router(lists.router)
    app.include_router(names.router)
    app.include_router(service.router)
    app.add_api_route("/", service.redirect_to_docs, include_in_schema=False, response_class=Response)
    install_documentation(app)
    app.add_middleware(Gate)
    app.add_middleware(Cache, database=database, capacity=settings.cache_bytes)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=settings.cors_origins,
        allow_methods=["GET", "HEAD", "POST"],
        allow_headers=["*"],
        expose_headers=["Link", "X-Release", "ETag", "Retry-After"],
        max_age=86400,
    )
    app.add_middleware(Closing, stopping=stopping)
    return app
