"""Passwords: hashed with Argon2id, and never anything else."""

from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from smsapp.folding import fold

SHORTEST_PASSWORD: Final = 12
LONGEST_PASSWORD: Final = 200

TOO_SHORT: Final = "too_short"
TOO_LONG: Final = "too_long"
IS_LOGIN: Final = "is_login"

_hasher = PasswordHasher()


def password_problem(password: str, login: str) -> str | None:
    """Why this cannot be the password, one of the codes above; length is all that counts, not kinds of characters."""
    if len(password) < SHORTEST_PASSWORD:
        return TOO_SHORT
    if len(password) > LONGEST_PASSWORD:
        return TOO_LONG
    return IS_LOGIN if fold(password.strip()) == fold(login) else None


def hash_password(password: str) -> str:
    """The hash to store."""
    return _hasher.hash(password)


def matches(password: str, password_hash: str) -> bool:
    """Whether it is this password; takes the same time when there is no hash, for an unknown login."""
    try:
        return _hasher.verify(password_hash or _nobody(), password) and bool(password_hash)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobody() -> str:
    """A hash that no password has, so that an unknown login takes as long as a known one."""
    return _hasher.hash("nobody")
