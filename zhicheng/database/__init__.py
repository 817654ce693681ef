"""Connections of the web processes, and statements that are prepared once in each."""
