"""Errors that services raise and pages show: one class per status of the design."""

import sys
from datetime import datetime
from typing import Any, Final

from flask import Flask, current_app, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError, TimeoutError
from werkzeug.exceptions import HTTPException

TROUBLE: Final = {"HX-Retarget": "#trouble", "HX-Reswap": "innerMorph"}
"""Where htmx shows an error: in `base.html`, or in the dialog while one is open. The same sentence is said once."""


class AppError(Exception):
    """Something a person asked for and cannot have; `message` is a translated sentence that says what to do."""

    status = 422

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Conflict(AppError):
    """The data changed meanwhile: figures, quota, digest."""

    status = 409


class Changed(Conflict):
    """Somebody else saved meanwhile; nothing of this save was kept."""


class BadSignature(AppError):
    """A signed value was forged or is of somebody else."""

    status = 400


class NotAllowed(AppError):
    """The user lacks the right."""

    status = 403


class NotThere(AppError):
    """Unknown, or not yours to see, or the module is off."""

    status = 404


class FormExpired(AppError):
    """The form's CSRF token is none of this session."""

    status = 400

    def __init__(self) -> None:
        super().__init__(_("This form had expired; nothing was changed. Please try again."))


def refuse_stale(updated_at: datetime | None, seen: datetime | None) -> None:
    """Raise Changed where somebody has saved since the editor saw it."""
    if seen is not None and updated_at != seen:
        raise Changed(_("Somebody else has changed this meanwhile; nothing of yours was saved yet."))


def init_app(app: Flask) -> None:
    """Show every error as a page, or as a sentence to htmx."""
    app.register_error_handler(AppError, lambda error: error_page(error.status, error.message))
    app.register_error_handler(CSRFError, form_expired)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(OperationalError, _no_database)
    app.register_error_handler(TimeoutError, _no_database)  # of waiting for one of our connections to it


def error_page(status: int, message: str, fragment: str = "errors/_error.html", **values: Any) -> ResponseReturnValue:
    """A page with this message. To htmx only its sentence, in the place for it: what is typed is never replaced."""
    values = {"status": status, "message": message, **values}
    if not request.htmx:  # type: ignore[attr-defined]
        return render_template("errors/page.html", **values), status
    return render_template(fragment, **values), status, TROUBLE


def form_expired(error: CSRFError) -> ResponseReturnValue:
    """To htmx with a new token for the forms that are open, so that trying again helps."""
    return error_page(400, FormExpired().message, renew=True)


def _http_error(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None or error.code is None or error.code < 400:
        return error.get_response()
    messages = {
        403: _("You do not have the right to do this. Please ask your administrator."),
        404: _("This page does not exist or no longer exists."),
        405: _("This page cannot be used this way."),
        413: _("This file is too large. At most %(size)s MB are possible; nothing was stored.", size=_megabytes()),
        500: _("Something went wrong on our side. Please try again; the administrator finds the cause in the log."),
    }
    return error_page(error.code, messages.get(error.code, error.description or error.name))


def _no_database(_error: Exception) -> ResponseReturnValue:
    """A page that asks the database nothing, not even who reads it and in which language."""
    current_app.log_exception(sys.exc_info())
    template, headers = ("_error.html", TROUBLE) if request.htmx else ("no_database.html", {})  # type: ignore[attr-defined]
    language = request.accept_languages.best_match(("de", "en"), "de")
    with force_locale(language):
        message = _("The database does not answer at the moment. Please try again in a few minutes.")
        page = current_app.jinja_env.get_template(f"errors/{template}").render(
            message=message, status=503, language=language
        )
    return page, 503, headers


def _megabytes() -> int:
    return (current_app.config["MAX_CONTENT_LENGTH"] or 0) >> 20
