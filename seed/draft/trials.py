"""Trials, and their parts, that captions and sentences name."""

import re

from seed.draft.tables import squeezed

_NOT_TRIALS = {
    "NSCLC", "SCLC", "HCC", "RCC", "MCC", "MSI", "DMMR", "HNSCC", "SCCHN", "CSCC", "BCC", "PMBCL", "PTCL", "SALCL",
    "CLL", "NHL", "DLBCL", "AML", "ALL", "MRD", "NMOSD", "MNSCLC", "MTNBC", "TNBC", "ASPS", "HER2", "EGFR", "LVEF",
    "CTCAE", "NCI", "GPA", "MPA", "FLAG", "HIDAC", "CD30", "AVD", "CHP", "BSC", "FOLFOX", "FOLFIRI", "RA", "CRC",
    "KRAS", "RAS", "PCALCL", "MM", "PNH", "GMG", "HLH", "RMS", "ITT", "PD", "PDL1", "CD20", "ABVD", "CHOP", "MTX",
    "HSCT", "HR", "MF", "AUTO", "UC", "MBC", "PV", "AE", "ADR", "ESCC", "GEJ", "BTC", "TMB", "CHL", "MEK", "PARP",
}  # fmt: skip
"""Capitals in captions that are diseases, markers or regimens."""

_NAMED_STUDY = r"(?:(?:[A-Za-z/]*[A-Z]{2}[A-Za-z/]*|Ps) )?(?:Study|Trial|STUDY)"
_CODE = r"(?:[A-Z]+-?\d[\w/-]*|\d[\w/-]*)"
_TRIAL = re.compile(
    rf"\b(?P<kind>{_NAMED_STUDY}) (?P<code>{_CODE})(?:: (?P<same>[A-Z][A-Z][\w-]+))?"
    rf"|\b(?:Studies|Trials) (?P<list>{_CODE}(?:(?:, and |, | and | & ){_CODE})+)"
    r"|\b(?P<series>[A-Z][A-Za-z]*[A-Z][A-Za-z]*-(?:[A-Z]?\d\w*(?:-\d+)?|[A-Z][a-z]+\d+)|E[VL]-\d+)"
    r"|\b(?P<coded>[A-Z]{1,2}[A-Za-z]+\d{3,}(?:-?\w+)*|[A-Z]{2,}\d{3,}(?:-?\w+)*|"
    r"JAVELIN \w+ (?:\w+ )?\d+|BEACON CRC|NeoSphere)"
    r"|\b(?P<titled>[A-Z]{3,}(?:-[A-Z0-9]+)*)(?= (?:Trial|Study|study|trial)\b)"
    r"|\bin (?:the )?(?P<named>[A-Z]{3,}(?:-[A-Z0-9]+)*)(?=\W*$)"
    r"|\((?P<held>[A-Z]{4,}(?:-[A-Z0-9]+)*)\)"
)


def trials_in(text: str, brand: str) -> list[str]:
    """Trials that a caption or sentence names, each once, in order."""
    text = re.sub(r"\s+-\s+(?=\d)", "-", squeezed(text))
    found: list[str] = []
    for match in _TRIAL.finditer(text):
        if match["list"]:
            names = [f"Study {code}" for code in re.split(r", and |, | and | & ", match["list"])]
        elif match["code"]:
            names = [match["same"] or f"{match['kind']} {match['code']}"]
        else:
            names = [next(name for name in match.groups() if name)]
            stem = re.split(r"[-\d ]", names[0])[0].upper()
            if stem in _NOT_TRIALS or names[0].upper() in _NOT_TRIALS or names[0].lower() == brand.lower():
                continue
        found.extend(name for name in names if name not in found)
    return found


def part_in(text: str) -> str:
    """The cohort or part of a trial that a caption names: `Cohort 1`."""
    found = re.search(r"\bCohort (?:\d+|[A-Z])\b", text)
    return found[0] if found else ""
