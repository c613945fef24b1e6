"""An invented drug, its label and what is cited of it.

The drug, trials, identifiers and figures are invented; the answers have the shape of the registers' own.
"""

from pathlib import Path
from typing import Any

from app.nouns.base import slugged
from seed.files import Facts, read
from tests.seed.base import sound, write

SET_ID = "00000000-1111-2222-3333-444444444444"
TITLE = "Examplumab in Melanoma: A Randomised Trial"
DOI, PMID, NCT = "10.5555/example.1", "99999991", "NCT99999991"
TABLE = """<table><caption>Table 1: Adverse Reactions in TRIAL-1</caption><thead>
<tr><th>Adverse Reaction</th><th colspan="2">EXAMPLARA N=200</th><th colspan="2">Placebo N=100</th></tr>
<tr><th/><th>All Grades n (%)</th><th>Grade 3-4 %</th><th>All Grades n (%)</th><th>Grade 3-4 %</th></tr></thead><tbody>
<tr><td>Rash<sup>1</sup></td><td>30 (15)</td><td>2.0</td><td>9 (9)</td><td>0</td></tr>
<tr><td>Cough</td><td>24 (12)</td><td>&lt;1</td><td>8 (8)</td><td>1</td></tr>
<tr><td>Fatigue</td><td>22 (11)</td><td>1.5</td><td>7 (7)</td><td>1</td></tr>
<tr><td>Nausea</td><td>20 (10)</td><td>1.0</td><td>6 (6)</td><td>2</td></tr>
<tr><td>Pruritus</td><td>18 (9)</td><td>0.5</td><td>5 (5)</td><td>2</td></tr>
<tr><td>Anemia</td><td>16 (8)</td><td>3.0</td><td>4 (4)</td><td>3</td></tr>
<tr><td>Headache</td><td>14 (7)</td><td>0</td><td>3 (3)</td><td>0</td></tr>
</tbody></table>"""
PROSE = (
    "6 ADVERSE REACTIONS 6.1 Clinical Trials. Table 1: Adverse Reactions in TRIAL-1 Adverse Reaction Rash 30 (15). "
    "EXAMPLARA was discontinued in 6% of patients for an adverse reaction. Immune-mediated hepatitis occurred in 2.5% "
    "(5/200) of patients, including Grade 3 (1%). One patient (0.5%) died of sepsis."
)


def label(effective: str = "20230102") -> dict[str, Any]:
    return {
        "set_id": SET_ID,
        "effective_time": effective,
        "openfda": {},
        "adverse_reactions": [PROSE],
        "adverse_reactions_table": [TABLE],
    }


def rate(grades: str = "any", **printed: float) -> dict[str, Any]:
    return {"grades": grades, **printed}


def event(term: str, *rates: dict[str, Any], locator: str = "6.1, Table 1", **further: Any) -> dict[str, Any]:
    source = "label.examplara.2023-01-02"
    shown = {"cohort": "trial-1-examplumab", "event": slugged(term), "reported_term": term, "rates": list(rates)}
    return {**shown, "source": source, "locator": locator, **further}


def facts(folder: Path, *events: dict[str, Any], sources: list[dict[str, Any]] | None = None) -> Facts:
    """The small fact base, with a set id, these adverse events and further sources."""
    files = sound()
    files["sources/label.json"][0] |= {"set_id": SET_ID, "date": "2023-01-02"}
    files["sources/trial_publication.json"] = sources or []
    files["therapies/examplumab.json"]["adverse_events"] = list(events)
    base, unread = read(write(files, folder))
    assert not unread
    return base


def publication(**identifiers: str) -> dict[str, Any]:
    return {
        "id": "trial.examplumab",
        "kind": "trial_publication",
        "title": "Examplumab in melanoma: a randomised trial.",
        "date": "2021-03-04",
        "level": "randomised_trial",
        **identifiers,
    }


def crossref(**fields: Any) -> dict[str, Any]:
    work = {"title": [TITLE], "published-online": {"date-parts": [[2021, 3, 1]]}, "issued": {"date-parts": [[2021]]}}
    return {"status": "ok", "message": work | fields}
