"""Checking who somebody is, slowly for those who guess, and ending what they are logged in with."""

from collections.abc import Sequence
from datetime import timedelta
from math import ceil

from flask_babel import ngettext

from smsapp.accounts import queries, throttle
from smsapp.accounts.models import User, new_session_key
from smsapp.accounts.passwords import matches
from smsapp.clock import now
from smsapp.errors import AppError
from smsapp.extensions import db_write


class TooManyAttempts(AppError):
    """Passwords are not looked at for a while."""

    status = 429

    def __init__(self, wait: timedelta) -> None:
        minutes = ceil(wait / timedelta(minutes=1))
        super().__init__(
            ngettext(
                "Too many failed attempts. Please try again in %(count)s minute.",
                "Too many failed attempts. Please try again in %(count)s minutes.",
                minutes,
                count=minutes,
            )
        )
        self.seconds = ceil(wait.total_seconds())


def authenticate(login: str, password: str, address: str = "", device: str | None = None) -> User | None:
    """The user with this login and password, if both are right and the account is active.

    Raises TooManyAttempts. `device` is known when this person has logged in from there before.
    """
    by = throttle.counts(login, address, device)
    count_attempt(by)
    user = queries.user_by_login(login)
    right = matches(password, user.password_hash if user else "")
    if user is None or not right or not user.active:
        return None
    with db_write() as session:
        throttle.succeed(session, by, now())
        session.get_one(User, user.id).last_login_at = now()
    return user


def count_attempt(by: Sequence[throttle.Count]) -> None:
    """Before a password is looked at; raises TooManyAttempts."""
    with db_write() as session:
        wait = throttle.begin(session, by, now())
    if wait:
        raise TooManyAttempts(wait)


def end_sessions(user_id: int) -> None:
    """This person is logged out everywhere."""
    with db_write() as session:
        session.get_one(User, user_id).session_key = new_session_key()
