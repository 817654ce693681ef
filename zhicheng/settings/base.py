"""What every installation shares; the other files in this folder add to it."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from zhicheng.values.webhooks import Internal

PACKAGE = Path(__file__).resolve().parent.parent


def database_from_url(url: str, *, kept: bool = True) -> dict[str, Any]:
    """Django's settings for a ``postgresql://`` address (also with ``?host=/socket/folder``).

    ``kept``: each thread of a web process keeps its connection from one request to the next.
    """
    parts = urlsplit(url)
    query = {key: values[0] for key, values in parse_qs(parts.query).items()}
    host = query.get("host", parts.hostname or "")
    options: dict[str, object] = {}
    if not host.startswith("/"):
        # That a server over the network doesn't answer is known soon.
        options |= {"connect_timeout": 10, "tcp_user_timeout": 30_000}
    if "sslmode" in query:
        options["sslmode"] = query["sslmode"]
    return {
        "ENGINE": "zhicheng.database",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": query.get("port", str(parts.port or "")),
        "OPTIONS": options,
        # A connection that the server dropped is found before a page uses it.
        "CONN_HEALTH_CHECKS": True,
        "CONN_MAX_AGE": None if kept else 0,
    }


SECRET_KEY = ""
DEBUG = False
ALLOWED_HOSTS: list[str] = ["127.0.0.1", "localhost"]

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "axes",
    "django_htmx",
    "procrastinate.contrib.django",
    "zhicheng.proofs",
    "zhicheng.audit",
    "zhicheng.files",
    "zhicheng.reference",
    "zhicheng.organizations",
    "zhicheng.credentials",
    "zhicheng.work",
    "zhicheng.layouts",
    "zhicheng.approvals",
    "zhicheng.registers",
    "zhicheng.photos",
    "zhicheng.blanks",
    "zhicheng.certificates",
    "zhicheng.electronic",
    "zhicheng.reissues",
    "zhicheng.transparency",
    "zhicheng.selfissued",
    "zhicheng.verification",
    "zhicheng.oversight",
    "zhicheng.historic",
    "zhicheng.statistics",
    "zhicheng.anomalies",
    "zhicheng.search",
    "zhicheng.notifications",
    "zhicheng.guidance",
    "zhicheng.api",
    "zhicheng.web",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "zhicheng.web.security.SecurityHeadersMiddleware",
    "zhicheng.api.middleware.ProblemMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "zhicheng.web.ended.EndedSessionMiddleware",
    "zhicheng.web.language.ChosenLanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "zhicheng.web.refusals.RefusalMiddleware",
    "zhicheng.web.first_things.FirstThingsMiddleware",
    "axes.middleware.AxesMiddleware",
]

# Background jobs are the modules named jobs.py.
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"

ROOT_URLCONF = "zhicheng.urls"
ASGI_APPLICATION = "zhicheng.asgi.application"
WSGI_APPLICATION = "zhicheng.wsgi.application"

AUTH_USER_MODEL = "organizations.Account"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in (
        ("UserAttributeSimilarityValidator", {"user_attributes": ("username", "display_name")}),
        ("MinimumLengthValidator", {"min_length": 10}),
        ("CommonPasswordValidator", {}),
        ("NumericPasswordValidator", {}),
    )
]
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/tasks/"
LOGOUT_REDIRECT_URL = "/login/"
CSRF_FAILURE_VIEW = "zhicheng.web.refusals.csrf_failure"

# Five wrong passwords lock this account from this address for a quarter of an hour.
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
# What is never kept of a failed try, beside passwords.
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "code"]
AXES_LOCKOUT_CALLABLE = "zhicheng.web.accounts.locked_out"

SESSION_ENGINE = "zhicheng.organizations.session_store"
SESSION_COOKIE_AGE = 30 * 60
SESSION_SAVE_EVERY_REQUEST = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "zhicheng.web.navigation.context",
                "zhicheng.notifications.context.bell",
            ],
        },
    }
]

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LOCALE_PATHS = [PACKAGE / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
STATIC_URL = "/static/"

DATA_UPLOAD_MAX_MEMORY_SIZE = 5_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000
# Uploaded files go to disk beyond this; their own limits are the registers' and approvals' matter.
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_500_000

# Names of places, counts and times go to the log; never a name, an ID number or a request's body.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "zhicheng": {"level": "INFO"},
        "procrastinate": {"level": "WARNING"},
        "axes": {"level": "ERROR"},
    },
}

# The address on paper, for ever: what QR codes name. Empty: the one that the browser used.
ZHICHENG_PUBLIC_ADDRESS = os.environ.get("ZHICHENG_PUBLIC_ADDRESS", "")
# A folder with the private signing keys; empty: encrypted in the database.
ZHICHENG_SIGNING_KEYS = os.environ.get("ZHICHENG_SIGNING_KEYS", "")

# What signs electronic certificates: see zhicheng/electronic/sealing.py.
ZHICHENG_SEAL_SERVICE = os.environ.get("ZHICHENG_SEAL_SERVICE", "")
ZHICHENG_SEAL_PKCS12 = os.environ.get("ZHICHENG_SEAL_PKCS12", "")
ZHICHENG_SEAL_PEM = os.environ.get("ZHICHENG_SEAL_PEM", "")
ZHICHENG_SEAL_PASSWORD = os.environ.get("ZHICHENG_SEAL_PASSWORD", "")
ZHICHENG_SEAL_PKCS11 = os.environ.get("ZHICHENG_SEAL_PKCS11", "")
ZHICHENG_SEAL_TOKEN = os.environ.get("ZHICHENG_SEAL_TOKEN", "")
ZHICHENG_SEAL_KEY = os.environ.get("ZHICHENG_SEAL_KEY", "")
ZHICHENG_SEAL_PIN = os.environ.get("ZHICHENG_SEAL_PIN", "")
ZHICHENG_SEAL_CERTIFICATES = os.environ.get("ZHICHENG_SEAL_CERTIFICATES", "")
ZHICHENG_SEAL_TIMESTAMPS = os.environ.get("ZHICHENG_SEAL_TIMESTAMPS", "")
ZHICHENG_SEAL_ROOTS = os.environ.get("ZHICHENG_SEAL_ROOTS", "")
ZHICHENG_SEAL_TEST_CA = os.environ.get("ZHICHENG_SEAL_TEST_CA", "")
# Grades whose electronic certificates bear a photo, with commas (senior,intermediate); none.
ZHICHENG_ELECTRONIC_PHOTOS = os.environ.get("ZHICHENG_ELECTRONIC_PHOTOS", "")


def _limits() -> dict[str, int]:
    """How often the public may ask; 0 is no limit. docs/resistance.md says what each is for."""
    defaults = {
        "ZHICHENG_QUESTIONS_PER_MINUTE": 30,
        "ZHICHENG_QUESTIONS_PER_HOUR": 300,
        "ZHICHENG_MISSES_PER_HOUR": 3,
        "ZHICHENG_QUESTIONS_ABOUT_ONE_PER_HOUR": 10,
        "ZHICHENG_QUESTIONS_ABOUT_ONE_BY_ADDRESS_PER_HOUR": 10,
        "ZHICHENG_HOLDER_QUESTIONS_PER_HOUR": 60,
        "ZHICHENG_TEXT_ANSWERS_PER_HOUR": 20,
        "ZHICHENG_CHALLENGE_ALL_PER_MINUTE": 3000,
        "ZHICHENG_CHALLENGE_ALL_MISSES_PER_MINUTE": 600,
        "ZHICHENG_REFUSE_ALL_PER_MINUTE": 12000,
        "ZHICHENG_ANSWER_BEAT_MS": 20,
        "ZHICHENG_LOOKUPS_KEPT_MONTHS": 24,
        "ZHICHENG_ADDRESS_PROXIES": 1,
        "ZHICHENG_BATCH_ROWS_PER_DAY": 20000,
    }
    return {name: int(os.environ.get(name, value)) for name, value in defaults.items()}


globals().update(_limits())
# Where the visitor's address stands: the connection's, or a header to which proxies append theirs.
ZHICHENG_ADDRESS_HEADER = os.environ.get("ZHICHENG_ADDRESS_HEADER", "REMOTE_ADDR")

# Whether office and administrators need a second factor: "required", or "offered" to everybody.
ZHICHENG_SECOND_FACTOR = os.environ.get("ZHICHENG_SECOND_FACTOR", "") or "offered"

# Mail: nothing is sent without a server; see docs/tasks.md. TLS is "starttls", "tls" or "".
EMAIL_HOST = os.environ.get("ZHICHENG_SMTP_HOST", "")
EMAIL_PORT = int(os.environ.get("ZHICHENG_SMTP_PORT", "") or 25)
EMAIL_HOST_USER = os.environ.get("ZHICHENG_SMTP_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("ZHICHENG_SMTP_PASSWORD", "")
EMAIL_USE_TLS = os.environ.get("ZHICHENG_SMTP_TLS", "") == "starttls"
EMAIL_USE_SSL = os.environ.get("ZHICHENG_SMTP_TLS", "") == "tls"
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = os.environ.get("ZHICHENG_MAIL_FROM", "") or "zhicheng@localhost"

# Hosts inside our own network to which messages may go: names or networks, with commas.
try:
    ZHICHENG_WEBHOOK_INTERNAL = Internal.parse(os.environ.get("ZHICHENG_WEBHOOK_INTERNAL", ""))
except ValueError as error:
    raise ImproperlyConfigured(
        f"ZHICHENG_WEBHOOK_INTERNAL: {error} is neither a host name nor a network"
    ) from None

DATABASES: dict[str, dict[str, Any]] = {}
