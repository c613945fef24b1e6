"""What tells of the service itself: service-info, live, ready."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select

from app.database import Database
from app.models.base import table_of
from app.models.release import Release
from app.routes.descriptions import ALWAYS, NOT_ADVICE, TITLE
from app.routes.reading import reading
from app.telemetry import metrics


def never_kept(response: Response) -> None:
    """What the service says of itself is true at that moment only."""
    response.headers["Cache-Control"] = "no-store"


router = APIRouter(dependencies=[Depends(never_kept)])


class Nothing(BaseModel):
    """An operation without parameters: whatever is given is refused."""

    model_config = ConfigDict(extra="forbid")


NoParameters = Annotated[Nothing, Query()]


class ServiceType(BaseModel):
    """Kind of service, after GA4GH."""

    group: str
    artifact: str
    version: str


class Organization(BaseModel):
    """Who provides the service, after GA4GH."""

    name: str
    url: str


class ServiceInfo(BaseModel):
    """GA4GH service-info 1.0, with the release and the licence."""

    id: str
    name: str
    type: ServiceType
    description: str
    organization: Organization
    documentationUrl: str = Field(description="Where the documentation is.")  # noqa: N815  # the key of GA4GH
    version: str
    release: str
    released_on: str
    digest: str
    counts: dict[str, int]
    licence: str
    cite_as: str = Field(description="How to cite the fact base at this release.")
    disclaimer: str


class State(BaseModel):
    """State of the service."""

    status: str


def declared(operation: Any) -> Any:
    """Declare an operation that takes no parameters."""
    operation.query_model = Nothing
    return operation


@router.get("/service-info", operation_id="get_service_info", tags=["service"], responses=ALWAYS)
@declared
def service_info(request: Request, _: NoParameters) -> ServiceInfo:
    """Say what this service is, which release it serves, and under which licence (GA4GH service-info)."""
    with reading(request) as reader:
        counts = reader.connection.execute(
            select(table_of(Release).c.counts).where(table_of(Release).c.id == reader.release_id)
        ).scalar_one()
        return ServiceInfo(
            id="org.immunofacts",
            name=TITLE,
            type=ServiceType(group="org.immunofacts", artifact="immunofacts", version=request.app.version),
            description="A curated, fully cited fact base of immunotherapy.",
            organization=Organization(name="ImmunoFacts", url=str(request.base_url)),
            documentationUrl=f"{request.base_url}docs",
            version=request.app.version,
            release=reader.version,
            released_on=reader.released_on.isoformat(),
            digest=reader.digest,
            counts=counts,
            cite_as=f"ImmunoFacts: a cited immunotherapy fact base. Release {reader.version}, SHA-256 {reader.digest}.",
            licence="Facts: CC0-1.0. Code: Apache-2.0.",
            disclaimer=NOT_ADVICE,
        )


@router.get("/live", operation_id="get_live", tags=["service"], responses=ALWAYS)
@declared
async def live(_: NoParameters) -> State:
    """Say that the process runs."""
    return State(status="live")


@router.get("/ready", operation_id="get_ready", tags=["service"], responses=ALWAYS)
@declared
def ready(request: Request, _: NoParameters) -> State:
    """Say whether the fact base can be read; if not, why."""
    database: Database = request.app.state.database
    database.check()
    with reading(request):
        return State(status="ready")


@router.get(
    "/metrics",
    operation_id="get_metrics",
    summary="Get metrics",
    tags=["service"],
    responses={**ALWAYS, 200: {"description": "Numbers.", "content": {"text/plain": {"schema": {"type": "string"}}}}},
    response_class=Response,
)
@declared
def get_metrics(request: Request, _: NoParameters) -> Response:
    """Answer the numbers of this service in the text format of Prometheus; the README lists them."""
    headers = {"Cache-Control": "no-store"}
    return Response(metrics(request.app.state.database), media_type=CONTENT_TYPE_LATEST, headers=headers)


def redirect_to_docs() -> Response:
    """Send a visitor of the bare address to the documentation."""
    return JSONResponse({"documentation": "/docs"}, status_code=307, headers={"Location": "/docs"})
