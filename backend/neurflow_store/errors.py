"""Every error that the store raises on purpose.

StoreError                    the message names the value and the remedy
├── NotFound                  no such circuit, network, data set, job or picture
├── Conflict                  what was asked for does not fit the present state
│   └── Stale                 it was changed since it was read
├── NotLoggedIn               nobody is told to be asking, or not who
├── Forbidden                 the one who asks may not do that
├── TooMany                   it was asked for too often in too short a time
├── Gone                      it was there, and was taken back
├── BadValue                  a value of a request that cannot be used
├── BadUpload                 an upload that is refused, with the reason
│   ├── TooLarge              it is larger than the settings allow
│   └── WrongType             it is no file of a kind that is taken
├── StorageError              stored files cannot be written or read
│   └── StorageFull           there is no room left for them
├── Unreachable               another service does not answer
├── SettingsError             a setting that cannot be used
├── SchemaError               the database's tables are not those of this version
└── LeaseLost                 a worker writes to a job that is no longer its own
"""

from __future__ import annotations


class StoreError(Exception):
    """Base of all errors raised on purpose: one line, fit to be shown to a person."""


class NotFound(StoreError):
    """There is no such thing."""


class Conflict(StoreError):
    """It does not fit the present state."""


class NotLoggedIn(StoreError):
    """It is not known who asks."""


class Forbidden(StoreError):
    """The one who asks may not do that."""


class TooMany(StoreError):
    """It was asked for too often; ``seconds`` from now it may be asked for again."""

    def __init__(self, message: str, seconds: int) -> None:
        super().__init__(message)
        self.seconds = seconds


class BadValue(StoreError):
    """A value of a request that cannot be used."""


class BadUpload(StoreError):
    """An upload that is refused."""


class TooLarge(BadUpload):
    """It is larger than the settings allow."""


class WrongType(BadUpload):
    """It is no file of a kind that is taken."""


class StorageError(StoreError):
    """Stored files cannot be written or read."""


class StorageFull(StorageError):
    """There is no room left for stored files: free some."""


class Unreachable(StoreError):
    """Another service, which is needed here, does not answer."""


class SettingsError(StoreError):
    """A setting that cannot be used."""


class SchemaError(StoreError):
    """The database's tables are not those of this version: run ``neurflow migrate``."""


class LeaseLost(StoreError):
    """The job was given to somebody else, deleted or ended: stop working on it."""


class Gone(StoreError):
    """It was there, and was taken back."""


class Stale(Conflict):
    """It was changed since it was read; ``present`` is what it is now."""

    def __init__(self, message: str, present: object) -> None:
        super().__init__(message)
        self.present = present
