"""The releases as a catalogue of the Data Catalog Vocabulary (DCAT 3), as its European profile (DCAT-AP 3) wants it."""

from collections.abc import Iterable, Sequence

from app.standards.about import About, Document, without_none

CONTEXT = {
    "adms": "http://www.w3.org/ns/adms#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"
KEYWORDS = ("immunotherapy", "pharmacovigilance", "drug approval")


def catalogue(releases: Sequence[Document], files: Sequence[Document], about: About) -> Document:
    """The catalogue of all releases, newest first, each with its distributions, and of the API.

    A release has `version`, `released_on` and `digest`; a file its `format`, `media_type` and `description`. Files are
    written for the first who downloads one, so their checksums stand in a file of their own (`format=sha256`).
    """
    series = f"{about.at}/releases"
    older: list[Document | None] = [*releases[1:], None]
    datasets = [_dataset(release, before, files, about) for release, before in zip(releases, older, strict=True)]
    return {
        "@context": CONTEXT,
        "@id": f"{about.at}/catalog.jsonld",
        "@type": "dcat:Catalog",
        "dct:title": about.title,
        "dct:description": about.description,
        "dct:publisher": _publisher(about),
        "dct:license": _licence(about),
        "dct:modified": _day(releases[0]["released_on"]),
        "dcat:dataset": [
            {
                "@id": series,
                "@type": ["dcat:DatasetSeries", "dcat:Dataset"],
                "dct:title": about.title,
                "dct:description": "Every load of the fact base. A release never changes.",
                "dct:publisher": _publisher(about),
                "dcat:last": {"@id": f"{series}/{releases[0]['version']}"},
            },
            *datasets,
        ],
        "dcat:service": _service(about, [dataset["@id"] for dataset in datasets]),
    }


def _dataset(release: Document, before: Document | None, files: Sequence[Document], about: About) -> Document:
    address = f"{about.at}/releases/{release['version']}"
    found = {
        "@id": address,
        "@type": "dcat:Dataset",
        "dct:title": f"{about.title}, release {release['version']}",
        "dct:description": about.description,
        "dct:publisher": _publisher(about),
        "dct:issued": _day(release["released_on"]),
        "dct:identifier": f"sha256:{release['digest']}",
        "dcat:version": release["version"],
        "dcat:keyword": list(KEYWORDS),
        "dcat:inSeries": {"@id": f"{about.at}/releases"},
        "dcat:previousVersion": {"@id": f"{about.at}/releases/{before['version']}"} if before else None,
        "dcat:landingPage": {"@id": f"{about.at}/browse/releases", "@type": "foaf:Document"},
        "dcat:distribution": [_distribution(address, file, about) for file in files],
    }
    return without_none(found)


def _distribution(address: str, file: Document, about: About) -> Document:
    url = f"{address}/download?format={file['format']}"
    return {
        "@id": f"{url}#distribution",
        "@type": "dcat:Distribution",
        "dct:title": file["format"],
        "dct:description": file["description"],
        "dct:license": _licence(about),
        "dcat:accessURL": {"@id": address},
        "dcat:downloadURL": {"@id": url},
        "dcat:mediaType": {"@id": MEDIA_TYPES + file["media_type"], "@type": "dct:MediaType"},
    }


def _service(about: About, datasets: Iterable[str]) -> Document:
    return {
        "@id": f"{about.at}/service-info",
        "@type": "dcat:DataService",
        "dct:title": "The REST API",
        "dct:publisher": _publisher(about),
        "dct:license": _licence(about),
        "dcat:endpointURL": {"@id": f"{about.at}/"},
        "dcat:endpointDescription": {"@id": f"{about.at}/openapi.json"},
        "dcat:servesDataset": [{"@id": dataset} for dataset in datasets],
    }


def _publisher(about: About) -> Document:
    return {"@id": f"{about.at}/#maintainers", "@type": "foaf:Agent", "foaf:name": about.authors}


def _licence(about: About) -> Document:
    return {"@id": about.licence, "@type": "dct:LicenseDocument"}


def _day(day: str) -> Document:
    return {"@value": day, "@type": "xsd:date"}
