"""What tells of the service itself: service-info, the probes, and metrics."""

from collections.abc import Callable
from contextlib import suppress
from functools import partial

from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import Field
from starlette.responses import Response

from app.api.descriptions import NOT_ADVICE, TITLE, VERSION, answered, cite_as
from app.api.endpoint import Call, Endpoint
from app.api.responses import uncached_response
from app.nouns.base import Schema
from app.nouns.identifiers import REGISTRIES
from app.release.database import NotReadyError
from app.release.opened import ReleaseKey

_DATABASES: dict[str, str | None] = {
    "CTCAE": "public domain (NCI)",
    "European Medicines Agency": "reuse with acknowledgement of the source",
    "HGNC": "CC0 1.0",
    "MONDO": "CC BY 4.0",
    "openFDA": "CC0 1.0",
    "Purple Book": "public domain (FDA)",
    "Thera-SAbDab": "CC BY 4.0",
}
"""Licences of databases whose names or figures the facts carry, as `LICENSE` states them."""


class ServiceType(Schema):
    """Kind of service, after GA4GH."""

    group: str = Field(description="Namespace of the service, in reverse domain notation.")
    artifact: str = Field(description="Name of the API.")
    version: str = Field(description="Version of the code.")


class Organization(Schema):
    """Who provides the service, after GA4GH."""

    name: str = Field(description="Name of the provider.")
    url: str = Field(description="Address of the service.")


class ServiceInfo(Schema):
    """GA4GH service-info 1.0, with the release and the licence."""

    id: str = Field(description="Id of the service, in reverse domain notation.")
    name: str = Field(description="Name of the service.")
    type: ServiceType = Field(description="Kind of service.")
    description: str = Field(description="What the service is.")
    organization: Organization = Field(description="Who provides it.")
    documentationUrl: str = Field(description="Where the documentation is.")  # noqa: N815  # the key of GA4GH
    version: str = Field(description="Version of the code.")
    release: str = Field(description="Version of the current release.")
    released_on: str = Field(description="Day on which it was loaded (UTC).")
    digest: str = Field(description="SHA-256 over all documents of the release.")
    counts: dict[str, int] = Field(description="Records per list.")
    licence: str = Field(description="Licences of facts and code.")
    licences: dict[str, str | None] = Field(
        description="Licence of each database and register that facts or identifiers are of; null where none was read."
    )
    cite_as: str = Field(description="How to cite the fact base at this release.")
    disclaimer: str = Field(description="What the facts are not for.")


class State(Schema):
    """State of the service."""

    status: str = Field(description="`live` or `ready`.")


async def get_service_info(call: Call) -> Response:
    """Say what this service is, which release it serves, and under which licence (GA4GH service-info)."""
    release = await call.release()
    base_url = call.request.base_url
    info = ServiceInfo(
        id="org.immunofacts",
        name=TITLE,
        type=ServiceType(group="org.immunofacts", artifact="immunofacts", version=VERSION),
        description="A curated, fully cited fact base of immunotherapy.",
        organization=Organization(name="ImmunoFacts", url=str(base_url)),
        documentationUrl=f"{base_url}docs",
        version=VERSION,
        release=release.version,
        released_on=release.released_on.isoformat(),
        digest=release.digest,
        counts=release.counts,
        cite_as=cite_as(release.version, release.digest),
        licence="Facts: CC0-1.0. Code: Apache-2.0.",
        licences=_DATABASES | {register.name: register.licence for register in REGISTRIES.values()},
        disclaimer=NOT_ADVICE,
    )
    return uncached_response(info, release.version)


async def get_live(_: Call) -> Response:
    """Liveness probe: the process runs. It needs neither the database nor a thread."""
    return uncached_response(State(status="live"))


async def get_ready(call: Call) -> Response:
    """Readiness probe: whether the fact base can be read; if not, why."""
    seen = await call.store.observe()
    return uncached_response(State(status="ready"), seen.current.version)


def service_routes(metrics: Callable[[ReleaseKey | None], bytes]) -> list[Endpoint]:
    """The routes of the service itself; `metrics` gives all numbers, of the current release too, for Prometheus."""

    async def get_metrics(call: Call) -> Response:
        """Answer the numbers of this service in the text format of Prometheus; the README lists them."""
        release = None
        with suppress(NotReadyError):
            release = (await call.store.current()).key
        headers = {"Cache-Control": "no-store"}
        return Response(metrics(release), media_type=CONTENT_TYPE_LATEST, headers=headers)

    route = partial(Endpoint, tag="service")
    return [
        route("/service-info", get_service_info, answer=lambda: ServiceInfo, summary="Get service info"),
        route("/live", get_live, answer=lambda: State, summary="Get live"),
        route("/ready", get_ready, answer=lambda: State, summary="Get ready"),
        route(
            "/metrics",
            get_metrics,
            answer=lambda: None,
            summary="Get metrics",
            responses=answered("Numbers.", "text/plain", "string"),
        ),
    ]
