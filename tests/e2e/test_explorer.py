"""The explorer: by mouse and by keyboard only, inspected, expanded, merged, and read as a table."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.browsing import Visitor
from tests.e2e.explorer import Explorer, query
from tests.e2e.house import House

PLAIN_GROUPS, PLAIN_EDGES = 0, 1


@pytest.fixture(scope="module")
def circuit(house: House) -> Any:
    """The circuit that is already computed."""
    return house.circuit()


def heaviest_edge(circuit: Any) -> Any:
    return max(circuit["edges"], key=lambda edge: abs(edge["weight"]))


def shares(circuit: Any) -> list[float]:
    """Return each edge's weight relative to the largest between the same two layers."""
    layer = {group["id"]: group["layer"] for group in circuit["groups"]}
    heaviest: dict[str, float] = {}
    for edge in circuit["edges"]:
        into = layer[edge["target"]]
        heaviest[into] = max(heaviest.get(into, 0.0), abs(edge["weight"]))
    return [abs(edge["weight"]) / heaviest[layer[edge["target"]]] for edge in circuit["edges"]]


def test_a_circuit_opens_with_all_groups_and_edges(visitor: Visitor, circuit: Any) -> None:
    opened = Explorer(visitor, circuit)
    expect(opened.page.get_by_role("heading", level=1)).to_contain_text("cat")
    expect(opened.graph).to_be_visible()
    assert opened.shown() == (len(circuit["groups"]), len(circuit["edges"]))
    # Nothing is selected yet: the page describes the circuit in words.
    assert opened.state("select") == []
    expect(opened.inspector).to_be_visible()
    opened.button("Explain").click()
    expect(opened.page.get_by_role("main")).to_contain_text("cat")


def test_the_graph_is_explored_with_the_mouse(visitor: Visitor, circuit: Any) -> None:
    opened = Explorer(visitor, circuit)
    top = len(circuit["layers"]) - 1
    assert opened.choose(top) == circuit["groups"][-1]["id"]
    chosen = opened.choose(top - 1)
    assert chosen in opened.of_layer(top - 1)
    expect(opened.inspector.get_by_role("heading").first).to_be_visible()
    # Each row of the four lists of edges selects the other group.
    jump = opened.inspector.get_by_role("button", name=re.compile(f"^[Gg]roup .*{circuit['layers'][top - 2]['name']}"))
    jump.first.click()
    opened.page.wait_for_function("(before) => !location.search.includes(before)", arg=f"select={chosen}")
    assert opened.selected() != chosen
    opened.page.go_back()
    opened.expect_state("select", chosen)
    # A click beside everything clears the selection.
    box = opened.box()
    opened.page.mouse.click(box["x"] + box["width"] - 8, box["y"] + 8)
    opened.expect_state("select")


def test_hovering_describes_what_is_under_the_pointer(visitor: Visitor, circuit: Any) -> None:
    opened = Explorer(visitor, circuit)
    x, y = next(iter(opened.points(len(circuit["layers"]) - 1)))
    opened.page.mouse.move(x + 3, y)
    expect(opened.page.get_by_role("tooltip")).to_contain_text(re.compile("Neurons|Weight"))


def test_the_graph_is_explored_with_the_keyboard(visitor: Visitor, circuit: Any) -> None:
    opened = Explorer(visitor, circuit)
    keys = opened.page.keyboard
    for _ in range(60):
        keys.press("Tab")
        if opened.graph.evaluate("(element) => element === document.activeElement"):
            break
    expect(opened.graph).to_be_focused()
    keys.press("ArrowDown")
    opened.expect_state("select", circuit["groups"][-1]["id"])
    keys.press("ArrowDown")
    below = opened.selected()
    assert below in opened.of_layer(len(circuit["layers"]) - 2)
    keys.press("ArrowDown")
    assert opened.selected() in opened.of_layer(len(circuit["layers"]) - 3)
    keys.press("ArrowRight")
    keys.press("ArrowLeft")
    keys.press("ArrowUp")
    assert opened.selected() in opened.of_layer(len(circuit["layers"]) - 2)
    chosen = opened.selected()
    keys.press("i")
    expect(opened.inspector).to_be_hidden()
    keys.press("Enter")
    expect(opened.inspector).to_be_visible()
    keys.press("Enter")
    opened.expect_state("expand", chosen)
    keys.press("e")
    opened.expect_state("expand")
    keys.press("[")
    opened.page.wait_for_url(re.compile("influence="))
    keys.press("]")
    keys.press("/")
    expect(opened.page.get_by_role("searchbox")).to_be_focused()
    keys.type("layer3")
    expect(opened.counts).to_contain_text("found")
    keys.press("Escape")
    opened.graph.focus()
    keys.press("t")
    expect(opened.table).to_be_visible()
    keys.press("t")
    expect(opened.graph).to_be_visible()
    keys.press("?")
    keys_told = opened.page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(keys_told).to_contain_text("Search")
    keys.press("Escape")
    expect(keys_told).to_have_count(0)


