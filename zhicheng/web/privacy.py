"""Keeps ID numbers out of addresses, remarks and user names (invariant 10)."""

import re

# Whatever has so many digits in a row counts, whether its check digit is right or not.
_ID_NUMBER = re.compile(r"\d{15}|\d{17}[\dXx]")


def holds_id_number(text: str) -> bool:
    """Whether the text has an ID number in it, also one that is written with spaces."""
    return bool(_ID_NUMBER.search(re.sub(r"\s", "", text)))
