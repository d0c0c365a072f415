"""A person's session in this browser, and the devices that are known to be theirs."""

import hashlib
import hmac
import secrets
from datetime import timedelta
from typing import Final

from flask import Response, current_app, g, request, session
from flask_login import current_user, login_user
from itsdangerous import BadSignature, URLSafeSerializer

from smsapp.accounts.models import User
from smsapp.clock import now
from smsapp.folding import fold

DEVICE_COOKIE: Final = "smsapp_device"
DEVICE_DAYS: Final = 365
RENEW_AFTER: Final = timedelta(minutes=10)


def start(user: User) -> None:
    """From now on this browser is this person's.

    The secret of the CSRF tokens is the person's and not the session's: forms that were open before the session ended
    work again after the same person has logged in again, and never after somebody else has.
    """
    session.clear()
    g.pop("csrf_token", None)
    login_user(user)
    secret = current_app.config["SECRET_KEY"].encode()
    session["csrf_token"] = hmac.new(secret, f"csrf of {user.id}".encode(), hashlib.sha256).hexdigest()
    session["renewed"] = int(now().timestamp())


def renew() -> None:
    """Keep the session alive while it is used. Not with every answer: one that is late would undo a newer cookie."""
    at = int(now().timestamp())
    if at - session.get("renewed", 0) >= RENEW_AFTER.total_seconds() and current_user.is_authenticated:
        session["renewed"] = at


def known_device(login: str) -> str | None:
    """What tells this browser from others, if this person has logged in here before."""
    try:
        device, known_login = _serializer().loads(request.cookies.get(DEVICE_COOKIE, ""))
    except (BadSignature, ValueError, TypeError):
        return None
    return str(device) if known_login == fold(login.strip()) else None


def remember_device(response: Response, login: str) -> None:
    """Know this browser as the person's from now on."""
    response.set_cookie(
        DEVICE_COOKIE,
        _serializer().dumps([known_device(login) or secrets.token_urlsafe(12), login]),
        max_age=DEVICE_DAYS * 24 * 3600,
        httponly=True,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        samesite="Lax",
    )


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="smsapp.accounts.device")
