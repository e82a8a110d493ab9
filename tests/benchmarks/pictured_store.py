"""Circuits of any size with stored pictures: made-up rows, real crops of the demo's photographs."""

from __future__ import annotations

import random
from functools import cache
from itertools import groupby

import PIL.Image
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from neurflow import load_dataset
from neurflow_store import tables
from neurflow_store.artifacts import ArtifactStore
from neurflow_store.repositories import artifacts
from neurflow_worker.jobs import pictures
from tests.store import rows

SIXTY = rows.Shape(layers=5, groups=60, edges=480, exemplars=9, neurons=4, images=30, patches=300)
THOUSAND = rows.Shape(layers=20, groups=1000, edges=10_000, exemplars=9, neurons=4, images=50, patches=1200)
_SIDE = 96
"""Side of a patch, in pixels."""
_COVER = 6


def add_pictured(session: Session, store: ArtifactStore, id: str, shape: rows.Shape) -> None:
    """Add a circuit of ``shape`` with patches, sheets and images in ``store``. Its network and data set must exist."""
    rows.add_circuit(session, id, shape)
    _add_class(session, id, shape)
    chance = random.Random(id)  # noqa: S311 - the same crops each time
    patches = [_crop(chance) for _ in range(shape.patches)]
    files = [_put(session, store, pictures.thumbnail(patch)) for patch in patches]
    exemplars, layers = tables.Exemplar, tables.CircuitLayer
    for position, digest in enumerate(files):
        of_patch = (exemplars.circuit_id == id) & (exemplars.patch == position)
        session.execute(update(exemplars).where(of_patch).values(picture=digest))
    shown = session.execute(
        select(tables.Group.layer, exemplars.group_id, exemplars.patch)
        .join(tables.Group, (tables.Group.id == exemplars.group_id) & (tables.Group.circuit_id == id))
        .where(exemplars.circuit_id == id)
        .order_by(tables.Group.layer, tables.Group.number, exemplars.rank)
    ).all()
    for layer, of_layer in groupby(shown, lambda row: row.layer):
        of_group = groupby(of_layer, lambda row: row.group_id)
        sheet = pictures.sheet([[patches[row.patch] for row in one] for _, one in of_group])
        values = {"sprite": sheet and _put(session, store, sheet), "tile": pictures.TILE}
        session.execute(update(layers).where(layers.circuit_id == id, layers.position == layer).values(**values))
    for position in range(shape.images):
        whole = _put(session, store, pictures.traced_image(chance.choice(_photographs())))
        of_image = (tables.CircuitImage.circuit_id == id) & (tables.CircuitImage.position == position)
        session.execute(update(tables.CircuitImage).where(of_image).values(picture=whole))
    session.execute(update(tables.Circuit).where(tables.Circuit.id == id).values(cover=files[:_COVER]))


def _add_class(session: Session, id: str, shape: rows.Shape) -> None:
    """Add the layer on top with the class as its only group, which the made-up rows lack."""
    mine, group, top = {"circuit_id": id}, "fc/1", shape.layers
    layer = mine | {"position": top, "name": "fc", "channels": 16, "shape": [16]}
    session.execute(insert(tables.CircuitLayer), [layer])
    node = mine | {"id": group, "layer": top, "number": 1, "neurons": [0], "silhouette": None}
    session.execute(insert(tables.Group), [node | {"contribution": 1.0, "logit_drop": 4.5, "held_out": 20}])
    box = {"left": 0, "top": 0, "right": 24, "bottom": 40}
    exemplars = [
        mine | box | {"group_id": group, "rank": n, "patch": n, "image": f"cat/{n:04}.png", "activation": 1.0}
        for n in range(shape.exemplars)
    ]
    for exemplar in exemplars:
        exemplar["picture"] = rows.digest("another one comes")
    session.execute(insert(tables.Exemplar), exemplars)
    below = session.scalars(
        select(tables.Group.id).where(tables.Group.circuit_id == id, tables.Group.layer == top - 1)
    ).all()
    shares = {source: (-1) ** n / (n + 1) for n, source in enumerate(below)}
    edges = [
        mine | {"source": source, "target": group, "weight": w, "positive": max(w, 0.0), "negative": min(w, 0.0)}
        for source, w in shares.items()
    ]
    session.execute(insert(tables.Edge), edges)
    session.execute(
        update(tables.Circuit)
        .where(tables.Circuit.id == id)
        .values(layer_count=top + 1, group_count=shape.groups + 1, edge_count=shape.edges + len(edges))
    )


def _crop(chance: random.Random) -> PIL.Image.Image:
    picture = chance.choice(_photographs())
    side = chance.randint(24, min(picture.size))
    left, top = chance.randint(0, picture.width - side), chance.randint(0, picture.height - side)
    return picture.crop((left, top, left + side, top + side)).resize((_SIDE, _SIDE), PIL.Image.Resampling.BILINEAR)


@cache
def _photographs() -> list[PIL.Image.Image]:
    photos = load_dataset("demo/photos")
    return [photos.load(reference).convert("RGB") for reference in photos.images[::20]]


def _put(session: Session, store: ArtifactStore, content: bytes) -> str:
    digest = store.put(content)
    artifacts.record(session, digest, pictures.WEBP, len(content))
    return digest
