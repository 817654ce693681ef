"""What mails and messages link to: pages of this installation, as others reach it."""

from django.conf import settings


def absolute(path: str) -> str:
    """The page's address with its host; empty where no public address is set.

    A path alone leads nowhere from a mail: then better no link at all.
    """
    public = settings.ZHICHENG_PUBLIC_ADDRESS.rstrip("/")
    return f"{public}{path}" if public else ""
