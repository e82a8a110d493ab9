"""Work with a service's circuits in a notebook: list, request and wait for them; get data frames and figures.

>>> import neurflow
>>> client = neurflow.Client("http://127.0.0.1:8000")
>>> client
<neurflow.Client http://127.0.0.1:8000>
>>> client.close()

No request is sent until a method is called. The client needs httpx2, pandas and matplotlib, which the extra ``client``
installs; each is imported on first use.
"""

from __future__ import annotations

from neurflow.client.analysis_handle import AnalysisHandle
from neurflow.client.api import Client
from neurflow.client.circuit_handle import CircuitHandle

__all__ = ["AnalysisHandle", "CircuitHandle", "Client"]
