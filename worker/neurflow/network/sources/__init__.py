"""Sources of networks: each kind of spec, and what is known of a network before it is built."""

from __future__ import annotations

from neurflow.network.sources import from_code
from neurflow.network.sources.blueprint import Blueprint
from neurflow.terms.errors import NetworkError
from neurflow.terms.messages import did_you_mean

_FORMS = "demo/photos, torchvision/NAME, timm/NAME or path/to/file.py:factory"


def find_blueprint(spec: str, *, allow_code: bool) -> Blueprint:
    """Return the blueprint of the network that ``spec`` names.

    Args:
        spec: ``demo/photos``, ``torchvision/NAME[:WEIGHTS]``, ``timm/NAME[.TAG]`` or ``path/to/file.py:factory``.
        allow_code: allow running a Python file.

    Raises:
        NetworkError: the network is unknown, or is Python code and ``allow_code`` is off.
    """
    # Import each library only when needed: it takes a second or two.
    if from_code.is_code(spec):
        return from_code.blueprint(spec, allowed=allow_code)
    source, _, name = spec.partition("/")
    if spec == "demo/photos":
        from neurflow.network.sources import from_demo

        return from_demo.blueprint()
    if source == "torchvision" and name:
        from neurflow.network.sources import from_torchvision

        return from_torchvision.blueprint(spec, name)
    if source == "timm" and name:
        from neurflow.network.sources import from_timm

        return from_timm.blueprint(spec, name)
    raise NetworkError(f"unknown network {spec!r}: write {_FORMS}.{_full_names(spec)}")


def _full_names(spec: str) -> str:
    """Suggest full names for a bare or misspelt one."""
    import timm
    from torchvision import models

    bare = spec.rpartition("/")[2]
    exact = [
        f"{source}/{bare}"
        for source, known in (("torchvision", models.list_models(module=models)), ("timm", timm.list_models()))
        if bare in known
    ]
    return f" Did you mean {' or '.join(exact)}?" if exact else did_you_mean(spec, ["demo/photos"])
