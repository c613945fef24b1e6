"""Arms: which therapies and other agents a heading names."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from app.nouns.base import slugged
from seed.draft.tables import squeezed

CONTROLS = (
    "placebo", "observation", "best supportive care", "bsc", "chemotherapy", "single agent chemotherapy",
    "no treatment", "investigator's choice of chemotherapy", "investigator's choice", "physician's choice",
    "standard of care", "soc", "radiation therapy", "radiotherapy", "radiation", "platinum-doublet chemotherapy",
    "platinum-based chemotherapy", "platinum-based therapy", "platinum chemotherapy",
)  # fmt: skip
"""Words for treatment that is no therapy of the fact base."""

AGENTS = (
    "docetaxel", "paclitaxel protein-bound", "paclitaxel", "nab-paclitaxel", "carboplatin", "cisplatin", "oxaliplatin",
    "platinum", "pemetrexed", "gemcitabine", "etoposide", "dacarbazine", "temozolomide", "vinflunine", "doxorubicin",
    "epirubicin", "cyclophosphamide", "capecitabine", "lapatinib", "irinotecan", "fluorouracil", "5-fu", "fu", "fc",
    "folfiri", "folfox", "mfolfox6", "capeox", "capox", "fp", "fec", "ac", "ddac", "tch", "avd", "abvd", "avepc",
    "abve-pc", "chp", "chop", "lenvatinib", "axitinib", "sunitinib", "sorafenib", "cabozantinib", "everolimus",
    "erlotinib", "encorafenib", "cobimetinib", "vemurafenib", "pomalidomide", "dexamethasone", "carfilzomib",
    "lenalidomide", "bortezomib", "bendamustine", "chlorambucil", "fludarabine", "daunorubicin", "cytarabine", "flag",
    "mxn/ara-c", "hidac", "methotrexate", "mtx", "prednisone", "short-term prednisone", "prednisolone", "teriflunomide",
    "anastrozole", "tamoxifen", "letrozole", "eribulin", "vinorelbine", "gp100", "gp100 peptide vaccine",
    "13-cis-retinoic acid", "isotretinoin", "ra", "ist", "hydroxyurea", "olaparib", "regorafenib",
    "trifluridine/tipiracil", "tipiracil", "chemoradiation", "chemoradiotherapy",
)  # fmt: skip
"""Other agents and regimens, as headings print them. A regimen that may hold an antibody (R-CHOP) is left out."""

_DOSE = re.compile(
    r"\(?\s*\d+(?:\.\d+)?(?:\s*(?:(?:mg/kg|mg)\s*)?(?:,|or|and|to|-|–)\s*\d+(?:\.\d+)?)*\s*(?:mg|mcg|µg|g|iu|units?|mci)(?:\s*/\s*(?:kg|m2|m²|day|dose))?\s*\)?"
    r"(?:,?\s*(?:every|q)\s*(?:(?:\d+|two|three|four|six)(?:\s*(?:or|to|-)\s*\d+)?\s*)?(?:weeks?|days?|months?|w)\b)?",
    re.IGNORECASE,
)
_SCHEDULE = re.compile(
    r"\b(?:every (?:other )?(?:\d+ |two |three |four )?(?:weeks?|days?|months?)|q\d+w)\b", re.IGNORECASE
)
_LINKS = re.compile(
    r"\b(?:in combination with|combined with|followed by|alone|plus|without|with|and|as|either|product|arm|group|"
    r"monotherapy|single[- ]agent|treated|therapy|regimen|total|an?|the|of|followed|following|one year|"
    r"non-u\.s\.-licensed|(?:induction|intensification|consolidation)(?: \d)?)\b|[+/,;:&()→.-]",
    re.IGNORECASE,
)


def spoken(text: str) -> str:
    """A name as it is compared: lower case, straight quotes, single spaces."""
    return squeezed(text).lower().replace("’", "'").replace("–", "-").replace("‑", "-")


@dataclass(frozen=True)
class Names:
    """Names of therapies (INN, synonyms, brands) with their ids, and the label's own therapy and its names."""

    therapies: Mapping[str, str]
    own: str
    own_names: tuple[str, ...]

    @property
    def brand(self) -> str:
        """The label's brand."""
        return self.own_names[0]


