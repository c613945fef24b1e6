"""Folding of names, so that case, accents and punctuation do not matter when two are compared."""

import unicodedata

_GREEK = {
    "α": "alpha",
    "β": "beta",
    "γ": "gamma",
    "δ": "delta",
    "ε": "epsilon",
    "κ": "kappa",
    "λ": "lambda",
    "ω": "omega",
}


def fold(text: str) -> str:
    """Fold a name so that case, accents, Greek letters, spaces and punctuation do not matter: `PD-1` gives `pd1`."""
    if text.isascii():
        return text.lower().translate(_DROPPED)
    spelled = "".join(_GREEK.get(letter, letter) for letter in text.casefold())
    return "".join(letter for letter in unicodedata.normalize("NFKD", spelled) if letter.isalnum())


_DROPPED = {number: None for number in range(128) if not chr(number).isalnum()}
