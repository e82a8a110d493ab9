"""Export formats of a circuit, and the archive that can be imported again.

All modules except :mod:`neurflow_store.exports.stored` work on plain data: the bytes of ``circuit.json`` as the engine
wrote them (``docs/file-format.md``), which were checked at import.
"""
