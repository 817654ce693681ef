"""A phone for tests: secrets of accounts, and the codes that an app would show."""

import time

from tests.support.city import PASSWORD
from zhicheng.organizations import second_factor as actions
from zhicheng.organizations.models import Account
from zhicheng.organizations.second_factor_rules import code_at, step_at


def code_of(secret: bytes, steps: int = 0) -> str:
    """What the app shows now, or so many steps later."""
    return code_at(secret, step_at(time.time()) + steps)


def turn_on(account: Account, password: str = PASSWORD) -> tuple[bytes, list[str]]:
    """The second factor set up as its owner would; gives the secret and the recovery codes.

    The code was the last step's, so that of this moment is still to be used.
    """
    actions.begin(actor=account)
    secret = actions.pending_secret(account)
    assert secret is not None
    codes = actions.confirm(actor=account, password=password, code=code_of(secret, -1))
    account.refresh_from_db()
    return secret, codes
