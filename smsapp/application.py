"""How the application is put together: configuration, extensions, features, errors."""

import os
from collections.abc import Mapping
from typing import Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from smsapp import errors, features, web
from smsapp.accounts import rights
from smsapp.config import Config
from smsapp.extensions import babel, csrf, db, htmx, login_manager, migrate, prepare_engine

MEGABYTE = 1024 * 1024


def make(config: Config, overrides: Mapping[str, Any]) -> Flask:
    """The application of this configuration."""
    app = Flask("smsapp", template_folder="../templates", static_folder="../static")
    app.config.from_mapping(_flask_settings(config))
    app.config.from_mapping(overrides)
    app.extensions["smsapp_config"] = config
    if config.behind_proxy:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]
    _start_extensions(app)
    web.init_app(app)
    features.register(app)
    errors.init_app(app)
    return app


def _flask_settings(config: Config) -> dict[str, Any]:
    return {
        "SECRET_KEY": config.secret_key,
        "SQLALCHEMY_DATABASE_URI": config.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": {
            "hide_parameters": True,  # people's data has no place in a log
            "pool_pre_ping": True,  # nobody gets an error because the database was started again meanwhile
        },
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SECURE": config.behind_proxy,  # a proxy ends TLS; without one the intranet speaks HTTP
        "SESSION_COOKIE_NAME": "smsapp",
        "PERMANENT_SESSION_LIFETIME": config.session_hours * 3600,  # since `accounts.sessions` renewed the cookie last
        "WTF_CSRF_TIME_LIMIT": None,
        "MAX_CONTENT_LENGTH": 64 * MEGABYTE,
        "BABEL_DEFAULT_LOCALE": "de",
        "BABEL_DEFAULT_TIMEZONE": config.timezone,
        "BABEL_TRANSLATION_DIRECTORIES": "translations",
    }


def _start_extensions(app: Flask) -> None:
    db.init_app(app)
    migrate.init_app(app, db, directory=os.path.join(app.root_path, "migrations"))  # noqa: PTH118
    login_manager.init_app(app)
    rights.init_app(app)
    csrf.init_app(app)
    htmx.init_app(app)
    babel.init_app(app, locale_selector=web.select_locale, timezone_selector=web.select_timezone)
    with app.app_context():
        prepare_engine(db.engine)
