"""Settings, all read from the environment (`BIHUAN_*`, `DATABASE_URL`); `docs/SETTINGS.md` lists them."""

import os
import secrets
from pathlib import Path
from urllib.parse import unquote, urlparse

from django.utils.translation import gettext_lazy as _

PACKAGE = Path(__file__).resolve().parent.parent
BIHUAN_HOME = Path(os.environ.get("BIHUAN_HOME", ".bihuan")).expanduser().resolve()
DEBUG = os.environ.get("BIHUAN_DEBUG", "") == "1"
ROLE = os.environ.get("BIHUAN_ROLE", "all")


def _secret_key() -> str:
    """The signing key: from the environment, else from BIHUAN_HOME/keys/secret, made on first use."""
    if key := os.environ.get("BIHUAN_SECRET_KEY"):
        return key
    keys = BIHUAN_HOME / "keys"
    BIHUAN_HOME.mkdir(parents=True, exist_ok=True, mode=0o700)
    keys.mkdir(exist_ok=True, mode=0o700)
    path = keys / "secret"
    try:
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass
    return path.read_text()


def _database() -> dict[str, object]:
    """SQLite in BIHUAN_HOME unless DATABASE_URL names a PostgreSQL database."""
    url = os.environ.get("DATABASE_URL", "")
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": BIHUAN_HOME / "records.sqlite3",
            "CONN_MAX_AGE": 600,
            "OPTIONS": {
                "timeout": 20,
                "transaction_mode": "IMMEDIATE",
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-32000;"
                " PRAGMA mmap_size=268435456; PRAGMA temp_store=MEMORY;",
            },
            "TEST": {"NAME": os.environ.get("BIHUAN_TEST_SQLITE") or None},
        }
    parts = urlparse(url)
    if parts.scheme not in ("postgres", "postgresql"):
        raise SystemExit(
            f"DATABASE_URL has the scheme {parts.scheme!r}; use postgresql://user:password@host:port/name."
        )
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 600,
        "OPTIONS": {
            "prepare_threshold": 5
        },  # of base/rows.py only: Django itself sends values inside the text
    }


SECRET_KEY = _secret_key()
ALLOWED_HOSTS = os.environ.get("BIHUAN_ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("BIHUAN_TRUSTED_ORIGINS", "").split(",") if o]
HTTPS = os.environ.get("BIHUAN_HTTPS", "") == "1"

HOUSE_APPS = [
    "bihuan.base.access",
    "bihuan.base.bus",
    "bihuan.base.jobs",
    "bihuan.base.ui",
    "bihuan.base.calendars",
    "bihuan.base.notices",
    "bihuan.base.webhooks",
    "bihuan.know.staff",
    "bihuan.know.absences",
    "bihuan.know.products",
    "bihuan.know.accounts",
    "bihuan.know.chain",
    "bihuan.capture.sources",
    "bihuan.capture.identity",
    "bihuan.capture.plan",
    "bihuan.capture.ingest",
    "bihuan.capture.imports",
    "bihuan.capture.presence",
    "bihuan.understand.annotations",
    "bihuan.understand.metrics",
    "bihuan.understand.segments",
    "bihuan.understand.explore",
    "bihuan.understand.experiments",
    "bihuan.foresee.tiers",
    "bihuan.foresee.health",
    "bihuan.foresee.signals",
    "bihuan.foresee.warning",
    "bihuan.act.processes",
    "bihuan.act.work",
    "bihuan.act.mining",
    "bihuan.act.reach",
    "bihuan.act.plays",
    "bihuan.act.plan",
    "bihuan.earn.contracts",
    "bihuan.serve.tickets",
    "bihuan.site",
]
HOUSE_APPS = [app for app in HOUSE_APPS if (PACKAGE.parent / app.replace(".", "/") / "apps.py").exists()]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_filters",
    "django_htmx",
    "axes",
    "csp",
    *HOUSE_APPS,
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "bihuan.base.access.middleware.ActorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "bihuan.base.access.middleware.DefaultDenyMiddleware",
    "bihuan.base.ui.errors.UnstorableMiddleware",
    "bihuan.base.ui.refusals.RefusalMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "bihuan.config.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "bihuan.base.ui.context.shell",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"

DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "OPTIONS": {
            "MAX_ENTRIES": 2000
        },  # pieces of the frame by role, forms of filters by person: a few kB each
    }
}

