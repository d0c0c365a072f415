"""Making users and checking who somebody is."""

from flask_babel import gettext as _

from smsapp.accounts.models import User
from smsapp.accounts.passwords import hash_password, matches
from smsapp.accounts.queries import user_by_login
from smsapp.accounts.rights import Role
from smsapp.errors import AppError
from smsapp.extensions import db_write

SHORTEST_PASSWORD = 8


def create_user(login: str, name: str, password: str, role: Role, language: str = "de") -> int:
    """A new user; returns the id."""
    if len(password) < SHORTEST_PASSWORD:
        raise AppError(_("The password needs at least %(count)s characters.", count=SHORTEST_PASSWORD))
    if user_by_login(login) is not None:
        raise AppError(_("The login %(login)s is taken.", login=login))
    with db_write() as session:
        user = User(
            login=login,
            name=name,
            password_hash=hash_password(password),
            role=role,
            language=language,
            active=True,
        )
        session.add(user)
        session.flush()
        return user.id


def authenticate(login: str, password: str) -> User | None:
    """The user with this login and password, if both are right and the account is active."""
    user = user_by_login(login)
    right = matches(password, user.password_hash if user else None)
    return user if user is not None and right and user.active else None
