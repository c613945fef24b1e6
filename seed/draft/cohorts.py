"""Cohorts of a label: the arms of all its tables, each arm of a trial once."""

import re
from dataclasses import dataclass, field

from app.nouns.base import slugged
from app.nouns.cohort import CohortRecord
from seed.draft.arms import Arm, Names, arm_slug, is_control, read_arm, shortened, spoken
from seed.draft.counts import TableArm


@dataclass(frozen=True)
class Place:
    """Where a table stands, and what its caption or the text before it says of the trial."""

    locator: str
    caption: str
    trials: tuple[str, ...] = ()
    part: str = ""
    """Cohort or part of the trial."""
    laboratory: bool = False


@dataclass
class DraftCohort:
    """A cohort, as it grows over the tables."""

    key: str
    arm: Arm
    place: Place
    patients: int | None
    comparator: bool
    review: list[str] = field(default_factory=list)
    captions: list[str] = field(default_factory=list)


class Cohorts:
    """All cohorts of a label."""

    def __init__(self, names: Names, source: str) -> None:
        self.names, self.source = names, source
        self.cohorts: list[DraftCohort] = []

    def arms_of(self, table_arms: list[TableArm]) -> list[Arm]:
        """Read the headings of a table."""
        return [read_arm(arm.heading, self.names) for arm in table_arms]

    def place(self, place: Place, table_arms: list[TableArm]) -> list[DraftCohort]:
        """The cohort of each arm of a table: a known one where it is the same arm of the same trial, else a new one."""
        arms = self.arms_of(table_arms)
        if len(arms) == 1 and not arms[0].own and not arms[0].therapies and self._captioned(place.caption):
            arms = [self._unnamed(table_arms[0].heading)]
        taken: list[DraftCohort] = []
        for arm, table_arm in zip(arms, table_arms, strict=True):
            known = [cohort for cohort in self._same(place, arm, table_arm, arms) if cohort not in taken]
            if len(known) == 1:
                cohort = known[0]
                cohort.patients = cohort.patients or table_arm.patients
            else:
                cohort = self._new(place, arm, table_arm, arms)
                if len(known) > 1:
                    cohort.review.append("may be one of several earlier cohorts of this trial: compare")
            cohort.captions.append(f"{place.locator}: {place.caption}")
            taken.append(cohort)
        return taken

    def _captioned(self, caption: str) -> bool:
        return any(spoken(name) in spoken(caption) for name in self.names.own_names)

    def _unnamed(self, heading: str) -> Arm:
        """An arm that only the caption names: the label's brand."""
        label = f"{self.names.brand}, {heading}" if heading else self.names.brand
        return Arm(heading=label, therapies=(self.names.own,), own=True)

    def _same(self, place: Place, arm: Arm, table_arm: TableArm, arms: list[Arm]) -> list[DraftCohort]:
        """Earlier cohorts that are this arm: same trial and part, same treatments, and an N that allows it."""
        if place.trials:
            trials = {_trial(name) for name in place.trials}
            near = [
                c for c in self.cohorts if {_trial(t) for t in c.place.trials} == trials and c.place.part == place.part
            ]
        elif table_arm.patients:
            near = [c for c in self.cohorts if c.patients == table_arm.patients and self._all_known(arms)]
        else:
            near = [
                c
                for c in self.cohorts
                if place.laboratory and spoken(c.place.caption)[-40:] == spoken(place.caption)[-40:]
            ]
        worded = [c for c in near if spoken(c.arm.heading) == spoken(arm.heading)]
        signed = [c for c in near if arm.signature and c.arm.signature == arm.signature]
        if sum(other.signature == arm.signature for other in arms) > 1 or len(signed) > 1:
            signed = [c for c in signed if c.arm.schedule == arm.schedule]
        for candidates in (worded, signed):
            equal = [c for c in candidates if c.patients == table_arm.patients]
            if equal:
                return equal[-1:] if table_arm.patients else equal
            open_size = [c for c in candidates if None in (c.patients, table_arm.patients)]
            if open_size:
                return open_size
            if place.laboratory and len(candidates) == 1 and len(place.trials) == 1:
                other, own = candidates[0].patients or 0, table_arm.patients or 0
                if abs(other - own) <= 0.1 * max(other, own):
                    return candidates
        return []

    def _all_known(self, arms: list[Arm]) -> bool:
        """Whether a table without trial repeats all the arms of an earlier table."""
        return len(arms) > 1 and all(
            any(spoken(c.arm.heading) == spoken(arm.heading) for c in self.cohorts) for arm in arms
        )

    def _new(self, place: Place, arm: Arm, table_arm: TableArm, arms: list[Arm]) -> DraftCohort:
        trial = "-".join(slugged(name) for name in place.trials) if len(place.trials) <= 2 else ""
        stem = [shortened(trial, 60), slugged(place.part), arm_slug(arm, self.names) or slugged(self.names.own)]
        size = f"n{table_arm.patients}" if table_arm.patients else ""
        table = slugged(place.locator.rpartition(", ")[2])
        key = "-".join(filter(None, stem if trial else [*stem, size or table]))
        for further in (slugged(arm.schedule), size, table):
            if further and any(cohort.key == key for cohort in self.cohorts):
                key = f"{key}-{further}"
        cohort = DraftCohort(shortened(key, 118), arm, place, table_arm.patients, is_control(arm, arms))
        questions = {
            "not every word of the heading was recognised: check therapies, other agents, comparator": not arm.whole,
            "the arm does not name the label's therapy: is it a comparator?": not (arm.own or cohort.comparator),
            "the heading names alternatives": arm.alternatives,
            "no trial is named": not place.trials,
            "no N is printed: it may be the arm of another cohort, worded otherwise": not table_arm.patients,
        }
        cohort.review += [question for question, open_ in questions.items() if open_]
        self.cohorts.append(cohort)
        return cohort

    def records(self) -> list[CohortRecord]:
        """The records, in the order of the label."""
        return [self._record(cohort) for cohort in self.cohorts]

    def _record(self, cohort: DraftCohort) -> CohortRecord:
        arm, place = cohort.arm, cohort.place
        several = len(place.trials) > 1
        return CohortRecord(
            key=cohort.key,
            label=arm.heading or f"Patients of {place.locator.rpartition(', ')[2]}",
            trial=place.trials[0] if len(place.trials) == 1 else None,
            therapies=list(arm.therapies),
            other_agents=list(arm.others) if arm.whole else [],
            monotherapy=True
            if arm.alone
            else (False if arm.own and arm.whole and (len(arm.therapies) > 1 or _active(arm)) else None),
            comparator=cohort.comparator,
            population=place.part or None,
            schedule=arm.schedule or None,
            patients=cohort.patients,
            pooled=several,
            pooled_from=list(place.trials) if several else [],
            source=self.source,
            locator=place.locator,
        )


def _trial(name: str) -> str:
    """A trial's name as it is compared: without `Study` before a code of letters and digits."""
    return re.sub(r"^study (?=[a-z]+-?\d)", "", spoken(name))


def _active(arm: Arm) -> bool:
    """Whether another agent than placebo is named."""
    return any("placebo" not in other.lower() and other.lower() != "observation" for other in arm.others)
