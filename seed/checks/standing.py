"""Checks of products and indications: what they say of themselves holds together."""

from typing import Any

from app.nouns.dates import days_of
from app.nouns.identifiers import REGISTRIES
from app.vocabulary import ApprovalAction
from seed.checks.histories import histories_of
from seed.checks.references import Found
from seed.files import Facts, sections


def dates_in_order(facts: Facts) -> Found:
    """Approvals do not precede the first licence, and nothing is withdrawn before it was approved."""
    for file in facts.therapies:
        first: dict[str, Any] = {}
        for product in file.therapy.products:
            if product.approved_on:
                first[product.agency] = min(first.get(product.agency, product.approved_on), product.approved_on)
            if product.approved_on and product.status_on and product.status_on < product.approved_on:
                yield file.file, f"product {product.called}", "Its status is older than its approval."
        undated = {product.agency for product in file.therapy.products if not product.approved_on}
        for record, actions, name in histories_of(file):
            days = [item.on for item in actions if item.on and item.action is ApprovalAction.APPROVED]
            begun = first.get(record.agency)
            if days and begun and record.agency not in undated and days_of(days[0])[1] < begun:
                yield file.file, name, f"Approved on {days[0]}, before the first licence on {begun}."


def therapies_with_standing(facts: Facts) -> Found:
    """Every therapy has a product or says its standing."""
    for file in facts.therapies:
        if not file.therapy.products and not file.therapy.stated_status:
            yield file.file, "therapy", "Neither a product nor a stated status."


def known_registries(facts: Facts) -> Found:
    """An identifier names a register that is known."""
    for file in facts.therapies:
        for curie in file.therapy.identifiers:
            if curie.partition(":")[0] not in REGISTRIES:
                yield file.file, "therapy", f"{curie!r} is of no register that app/nouns/identifiers.py names."


def contradictions(facts: Facts) -> Found:
    """What is reported as none is not there, and a cohort does not contradict itself."""
    for file in facts.therapies:
        there = {
            kind
            for key, of in sections().items()
            if of.section
            for fact in file.facts(key)
            for kind in of.section.kinds_of(fact)
        }
        for entry in file.therapy.none_reported:
            if entry.kind in there:
                yield file.file, f"none_reported {entry.kind}", "Reported as none, but there are facts of this kind."
        for cohort in file.facts("cohorts"):
            name = f"cohorts {cohort.key}"
            if cohort.comparator and file.therapy.id in cohort.therapies:
                yield file.file, name, "A comparator in which the therapy itself is given."
            if cohort.monotherapy and (cohort.other_agents or len(cohort.therapies) > 1):
                yield file.file, name, "Monotherapy, but other treatments are named."
            if not cohort.comparator and not cohort.therapies:
                yield file.file, name, "No therapy is given, but it is no comparator."
