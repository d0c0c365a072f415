"""Finding users."""

from typing import Any

from sqlalchemy import Select, case, select

from smsapp.accounts.models import PasswordLink, User
from smsapp.accounts.rights import Role
from smsapp.clock import now
from smsapp.errors import NotThere
from smsapp.extensions import db
from smsapp.folding import fold
from smsapp.listing import in_order, matches

ORDERS = {
    "name": User.search_key,
    "login": User.login,
    "role": case({role.value: rank for rank, role in enumerate(Role)}, value=User.role),
    "active": User.active,
    "seen": User.last_login_at,
}


def user_by_session(value: str) -> User | None:
    """The user of a session cookie, unless disabled or with another password since."""
    number = value.partition(":")[0]
    user = db.session.get(User, int(number)) if number.isdecimal() else None
    return user if user is not None and user.active and user.get_id() == value else None


def user_by_login(login: str) -> User | None:
    return db.session.scalar(select(User).where(User.login == fold(login.strip())))


def get(user_id: int, message: str) -> User:
    """This user; raises NotThere with the message."""
    user = db.session.get(User, user_id)
    if user is None:
        raise NotThere(message)
    return user


def users(search: str = "", sort: str = "name") -> Select[Any]:
    """The users in whose name or login all these words occur."""
    found = select(User).where(matches(User.search_key, search))
    return in_order(found, sort, ORDERS, User.search_key, User.id)


def administrators() -> Select[Any]:
    """The ids of those who administer and can log in; one must be left."""
    able = (User.role == Role.ADMIN, User.active, User.password_hash != "")
    return select(User.id).where(*able).order_by(User.id)


def is_last_administrator(user_id: int) -> bool:
    """Whether this is the only one, who can neither be disabled nor lose the role."""
    return db.session.scalars(administrators().limit(2)).all() == [user_id]


def open_link(user_id: int) -> PasswordLink | None:
    """The link that still waits to be used."""
    link = db.session.get(PasswordLink, user_id)
    return link if link is not None and link.expires_at > now() else None


def user_by_token(token_hash: str) -> User | None:
    """Whose link this is, while it may be used."""
    statement = select(User).join(PasswordLink, PasswordLink.user_id == User.id)
    usable = (PasswordLink.token_hash == token_hash, PasswordLink.expires_at > now(), User.active)
    return db.session.scalar(statement.where(*usable))
