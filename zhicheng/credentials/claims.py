"""What a credential says, as CBOR: the format is told in docs/credential.md."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from zhicheng.credentials import cbor
from zhicheng.credentials.short_text import ShortTextError, restore, shorten

VERSION = 1
EPOCH = date(1970, 1, 1)
# Label 0 is the version; 9 and 10 are the day of signing, on paper and as a file.
TEXTS = {
    1: "number",
    2: "name",
    3: "id_number_masked",
    4: "qualification",
    5: "specialty",
    7: "document_number",
    8: "issuer",
}
APPROVAL_DATE, MADE_ON, ISSUED_ON, BLANK_SERIAL = 6, 9, 10, 11


class ClaimsError(ValueError):
    """The payload isn't one of this version."""


class NewerVersion(ClaimsError):
    """The payload names a version that is younger than this program."""


@dataclass(frozen=True)
class Claims:
    """The contents of one certificate as its credential states them.

    ``id_number_masked`` is the masked number, never the whole one. ``approval_date`` is the day on
    which the committee passed the person. Exactly one of ``made_on`` and ``issued_on`` is given:
    when the QR code of a paper certificate is printed, nobody knows yet on which day it will be
    issued, so paper states the day on which it was made, and the public query the issue; an
    electronic certificate is issued the moment it is signed. ``blank_serial`` is the blank on which
    paper was printed: when it's spoiled or lost and the certificate printed again, the old paper is
    told from the new one.
    """

    number: str
    name: str
    id_number_masked: str
    qualification: str
    specialty: str
    approval_date: date
    document_number: str
    issuer: str
    made_on: date | None = None
    issued_on: date | None = None
    blank_serial: int | None = None

    def __post_init__(self) -> None:
        """Refuses what could not be read back."""
        if (self.made_on is None) == (self.issued_on is None):
            raise ValueError("a credential states one day of signing")
        if (self.made_on is None) != (self.blank_serial is None):
            raise ValueError("paper lies on a blank, and a file on none")

    @property
    def signed_on(self) -> date:
        """The day that decides whether the key was in use."""
        day = self.made_on or self.issued_on
        assert day is not None
        return day


def write(claims: Claims) -> bytes:
    """The payload of the claims: the same bytes for the same claims, everywhere."""
    fields: dict[int, Any] = {0: VERSION, APPROVAL_DATE: _days(claims.approval_date)}
    for label, name in TEXTS.items():
        fields[label] = _short(getattr(claims, name))
    if claims.made_on:
        fields[MADE_ON] = _days(claims.made_on)
        fields[BLANK_SERIAL] = claims.blank_serial
    if claims.issued_on:
        fields[ISSUED_ON] = _days(claims.issued_on)
    return cbor.encode(fields)


def read(payload: bytes) -> Claims:
    """The claims of a payload; raises ClaimsError, NewerVersion or CborError."""
    fields = cbor.decode(payload)
    version = fields.get(0) if isinstance(fields, dict) else None
    if not isinstance(version, int) or isinstance(version, bool) or version < VERSION:
        raise ClaimsError("no version")
    if version > VERSION:
        raise NewerVersion("a newer version")
    on_paper = MADE_ON in fields
    own = {MADE_ON, BLANK_SERIAL} if on_paper else {ISSUED_ON}
    if set(fields) != {0, APPROVAL_DATE, *own, *TEXTS}:
        raise ClaimsError("fields are missing, or there are others")
    texts = {name: _text(fields[label]) for label, name in TEXTS.items()}
    day = _date(fields[MADE_ON if on_paper else ISSUED_ON])
    serial = fields.get(BLANK_SERIAL)
    if on_paper and (isinstance(serial, bool) or not isinstance(serial, int) or serial < 0):
        raise ClaimsError("a serial is no whole number")
    return Claims(
        **texts,
        approval_date=_date(fields[APPROVAL_DATE]),
        made_on=day if on_paper else None,
        issued_on=None if on_paper else day,
        blank_serial=serial,
    )


def _short(text: str) -> str | bytes:
    short = shorten(text)
    return short if len(short) < len(text.encode("utf-8")) else text


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if not isinstance(value, bytes):
        raise ClaimsError("a text is neither text nor short text")
    try:
        return restore(value)
    except ShortTextError as error:
        raise ClaimsError(str(error)) from None


def _days(day: date) -> int:
    return (day - EPOCH).days


def _date(value: Any) -> date:
    try:
        if isinstance(value, bool) or not isinstance(value, int):
            raise ClaimsError("a date is no number of days")
        return EPOCH + timedelta(days=value)
    except OverflowError:
        raise ClaimsError("a date is out of range") from None
