# Base images are named by digest, so that the same commit gives the same image; renew it beside the tag.
ARG PYTHON=python:3.13-slim@sha256:7c61056e61ac89e852de05f3dc6fa51a6dd2181797bceed46aa725dd7cb2cd3b

# Two stages: the first installs, checks, migrates and seeds; the second serves the finished file and needs no network.
FROM ${PYTHON} AS build
WORKDIR /srv/immunofacts
RUN python -m venv .venv
COPY requirements.lock ./
RUN .venv/bin/python -m pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml README.md alembic.ini ./
COPY app app
COPY seed seed
COPY migrations migrations
COPY immunofacts immunofacts
RUN .venv/bin/python -m pip install --no-cache-dir --no-deps --no-build-isolation --editable . \
 && .venv/bin/python -m compileall -q app seed migrations immunofacts \
 && .venv/bin/python -m seed check \
 && .venv/bin/immunofacts openapi >/dev/null \
 && .venv/bin/immunofacts migrate \
 && .venv/bin/python -m seed load --past \
 && .venv/bin/python -c "import sqlite3; sqlite3.connect('immunofacts.db').execute('PRAGMA journal_mode=DELETE')"

FROM ${PYTHON}
RUN useradd --system --uid 10001 --no-create-home immunofacts
WORKDIR /srv/immunofacts
COPY --from=build /srv/immunofacts /srv/immunofacts
USER 10001
ENV HOST=0.0.0.0 PORT=8000 PATH=/srv/immunofacts/.venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s \
  CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/ready', timeout=2)"]
CMD ["immunofacts", "serve"]
