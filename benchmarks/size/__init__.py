"""A city at its full size: up to ten million certificates on file, made by set-based SQL.

    .venv/bin/python -m benchmarks.size [CERTIFICATES]

The database lies under ``var/bench`` and is kept: the next benchmark that asks for the same size
finds it. See :func:`benchmarks.size.database.city_of`.
"""
