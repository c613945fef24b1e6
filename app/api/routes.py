"""The routes of every list, every single record, and every list of what belongs to one: declared from the registry."""

from functools import partial
from typing import Any

from pydantic import BaseModel, create_model

from app.api.answers import answer_list, answer_record, answer_sublist
from app.api.descriptions import NOT_FOUND
from app.api.endpoint import Endpoint
from app.api.export_routes import export_of_list, export_of_record
from app.api.page import Page
from app.api.params import list_params, record_params
from app.nouns.declaration import Noun, Sublist
from app.nouns.registry import fact_nouns, nouns
from app.nouns.registry import noun as noun_of


def page_model(noun: Noun) -> type[BaseModel]:
    """The model of a page of a list, as it is documented."""
    base: Any = Page.__class_getitem__(noun.listed)
    return create_model(
        f"{noun.singular.title().replace(' ', '')}Page", __base__=base, __doc__=f"A page of {noun.name}."
    )


def list_routes() -> list[Endpoint]:
    """The routes of all nouns."""
    own = [declare(noun) for noun in nouns() for declare in (_list_route, _record_route)]
    therapies = noun_of("therapies")
    sublists = [_sublist_route(therapies, Sublist(noun.name, "therapy")) for noun in fact_nouns()]
    sublists += [_sublist_route(noun, sublist) for noun in nouns() for sublist in noun.sublists]
    exports = [export_of_list(noun, _list_route(noun)) for noun in nouns()]
    exports += [export_of_record(noun, _record_route(noun)) for noun in nouns() if noun.standards]
    return [*own, *sublists, *exports]


def _list_route(noun: Noun) -> Endpoint:
    return Endpoint(
        f"/{noun.name}", partial(answer_list, noun=noun), query=partial(list_params, noun), tag=noun.name,
        answer=partial(page_model, noun), operation_id=f"list_{noun.name.replace('-', '_')}",
        summary=noun.list_summary, description=noun.list_description,
    )  # fmt: skip


def _record_route(noun: Noun) -> Endpoint:
    return Endpoint(
        f"/{noun.name}/{{id}}", partial(answer_record, noun=noun), query=partial(record_params, noun), tag=noun.name,
        answer=lambda: noun.public, operation_id=f"get_{noun.kind}", responses={404: NOT_FOUND},
        summary=noun.record_summary, description=noun.record_description,
    )  # fmt: skip


def _sublist_route(owner: Noun, sublist: Sublist) -> Endpoint:
    noun = noun_of(sublist.noun)
    asked = f"?{sublist.filter}=" if sublist.filters else ""
    ordered = f", in the order of {' and '.join(sublist.sort)}" if sublist.sort else ""
    grouped = f" `groups` counts them by {' and '.join(sublist.groups)}." if sublist.groups else ""
    return Endpoint(
        f"/{owner.name}/{{id}}/{noun.name}",
        partial(answer_sublist, owner=owner, sublist=sublist),
        query=partial(list_params, noun, sublist.filter, sublist.filters or None),
        answer=partial(page_model, noun),
        operation_id=f"list_{owner.kind}_{noun.name.replace('-', '_')}",
        summary=f"{noun.list_summary}, of one {owner.singular}",
        description=f"As `/{noun.name}{asked}`, of one {owner.singular}{ordered}.{grouped}",
        tag=owner.name,
        responses={404: NOT_FOUND},
    )
