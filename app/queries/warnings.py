"""The list of warnings."""

from app.models.warning import LabelWarning, WarningForm
from app.queries.facts import COMMON
from app.queries.filters import Flag, List, Tagged
from app.vocabulary import WarningLevel

WARNINGS = List(
    name="warnings",
    noun="warning",
    table=LabelWarning,
    form=WarningForm,
    filters=(
        *(candidate for candidate in COMMON if candidate.name != "level"),
        Tagged(
            "event",
            "Event warned of, by id or name.",
            lambda fact: [fact.event.id],
            example="cytokine-release-syndrome",
            names="events",
        ),
        Tagged("level", "Level of the warning.", lambda fact: [fact.level], example="boxed", vocabulary=WarningLevel),
        Flag("rems", "Under a REMS programme; unknown where it was not read.", lambda fact: fact.rems),
    ),
    sorts={"therapy": LabelWarning.position},
    text=lambda fact: (fact.therapy.name, fact.event.name, fact.text),
)