AUTH_USER_MODEL = "staff.Staff"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "access:sign_in"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "access:sign_in"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_CALLABLE = "bihuan.base.access.pages.locked_out"
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
SESSION_COOKIE_AGE = 60 * 60 * 12
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = False
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "bihuan.base.ui.errors.csrf_failure"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
        "manifest-src": ["'self'"],
    }
}

LANGUAGE_CODE = os.environ.get("BIHUAN_LANGUAGE", "zh-hans")
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
LOCALE_PATHS = [PACKAGE / "locale"]
TIME_ZONE = os.environ.get("BIHUAN_TIME_ZONE", "Asia/Shanghai")
REJECTED_DAYS = int(os.environ.get("BIHUAN_REJECTED_DAYS", "90"))
QUESTIONS_AT_ONCE = int(os.environ.get("BIHUAN_QUESTIONS_AT_ONCE", "3"))
WEBHOOK_NETWORKS = os.environ.get("BIHUAN_WEBHOOK_NETWORKS", "")
PUBLIC_URL = os.environ.get("BIHUAN_PUBLIC_URL", "").rstrip("/")
WECOM_URL = os.environ.get("BIHUAN_WECOM_URL", "https://qyapi.weixin.qq.com").rstrip("/")
DINGTALK_URL = os.environ.get("BIHUAN_DINGTALK_URL", "https://oapi.dingtalk.com").rstrip("/")
FEISHU_URL = os.environ.get("BIHUAN_FEISHU_URL", "https://open.feishu.cn").rstrip("/")
SMTP_HOST = os.environ.get("BIHUAN_SMTP_HOST", "")
SMTP_PORT = int(os.environ.get("BIHUAN_SMTP_PORT", "587"))
SMTP_TLS = os.environ.get("BIHUAN_SMTP_TLS", "starttls")
SMTP_USER = os.environ.get("BIHUAN_SMTP_USER", "")
SMTP_PASSWORD = os.environ.get("BIHUAN_SMTP_PASSWORD", "")
SMTP_FROM = os.environ.get("BIHUAN_SMTP_FROM", "")
SMTP_FROM_NAME = os.environ.get("BIHUAN_SMTP_FROM_NAME", "")
CURRENCY = os.environ.get("BIHUAN_CURRENCY", "CNY")
HOUR_COSTS = os.environ.get("BIHUAN_HOUR_COSTS", "150")
USE_I18N = True
USE_TZ = True
FIRST_DAY_OF_WEEK = 1

STATIC_URL = "/static/"
STATIC_ROOT = None  # served from the package itself, by WhiteNoise
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 30 * 24 * 3600
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "bihuan.base.ui.assets.VersionedStorage"},
}
MEDIA_ROOT = BIHUAN_HOME / "files"
DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 50_000  # a process as a list has fifty inputs a step
FILE_UPLOAD_PERMISSIONS = 0o600

LOG_FORMAT = "json" if os.environ.get("BIHUAN_LOG_FORMAT") == "json" else "line"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request": {"()": "bihuan.base.logs.WithRequest"}},
    "formatters": {
        "line": {
            "()": "bihuan.base.logs.Lines",
            "format": "%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s",
        },
        "json": {"()": "bihuan.base.logs.JsonLines"},
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "filters": ["request"], "formatter": LOG_FORMAT}
    },
    "root": {"handlers": ["console"], "level": os.environ.get("BIHUAN_LOG_LEVEL", "WARNING")},
}
SILENCED_SYSTEM_CHECKS = ["axes.W001", "security.W008"]
NINJA_PAGINATION_CLASS = "bihuan.base.ui.paging.Paging"
