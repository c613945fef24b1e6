"""Checks of histories: each indication has one, it is in order, and what follows from it can be so."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from app.nouns.dates import days_of
from app.nouns.history import ENDS, Step, in_order, states
from app.vocabulary import ApprovalAction, ApprovalType, IndicationStatus
from seed.checks.references import Found
from seed.files import Facts, TherapyFile

_FIRST = {ApprovalAction.APPROVED, ApprovalAction.REFUSED}


def histories_of(file: TherapyFile) -> Iterator[tuple[Any, list[Any], str]]:
    """Each indication of a file with its actions, oldest first, and how findings name it."""
    found = defaultdict(list)
    for item in file.facts("approvals"):
        found[item.indication].append(item)
    for key, indication in file.keyed.get("indications", ()):
        yield indication, in_order(found[key]), f"indications {key}"


def _approved_again(actions: Sequence[Any]) -> Any | None:
    """The first approval, in order, of a use that is approved already; that after emergency use is another."""
    before = None
    for item in actions:
        if item.action is ApprovalAction.APPROVED:
            if before and before.approval_type is not ApprovalType.EMERGENCY:
                return item
            before = item
        elif item.action in ENDS:
            before = None
    return None


def standing_after(actions: Sequence[Any]) -> tuple[IndicationStatus | None, ApprovalType | None]:
    """Status and type of approval of an indication today; None where nothing is known."""
    steps = [Step(item.action, item.approval_type, item.on, item.curated_on) for item in actions]
    return states(steps)[-1] or (None, None)


def histories_there(facts: Facts) -> Found:
    """Each indication has an action: how it stands follows from nothing else."""
    for file in facts.therapies:
        for _, actions, name in histories_of(file):
            if not actions:
                yield file.file, name, "No action in `approvals` names it."


def histories_in_order(facts: Facts) -> Found:
    """Nothing happens to an indication before it was approved, and it is approved once while it stands."""
    for file in facts.therapies:
        for _, actions, name in histories_of(file):
            if actions and not any(item.action in _FIRST for item in actions):
                yield file.file, name, f"{actions[0].action.value}, but never approved or refused."
            approved = [days_of(item.on)[0] for item in actions if item.action in _FIRST and item.on]
            undated = [item for item in actions if item.action in _FIRST and not item.on]
            if again := _approved_again(actions):
                yield file.file, name, f"Approved twice: {again.on or 'without a day'}. Make one action of both."
            for item in actions:
                early = item.on and approved and days_of(item.on)[1] < min(approved)
                if early and item.action not in _FIRST and not undated:
                    yield file.file, name, f"{item.action.value} on {item.on}, before the approval on {min(approved)}."
