"""Every error that the engine raises on purpose.

NeurflowError
├── InputError              what the caller asked for cannot be done; the message names the value and the remedy
│   ├── NetworkError        unknown network, or weights or class names that do not fit it
│   │   └── NotTraceable    the network's graph cannot be captured or has no cut point
│   ├── DataError           unknown data set, no readable image, classes that do not match
│   ├── ClassError          unknown class, or one that the network never predicts
│   ├── LayerError          unknown layer, or layers out of order
│   ├── ParameterError      a parameter out of its range
│   ├── DeviceError         unknown or absent device
│   ├── OutputError         the output folder exists, or a resumable state does not fit the request
│   └── FormatError         a circuit file that is not valid
├── NumericalError          NaN or infinity where numbers are needed; names the layer
├── StorageError            the disk is full or cannot be written
├── ClientError             what a service answered to ``neurflow.Client`` where it could not do as asked
│   ├── ServiceUnreachable  no service answered
│   └── JobFailed           a job that failed or was cancelled
└── Cancelled               raised by a progress callback to stop the work
"""

from __future__ import annotations


class NeurflowError(Exception):
    """Base of all errors raised on purpose: one line, fit to be shown to a person. The command line exits with 2."""


class InputError(NeurflowError):
    """What was asked for cannot be done as asked."""


class NetworkError(InputError):
    """A network that is unknown, or weights or class names that do not fit it."""


class NotTraceable(NetworkError):
    """A network whose graph cannot be captured or that has no usable cut point."""


class DataError(InputError):
    """A data set that is unknown, unreadable, or whose classes do not match the network's."""


class ClassError(InputError):
    """A class that the network does not have, or that it predicts for none of the images."""


class LayerError(InputError):
    """A layer that the network does not have, or layers in the wrong order."""


class ParameterError(InputError):
    """A parameter outside its range."""


class DeviceError(InputError):
    """A device that does not exist here."""


class OutputError(InputError):
    """An output folder that exists, or a resumable state that does not fit."""


class FormatError(InputError):
    """A circuit file that does not hold a valid circuit."""


class NumericalError(NeurflowError):
    """NaN or infinity in activations or attributions."""


class StorageError(NeurflowError):
    """The disk is full or a file cannot be written."""


class Cancelled(NeurflowError):
    """Raise this from a progress callback to stop the work; what is finished stays resumable."""


class ClientError(NeurflowError):
    """A service could not do as asked.

    Args:
        title: the kind of problem, for people.
        detail: what is wrong here, with the value, and what to do.
        status: of the HTTP answer; ``None`` where there was none.
        kind: a word for the kind of problem, such as ``not-found``.
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
    """A job ended without a result; ``title`` and ``detail`` say why."""
