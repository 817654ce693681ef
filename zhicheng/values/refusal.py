"""How a rule says no: one exception that pages, the API and the command line all render."""


class Refusal(Exception):
    """A rule said no, and nothing was changed (``status``: what a web page answers).

    ``rule`` is the machine name (``"register.has_errors"``), ``message`` a complete Chinese
    sentence for the person. ``clause`` names the clause of the notice that the rule comes from
    (``"N3"``), ``found`` and ``expected`` the two sides of the disagreement, ``mend`` what to
    do now. None of them ever holds an ID number in clear (invariant 10). ``link`` leads to a
    page about it (address, words); ``attempted`` is the tag of the action that was refused.
    """

    status = 422
    link: tuple[str, str] | None = None
    attempted = ""

    def __init__(
        self,
        rule: str,
        message: str,
        *,
        clause: str = "",
        found: str = "",
        expected: str = "",
        mend: str = "",
    ) -> None:
        super().__init__(message)
        self.rule = rule
        self.message = message
        self.clause = clause
        self.found = found
        self.expected = expected
        self.mend = mend

    def __str__(self) -> str:
        parts = [self.message]
        if self.found:
            parts.append(f"现为：{self.found}")
        if self.expected:
            parts.append(f"应为：{self.expected}")
        if self.mend:
            parts.append(self.mend)
        return " ".join(parts)


class NotPermitted(Refusal):
    """The organisation or role may not do this (invariant 9)."""

    status = 403


class Conflict(Refusal):
    """Somebody else's change came first; the caller works on an old version."""

    status = 409
