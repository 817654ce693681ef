"""What page views share: who is logged in, and the permission table asked before anything else."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from zhicheng.organizations.guard import might, require
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def account_of(request: HttpRequest) -> Account:
    """Whoever is logged in; only for views behind :func:`page` or a login."""
    assert isinstance(request.user, Account)
    return request.user


def page(action: Action) -> Callable[[View[P]], View[P]]:
    """A view for accounts that might do ``action`` on something; others are told who may (403).

    Whether they may on the very object is the action's or the query's business.
    """

    def decorate(view: View[P]) -> View[P]:
        @login_required
        @wraps(view)
        def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            account = account_of(request)
            if not might(account, action):
                require(account, action)
            return view(request, *args, **kwargs)

        return asked

    return decorate
