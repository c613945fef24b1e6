"""Partners in words, as they were before alternatives were lists."""

import pytest
from pydantic import ValidationError

from app.nouns.partner import Partner, partner, partner_text


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("carboplatin", "carboplatin"),
        (Partner(any_of=["cisplatin", "topotecan"]), "cisplatin or topotecan"),
        (Partner(any_of=["a", "b", "c"], optional=True), "a, b or c (optional)"),
        (Partner(any_of=["cisplatin"], optional=True, given="after surgery"), "cisplatin (optional, after surgery)"),
        (Partner(any_of=["taxane"], given="afterwards"), "taxane (afterwards)"),
    ],
    ids=str,
)
def test_partners_in_words(written: str | Partner, words: str) -> None:
    assert partner_text(written) == words


def test_a_text_is_one_that_is_given() -> None:
    assert partner("carboplatin") == Partner(any_of=["carboplatin"])
    with pytest.raises(ValidationError):
        Partner(any_of=[])
