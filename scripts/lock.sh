#!/bin/sh
# Writes the lock files: exact versions with digests for Python 3.11 to 3.13, no host named.
# Takes the newest versions; with `scripts/lock.sh keep` only what the .in files changed.
set -eu
cd "$(dirname "$0")/.."
uv="$(command -v uv || echo .venv/bin/uv)"
[ -x "$uv" ] || .venv/bin/pip install --quiet uv
[ "${1:-}" = keep ] || rm -f requirements.txt requirements-dev.txt
for name in requirements requirements-dev; do
    "$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-emit-find-links --no-header --no-annotate \
        "$name.in" -o "$name.txt"
done
