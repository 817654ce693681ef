#!/bin/sh
# Virtual environment and locked packages; does nothing when they are as locked.
# `scripts/install.sh requirements.txt` for running, `... requirements-dev.txt` for tests as well.
set -eu
cd "$(dirname "$0")/.."
lock="$1"

say() { printf '%s\n' "$*" >&2; }

python="${PYTHON:-}"
if [ -z "$python" ]; then
    for candidate in python3 python3.13 python3.12 python3.11; do
        if command -v "$candidate" >/dev/null 2>&1 &&
            "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then
            python="$candidate"
            break
        fi
    done
fi
if [ -z "$python" ]; then
    say "Python 3.11, 3.12 or 3.13 is missing: install it (Debian/Ubuntu: apt-get install python3 python3-venv)."
    exit 1
fi

version="$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')"
# Place and Python belong to the stamp: a moved or upgraded environment is made anew.
want_base="$version $PWD"
want="$(cat requirements.txt "$lock" pyproject.toml | sha256sum | cut -d' ' -f1)"
stamp=".venv/.$(basename "$lock").stamp"

if [ "$(cat .venv/.base.stamp 2>/dev/null)" != "$want_base" ]; then
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        package="python$version-venv"
        if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
            say "Installing $package ..."
            DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 update </dev/null >/dev/null 2>&1 || true
            DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends \
                -o DPkg::Lock::Timeout=300 install "$package" </dev/null >/dev/null 2>&1 || true
        fi
        if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
            say "The package $package is missing: run  sudo apt-get install $package  and try again."
            exit 1
        fi
    fi
    rm -rf .venv
    "$python" -m venv .venv
    printf '%s' "$want_base" >.venv/.base.stamp
fi

# The stamp of the tests' packages covers those for running, when it names the same lock files.
[ "$(cat "$stamp" 2>/dev/null)" = "$want" ] && exit 0
say "Installing the locked packages ($lock) ..."
pip() { .venv/bin/python -m pip --disable-pip-version-check --no-input "$@" </dev/null; }
pip install -qq --require-hashes --only-binary :all: -r "$lock"
# The product itself, from here; built with the setuptools that was just installed and checked.
pip install -qq --no-deps --no-build-isolation --no-index -e .
printf '%s' "$want" >"$stamp"
