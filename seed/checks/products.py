"""Checks of products and of the uses granted to them: which product a use is of, and whether it is on the market."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations
from typing import Any

from app.nouns.dates import days_of, known_date
from app.nouns.folding import fold
from app.nouns.history import STALE_AFTER
from app.nouns.partner import partner_text
from app.nouns.product import ProductRecord, days_known, first_approval, first_approvals, product_ids
from app.vocabulary import Agency, ApprovalType, IndicationStatus, ProductStatus
from seed.checks.histories import histories_of, standing_after
from seed.checks.references import Found
from seed.files import Facts, TherapyFile

_ON_THE_MARKET = {ProductStatus.AUTHORISED, ProductStatus.EMERGENCY_USE}
_PROVISIONAL = {ApprovalType.ACCELERATED, ApprovalType.CONDITIONAL}
_WATCHED = {Agency.FDA, Agency.EMA}
"""Agencies whose provisional approvals are published as they are converted."""


def products_of(file: TherapyFile, indication: Any) -> list[ProductRecord]:
    """The products that a use is granted to: those that it names, else all of its agency."""
    own = [item for item in file.therapy.products if item.agency is indication.agency]
    named = [item for item in own if {item.brand, item.proper_name} & set(indication.brands)]
    return named or own


def _active(file: TherapyFile) -> Iterator[tuple[Any, list[Any], str]]:
    """The uses in force of a file: indication, its actions, and how findings name it."""
    for indication, actions, name in histories_of(file):
        if standing_after(actions)[0] is IndicationStatus.ACTIVE:
            yield indication, actions, name


def shared_brands(facts: Facts) -> Found:
    """No two therapies share a brand with one agency, and no two products of a therapy an id."""
    owners: dict[tuple[str, str], str] = {}
    for file in facts.therapies:
        ids = product_ids(file.therapy.products)
        for product, product_id in zip(file.therapy.products, ids, strict=True):
            if ids.count(product_id) > 1:
                yield file.file, f"product {product.called}", f"Two products have the id {product_id}."
            if not product.brand:
                continue
            owner = owners.setdefault((product.agency, fold(product.brand)), file.therapy.id)
            if owner != file.therapy.id:
                yield file.file, f"product {product.brand}", f"{product.agency} licensed this brand as {owner} too."


def shared_rows(facts: Facts) -> Found:
    """A row of a register that several products share does not say of one of them that it is off the market."""
    for file in facts.therapies:
        rows = defaultdict(list)
        for product in file.therapy.products:
            if product.application:
                rows[product.source, product.agency, product.application].append(product)
        for found in rows.values():
            for product in found if len(found) > 1 else ():
                name = f"product {product.called}"
                if "shared" not in product.locator:
                    yield file.file, name, f"{len(found)} products have the row of {product.application}."
                if product.status is ProductStatus.DISCONTINUED:
                    yield file.file, name, f"Discontinued by a row of {len(found)} products, {product.application}."


def uses_of_products(facts: Facts) -> Found:
    """A use belongs to products of its agency, named to the letter."""
    for file in facts.therapies:
        known: dict[Agency, set[str | None]] = defaultdict(set)
        for product in file.therapy.products:
            known[product.agency] |= {product.brand, product.proper_name}
        for indication in file.facts("indications"):
            name = f"indications {indication.natural_key()}"
            if indication.agency not in known:
                yield file.file, name, f"No product of {indication.agency} is there."
                continue
            for brand in indication.brands:
                if brand not in known[indication.agency]:
                    yield file.file, name, f"No product of {indication.agency} is called {brand!r}."


def uses_on_the_market(facts: Facts) -> Found:
    """A use is in force only while one of its products is on the market."""
    for file in facts.therapies:
        for indication, _, name in _active(file):
            standings = {product.status for product in products_of(file, indication)}
            if standings and not standings & _ON_THE_MARKET:
                yield file.file, name, f"In force, but its products are {', '.join(sorted(standings))}."


def provisional_uses_are_seen(facts: Facts) -> Found:
    """An accelerated or conditional approval is shown to be one still by a document of the last two years."""
    dates = {item.id: known_date(item.date, item.year, item.month) for item in facts.records("sources")}
    for file in facts.therapies:
        for indication, actions, name in _active(file):
            type_ = standing_after(actions)[1]
            if type_ not in _PROVISIONAL or indication.agency not in _WATCHED:
                continue
            cited = [indication, *actions, *indication.seen]
            shown = [days_of(day)[1] for item in cited if (day := dates.get(item.source))]
            read = max(item.curated_on or file.curated_on for item in cited)
            if not shown or max(shown) + STALE_AFTER < read:
                last = max(shown, default="no day that is known")
                yield file.file, name, f"Held to be {type_.value} by documents up to {last}."


def superseded_uses(facts: Facts) -> Found:
    """A use does not stand beside the wider one that came in its place: all but the ages is the same."""
    for file in facts.therapies:
        alike = defaultdict(list)
        for indication, _, name in _active(file):
            alike[_use(indication)].append((indication, name))
        for found in alike.values():
            for (one, name), (other, _) in combinations(found, 2):
                ages = set(one.age_groups), set(other.age_groups)
                nested = all(ages) and (ages[0] <= ages[1] or ages[1] <= ages[0])
                if one.source != other.source and nested and set(one.brands) & set(other.brands):
                    yield file.file, name, f"The same use, for the same patients, as {other.natural_key()}."


def _use(indication: Any) -> tuple[Any, ...]:
    """What a use is, beside whom it covers by age."""
    markers = sorted(
        (marker.id, marker.state, marker.cutoff or "", marker.alteration or "") for marker in indication.biomarkers
    )
    return (
        indication.agency,
        indication.condition,
        indication.line,
        indication.intent,
        indication.stage,
        *(tuple(sorted(part)) for part in (indication.settings, map(partner_text, indication.partners))),
        tuple(markers),
    )


def first_approvals_known(facts: Facts) -> Found:
    """No product is there that may be older than what is held to be the first approval."""
    for file in facts.therapies:
        uses = file.facts("indications"), file.facts("approvals")
        first = first_approval(first_approvals(file.therapy.products, *uses))
        if not first or first.certain:
            continue
        for product in file.therapy.products:
            settled = product.status is ProductStatus.REFUSED or product.biosimilar
            if not settled and not days_known(product, *uses).begun:
                name = f"product {product.called}"
                yield file.file, name, f"No day of its approval: it may be older than {first.agency}'s of {first.on}."
