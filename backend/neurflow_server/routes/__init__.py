"""Routes: a module for each subject, each with a ``router``.

Paths of ``router`` are below ``/api/v1``; those of ``health`` and ``pages`` below ``/``. A route has named
dependencies, one call, and a declared response. Its function's name is its operation id. All other responses are
problems; :func:`neurflow_server.problems.answers` lists the likely ones. Bodies are at most 1 MiB, below
``/api/v1/uploads`` ``max_upload_bytes``, an image to inspect ``max_image_bytes``.
"""
