"""Finding users."""

from sqlalchemy import func, select

from smsapp.accounts.models import User
from smsapp.extensions import db


def user_by_session(value: str) -> User | None:
    """The user of a session cookie, unless disabled or with another password since."""
    number = value.partition(":")[0]
    user = db.session.get(User, int(number)) if number.isdecimal() else None
    return user if user is not None and user.active and user.get_id() == value else None


def user_by_login(login: str) -> User | None:
    return db.session.scalar(select(User).where(func.lower(User.login) == login.strip().lower()))


def any_user() -> bool:
    return db.session.scalar(select(User.id).limit(1)) is not None
