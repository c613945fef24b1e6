"""The page of a list: permalinks and next pages."""

from app.api.query_string import parse_query, permalink


def test_a_permalink_pins_the_release_and_keeps_all_else_as_written() -> None:
    params = parse_query(b"q=a%20b&class=x&class=y&release=1&as_of=2020-01-01&cursor=abc")
    assert permalink("/therapies", params, "2026.01.02") == (
        "/therapies?q=a%20b&class=x&class=y&cursor=abc&release=2026.01.02"
    )
    assert permalink("/therapies", [], "2026.01.02") == "/therapies?release=2026.01.02"


def test_a_next_page_has_its_own_cursor() -> None:
    params = parse_query(b"limit=5&cursor=abc")
    assert permalink("/therapies", params, "2026.01.02", "def") == "/therapies?limit=5&cursor=def&release=2026.01.02"
