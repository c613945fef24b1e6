"""Products: how a therapy stands by all of them, and which agency approved it first."""

from typing import Any

import pytest

from app.nouns.approval import ApprovalRecord
from app.nouns.indication import IndicationRecord
from app.nouns.product import ProductRecord, first_approval, first_approvals, product_ids, status_of
from app.vocabulary import TherapyStatus

CITED = {"source": "label.examplara", "locator": "1"}
STATUS = TherapyStatus


def product(agency: str = "FDA", status: str = "authorised", **more: Any) -> ProductRecord:
    """A product of Examplara."""
    return ProductRecord.model_validate({"brand": "Examplara", "agency": agency, "status": status, **more, **CITED})


def use(agency: str, on: str | None, action: str = "approved") -> tuple[IndicationRecord, ApprovalRecord]:
    """A use of Examplara, and what was done about it when."""
    indication = {"condition": "melanoma", "agency": agency, "text": "Melanoma.", "brands": ["Examplara"], **CITED}
    done = {"indication": f"{agency.lower()}.melanoma", "action": action, "on": on, **CITED}
    return IndicationRecord.model_validate(indication), ApprovalRecord.model_validate(done)


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        ((), None),
        (("authorised", "withdrawn"), STATUS.APPROVED),
        (("discontinued", "withdrawn"), STATUS.DISCONTINUED),
        (("emergency_use", "discontinued"), STATUS.EMERGENCY_USE),
        (("emergency_use", "authorised"), STATUS.APPROVED),
        (("emergency_use_ended",), STATUS.WITHDRAWN),
        (("revoked", "refused"), STATUS.WITHDRAWN),
        (("refused",), STATUS.REFUSED),
    ],
)
def test_a_therapy_is_approved_only_while_a_product_is_on_the_market(
    statuses: tuple[str, ...], expected: TherapyStatus | None
) -> None:
    assert status_of([product(status=status) for status in statuses]) == expected


FIRST: dict[str, tuple[list[ProductRecord], list[tuple[IndicationRecord, ApprovalRecord]], tuple[Any, ...] | None]] = {
    "the older of two": (
        [product(approved_on="2020-01-02"), product("EMA", approved_on="2019-05-06")], [], ("EMA", "2019-05-06", True),
    ),
    "one of no day may be older": (
        [product(approved_on="2020-01-02"), product("EMA")], [], ("FDA", "2020-01-02", False),
    ),
    "the day of its first use is its own": (
        [product(approved_on="2020-01-02"), product("EMA")], [use("EMA", "2019-05-06")], ("EMA", "2019-05-06", True),
    ),
    "a year that is over before": (
        [product(approved_on="2020-01-02"), product("EMA")], [use("EMA", "2019")], ("EMA", "2019", True),
    ),
    "a year within which the other is": (
        [product(approved_on="2020-05-02"), product("EMA")], [use("EMA", "2020")], ("EMA", "2020", False),
    ),
    "a month within which the register has a day": (
        [product(approved_on="2020-05-02")], [use("FDA", "2020-05")], ("FDA", "2020-05-02", True),
    ),
    "a refusal is no approval": (
        [product("EMA", "refused"), product(approved_on="2020-01-02")], [], ("FDA", "2020-01-02", True),
    ),
    "a biosimilar follows its reference": (
        [product(approved_on="2020-01-02"), product("EMA", biosimilar=True)], [], ("FDA", "2020-01-02", True),
    ),
    "no day at all": ([product(), product("EMA")], [], None),
}  # fmt: skip


@pytest.mark.parametrize(("products", "uses", "expected"), FIRST.values(), ids=FIRST.keys())
def test_the_first_approval_is_the_oldest_that_is_known(
    products: list[ProductRecord],
    uses: list[tuple[IndicationRecord, ApprovalRecord]],
    expected: tuple[Any, ...] | None,
) -> None:
    for order in (products, products[::-1]):
        by_agency = first_approvals(order, [use for use, _ in uses], [done for _, done in uses])
        found = first_approval(by_agency)
        assert (found and (found.agency, found.on, found.certain)) == expected
        assert {item.agency for item in by_agency} == {item.agency for item in products if item.status != "refused"}


def test_products_of_one_brand_are_told_apart_by_their_application() -> None:
    two = [product(application="BLA1"), product(application="BLA2"), product("EMA", application="EMEA/H/C/1")]
    assert product_ids(two) == ["fda.examplara.bla1", "fda.examplara.bla2", "ema.examplara"]
    assert product_ids([product(brand=None, application="BLA3")]) == ["fda.bla3"]
