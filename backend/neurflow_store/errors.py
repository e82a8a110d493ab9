"""The errors that the store raises on purpose.

StoreError                    the message names the value and the remedy
├── NotFound                  the circuit, network, data set, job or picture does not exist
├── Conflict                  the request does not fit the current state
│   └── Stale                 the object changed after it was read
├── NotLoggedIn               the request has no valid credentials
├── Forbidden                 the user lacks the permission
├── TooMany                   too many requests in a short time
├── Gone                      the object existed and was revoked
├── BadValue                  a value in a request is invalid
├── BadUpload                 an upload is refused, with the reason
│   ├── TooLarge              it is larger than the settings allow
│   └── WrongType             its file type is not supported
├── StorageError              stored files cannot be read or written
│   └── StorageFull           the disk or bucket is full
├── Unreachable               another service does not answer
├── SettingsError             a setting is invalid
├── SchemaError               the database's tables are not those of this version
└── LeaseLost                 a worker writes to a job that it no longer holds
"""

from __future__ import annotations


class StoreError(Exception):
    """Base of all errors raised on purpose. The message is one line and can be shown to a user."""


class NotFound(StoreError):
    """The object does not exist."""


class Conflict(StoreError):
    """The request does not fit the current state."""


class NotLoggedIn(StoreError):
    """The request has no valid credentials."""


class Forbidden(StoreError):
    """The user lacks the permission."""


class TooMany(StoreError):
    """Too many requests in a short time. Try again after ``seconds``."""

    def __init__(self, message: str, seconds: int) -> None:
        super().__init__(message)
        self.seconds = seconds


class BadValue(StoreError):
    """A value in a request is invalid."""


class BadUpload(StoreError):
    """An upload is refused."""


class TooLarge(BadUpload):
    """The upload is larger than the settings allow."""


class WrongType(BadUpload):
    """The upload's file type is not supported."""


class StorageError(StoreError):
    """Stored files cannot be read or written."""


class StorageFull(StorageError):
    """The storage is full: free some space."""


class Unreachable(StoreError):
    """A required service does not answer."""


class SettingsError(StoreError):
    """A setting is invalid."""


class SchemaError(StoreError):
    """The database's tables are not those of this version: run ``neurflow migrate``."""


class LeaseLost(StoreError):
    """The job was given to another worker, deleted or ended: stop working on it."""


class Gone(StoreError):
    """The object existed and was revoked."""


class Stale(Conflict):
    """The object changed after it was read; ``present`` is its current state."""

    def __init__(self, message: str, present: object) -> None:
        super().__init__(message)
        self.present = present