def test_the_inspector_shows_all_exemplars_and_members_of_a_group(visitor: Visitor, circuit: Any) -> None:
    group = max(circuit["groups"][:-1], key=lambda group: int(group["exemplars"]))
    opened = Explorer(visitor, circuit, query(select=group["id"]))
    panel = opened.inspector
    exemplars = panel.get_by_role("button", name=re.compile("^Exemplar "))
    expect(exemplars).to_have_count(group["exemplars"])
    for more in panel.get_by_role("button", name=re.compile("^Show all [0-9]+$")).all():
        more.click()
    for channel in group["neurons"]:
        expect(panel).to_contain_text(str(channel))
    shown_how = panel.get_by_role("group", name="Display of patches").first
    for way in ("Heat map", "Overlay", "Patch"):
        shown_how.get_by_role("button", name=way).click()
        expect(shown_how.get_by_role("button", name=way)).to_have_attribute("aria-pressed", "true")
    exemplars.first.click()
    dialog = opened.page.get_by_role("dialog")
    expect(dialog).to_contain_text(f"1 of {group['exemplars']}")
    expect(dialog.get_by_role("img", name="Whole image")).to_be_visible()
    opened.page.keyboard.press("ArrowRight")
    expect(dialog).to_contain_text(f"2 of {group['exemplars']}")
    opened.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def test_the_inspector_shows_what_an_edge_is_made_of(visitor: Visitor, circuit: Any) -> None:
    edge = heaviest_edge(circuit)
    opened = Explorer(visitor, circuit, query(select=edge["target"]))
    first = opened.inspector.get_by_role("button", name=re.compile("inspect this edge")).first
    first.click()
    opened.page.wait_for_url(re.compile("select=.*%3E|select=.*>"))
    opened = Explorer(visitor, circuit, query(select=f"{edge['source']}>{edge['target']}"))
    panel = opened.inspector
    expect(panel).to_contain_text(f"{abs(edge['weight']):.2f}")
    expect(panel).to_contain_text("Pairs of neurons")
    expect(panel.get_by_role("img", name=re.compile("^Patch of ")).first).to_be_visible()


def test_a_group_is_expanded_in_place_and_collapsed(visitor: Visitor, circuit: Any) -> None:
    opened = Explorer(visitor, circuit)
    chosen = opened.choose(len(circuit["layers"]) - 2)
    before = opened.shown()
    opened.button("Expand").click()
    opened.expect_state("expand", chosen)
    expect(opened.button("Collapse")).to_be_enabled()
    assert opened.shown()[PLAIN_GROUPS] == before[PLAIN_GROUPS]
    opened.page.reload()
    expect(opened.button("Collapse")).to_be_enabled()
    opened.button("Table").click()
    expect(opened.table.get_by_role("row").filter(has_text="neuron").first).to_be_visible()
    opened.button("Graph").click()
    opened.button("Collapse").click()
    opened.expect_state("expand")


