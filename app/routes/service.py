"""What tells of the service itself: service-info, live, ready, releases."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import func, select

from app.database import Database
from app.models.base import table_of
from app.models.release import Activation, Release, ReleaseForm
from app.problems import not_found
from app.routes.descriptions import ALWAYS, NOT_ADVICE, NOT_FOUND, TITLE
from app.routes.lists import reading


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


class ReleasePage(BaseModel):
    """The releases, newest first."""

    items: list[ReleaseForm]
    total: int


def _declared(operation: Any) -> Any:
    operation.query_model = Nothing
    return operation


@router.get("/service-info", operation_id="get_service_info", tags=["service"], responses=ALWAYS)
@_declared
def service_info(request: Request, _: NoParameters) -> ServiceInfo:
    """Say what this service is, which release it serves, and under which licence (GA4GH service-info)."""
    with reading(request, None) as reader:
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
@_declared
async def live(_: NoParameters) -> State:
    """Say that the process runs."""
    return State(status="live")


@router.get("/ready", operation_id="get_ready", tags=["service"], responses=ALWAYS)
@_declared
def ready(request: Request, _: NoParameters) -> State:
    """Say whether the fact base can be read; if not, why."""
    database: Database = request.app.state.database
    database.check()
    with reading(request, None):
        return State(status="ready")


@router.get("/releases", operation_id="list_releases", tags=["releases"], responses=ALWAYS)
@_declared
def releases(request: Request, _: NoParameters) -> ReleasePage:
    """List the releases that can be read, newest first."""
    items = _releases(request)
    return ReleasePage(items=items, total=len(items))


@router.get("/releases/{id}", operation_id="get_release", tags=["releases"], responses={**ALWAYS, 404: NOT_FOUND})
@_declared
def release(
    request: Request,
    id: Annotated[str, Path(description="Version, such as `2026.11.21`.", max_length=40)],  # noqa: A002  # the design names it
    _: NoParameters,
) -> ReleaseForm:
    """Get one release."""
    items = _releases(request)
    for item in items:
        if item.version == id:
            return item
    raise not_found("release", id, [item.version for item in items[:5]])


def _releases(request: Request) -> list[ReleaseForm]:
    table, activation = table_of(Release), table_of(Activation)
    last = select(func.max(activation.c.activated_at)).where(activation.c.release_id == table.c.id).scalar_subquery()
    with reading(request, None) as reader:
        query = select(table, last.label("activated_at")).where(last.is_not(None)).order_by(table.c.id.desc())
        rows = reader.connection.execute(query).mappings().all()
        return [ReleaseForm(**row, current=row["id"] == reader.release_id) for row in rows]


def redirect_to_docs() -> Response:
    """Send a visitor of the bare address to the documentation."""
    return JSONResponse({"documentation": "/docs"}, status_code=307, headers={"Location": "/docs"})
