"""The list of statements."""

from collections.abc import Iterator

from app.models.statement import Statement, StatementForm
from app.queries.facts import LEVEL, SOURCE
from app.queries.filters import List, Tagged
from app.vocabulary import StatementTopic


def _subjects(statement: StatementForm, kind: str) -> Iterator[str | None]:
    return (subject.id for subject in (statement.about, *statement.also_about) if subject.kind == kind)


STATEMENTS = List(
    name="statements",
    noun="statement",
    table=Statement,
    form=StatementForm,
    filters=(
        Tagged("topic", "Topic.", lambda fact: [fact.topic], example="limitation", vocabulary=StatementTopic),
        Tagged(
            "about",
            "Kind of subject: `field`, `class`, `condition`, `therapy` or `target`.",
            lambda fact: [subject.kind for subject in (fact.about, *fact.also_about)],
            example="field",
        ),
        Tagged(
            "class",
            "Class that it is about, with every class below it.",
            lambda fact: _subjects(fact, "class"),
            example="car-t",
            names="classes",
        ),
        Tagged(
            "condition",
            "Condition that it is about, with every condition below it.",
            lambda fact: _subjects(fact, "condition"),
            example="melanoma",
            names="conditions",
        ),
        Tagged(
            "therapy",
            "Therapy that it is about.",
            lambda fact: _subjects(fact, "therapy"),
            example="pembrolizumab",
            names="therapies",
        ),
        SOURCE,
        LEVEL,
    ),
    sorts={"source": Statement.position},
    text=lambda fact: (fact.text, fact.about.name, *(subject.name for subject in fact.also_about)),
)
