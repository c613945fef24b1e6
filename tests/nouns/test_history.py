"""Histories: what held when follows from the actions, and nothing is said of days of which it is not known."""

import datetime as dt
from typing import NamedTuple

import pytest

from app.nouns.history import IndicationStanding, Step, in_order, standings, states
from app.vocabulary import ApprovalAction, ApprovalType, IndicationStatus

SEEN = dt.date(2024, 5, 6)
APPROVED, CONVERTED, WITHDRAWN = ApprovalAction.APPROVED, ApprovalAction.CONVERTED, ApprovalAction.WITHDRAWN
ACCELERATED, REGULAR = ApprovalType.ACCELERATED, ApprovalType.REGULAR


class Act(NamedTuple):
    """An action as a fact file has it."""

    action: ApprovalAction
    on: str | None = None
    approval_type: ApprovalType | None = None


def held(*actions: Act) -> list[tuple[str, str | None, str, str | None]]:
    """What held, as texts: status, type, since, until."""
    steps = [Step(item.action, item.approval_type, item.on, SEEN) for item in in_order(actions)]
    return [_texts(item) for item in standings(steps)]


def _texts(item: IndicationStanding) -> tuple[str, str | None, str, str | None]:
    until = item.until.isoformat() if item.until else None
    return item.status.value, item.approval_type and item.approval_type.value, item.since.isoformat(), until


HISTORIES = {
    "approved on a day": ([Act(APPROVED, "2020-01-02")], [("active", None, "2020-01-02", None)]),
    "approved in a month": ([Act(APPROVED, "2020-02")], [("active", None, "2020-02-29", None)]),
    "approved in a year": ([Act(APPROVED, "2020")], [("active", None, "2020-12-31", None)]),
    "approved, no source says when": ([Act(APPROVED)], [("active", None, "2024-05-06", None)]),
    "converted": (
        [Act(CONVERTED, "2022-03-04", REGULAR), Act(APPROVED, "2020-01-02", ACCELERATED)],
        [("active", "accelerated", "2020-01-02", "2022-03-03"), ("active", "regular", "2022-03-04", None)],
    ),
    "converted in a year: active all the time, of one type or the other": (
        [Act(APPROVED, "2020-01-02", ACCELERATED), Act(CONVERTED, "2022", REGULAR)],
        [
            ("active", "accelerated", "2020-01-02", "2021-12-31"),
            ("active", None, "2022-01-01", "2022-12-30"),
            ("active", "regular", "2022-12-31", None),
        ],
    ),
    "withdrawn in a month: not known which of its days": (
        [Act(APPROVED, "2020-01-02"), Act(WITHDRAWN, "2022-03")],
        [("active", None, "2020-01-02", "2022-02-28"), ("withdrawn", None, "2022-03-31", None)],
    ),
    "withdrawn, no source says when": (
        [Act(WITHDRAWN), Act(APPROVED, "2020-01-02")],
        [("withdrawn", None, "2024-05-06", None)],
    ),
    "withdrawn on a day, no source says when it was approved": (
        [Act(APPROVED), Act(WITHDRAWN, "2022-03-04")],
        [("withdrawn", None, "2022-03-04", None)],
    ),
    "back again": (
        [Act(APPROVED, "2020-01-02", ACCELERATED), Act(WITHDRAWN, "2022-03-04"), Act(APPROVED, "2024-05-01", REGULAR)],
        [
            ("active", "accelerated", "2020-01-02", "2022-03-03"),
            ("withdrawn", "accelerated", "2022-03-04", "2024-04-30"),
            ("active", "regular", "2024-05-01", None),
        ],
    ),
    "a day from one source, the type from another": (
        [Act(APPROVED, "2020-01-02"), Act(APPROVED, None, ACCELERATED)],
        [("active", "accelerated", "2020-01-02", None)],
    ),
    "taken off the market": (
        [Act(APPROVED, "2020-01-02"), Act(ApprovalAction.DISCONTINUED, "2023-01-02")],
        [("active", None, "2020-01-02", "2023-01-01"), ("discontinued", None, "2023-01-02", None)],
    ),
    "refused": ([Act(ApprovalAction.REFUSED, "2021-01-02")], [("refused", None, "2021-01-02", None)]),
    "widened: it stands as before": (
        [Act(APPROVED, "2020-01-02", REGULAR), Act(ApprovalAction.EXPANDED, "2021-01-02", ACCELERATED)],
        [("active", "regular", "2020-01-02", None)],
    ),
}


@pytest.mark.parametrize(("actions", "expected"), HISTORIES.values(), ids=HISTORIES.keys())
def test_what_held_when_follows_from_the_actions(
    actions: list[Act], expected: list[tuple[str, str | None, str, str | None]]
) -> None:
    assert held(*actions) == expected
    assert held(*reversed(actions)) == expected


def test_an_action_without_a_day_stands_where_it_must() -> None:
    undated = [Act(WITHDRAWN), Act(CONVERTED), Act(APPROVED)]
    dated = [Act(ApprovalAction.EXPANDED, "2021"), Act(APPROVED, "2020-01-02")]
    assert [item.action for item in in_order([*undated, *dated])] == [
        APPROVED,
        APPROVED,
        ApprovalAction.EXPANDED,
        CONVERTED,
        WITHDRAWN,
    ]


def test_nothing_holds_before_the_first_action() -> None:
    assert states([]) == [None]
    assert standings([]) == []
    assert states([Step(APPROVED, None, None, SEEN)])[-1] == (IndicationStatus.ACTIVE, None)
