"""Checks of approvals: the history of an indication is in order, and agrees with what the indication says of itself."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from app.nouns.dates import days_of
from app.vocabulary import ApprovalAction, IndicationStatus
from seed.checks.references import Found
from seed.files import Facts, TherapyFile

_FIRST = {ApprovalAction.APPROVED, ApprovalAction.REFUSED}
_ENDS = {ApprovalAction.WITHDRAWN, ApprovalAction.REFUSED}


def histories_in_order(facts: Facts) -> Found:
    """Nothing happens to an indication before it was approved."""
    for file, name, actions in _histories(facts):
        approved = [days_of(item.on)[0] for item in actions if item.action in _FIRST]
        for item in actions:
            if approved and item.action not in _FIRST and days_of(item.on)[1] < min(approved):
                yield file.file, name, f"{item.action.value} on {item.on}, before the approval on {min(approved)}."


def histories_agree(facts: Facts) -> Found:
    """Days that an indication states are days of its history; it is withdrawn exactly where its history ends so."""
    for file, name, actions in _histories(facts):
        indication = next(item for item in file.facts("indications") if item.natural_key() == actions[0].indication)
        for field, action in (
            ("approved_on", ApprovalAction.APPROVED),
            ("converted_on", ApprovalAction.CONVERTED),
            ("withdrawn_on", ApprovalAction.WITHDRAWN),
        ):
            stated = getattr(indication, field)
            known = [days_of(item.on) for item in actions if item.action is action]
            if stated and known and not any(first <= stated <= last for first, last in known):
                yield file.file, name, f"`{field}` is {stated}, which is no day of its history."
        last = max(actions, key=lambda item: days_of(item.on)[1])
        if last.action in _ENDS and indication.status is IndicationStatus.ACTIVE:
            yield file.file, name, f"Active, but {last.action.value} on {last.on}."


def _histories(facts: Facts) -> Iterator[tuple[TherapyFile, str, Sequence[Any]]]:
    """The actions of each indication that has any: file, name of the indication, actions."""
    for file in facts.therapies:
        found = defaultdict(list)
        known = {item.natural_key() for item in file.facts("indications")}
        for item in file.facts("approvals"):
            if item.indication in known:  # else the check of references says so
                found[item.indication].append(item)
        for key, actions in found.items():
            yield file, f"indications {key}", actions
