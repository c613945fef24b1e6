"""The data set as catalogues, and loaders of data sets, read it: Croissant and DCAT."""

from functools import partial
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import orjson
from sqlalchemy import Connection
from starlette.responses import Response

from app.api.conditional import OF_ALL_RELEASES, derived_etag, not_modified
from app.api.descriptions import answered
from app.api.downloads import DOWNLOADS, release_file
from app.api.endpoint import Call, Endpoint
from app.api.formats import MEDIA_TYPES, Format
from app.api.params import ReleaseParams
from app.api.responses import whole_result
from app.api.standards import about
from app.release.export import file_name
from app.release.opened import OpenRelease
from app.release.releases import listed

JSON_LD = MEDIA_TYPES[Format.JSON_LD]


async def get_croissant(call: Call) -> Response:
    """Get a release as a Croissant 1.1 dataset: the tables of its Data Package as record sets, with keys and types.

    It takes some seconds for the first who asks.
    """
    release = await call.release()
    folder, sums = await _files(call, release)
    origin = about(call, release)
    url = f"{origin.release}/download?format=datapackage"
    file = {"name": file_name(release.version, "datapackage"), "url": url, **sums["datapackage"]}

    def written(_: Connection) -> bytes:
        from app.standards.croissant import dataset  # imported here: few ask for it

        with ZipFile(folder / file["name"]) as package:
            return orjson.dumps(dataset(orjson.loads(package.read("datapackage.json")), file, origin))

    return whole_result(call, release, Format.JSON_LD, await call.store.compute(written))


async def get_catalogue(call: Call) -> Response:
    """Get the releases as a catalogue of DCAT 3, each with its distributions."""
    from app.standards.dcat import catalogue  # as above

    release = await call.release()
    origin = about(call, release)
    releases = [form.model_dump(mode="json") for form in await call.store.fetch(listed)]
    etag = derived_etag(call, release.digest, origin.at, *(each["digest"] for each in releases))
    headers = OF_ALL_RELEASES | {"ETag": etag, "X-Release": release.version, "Vary": "Host"}
    if unchanged := not_modified(call, headers):
        return unchanged
    files = [
        {"format": name, "media_type": file.media_type, "description": file.text} for name, file in DOWNLOADS.items()
    ]
    body = orjson.dumps(catalogue(releases, files, origin))
    return Response(body, media_type=JSON_LD, headers=headers)


async def _files(call: Call, release: OpenRelease) -> tuple[Path, dict[str, dict[str, Any]]]:
    """The folder of the files of a release, and by format their bytes and checksums; their own checksum is in none."""
    path, _ = await release_file(call.settings, release.version, release.digest, "sha256")
    lines = (line.split() for line in path.read_text(encoding="utf-8").splitlines())
    sums = {name: checksum for checksum, name in lines}
    return path.parent, {
        format_: {"bytes": (path.parent / name).stat().st_size, "sha256": sums[name]}
        for format_ in DOWNLOADS
        if (name := file_name(release.version, format_)) in sums
    }


def dataset_routes() -> list[Endpoint]:
    """The routes of what describes the data set."""
    route = partial(Endpoint, tag="releases", query=lambda: ReleaseParams, answer=lambda: None)
    dataset, catalogue = (answered(f"The {name}.", JSON_LD, "object") for name in ("dataset", "catalogue"))
    return [
        route("/croissant.json", get_croissant, summary="Get the Croissant dataset", responses=dataset),
        route("/catalog.jsonld", get_catalogue, summary="Get the DCAT catalogue", responses=catalogue),
    ]
