"""The second factor (RFC 6238): which code fits which moment, what is asked of whom.

Pure: the secret and the time come from the caller.
"""

import base64
import unicodedata
from datetime import timedelta
from enum import StrEnum

from cryptography.hazmat.primitives import constant_time
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.hotp import HOTP
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from zhicheng.organizations.permissions import Role

ISSUER = "职称证书管理系统"
SECRET_BYTES = 20  # 160 bits, as long as the digest (RFC 4226)
DIGITS, STEP_SECONDS = 6, 30
_DIGEST = SHA1()  # noqa: S303 - RFC 6238's own, which every app knows; here it is keyed (HMAC)
DRIFT_STEPS = 1  # on each side: a clock that is half a minute off
RECOVERY_CODES = 10
RECOVERY_BYTES = 7  # read as ten characters of five bits
PENDING_FOR = timedelta(minutes=30)  # between the picture of a secret and its first code
HALF_WAY_FOR = timedelta(minutes=5)  # between the password and the code
HALF_WAY_TRIES = 5

# Without I, L, O and U, which are read as something else.
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_RECOVERY_LENGTH, _GROUP = 10, 5
_READ_AS = str.maketrans("OIL", "011")


class Asked(StrEnum):
    """``ZHICHENG_SECOND_FACTOR``: whether an installation asks for it, or leaves it to people."""

    REQUIRED = "required"
    OFFERED = "offered"


def is_required(asked: str, *, role: str, municipal: bool) -> bool:
    """Whether an account has to have one: administrators, and whoever works at the office."""
    return asked == Asked.REQUIRED and (municipal or role == Role.ADMINISTRATOR)


def step_at(seconds: float) -> int:
    """The time step of a moment, in seconds since 1970."""
    return int(seconds // STEP_SECONDS)


def code_at(secret: bytes, step: int) -> str:
    """The six digits of a time step."""
    return HOTP(secret, DIGITS, _DIGEST).generate(step).decode()


def tidy_code(typed: str) -> str:
    """The digits that were meant: full width and blanks are what keyboards and apps add."""
    return "".join(unicodedata.normalize("NFKC", typed).split())


def fitting_step(secret: bytes, typed: str, *, now: int, last: int | None) -> int | None:
    """The step whose code was typed, at most one off and after the ``last`` one used; or None.

    The newest that fits: whatever is older is used up with it.
    """
    code = tidy_code(typed)
    if len(code) != DIGITS or not (code.isascii() and code.isdigit()):
        return None
    fitting = None
    for step in range(max(now - DRIFT_STEPS, 0), now + DRIFT_STEPS + 1):
        same = constant_time.bytes_eq(code_at(secret, step).encode(), code.encode())
        if same and (last is None or step > last):
            fitting = step
    return fitting


def key_text(secret: bytes) -> str:
    """The secret to be typed: groups of four characters."""
    text = base64.b32encode(secret).decode()
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def address_of(secret: bytes, username: str) -> str:
    """What the QR code says to the app: ``otpauth://totp/…``."""
    totp = TOTP(secret, DIGITS, _DIGEST, STEP_SECONDS)
    return totp.get_provisioning_uri(username, ISSUER)


def recovery_text(drawn: bytes) -> str:
    """A recovery code of random bytes: ``XXXXX-XXXXX``, fifty bits."""
    number = int.from_bytes(drawn)
    letters = [_LETTERS[number >> 5 * place & 31] for place in reversed(range(_RECOVERY_LENGTH))]
    return "".join(letters[:_GROUP]) + "-" + "".join(letters[_GROUP:])


def tidy_recovery(typed: str) -> str:
    """The code that was meant, whatever its case, dashes and look-alikes; '' for none."""
    plain = unicodedata.normalize("NFKC", typed).upper().translate(_READ_AS)
    letters = "".join(letter for letter in plain if letter.isalnum())
    known = len(letters) == _RECOVERY_LENGTH and all(letter in _LETTERS for letter in letters)
    return f"{letters[:_GROUP]}-{letters[_GROUP:]}" if known else ""
