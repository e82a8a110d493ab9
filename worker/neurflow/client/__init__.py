"""A service's circuits in a notebook: list them, ask for them, wait, and look at them as data frames and figures.

>>> import neurflow
>>> client = neurflow.Client("http://127.0.0.1:8000")
>>> client
<neurflow.Client http://127.0.0.1:8000>
>>> client.close()

Nothing is asked of the service until a method is called. httpx2, pandas and matplotlib are needed only here: they are
the extra ``client``, and are loaded when they are first used.
"""

from __future__ import annotations

from neurflow.client.analysis_handle import AnalysisHandle
from neurflow.client.api import Client
from neurflow.client.circuit_handle import CircuitHandle

__all__ = ["AnalysisHandle", "CircuitHandle", "Client"]
