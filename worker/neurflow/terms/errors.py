"""All errors that the engine raises deliberately.

NeurflowError
├── InputError              the request is invalid; the message names the value and the remedy
│   ├── NetworkError        unknown network, or weights or class names that do not fit it
│   │   └── NotTraceable    the network's graph cannot be captured or has no cut point
│   ├── DataError           unknown data set, no readable image, or classes that do not match
│   ├── ClassError          unknown class, or one that the network never predicts
│   ├── LayerError          unknown layer, or layers out of order
│   ├── ParameterError      parameter out of range
│   ├── DeviceError         unknown or missing device
│   ├── OutputError         the output folder exists, or a saved state does not fit the request
│   └── FormatError         invalid circuit file
├── NumericalError          NaN or infinity in a computation; names the layer
├── StorageError            the disk is full or not writable
├── ClientError             a service refused a request of ``neurflow.Client``
│   ├── ServiceUnreachable  no service answered
│   └── JobFailed           a job failed or was cancelled
└── Cancelled               raised by a progress callback to stop the work
"""

from __future__ import annotations


class NeurflowError(Exception):
    """Base class of all deliberate errors: one line, written for users. The command line exits with code 2."""


class InputError(NeurflowError):
    """The request is invalid."""


class NetworkError(InputError):
    """The network is unknown, or its weights or class names do not fit."""


class NotTraceable(NetworkError):
    """The network's graph cannot be captured or has no usable cut point."""


class DataError(InputError):
    """The data set is unknown or unreadable, or its classes do not match the network's."""


class ClassError(InputError):
    """The network does not have the class, or predicts it for none of the images."""


class LayerError(InputError):
    """The network does not have the layer, or layers are out of order."""


class ParameterError(InputError):
    """A parameter is out of range."""


class DeviceError(InputError):
    """The device does not exist here."""


class OutputError(InputError):
    """The output folder exists, or a saved state does not fit the request."""


class FormatError(InputError):
    """A file does not hold a valid circuit."""


class NumericalError(NeurflowError):
    """An activation or attribution is NaN or infinite."""


class StorageError(NeurflowError):
    """The disk is full or a file cannot be written."""


class Cancelled(NeurflowError):
    """Raise this from a progress callback to stop the work; finished parts can be resumed."""


class ClientError(NeurflowError):
    """A service refused a request.

    Args:
        title: kind of problem, for users.
        detail: what is wrong, with the value, and what to do.
        status: HTTP status of the answer; ``None`` if there was no answer.
        kind: short identifier of the kind of problem, such as ``not-found``.
    """

    def __init__(self, title: str, detail: str, status: int | None = None, kind: str = "about:blank") -> None:
        super().__init__(f"{title}: {detail}" if detail else title)
        self.title = title
        self.detail = detail
        self.status = status
        self.kind = kind


class ServiceUnreachable(ClientError):
    """No service answered at the address."""


class JobFailed(ClientError):
    """A job ended without a result; ``title`` and ``detail`` give the reason."""
