"""Which chapter of the handbook tells of a page: pure data, by the address's name."""

from collections.abc import Mapping

from zhicheng.organizations.permissions import Role

# By the part of the product; ``PAGES`` goes first.
PARTS: Mapping[str, str] = {
    "anomalies": "auditor",
    "api_pages": "interfaces",
    "approvals": "approvals",
    "audit": "auditor",
    "blanks": "blanks",
    "certificates": "certificates",
    "credentials": "query",
    "electronic": "electronic",
    "guidance": "start",
    "historic": "historic",
    "layouts": "printing",
    "ledger": "blanks",
    "notifications": "daily",
    "organizations": "administrator",
    "photos": "certificates",
    "registers": "registers",
    "reissues": "reissues",
    "search": "daily",
    "selfissued": "selfissued",
    "statistics": "statistics",
    "transparency": "query",
    "verification": "query",
    "web": "daily",
    "work": "daily",
}
PAGES: Mapping[str, str] = {
    "blanks:alarms": "losses",
    "blanks:case": "losses",
    "blanks:cases": "losses",
    "blanks:destructions": "losses",
    "blanks:report_loss": "losses",
    "blanks:stocktake": "losses",
    "blanks:stocktake_policy": "losses",
    "blanks:stocktakes": "losses",
    "certificates:print_job": "printing",
    "certificates:print_jobs": "printing",
    "notifications:deadlines": "office",
    "web:notice": "start",
    "web:password": "start",
    "web:second_factor": "start",
    "web:replace_second_factor": "start",
    "web:renew_recovery_codes": "start",
    "web:turn_off_second_factor": "start",
    "web:logins": "start",
}
# What others read of it: the administrator's chapter is only for whoever administers.
INSTEAD: Mapping[tuple[str, Role], str] = {
    ("auditor", Role.ADMINISTRATOR): "administrator",
    **{
        ("administrator", role): "daily"
        for role in (Role.CLERK, Role.OFFICER, Role.EMBOSSER, Role.AUDITOR)
    },
}


def chapter_of(view: str, role: Role) -> str:
    """The chapter's name for the page at the address called ``view``; '' where none tells of it."""
    found = PAGES.get(view) or PARTS.get(view.split(":", 1)[0], "")
    return INSTEAD.get((found, role), found)
