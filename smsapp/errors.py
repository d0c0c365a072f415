"""Errors that services raise and pages show: one class per status of the design."""

from flask import Flask, current_app, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException


class AppError(Exception):
    """Something a person asked for and cannot have; `message` is a translated sentence that says what to do."""

    status = 422

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Conflict(AppError):
    """The data changed meanwhile: figures, quota, digest."""

    status = 409


class BadSignature(AppError):
    """A signed value was forged or is of somebody else."""

    status = 400


class NotAllowed(AppError):
    """The user lacks the right."""

    status = 403


class NotThere(AppError):
    """Unknown, or not yours to see, or the module is off."""

    status = 404


def init_app(app: Flask) -> None:
    """Show every error as a page, or as a fragment to htmx."""
    app.register_error_handler(AppError, lambda error: error_page(error.status, error.message))
    app.register_error_handler(CSRFError, lambda error: error_page(400, _csrf_message()))
    app.register_error_handler(HTTPException, _http_error)


def error_page(status: int, message: str) -> ResponseReturnValue:
    """A page with this message, or only the fragment when htmx asks."""
    template = "errors/_error.html" if request.htmx else "errors/page.html"  # type: ignore[attr-defined]
    return render_template(template, status=status, message=message), status


def _csrf_message() -> str:
    return str(_("This form has expired. Please reload the page and try again; nothing was changed."))


def _http_error(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None or error.code is None or error.code < 400:
        return error.get_response()
    messages = {
        403: _("You do not have the right to do this. Please ask your administrator."),
        404: _("This page does not exist, or not any more."),
        405: _("This page cannot be used this way."),
        413: _("This file is too large. At most %(size)s MB are possible; nothing was stored.", size=_megabytes()),
        500: _("Something went wrong on our side. Please try again; the administrator finds the cause in the log."),
    }
    return error_page(error.code, messages.get(error.code, error.description or error.name))


def _megabytes() -> int:
    return (current_app.config["MAX_CONTENT_LENGTH"] or 0) >> 20