def test_groups_are_merged_and_split_again(visitor: Visitor, circuit: Any) -> None:
    first, second = [group["id"] for group in circuit["groups"] if group["layer"] == circuit["layers"][1]["name"]][:2]
    edges = [edge for edge in circuit["edges"] if edge["source"] in (first, second)]
    whole: dict[str, float] = {}
    for edge in edges:
        whole[edge["target"]] = whole.get(edge["target"], 0.0) + edge["weight"]
    opened = Explorer(visitor, circuit, query(merge=f"{first},{second}", select=f"{first}+{second}"))
    assert opened.shown()[PLAIN_GROUPS] == len(circuit["groups"]), "a super-group counts what it holds"
    heaviest = max(whole.values(), key=abs)
    expect(opened.inspector).to_contain_text(f"{abs(heaviest):.2f}")
    opened.button("Split").click()
    opened.expect_state("merge")
    expect(opened.button("Merge…")).to_be_visible()


def test_groups_are_selected_by_hand_to_be_merged(visitor: Visitor, circuit: Any) -> None:
    opened = Explorer(visitor, circuit)
    opened.button("Table").click()
    rows = opened.table.get_by_role("row")
    layer = circuit["layers"][1]["name"]
    wanted = rows.filter(has=opened.page.get_by_role("cell", name=layer, exact=True))
    opened.button("Merge…").click()
    wanted.nth(0).click()
    wanted.nth(1).click()
    opened.page.get_by_role("button", name="Merge", exact=True).click()
    opened.page.wait_for_url(re.compile("merge="))
    expect(opened.table.get_by_role("row").filter(has_text=re.compile(r"^groups? \d+ \+ \d+"))).to_have_count(1)


@pytest.mark.parametrize("sign", ["positive", "negative"])
def test_edges_are_filtered_by_sign(visitor: Visitor, circuit: Any, sign: str) -> None:
    opened = Explorer(visitor, circuit)
    opened.page.get_by_role("combobox", name="Sign of edges").select_option(sign)
    opened.expect_state("sign", sign)
    fitting = [edge for edge in circuit["edges"] if (edge["weight"] > 0) == (sign == "positive")]
    assert opened.shown()[PLAIN_EDGES] == len(fitting)


def test_the_circuit_is_filtered(visitor: Visitor, circuit: Any) -> None:
    opened = Explorer(visitor, circuit)
    sliders = opened.page.get_by_role("search", name="Filters").get_by_role("slider")
    sliders.nth(0).fill("50")
    opened.expect_state("influence", "50")
    assert opened.shown()[PLAIN_GROUPS] < len(circuit["groups"])
    opened.page.get_by_role("button", name="Show all").click()
    opened.expect_state("influence")
    sliders.nth(1).fill("30")
    opened.expect_state("weight", "30")
    assert opened.shown()[PLAIN_EDGES] == sum(share >= 0.3 for share in shares(circuit))
    opened.page.get_by_role("button", name="Show all").click()

    layer = circuit["layers"][0]["name"]
    opened.page.get_by_text("Layers: all").click()
    opened.page.get_by_role("checkbox", name=layer).uncheck()
    opened.expect_state("hide", layer)
    assert opened.shown()[PLAIN_GROUPS] == len(circuit["groups"]) - len(opened.of_layer(0))
    opened.page.keyboard.press("Escape")

    chosen = opened.choose(1, row=0)
    opened.page.get_by_role("combobox", name="Groups connected to the selected group").select_option("up")
    opened.page.wait_for_url(re.compile("around=up"))
    assert opened.state("around") == [f"up:{chosen}"]
    expect(opened.counts).to_contain_text(" of ")


def test_the_table_shows_the_same_circuit(visitor: Visitor, circuit: Any) -> None:
    opened = Explorer(visitor, circuit, query(show="table"))
    rows = opened.table.get_by_role("row")
    expect(rows).to_have_count(len(circuit["groups"]) + 1)
    opened.table.get_by_role("button", name="Contribution").click()
    expect(opened.table.get_by_role("columnheader", name="Contribution")).to_have_attribute("aria-sort", "descending")
    strongest = max(circuit["groups"], key=lambda group: abs(group["contribution"]))
    rows.nth(1).get_by_role("button").first.click()
    opened.expect_state("select", strongest["id"])
    opened.page.get_by_role("searchbox").fill(circuit["layers"][1]["name"])
    expect(rows).to_have_count(len(opened.of_layer(1)) + 1)
