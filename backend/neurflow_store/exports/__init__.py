"""A circuit in the forms in which it leaves the explorer, and the archive in which it comes back in.

All but :mod:`neurflow_store.exports.stored` work on plain data: the bytes of ``circuit.json`` as the engine wrote them
(``docs/file-format.md``), which was checked when it came in.
"""
