"""What is answered at which address: a module for each subject, each with a ``router``.

Paths of ``router`` are below ``/api/v1``; those of ``health`` and ``pages`` below ``/``. A route is a named dependency,
one call, a declared response. Its function's name is its operation id. What it may answer beside the declared response
is a problem; :func:`neurflow_server.problems.answers` lists the likely ones. Bodies are at most 1 MiB, below
``/api/v1/uploads`` as much as ``max_upload_bytes``, an image to be looked at ``max_image_bytes``.
"""
