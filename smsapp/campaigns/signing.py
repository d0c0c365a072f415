"""The signed token that "Ja" brings back: what was confirmed, by whom, for which send, for 30 minutes (I1, I2)."""

import secrets
from dataclasses import astuple, dataclass
from typing import Any, Final

from flask import current_app
from itsdangerous import BadData, SignatureExpired, URLSafeTimedSerializer

from smsapp.campaigns.problems import NotYourConfirmation

VALID_SECONDS: Final = 30 * 60
SALT: Final = "smsapp.campaigns.confirmation"


@dataclass(frozen=True, slots=True)
class Signed:
    """What a confirmation stands for. `confirmation_id` names the row that remembers the recipients.

    `repeats` is today's send of the same text to the same audience that was named, 0 if there was none.
    """

    send_key: str
    digest: str
    user_id: int
    audience_id: int
    confirmation_id: int
    recipients: int
    messages: int
    repeats: int


def new_send_key() -> str:
    """What makes one opened popup one send (I2): 32 hexadecimal digits that nobody can guess."""
    return secrets.token_hex(16)


def sign(signed: Signed) -> str:
    """The token for the confirmation's form."""
    return _serializer().dumps(list(astuple(signed)))


def read(token: str, user_id: int, audience_id: int) -> tuple[Signed, bool]:
    """What was signed, and whether it is older than 30 minutes; raises NotYourConfirmation for all but one's own."""
    try:
        content, expired = _serializer().loads(token, max_age=VALID_SECONDS), False
    except SignatureExpired as error:
        content, expired = _content(error), True
    except BadData as error:
        raise NotYourConfirmation from error
    signed = Signed(*content)
    if (signed.user_id, signed.audience_id) != (user_id, audience_id):
        raise NotYourConfirmation
    return signed, expired


def _content(error: SignatureExpired) -> Any:
    """The signature was right; only its time is over."""
    if error.payload is None:
        raise NotYourConfirmation
    return _serializer().load_payload(error.payload)


def _serializer() -> URLSafeTimedSerializer:
    """The names of what is signed are part of the salt: what another release has signed is nobody's confirmation."""
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="/".join([SALT, *Signed.__slots__]))
