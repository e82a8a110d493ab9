"""Cursors: decoded as they were encoded; anything else is refused."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurflow_store.errors import BadValue
from neurflow_store.repositories.paging import Order, decode_cursor, encode_cursor
from neurflow_store.tables import CircuitLayer, Job

BY_TIME = Order("newest", (Job.created_at, Job.id), descending=True)
BY_PLACE = Order("place", (CircuitLayer.position,))
MOMENT = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)


@given(st.datetimes(timezones=st.just(UTC)), st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_a_cursor_is_decoded_as_encoded(moment: datetime, id: str) -> None:
    assert decode_cursor(encode_cursor(BY_TIME, [moment, id]), BY_TIME) == [moment, id]


def test_a_cursor_needs_no_escaping_in_addresses() -> None:
    cursor = encode_cursor(BY_TIME, [MOMENT, "ä?&/+" * 20])
    assert cursor.isascii() and cursor.replace("-", "").replace("_", "").isalnum()


def _cursor(*values: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "ä",
        "=" * 8,
        "AAAA",
        "a" * 5000,
        _cursor(),
        _cursor("oldest", MOMENT.isoformat(), "job-1"),
        _cursor("newest", MOMENT.isoformat()),
        _cursor("newest", MOMENT.isoformat(), "job-1", 1),
        _cursor("newest", "yesterday", "job-1"),
        _cursor("newest", "2026-01-02T03:04:05", "job-1"),
        _cursor("newest", "0001-01-01T00:00:00+14:00", "job-1"),
        _cursor("newest", MOMENT.isoformat(), "\ud800"),
        _cursor("newest", 1, "job-1"),
        _cursor("newest", None, "job-1"),
        _cursor("newest", MOMENT.isoformat(), None),
        _cursor("newest", MOMENT.isoformat(), ["job-1"]),
        _cursor("newest", MOMENT.isoformat(), "a\0b"),
        base64.urlsafe_b64encode(b'{"a": 1}').decode(),
        base64.urlsafe_b64encode(b"[" * 1000).decode(),
        base64.urlsafe_b64encode(b"null").decode(),
        base64.urlsafe_b64encode(b"\xff\xfe").decode(),
    ],
)
def test_an_invalid_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(BadValue, match="cursor"):
        decode_cursor(cursor, BY_TIME)


@pytest.mark.parametrize("place", [True, 1.5, "1", None, 2**63, -(2**63) - 1])
def test_a_number_in_a_cursor_is_an_integer_that_a_database_holds(place: object) -> None:
    with pytest.raises(BadValue):
        decode_cursor(_cursor("place", place), BY_PLACE)
    assert decode_cursor(_cursor("place", 7), BY_PLACE) == [7]
