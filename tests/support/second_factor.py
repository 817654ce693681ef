"""A phone for tests: secrets of accounts, and the codes that an app would show."""

import time
from uuid import uuid4

from django.test import Client

from tests.support.city import PASSWORD
from zhicheng.organizations import second_factor as actions
from zhicheng.organizations.models import Account
from zhicheng.organizations.second_factor_rules import code_at, step_at
from zhicheng.organizations.sessions import login_of, note_passed


def code_of(secret: bytes, steps: int = 0) -> str:
    """What the app shows now, or so many steps later."""
    return code_at(secret, step_at(time.time()) + steps)


def turn_on(account: Account, password: str = PASSWORD) -> tuple[bytes, list[str]]:
    """The second factor set up as its owner would; gives the secret and the recovery codes.

    The code was the last step's, so that of this moment is still to be used. All logins end.
    """
    login = uuid4()
    actions.begin(actor=account, login=login)
    secret = actions.pending_secret(account, login)
    assert secret is not None
    codes = actions.confirm(actor=account, login=login, password=password, code=code_of(secret, -1))
    account.refresh_from_db()
    return secret, codes


def window(account: Account) -> Client:
    """A browser that is logged in, by a code too where the account has a second factor."""
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    note_passed(session, Account.objects.get(pk=account.pk))
    session.save()
    return client


def pending_of(client: Client, account: Account) -> bytes:
    """The secret that the browser shows."""
    secret = actions.pending_secret(account, login_of(client.session))
    assert secret is not None
    return secret
