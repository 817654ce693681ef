"""渝职改办〔2018〕150号, whole: the law of this product."""

from functools import lru_cache
from pathlib import Path


@lru_cache(maxsize=1)
def notice_text() -> str:
    """The notice as plain text, its attachments without their empty cells."""
    text = (Path(__file__).parent / "notice.txt").read_text(encoding="utf-8")
    return text.split("\n\t附件1\n")[0].strip()