@dataclass(frozen=True)
class Arm:
    """What a heading says of an arm. `whole`: every word of it was recognised."""

    heading: str
    therapies: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    own: bool = False
    alone: bool = False
    alternatives: bool = False
    """The heading names treatments of which each patient had one (`irinotecan or paclitaxel`)."""
    schedule: str = ""
    whole: bool = False

    @property
    def signature(self) -> tuple[str, ...]:
        """What two headings of one arm share: its treatments, whatever their order, dose and wording."""
        return tuple(sorted({*self.therapies, *(other.lower() for other in self.others)})) if self.whole else ()


@dataclass
class _Search:
    """Text in which known names are found and struck out."""

    text: str
    found: list[tuple[int, str, str]] = field(default_factory=list)

    def strike(self, name: str, meaning: str) -> None:
        """Strike out every mention of a name."""
        for match in re.finditer(rf"(?<![\w]){re.escape(name)}(?![\w])", self.text):
            self.found.append((match.start(), match[0], meaning))
        self.text = re.sub(rf"(?<![\w]){re.escape(name)}(?![\w])", lambda match: "\x00" * len(match[0]), self.text)


def read_arm(heading: str, names: Names) -> Arm:
    """Read an arm's heading."""
    text = spoken(heading)
    doses = [found[0] for found in _DOSE.finditer(text)]
    plain = _SCHEDULE.sub(_blank, _DOSE.sub(_blank, text))
    plain = re.sub(r"\b(?:ado|fam)-(?=[a-z]+mab\b)|(?<=mab)-[a-z]{4}\b|\([a-z]{1,4}(?:-[a-z]{1,4})?\)", _blank, plain)
    search = _Search(plain)
    for name in sorted({*names.therapies, *(spoken(own) for own in names.own_names)}, key=len, reverse=True):
        own = name in {spoken(own) for own in names.own_names}
        search.strike(name, names.own if own else names.therapies[name])
    mentioned = sorted(search.found)
    agents = _Search(search.text)
    for name in sorted({*CONTROLS, *AGENTS}, key=len, reverse=True):
        agents.strike(name, "")
    printed = heading if len(heading) == len(text) else text
    spots = sorted((at, at + len(name)) for at, name, _ in agents.found)
    others = [printed[start:end] for start, end in spots]
    rest = _LINKS.sub(" ", agents.text.replace("\x00", " ")).strip()
    alternatives = bool(re.search(r"\bor\b", rest))
    rest = re.sub(r"\bor\b", " ", rest).strip()
    therapies = list(dict.fromkeys(meaning for _, _, meaning in mentioned))
    own = names.own in therapies
    if alternatives:
        between = bool(spots) and not any(spots[0][0] < at < spots[-1][1] for at, _, _ in mentioned)
        therapies = [names.own] if own else []
        others = [printed[spots[0][0] : spots[-1][1]]] if between else []
    return Arm(
        heading=heading,
        therapies=tuple(therapies),
        others=tuple(dict.fromkeys(others)),
        own=own,
        alone=bool(re.search(r"\b(?:monotherapy|single[- ]agent)\b", text)) and len(therapies) == 1 and not others,
        alternatives=alternatives,
        schedule=squeezed(doses[0].strip(" ()")) if len(doses) == 1 and len(therapies) == 1 and not others else "",
        whole=not rest and bool(mentioned or agents.found),
    )


def is_control(arm: Arm, others: list[Arm]) -> bool:
    """Certain only where every word of the heading is known, none is the label's therapy, and another arm has it."""
    return arm.whole and not arm.own and any(other.own for other in others)


def _blank(found: re.Match[str]) -> str:
    return " " * len(found[0])


def shortened(slug: str, length: int) -> str:
    """A slug cut to a length, at the end of a word."""
    return slug if len(slug) <= length else slug[: length + 1].rpartition("-")[0]


def arm_slug(arm: Arm, names: Names) -> str:
    """The arm's part of a cohort key: INNs in place of brands, without doses."""
    text = _DOSE.sub(" ", spoken(arm.heading))
    text = _SCHEDULE.sub(" ", text)
    for own in sorted(names.own_names, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(spoken(own))}(?!\w)", names.own, text)
    text = re.sub(
        r"\b(?:in combination with|combined with|as a single agent|plus|with|and|product|either|arm|group)\b", " ", text
    )
    return shortened(slugged(re.sub(r"'s\b", "s", text)), 70)
