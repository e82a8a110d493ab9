"""Progress on stderr: bars in a terminal, lines elsewhere."""

from __future__ import annotations

import io
import re

import pytest

from neurflow.cli.progress_display import shown_progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The clock of the display, which tests set."""
    now = [100.0]
    monkeypatch.setattr("neurflow.cli.progress_display.time.monotonic", lambda: now[0])
    return now


def test_lines_are_printed_at_the_start_at_the_end_and_at_intervals(clock: list[float]) -> None:
    stream = io.StringIO()
    with shown_progress(stream) as progress:
        for done in range(41):
            progress("activations", done, 40)
            clock[0] += 0.5
        progress("layer fc", 0, 1)
        progress("layer fc", 1, 1)
    assert stream.getvalue().splitlines() == [
        "activations: 0/40",
        "activations: 10/40, 2.0/s, 00:15 left",
        "activations: 20/40, 2.0/s, 00:10 left",
        "activations: 30/40, 2.0/s, 00:05 left",
        "activations: 40/40, 2.0/s, 00:20 in all",
        "layer fc: 0/1",
        "layer fc: 1/1",
    ]


def test_a_stage_that_ends_twice_is_shown_once() -> None:
    stream = io.StringIO()
    with shown_progress(stream) as progress:
        for done in (0, 3, 3):
            progress("images", done, 3)
        progress("importance", 0, 0)
    lines = [line.partition(",")[0] for line in stream.getvalue().splitlines()]
    assert lines == ["images: 0/3", "images: 3/3", "importance: 0/0"]


def test_a_stage_that_restarts_is_shown_again() -> None:
    stream = io.StringIO()
    with shown_progress(stream) as progress:
        for done in (0, 1, 0, 1):
            progress("test", done, 1)
    assert len(stream.getvalue().splitlines()) == 4


def test_bars_show_count_rate_and_time_left_and_end_with_a_newline() -> None:
    stream = Terminal()
    with shown_progress(stream) as progress:
        progress("images", 0, 3)
        progress("images", 3, 3)
        progress("layer layer4.1", 0, 8)
        progress("layer layer4.1", 2, 8)
    text = stream.getvalue()
    assert text.endswith("\n")
    images, layer, rest = text.split("\n")
    assert rest == ""
    assert re.search(r"images: 100%.*\| 3/3 \[00:00<00:00, .*image/s\]", images.split("\r")[-1])
    assert re.search(r"layer layer4\.1: +25%.*\| 2/8 \[00:00<00:00, .*neuron/s\]", layer.split("\r")[-1])
    assert "images" not in layer
