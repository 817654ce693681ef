"""A small city whose past is nobody's news, a browser, a mail server."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from tests.support.city import City, found_city
from tests.support.filing import Filing
from tests.support.mail_sink import MailSink
from zhicheng.notifications.making import make

LogIn = Callable[[str, str], Client]


@pytest.fixture
def filing(db: None) -> Filing:
    return Filing(found_city())


@pytest.fixture
def city(filing: Filing) -> City:
    make()
    return filing.city


@pytest.fixture
def log_in(city: City) -> LogIn:
    def enter(organization: str, role: str) -> Client:
        client = Client()
        client.force_login(
            city.who(organization, role), backend="django.contrib.auth.backends.ModelBackend"
        )
        return client

    return enter


@pytest.fixture
def sink(settings: Any) -> Iterator[MailSink]:
    """A mail server at which this installation sends; links have an address."""
    with MailSink() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.DEFAULT_FROM_EMAIL = "zhicheng@example.gov.cn"
        settings.ZHICHENG_PUBLIC_ADDRESS = "https://zs.example.gov.cn/"
        yield server
