"""A release as a Croissant dataset (MLCommons, 1.1): its Data Package, whose tables are record sets."""

from typing import Any

from app.standards.about import About, Document, without_none

CONFORMS_TO = "http://mlcommons.org/croissant/1.1"
_OWN = (
    "arrayShape", "citeAs", "column", "containedIn", "equivalentProperty", "extract", "field", "fileObject",
    "fileProperty", "fileSet", "format", "includes", "isArray", "isLiveDataset", "jsonPath", "key", "md5",
    "parentField", "path", "recordSet", "references", "regex", "repeated", "replace", "samplingRate", "separator",
    "source", "subField", "transform",
)  # fmt: skip
CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "dct": "http://purl.org/dc/terms/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "sc": "https://schema.org/",
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "description": {"@container": "@language"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "name": {"@container": "@language"},
} | {term: f"cr:{term}" for term in _OWN}
"""The context of the specification, which readers compare with it key by key."""
_TYPES = {"integer": "sc:Integer", "number": "sc:Float", "boolean": "sc:Boolean", "date": "sc:Date"}
"""Of Table Schema; whatever else a cell holds, lists among it, is text: a list is a JSON array."""


def dataset(package: Document, file: Document, about: About) -> Document:
    """The dataset of a release.

    `package` is the descriptor of its Data Package, `file` the archive: `name`, `url`, `bytes`, `sha256`.
    """
    archive = {
        "@type": "cr:FileObject",
        "@id": file["name"],
        "name": file["name"],
        "description": "The tables as CSV and Parquet (Data Package).",
        "contentUrl": file["url"],
        "contentSize": f"{file['bytes']} B",
        "encodingFormat": "application/zip",
        "sha256": file["sha256"],
    }
    tables = [resource for resource in package["resources"] if "schema" in resource]
    return {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "@id": about.release,
        "conformsTo": CONFORMS_TO,
        "name": about.title,
        "description": package["description"],
        "url": about.release,
        "license": about.licence,
        "creator": {"@type": "sc:Organization", "name": about.authors},
        "version": about.version,
        "datePublished": about.released_on,
        "citeAs": about.cite_as,
        "identifier": f"sha256:{about.digest}",
        "distribution": [archive, *(_file(table, file["name"]) for table in tables)],
        "recordSet": [_record_set(table) for table in tables],
    }


def _file(table: Document, archive: str) -> Document:
    return {
        "@type": "cr:FileObject",
        "@id": table["path"],
        "name": table["path"].rpartition("/")[2],
        "contentUrl": table["path"],
        "contentSize": f"{table['bytes']} B",
        "containedIn": {"@id": archive},
        "encodingFormat": table["mediatype"],
        "sha256": table["hash"].removeprefix("sha256:"),
    }


def _record_set(table: Document) -> Document:
    """A table as a record set, with its key. It has no references to others: mlcroissant fails to join them."""
    name, schema = table["name"], table["schema"]
    found = {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "description": table["description"],
        "key": [{"@id": f"{name}/{column}"} for column in schema["primaryKey"]],
        "field": [_field(name, table["path"], each) for each in schema["fields"]],
    }
    return without_none(found)


def _field(name: str, path: str, column: Document) -> Document:
    return {
        "@type": "cr:Field",
        "@id": f"{name}/{column['name']}",
        "name": f"{name}/{column['name']}",
        "description": column["description"],
        "dataType": _TYPES.get(column["type"], "sc:Text"),
        "source": {"fileObject": {"@id": path}, "extract": {"column": column["name"]}},
    }
