"""The figures of a group have the same names everywhere they are declared."""

from __future__ import annotations

from dataclasses import fields
from typing import get_type_hints

import sqlalchemy as sa

from neurflow.result.circuit import Group
from neurflow.terms.group_figures import FIGURES, NAMES
from neurflow_server.schemas.groups import GroupFigures
from neurflow_store import tables


def test_the_api_returns_exactly_these_figures() -> None:
    assert tuple(GroupFigures.model_fields) == NAMES


def test_the_table_has_a_column_for_each_figure() -> None:
    columns = tables.Group.__table__.columns
    kinds = {"number": sa.Float, "count": sa.Integer}
    assert {
        figure.name: isinstance(columns[figure.name].type, kinds[figure.kind]) for figure in FIGURES
    } == dict.fromkeys(NAMES, True)


def test_the_circuit_has_a_field_for_each_figure() -> None:
    for figure in FIGURES:
        holder = Group if figure.part is None else get_type_hints(Group)[figure.part]
        assert figure.name in {field.name for field in fields(holder)}, figure
