"""All lists of the API, in the order in which the documentation shows them."""

from app.queries.adverse_events import ADVERSE_EVENTS
from app.queries.cohorts import COHORTS
from app.queries.indications import INDICATIONS
from app.queries.mechanisms import MECHANISMS
from app.queries.sources import SOURCES
from app.queries.statements import STATEMENTS
from app.queries.terms import CLASSES, CONDITIONS, EVENTS, TARGETS
from app.queries.therapies import THERAPIES
from app.queries.warnings import WARNINGS

LISTS = (
    THERAPIES,
    INDICATIONS,
    MECHANISMS,
    WARNINGS,
    ADVERSE_EVENTS,
    COHORTS,
    STATEMENTS,
    SOURCES,
    TARGETS,
    CONDITIONS,
    CLASSES,
    EVENTS,
)

NESTED = (MECHANISMS, INDICATIONS, WARNINGS, COHORTS, ADVERSE_EVENTS)
"""Lists that a single therapy has too, as `/therapies/{id}/<list>`."""
