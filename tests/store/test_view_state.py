"""The state of a view: what is kept, and what is refused. The front end's tests have the states that it writes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurflow_store.errors import BadValue
from neurflow_store.sharing import view_state
from neurflow_store.sharing.view_state import read_state

WRITTEN = "?v=1&select=layer4.1/3&merge=layer3.0/1,layer3.0/2&around=up:layer4.1/3&move=12,-30,layer3.0/4"


def test_states_that_the_front_end_writes_are_kept() -> None:
    assert read_state(WRITTEN) == WRITTEN[1:]
    assert read_state(read_state(WRITTEN)) == WRITTEN[1:]


def test_the_default_view_has_an_empty_state() -> None:
    assert read_state("") == read_state("?") == read_state("?v=1") == ""


def test_escaped_characters_are_kept() -> None:
    text = read_state("?v=1&search=caf%C3%A9+%26+%3Cb%3E&hide=layer%5C%2C1")
    assert text == "v=1&hide=layer%5C,1&search=caf%C3%A9+%26+%3Cb%3E"
    assert read_state(text) == text


@pytest.mark.parametrize(
    "query",
    [
        "?influence=0",
        "?influence=101",
        "?influence=many",
        "?influence=1.5",
        "?weight=-1",
        "?sign=odd",
        "?show=film",
        "?inspector=259",
        "?inspector=-4",
        "?full=moon",
        "?around=in:a",
        "?move=1,b",
        "?move=1000000,0,a/1",
        "?select=",
        "?select=" + "a" * 4001,
        "?select=a%00",
        "?select=a&select=b",
        "?search=" + "a" * 201,
        "?merge=alone",
        "?other=1",
        "?v=0",
        "?v=x",
        "?v=1&v=1",
        "?select=%ff",
        "&".join(["?expand=a"] * 5000),
        "x" * 70_000,
    ],
)
def test_an_invalid_state_is_refused(query: str) -> None:
    with pytest.raises(BadValue, match="state"):
        read_state(query)


def test_a_newer_version_is_refused_as_such() -> None:
    with pytest.raises(BadValue, match=r"from a newer version of NeurFlow Explorer \(2, but this server knows 1\)"):
        read_state("?v=2&what=ever")
    with pytest.raises(BadValue, match="newer version"):
        read_state("", 2)
    with pytest.raises(BadValue, match="but version 2 was given"):
        read_state("?v=1", 2)


def test_an_older_version_is_upgraded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(view_state, "VERSION", 3)
    monkeypatch.setitem(view_state.MIGRATIONS, 1, lambda params: [("sign", value) for _, value in params])
    monkeypatch.setitem(view_state.MIGRATIONS, 2, lambda params: [*params, ("show", "table")])
    assert read_state("?v=1&colour=positive") == "v=3&sign=positive&show=table"


@given(st.text(max_size=60))
def test_any_text_is_kept_in_stable_form_or_refused(text: str) -> None:
    try:
        kept = read_state(text)
    except BadValue:
        return
    assert read_state(kept) == kept


def test_the_front_end_writes_the_same_parameters() -> None:
    module = Path(__file__).parents[2] / "frontend" / "src" / "circuit" / "model" / "address.ts"
    text = module.read_text("utf-8")
    written = re.findall(r'(?:write|params\.append)\("(\w+)"', text)
    assert written == list(view_state._FORM)
    assert f'const VERSION = "{view_state.VERSION}"' in text
