"""What tests of pages share: the text of an answer, a file to upload, htmx's own header."""

import re

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from tests.support.city import City
from zhicheng.organizations.models import Account

HTMX = {"HX-Request": "true"}


def text_of(answer: HttpResponse) -> str:
    """The page's words without its tags."""
    plain = re.sub(
        r"<(script|style|template)\b.*?</\1>", " ", answer.content.decode(), flags=re.DOTALL
    )
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", plain))


def workbook(content: bytes, name: str = "登记表.xlsx") -> SimpleUploadedFile:
    """A file as a browser sends it."""
    return SimpleUploadedFile(name, content)


def window(city: City, organization: str, role: str) -> Client:
    """A browser in which that organisation's account of that role is logged in."""
    return logged_in(city.who(organization, role))


def logged_in(account: Account) -> Client:
    """A browser in which this account is logged in."""
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client
