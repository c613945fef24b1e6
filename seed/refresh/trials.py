"""ClinicalTrials.gov: trials that were stopped, and results that were posted after the facts were read."""

from collections import defaultdict
from typing import Any

from seed.refresh.changes import Base, Change, Found, Kind, Open
from seed.verify.registers import TRIALS
from seed.verify.web import NoAnswerError, Web

NAME = "ClinicalTrials.gov"
_STOPPED = {"TERMINATED", "WITHDRAWN", "SUSPENDED"}


def compare(base: Base, web: Web) -> Found:
    """The record of every trial in which safety was counted."""
    read: dict[str, dict[str, Any]] = defaultdict(dict)
    for file in base.files():
        for cohort in file.facts("cohorts"):
            if cohort.nct_id:
                read[cohort.nct_id][file.therapy.id] = file.curated_on
    for nct_id, days in read.items():
        fields = "NCTId|OverallStatus|WhyStopped|ResultsFirstPostDate|LastUpdatePostDate"
        try:
            answer = web.get(f"{TRIALS}{nct_id}?format=json&fields={fields.replace('|', '%7C')}", _is_record)
        except NoAnswerError as error:
            yield Open(NAME, nct_id, str(error))
            continue
        therapies = tuple(sorted(days))
        if answer is None:
            yield Open(NAME, nct_id, "ClinicalTrials.gov has no such trial.")
            continue
        module = answer["protocolSection"]["statusModule"]
        if module["overallStatus"] in _STOPPED:
            why = f": {module['whyStopped']}" if module.get("whyStopped") else "."
            says = f"The trial is {module['overallStatus'].lower()}{why}"
            yield Change(Kind.STATUS, NAME, nct_id, says, therapies)
        posted = module.get("resultsFirstPostDateStruct", {}).get("date")
        if posted and posted > str(max(days.values())):
            says = f"Results were posted on {posted}, after the facts were read."
            yield Change(Kind.RESULTS, NAME, nct_id, says, therapies)


def _is_record(answer: Any) -> bool:
    return bool(answer["protocolSection"]["statusModule"]["overallStatus"])
