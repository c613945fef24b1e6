"""Words, so that two spellings of one word are the same: case, accents, alphabets, Greek letters, British and American.

A text is broken into runs of letters and runs of digits: `IL-17A`, `IL17A` and `IL 17 A` are the same three words.
"""

import re
import unicodedata
from functools import lru_cache

_GREEK = [
    *("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu"),
    *("xi", "omicron", "pi", "rho", "sigma", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega"),
]
"""Names of the letters from α to ω."""
GREEK = {name: name[0] for name in ("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "kappa", "lambda")}
"""Greek letters that are also written as Latin ones, by their names."""
_LIKE_LATIN = str.maketrans(
    dict(zip("æœøłđðþı", ("ae", "oe", "o", "l", "d", "d", "th", "i"), strict=True))
    | dict(zip("ɑɣɛɩʋ", "αγειυ", strict=True))
)
"""Letters that Unicode does not take apart, and those of the phonetic alphabet that look like Greek ones."""
TRADE_MARKS = str.maketrans(dict.fromkeys("™®©℠"))
_SIGNS = str.maketrans({"≥": ">=", "≤": "<=", "⩾": ">=", "⩽": "<=", "‐": "-", "‑": "-", "−": "-", "–": "-", "＋": "+"})
_SHARP_S_FOR_BETA = re.compile(r"(?<=[A-Z])ß|(?<=[A-Za-z]-)ß|ß(?=-?\d)")
_GREEK_LETTER = re.compile("[α-ω]")
_APART = "\ue000"
"""Stands before and after the name of a letter: no letter, no space, and in no text."""
_RUN = re.compile(r"[^\W\d_]+|\d+")
_BRITISH = [
    (re.compile(pattern), american)
    for pattern, american in (
        ("(?<=[a-z][btv])re(?=s?$)", "er"),  # centre, fibres
        ("ae(?=[bcdmnostuv])", "e"),  # haemophilia, paediatric; not intraepithelial, aerobic
        # oedema, oesophagus, foetal, dyspnoea; but gastroesophageal and angioedema are American
        ("(?<!gastr)(?<!angi)(?<!ryng)(?<!trach)(?<!bronch)oe(?=dem|soph|str|liac|[aiou]|b[ai])|(?<=^f)oe(?=t)", "e"),
        ("(?<=[a-z][bcdgilmnprv])our(?=$|s$|ed|i|a|l|f)", "or"),  # tumour, behavioural; not source, hour
        ("(?<=..)is(?=(?:e|ed|er|ers|es|ing|ation|ations|ational)$)", "iz"),  # immunised, hospitalisation
        ("(?<=[a-z]l)ys(?=(?:e|ed|er|ers|ing)$)", "yz"),  # analysed
        ("(?<=.{4})ll(?=(?:ed|ing|er|ers)$)", "l"),  # labelled
        ("ll(?=ment)", "l"),  # enrollment
        ("ogue(?=s?$)", "og"),  # analogue
        ("sulph", "sulf"),
        ("leuco", "leuko"),
        ("(?<=^lic)ense|(?<=^def)ense|(?<=^off)ense", "ence"),
        ("^mould", "mold"),
        ("^grey", "gray"),
        ("^ageing$", "aging"),
        ("^aluminium$", "aluminum"),
        ("^programme(?=s?$)", "program"),
    )
]
_ANY_BRITISH = re.compile("|".join(pattern.pattern for pattern, _ in _BRITISH))
_SHORTEST_RESPELLED = 4
"""Letters of the shortest word that is respelled: `SAE` and `EoE` are abbreviations."""
_ENDS_IN_GREEK = re.compile(r"(?<=..)(?:alpha|alfa|beta|gamma|delta|epsilon|zeta|theta|kappa|lambda|sigma|omega)$")


def plain(text: str) -> str:
    """A text in lower case, without accents and typefaces, with Greek letters by name, each a word of its own."""
    if text.isascii():
        return text.lower()
    text = _SHARP_S_FOR_BETA.sub("β", text).translate(_SIGNS)
    text = unicodedata.normalize("NFKC", text.translate(TRADE_MARKS)).casefold()
    text = unicodedata.normalize("NFKD", text.translate(_LIKE_LATIN))
    text = "".join(letter for letter in text if not unicodedata.combining(letter))
    return _GREEK_LETTER.sub(lambda found: f"{_APART}{_GREEK[ord(found.group()) - ord('α')]}{_APART}", text)


def runs(text: str) -> list[str]:
    """The runs of letters and of digits of a text, as they are written; everything else is a break."""
    return _RUN.findall(plain(text))


def words(text: str) -> list[str]:
    """The words of a text, each as it is compared."""
    return [word for run in runs(text) for word in respelled(run)]


@lru_cache(8192)
def respelled(run: str) -> tuple[str, ...]:
    """A run of letters or digits as it is compared: American, and a Greek letter at its end apart (`tnfalpha`)."""
    if len(run) < _SHORTEST_RESPELLED or not run.isascii():
        return (run,)
    if greek := _ENDS_IN_GREEK.search(run):
        return (*respelled(run[: greek.start()]), greek.group().replace("alfa", "alpha"))
    if run == "alfa":
        return ("alpha",)
    if _ANY_BRITISH.search(run):  # few are: one search tells
        for british, american in _BRITISH:
            run = british.sub(american, run)
    return (run,)
