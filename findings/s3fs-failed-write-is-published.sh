#!/usr/bin/env bash
# S3 shows an object only after its upload is complete, and fsspec uploads a file when it is closed. But leaving a `with` block
# closes the file after an exception, too: s3fs then completes the upload, also one in parts, and the half that was written
# replaces the whole object. Only a transaction discards it.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check s3fs==2026.9.0 fsspec==2026.9.0 "moto[server]==5.2.5"
export AWS_DEFAULT_REGION=us-east-1
venv/bin/python - <<'EOF'
import contextlib
import logging
import sys

import fsspec
import moto
import s3fs
from moto.server import ThreadedMotoServer

logging.getLogger("werkzeug").setLevel(logging.ERROR)
WHOLE = b"old and whole"


def left(files, size, transaction):
    """Replace an object, fail after ``size`` bytes, and return the size of the object and whether it is the old one."""
    files.pipe_file("bucket/weights", WHOLE)
    with contextlib.suppress(ConnectionError), transaction, files.open("bucket/weights", "wb") as file:
        file.write(bytes(size))
        assert files.cat_file("bucket/weights") == WHOLE
        raise ConnectionError
    content = files.cat_file("bucket/weights")
    return len(content), content == WHOLE


server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
server.start()
try:
    address = "http://{}:{}".format(*server.get_host_and_port())
    files = s3fs.S3FileSystem(key="key", secret="secret", endpoint_url=address)
    files.mkdir("bucket")
    # The second is larger than a part, so it is uploaded in parts.
    sizes = (7, 60_000_000)
    seen = [(left(files, size, contextlib.nullcontext()), left(files, size, files.transaction)) for size in sizes]
finally:
    server.stop()
print(f"s3fs {s3fs.__version__}, fsspec {fsspec.__version__}, against moto {moto.__version__}")
print("expected: after a write that failed, the old object is still there, because an upload replaces it only when complete")
for size, (plain, transacted) in zip(sizes, seen):
    print(f"seen:     {size} bytes written: object of {plain[0]} bytes, old: {plain[1]}; in a transaction old: {transacted[1]}")
sys.exit(seen != [((size, False), (len(WHOLE), True)) for size in sizes])
EOF
