"""Stored files by the digest of their content: pictures, uploads, circuit files. A folder by default, or fsspec."""
