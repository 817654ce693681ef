"""Reads of the stock of blanks: `stock`, `allotments` and `spoiled`."""
