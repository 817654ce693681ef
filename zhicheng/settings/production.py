"""A real installation: everything from the environment, and no start while something is missing.

| variable | meaning |
|---|---|
| ``DATABASE_URL`` | ``postgresql://user:password@host:port/name?sslmode=verify-full`` |
| ``ZHICHENG_SECRET_KEY`` | at least 50 random characters |
| ``ZHICHENG_HOSTS`` | the host names that people type, with commas |
| ``ZHICHENG_KEYS_FILE`` or ``ZHICHENG_KEYS`` | the keys (:mod:`zhicheng.settings.keys`) |
| ``ZHICHENG_HOME`` | folder for uploaded files and collected static files |
| ``ZHICHENG_PROXIES`` | addresses of the proxies that end TLS, whose X-Forwarded-… are believed |
| ``ZHICHENG_PUBLIC_ADDRESS`` | the address in QR codes (``https://…/``); default: the browser's;
  with a mail server it has to be set, because mails link to it |
| ``ZHICHENG_SIGNING_KEYS`` | folder for private signing keys; default: the database |
| ``ZHICHENG_ADDRESS_HEADER``, limits of public questions | see docs/resistance.md |
| ``ZHICHENG_SECOND_FACTOR`` | ``required`` (default): municipal office and administrators log in
  with a code of their phone too; ``offered``: whoever wants to (docs/accounts.md) |
| ``ZHICHENG_SMTP_HOST``, ``_PORT``, ``_USER``, ``_PASSWORD`` | mail server; none: no mail is sent |
| ``ZHICHENG_SMTP_TLS`` | ``starttls``, ``tls`` or nothing |
| ``ZHICHENG_MAIL_FROM`` | the sender's address |
| ``ZHICHENG_WEBHOOK_INTERNAL`` | hosts of the government network to which messages may go, names or
  networks with commas (``im.city.example,10.20.0.0/16``); none: public addresses alone |
| ``ZHICHENG_GM`` | ``1``: SM4 in place of AES for what is stored from now on |
"""

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from zhicheng.settings import keys
from zhicheng.settings.base import *  # noqa: F403
from zhicheng.settings.base import database_from_url

SECRET_LENGTH = 50
SECOND_FACTOR = ("required", "offered")


def _complain() -> list[str]:
    missing = [
        name
        for name in ("DATABASE_URL", "ZHICHENG_SECRET_KEY", "ZHICHENG_HOSTS", "ZHICHENG_HOME")
        if not os.environ.get(name)
    ]
    if not (os.environ.get("ZHICHENG_KEYS_FILE") or os.environ.get("ZHICHENG_KEYS")):
        missing.append("ZHICHENG_KEYS_FILE")
    faults = [f"{name} is not set" for name in missing]
    secret = os.environ.get("ZHICHENG_SECRET_KEY", "")
    if secret and (len(secret) < SECRET_LENGTH or len(set(secret)) < 10):
        faults.append(f"ZHICHENG_SECRET_KEY is not {SECRET_LENGTH} random characters")
    public = os.environ.get("ZHICHENG_PUBLIC_ADDRESS", "")
    if public and not public.startswith("https://"):
        faults.append("ZHICHENG_PUBLIC_ADDRESS must begin with https://")
    if os.environ.get("ZHICHENG_SMTP_HOST") and not public:
        faults.append("ZHICHENG_PUBLIC_ADDRESS is not set, and mails link to it")
    if os.environ.get("ZHICHENG_SECOND_FACTOR", "") not in ("", *SECOND_FACTOR):
        faults.append(f"ZHICHENG_SECOND_FACTOR is none of {', '.join(SECOND_FACTOR)}")
    if "*" in os.environ.get("ZHICHENG_HOSTS", ""):
        faults.append("ZHICHENG_HOSTS must name the hosts")
    if os.environ.get("ZHICHENG_SEAL_TEST_CA"):
        faults.append("ZHICHENG_SEAL_TEST_CA makes certificates that bind nobody: take it away")
    return faults


def _keys() -> dict[str, object]:
    path = os.environ.get("ZHICHENG_KEYS_FILE")
    try:
        return keys.parse(Path(path).read_text("utf-8") if path else os.environ["ZHICHENG_KEYS"])
    except OSError as error:
        raise ImproperlyConfigured(f"ZHICHENG_KEYS_FILE: {error.strerror}") from None
    except ValueError as error:
        # Without its cause: a parser's message may quote what it read.
        raise ImproperlyConfigured(f"ZHICHENG_KEYS: {error}") from None


if _faults := _complain():
    raise ImproperlyConfigured("zhicheng doesn't start: " + "; ".join(_faults))

SECRET_KEY = os.environ["ZHICHENG_SECRET_KEY"]
ZHICHENG_KEYS = _keys()
ZHICHENG_GM = os.environ.get("ZHICHENG_GM") == "1"
DATABASES = {"default": database_from_url(os.environ["DATABASE_URL"])}
ALLOWED_HOSTS = [host.strip() for host in os.environ["ZHICHENG_HOSTS"].split(",") if host.strip()]
CSRF_TRUSTED_ORIGINS = [f"https://{host.lstrip('.')}" for host in ALLOWED_HOSTS]

ZHICHENG_SECOND_FACTOR = os.environ.get("ZHICHENG_SECOND_FACTOR", "") or "required"

HOME = Path(os.environ["ZHICHENG_HOME"])
MEDIA_ROOT = HOME / "files"
STATIC_ROOT = HOME / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

SESSION_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-session"
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_NAME = "__Host-csrf"
SECURE_SSL_REDIRECT = True
# The load balancer's health check comes without TLS.
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
if os.environ.get("ZHICHENG_PROXIES"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
