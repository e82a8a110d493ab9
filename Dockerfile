# Two images of the service, both with an unprivileged user:
#   api     the web server, the sweeper and the migrations. No PyTorch: a few hundred megabytes.
#   worker  computes circuits, on the CPU or an NVIDIA GPU. Installs PyTorch as its package index offers it for Linux, which
#           includes CUDA: several gigabytes, even without a GPU. A smaller build has a separate index; its address belongs
#           in pip's configuration, not in this file.
# `frontend` and `wheel` are build stages. Needs BuildKit (the default since Docker 23).
ARG PYTHON=3.11

# The pages, built into backend/neurflow_server/static/dist.
FROM node:22-slim AS frontend
WORKDIR /build/frontend
COPY frontend/package.json frontend/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY frontend/vite.config.ts frontend/tsconfig.json ./
COPY frontend/src src
RUN npm run build

FROM python:${PYTHON}-slim AS wheel
WORKDIR /build
COPY pyproject.toml README.md LICENSE ./
COPY backend backend
COPY worker worker
COPY --from=frontend /build/backend/neurflow_server/static/dist backend/neurflow_server/static/dist
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheel .

FROM python:${PYTHON}-slim AS base
# Uploads pass through TMPDIR, which is on the volume because /tmp is in memory.
ENV PYTHONUNBUFFERED=1 NEURFLOW_HOME=/var/lib/neurflow TMPDIR=/var/lib/neurflow/tmp
# A new volume mounted there inherits the folder and its owner.
RUN useradd --system --user-group --uid 10001 --home-dir /var/lib/neurflow --create-home --shell /usr/sbin/nologin neurflow \
    && install --directory --owner=neurflow --group=neurflow /var/lib/neurflow/tmp
WORKDIR /var/lib/neurflow
ENTRYPOINT ["neurflow"]

FROM base AS api
RUN --mount=type=bind,target=/source,source=. --mount=type=bind,from=wheel,target=/wheel,source=/wheel \
    pip install --no-cache-dir --constraint /source/constraints.txt "$(echo /wheel/*.whl)[server]"
USER 10001:10001
EXPOSE 8000
CMD ["serve"]

FROM base AS worker
# Downloaded weights are stored in the data folder, the only writable place.
ENV TORCH_HOME=/var/lib/neurflow/cache/torch HF_HOME=/var/lib/neurflow/cache/huggingface
RUN --mount=type=bind,target=/source,source=. --mount=type=bind,from=wheel,target=/wheel,source=/wheel \
    pip install --no-cache-dir --constraint /source/constraints.txt "$(echo /wheel/*.whl)[worker]"
USER 10001:10001
CMD ["worker", "--queue", "circuits"]
