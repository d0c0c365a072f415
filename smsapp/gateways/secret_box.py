"""Passwords of gateways, encrypted with a key that is not in the database: who reads a backup cannot use them.

The key follows from SMSAPP_GATEWAY_KEY, or else from the secret of this installation.
"""

import base64
import os
import re

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import current_app

from smsapp.gateways.models import GatewayRow
from smsapp.gateways.reading import Unusable

UNREADABLE = "unreadable"
"""The key is another one than when it was stored: it must be entered again."""


def encrypt(password: str) -> str:
    """What may be stored of it."""
    return _box().encrypt(password.encode()).decode()


def password_of(row: GatewayRow) -> str | None:
    """The environment's, else the stored one; Unusable if that cannot be read with the key of today."""
    if given := from_environment(row.name):
        return given
    if row.password is None:
        return None
    try:
        return _box().decrypt(row.password.encode()).decode()
    except (InvalidToken, UnicodeError):
        raise Unusable("password", UNREADABLE) from None


def from_environment(name: str) -> str | None:
    """The password that the environment gives to the gateway of this name."""
    return os.environ.get(variable(name)) or None


def variable(name: str) -> str:
    """What that variable is called."""
    return f"SMSAPP_GATEWAY_{re.sub('[^A-Z0-9]', '_', name.upper())}_PASSWORD"


def key() -> str:
    """The secret that whatever concerns gateways is made with; never used as it is."""
    found: str = current_app.extensions["smsapp_config"].gateway_key or current_app.config["SECRET_KEY"]
    return found


def _box() -> Fernet:
    derive = HKDF(SHA256(), length=32, salt=None, info=b"smsapp gateway passwords")
    return Fernet(base64.urlsafe_b64encode(derive.derive(key().encode())))
