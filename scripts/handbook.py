"""The operator's handbook as a PDF, without a database: ``make handbook``."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))


def main() -> None:
    """Writes it where the first argument says."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhicheng.settings.base")
    from zhicheng.guidance.printed import handbook_pdf

    target = Path(sys.argv[1])
    target.write_bytes(handbook_pdf())
    print(target)


if __name__ == "__main__":
    main()
