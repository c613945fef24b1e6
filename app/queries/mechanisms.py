"""The list of mechanisms."""

from app.models.mechanism import Mechanism, MechanismForm
from app.queries.facts import COMMON
from app.queries.filters import List, Tagged
from app.vocabulary import Action, Effect

MECHANISMS = List(
    name="mechanisms",
    noun="mechanism",
    table=Mechanism,
    form=MechanismForm,
    filters=(
        *COMMON,
        Tagged(
            "target",
            "Target, by symbol or common name.",
            lambda fact: [fact.target.id] if fact.target else [],
            example="PD-L1",
            names="targets",
        ),
        Tagged("action", "Action at the target.", lambda fact: [fact.action], example="inhibitor", vocabulary=Action),
        Tagged("effect", "Effect on immunity.", lambda fact: [fact.effect], example="stimulates", vocabulary=Effect),
    ),
    sorts={"therapy": Mechanism.position},
    text=lambda fact: (
        fact.therapy.name,
        *([fact.target.name, fact.target.id] if fact.target else []),
        fact.description,
    ),
)
