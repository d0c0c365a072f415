"""Making and changing users, their passwords and one-time links."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from flask_babel import gettext as _
from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from smsapp.accounts import queries, throttle
from smsapp.accounts.logging_in import count_attempt
from smsapp.accounts.models import PasswordLink, User, new_session_key
from smsapp.accounts.passwords import (
    IS_LOGIN,
    LONGEST_PASSWORD,
    SHORTEST_PASSWORD,
    TOO_SHORT,
    hash_password,
    matches,
    password_problem,
)
from smsapp.accounts.rights import Role
from smsapp.clock import now
from smsapp.errors import AppError, Conflict, NotThere
from smsapp.extensions import db_write
from smsapp.folding import fold
from smsapp.text.normalise import clean_value

LINK_VALID: Final = timedelta(hours=24)
LONGEST_LOGIN: Final = 80
LONGEST_NAME: Final = 120
_LOGIN_MARKS: Final = "._-@"


class BadField(AppError):
    """What was entered in this field cannot be."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Link:
    """A one-time link that was just made: its secret is known here and nowhere else."""

    user_id: int
    token: str
    expires_at: datetime


def create_user(login: str, name: str, password: str, role: Role, language: str = "de") -> int:
    """A new user with a password; returns the id."""
    _check_password(password, login)
    password_hash = hash_password(password)
    with db_write() as session:
        user = _add(session, login, name, role, language)
        user.password_hash = password_hash
        return user.id


def invite_user(login: str, name: str, role: Role, language: str) -> Link:
    """A new user, who chooses the password by this link."""
    with db_write() as session:
        return _new_link(session, _add(session, login, name, role, language))


def change_user(user_id: int, name: str, role: Role, language: str) -> None:
    """Change name, role and language; the last administrator keeps the role."""
    with db_write() as session:
        user = _locked(session, user_id)
        if user.role == Role.ADMIN != role:
            _keep_an_administrator(session, user_id)
        user.name, user.role, user.language = _name(name), role, language


def disable_user(user_id: int) -> str:
    """Nobody logs in as this user any more, and who has is out at once; the name."""
    with db_write() as session:
        user = _locked(session, user_id)
        _keep_an_administrator(session, user_id)
        user.active, user.session_key = False, new_session_key()
        session.execute(delete(PasswordLink).where(PasswordLink.user_id == user_id))
        return user.name


def enable_user(user_id: int) -> str:
    """This user may log in again, with the password of before; the name."""
    with db_write() as session:
        user = _locked(session, user_id)
        user.active = True
        return user.name


def reset_password(user_id: int, even_last: bool = False) -> Link:
    """A link to choose a new password. The old one and the person's sessions end now, a link made before as well.

    The last administrator keeps the password unless `even_last`: whoever asks must then be able to make another link.
    """
    with db_write() as session:
        user = _locked(session, user_id)
        if not user.active:
            raise Conflict(_("%(name)s is inactive. Activate the account first.", name=user.name))
        if not even_last:
            _keep_an_administrator(session, user_id)
        user.password_hash, user.session_key = "", new_session_key()
        return _new_link(session, user)


def use_link(token: str, password: str) -> int:
    """Choose the password by a link, once; the user's id. Raises NotThere for a link that does not count any more."""
    user = link_user(token)
    _check_password(password, user.login)
    password_hash = hash_password(password)
    with db_write() as session:
        used = delete(PasswordLink).where(
            PasswordLink.token_hash == _token_hash(token),
            PasswordLink.expires_at > now(),
            PasswordLink.user_id == user.id,
        )
        if session.scalar(used.returning(PasswordLink.user_id)) is None:
            raise _link_is_over()
        _set_password(session.get_one(User, user.id), password_hash)
        throttle.succeed(session, throttle.counts(user.login, "", None)[:1], now())
    return user.id


def link_user(token: str) -> User:
    """Whose link this is; raises NotThere for one that does not count any more."""
    user = queries.user_by_token(_token_hash(token))
    if user is None:
        raise _link_is_over()
    return user


def change_password(user_id: int, old: str, new: str) -> None:
    """The person's own password; all their sessions end, and this one must begin anew. Raises TooManyAttempts."""
    user = queries.get(user_id, _unknown())
    by = throttle.own_password_count(user_id)
    count_attempt(by)
    if not matches(old, user.password_hash):
        raise BadField("old_password", _("This is not your password."))
    _check_password(new, user.login)
    password_hash = hash_password(new)
    with db_write() as session:
        _set_password(_locked(session, user_id), password_hash)
        throttle.succeed(session, by, now())


def change_profile(user_id: int, name: str, phone: str | None, language: str) -> None:
    """What everybody may change of themselves; `phone` is E.164."""
    with db_write() as session:
        user = _locked(session, user_id)
        user.name, user.phone, user.language = _name(name), phone, language


def _add(session: Session, login: str, name: str, role: Role, language: str) -> User:
    """The unique index decides whether the login is taken, also between two who ask in the same moment."""
    user = User(login=_login(login), name=_name(name), role=role, language=language)
    session.add(user)
    try:
        session.flush()
    except IntegrityError as error:
        raise BadField("login", _("The login %(login)s is taken.", login=login)) from error
    return user


def _login(typed: str) -> str:
    login = fold(typed.strip())
    plain = all(character.isalnum() or character in _LOGIN_MARKS for character in login)
    if not login or not login[0].isalnum() or not plain:
        raise BadField("login", _("A login has letters, digits and . _ - @ and begins with a letter or digit."))
    if len(login) > LONGEST_LOGIN:
        raise BadField("login", _("Please enter 1 to %(count)s characters.", count=LONGEST_LOGIN))
    return login


def _name(typed: str) -> str:
    name = clean_value(typed)[0]
    if not 1 <= len(name) <= LONGEST_NAME:
        raise BadField("name", _("Please enter 1 to %(count)s characters.", count=LONGEST_NAME))
    return name


def _locked(session: Session, user_id: int) -> User:
    """This user, after all administrators: of two who change each other one waits, and then sees what the other did."""
    session.execute(queries.administrators().with_for_update())
    user = session.get(User, user_id, with_for_update=True)
    if user is None:
        raise NotThere(_unknown())
    return user


def _keep_an_administrator(session: Session, user_id: int) -> None:
    if session.scalars(queries.administrators()).all() == [user_id]:
        raise Conflict(_("This is the last administrator who can log in. Make somebody else an administrator first."))


def _new_link(session: Session, user: User) -> Link:
    token = secrets.token_urlsafe(32)
    link = Link(user.id, token, now() + LINK_VALID)
    session.merge(PasswordLink(user_id=user.id, token_hash=_token_hash(token), expires_at=link.expires_at))
    return link


def _token_hash(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def _set_password(user: User, password_hash: str) -> None:
    user.password_hash, user.session_key = password_hash, new_session_key()


def _check_password(password: str, login: str) -> None:
    problem = password_problem(password, login)
    if problem == TOO_SHORT:
        raise BadField("password", _("The password needs at least %(count)s characters.", count=SHORTEST_PASSWORD))
    if problem == IS_LOGIN:
        raise BadField("password", _("The password must not be the login."))
    if problem:
        raise BadField("password", _("At most %(limit)s characters are possible here.", limit=LONGEST_PASSWORD))


def _link_is_over() -> NotThere:
    return NotThere(_("This link does not work any more. Please ask your administrator for a new one."))


def _unknown() -> str:
    return str(_("This user does not exist or no longer exists."))
