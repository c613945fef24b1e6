"""The history of an indication: actions in order, and what held of it on which days.

A day that is not known in full bounds what can be said: an indication that was approved in `2014-09` stands for certain
from the last day of that month; one whose approval has no day at all, from the day of the document that shows it.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from pydantic import Field

from app.nouns.base import Schema
from app.nouns.dates import days_of
from app.vocabulary import ApprovalAction, ApprovalType, IndicationStatus


class Dated(Protocol):
    """An action that may have a day."""

    action: ApprovalAction
    on: str | None


AnyAction = TypeVar("AnyAction", bound=Dated)
AnyHeld = TypeVar("AnyHeld")
_ONE_DAY = dt.timedelta(days=1)
STALE_AFTER = dt.timedelta(days=2 * 365)
"""Age from which a document alone no longer says how something stands."""
_ACTIONS = list(ApprovalAction)
_BEGINS = {ApprovalAction.APPROVED}
ENDS = {
    ApprovalAction.WITHDRAWN: IndicationStatus.WITHDRAWN,
    ApprovalAction.DISCONTINUED: IndicationStatus.DISCONTINUED,
    ApprovalAction.REFUSED: IndicationStatus.REFUSED,
}
"""Actions that end a use, and how it stands after each."""


def in_order(actions: Iterable[AnyAction]) -> list[AnyAction]:
    """Actions, oldest first. One without a day stands where it must: an approval first, an end last, else before it."""
    known = list(actions)
    changes = [days_of(item.on)[0] for item in known if item.on and item.action not in ENDS]
    latest_change = max(changes, default=dt.date.min)

    def place(item: AnyAction) -> tuple[dt.date, bool, int]:
        if item.on:
            day = days_of(item.on)[0]
        elif item.action in _BEGINS:
            day = dt.date.min
        else:
            day = dt.date.max if item.action in ENDS else latest_change
        return day, item.on is None, _ACTIONS.index(item.action)

    return sorted(known, key=place)


@dataclass(frozen=True)
class Step:
    """An action, as far as the standing follows from it."""

    action: ApprovalAction
    approval_type: ApprovalType | None
    on: str | None
    seen_on: dt.date
    """Day by which its source had seen it."""


class IndicationStanding(Schema):
    """What is known to have held of an indication over some days."""

    status: IndicationStatus = Field(description="How it stood.")
    approval_type: ApprovalType | None = Field(default=None, description="Kind of approval; null where not known.")
    since: dt.date = Field(description="First day on which this is known to have held.")
    until: dt.date | None = Field(description="Last day on which this is known to have held; null: it still holds.")


State = tuple[IndicationStatus, ApprovalType | None] | None
"""What holds after an action; None before the first."""


def state_after(state: State, step: Step) -> State:
    """What holds once an action was taken."""
    known = state[1] if state else None
    if step.action in ENDS:
        return ENDS[step.action], known
    if step.action is ApprovalAction.APPROVED:
        again = state is not None and state[0] is IndicationStatus.ACTIVE
        return IndicationStatus.ACTIVE, step.approval_type or (known if again else None)
    if step.action is ApprovalAction.CONVERTED:
        return IndicationStatus.ACTIVE, step.approval_type or ApprovalType.REGULAR
    kept = state[0] if state else IndicationStatus.ACTIVE
    return kept, known or (step.approval_type if step.action is ApprovalAction.NARROWED else None)


def states(steps: Sequence[Step]) -> list[State]:
    """What held before the first action, and after each."""
    found: list[State] = [None]
    for step in steps:
        found.append(state_after(found[-1], step))
    return found


def edges(histories: Iterable[Sequence[Step]]) -> list[dt.date]:
    """The days on which what is known of some histories changes, in order."""
    return sorted({day for steps in histories for window in _windows(steps) for day in window})


def possible(steps: Sequence[Step], day: dt.date) -> list[State]:
    """What may have held at the end of a day, given actions in order; one state where it is known."""
    windows = _windows(steps)
    happened = sum(latest <= day for _, latest in windows)
    perhaps = sum(earliest <= day for earliest, _ in windows)
    return states(steps)[happened : perhaps + 1]


def standings(steps: Sequence[Step]) -> list[IndicationStanding]:
    """What is known to have held when, oldest first, given actions in order; days of which it is not are left out."""
    return [
        IndicationStanding(status=held[0], approval_type=held[1], since=since, until=until)
        for held, since, until in periods([steps], lambda day: _common(possible(steps, day)))
    ]


def periods(
    histories: Sequence[Sequence[Step]], held_on: Callable[[dt.date], AnyHeld | None]
) -> list[tuple[AnyHeld, dt.date, dt.date | None]]:
    """What held, from when, until when (None: still), oldest first; days on which it is not known are left out."""
    found: list[tuple[AnyHeld, dt.date, dt.date | None]] = []
    days = edges(histories)
    for day, following in zip(days, [*days[1:], None], strict=False):
        until = following - _ONE_DAY if following else None
        held = held_on(day)
        if held is None:
            continue
        if found and found[-1][0] == held and found[-1][2] == day - _ONE_DAY:
            found[-1] = (held, found[-1][1], until)
        else:
            found.append((held, day, until))
    return found


def _windows(steps: Sequence[Step]) -> list[tuple[dt.date, dt.date]]:
    """The first and last day on which each action can have been taken: none before, or after, its neighbours."""
    known = [days_of(step.on) if step.on else (dt.date.min, step.seen_on) for step in steps]
    latest = [min(last for _, last in known[number:]) for number in range(len(known))]
    earliest = [max(first for first, _ in known[: number + 1]) for number in range(len(known))]
    return [(min(pair), pair[1]) for pair in zip(earliest, latest, strict=True)]


def _common(found: Sequence[State]) -> State:
    """What all states have in common; None where they differ in the status, or nothing may have happened yet."""
    known = [state for state in found if state]
    if len(known) < len(found) or len({status for status, _ in known}) != 1:
        return None
    types = {type_ for _, type_ in known}
    return known[0][0], types.pop() if len(types) == 1 else None
