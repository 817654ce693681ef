"""What a keyboard-wedge scanner typed: a number, a serial, a slip, or a certificate's own code."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import unquote, urlsplit

from zhicheng.certificates.transfer_rules import NUMBER_BEGINS
from zhicheng.credentials.rules import PublicKey, Reason, verify
from zhicheng.values.serials import LARGEST_SERIAL
from zhicheng.values.text import tidy_code

LONGEST = 4000
LONGEST_CODE = 60
_SLIP = re.compile(rf"{NUMBER_BEGINS}-?(\d{{4}})-?(\d{{6,}})", re.IGNORECASE)
_QUERY_PATH = "/v/"


class Kind(StrEnum):
    """What a text can be."""

    NOTHING = "nothing"
    CODE = "code"  # a certificate number or a blank's serial
    SLIP = "slip"
    CREDENTIAL = "credential"
    REFUSED = "refused"  # a credential that doesn't hold


@dataclass(frozen=True)
class Read:
    """A text as far as it can be read with no database.

    ``code`` is the certificate number, or what may be one; ``serial`` the blank's serial: of a
    credential the blank on which it was printed.
    """

    kind: Kind
    code: str = ""
    serial: int | None = None
    reason: Reason | None = None


def looks_like_credential(text: str) -> bool:
    """Whether keys are needed to read it."""
    return len(text) > LONGEST_CODE


def read(text: str, keys: Iterable[PublicKey] = ()) -> Read:
    """What was scanned; never raises, whatever the text is."""
    bare = text.strip()
    if not bare or len(bare) > LONGEST:
        return Read(Kind.NOTHING)
    if looks_like_credential(bare):
        return _credential(bare, keys)
    if "://" in bare:
        path = urlsplit(bare).path
        bare = unquote(path.rpartition(_QUERY_PATH)[2]) if _QUERY_PATH in path else bare
    code, _codes = tidy_code(bare)
    slip = _SLIP.fullmatch(code)
    if slip:
        return Read(Kind.SLIP, f"{NUMBER_BEGINS}{slip[1]}-{slip[2]}")
    return Read(Kind.CODE, code, serial_of(code)) if code else Read(Kind.NOTHING)


def serial_of(code: str) -> int | None:
    """The code as a blank's serial, if it can be one."""
    if not (code.isascii() and code.isdecimal() and len(code) <= 12):
        return None
    return int(code) if 0 < int(code) <= LARGEST_SERIAL else None


def _credential(text: str, keys: Iterable[PublicKey]) -> Read:
    verdict = verify(text, keys)
    if verdict.claims is None or not verdict.valid:
        return Read(Kind.REFUSED, reason=verdict.reason or Reason.NOT_A_CREDENTIAL)
    return Read(Kind.CREDENTIAL, verdict.claims.number, verdict.claims.blank_serial)
