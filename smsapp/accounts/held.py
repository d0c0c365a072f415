"""A form that came after the session had ended: held on the login page, and shown again to whoever sent it.

It is kept in the pages alone, as a hidden field. What makes it theirs is its own CSRF token, which is the person's (see
`sessions.start`): after somebody else has logged in, or with a token that a strange site made up, it is forgotten.
Passwords and files are never held, nor what is very large.
"""

import json
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final

from flask import request
from flask_wtf.csrf import validate_csrf
from wtforms import ValidationError

FIELD: Final = "held"
TOKEN: Final = "csrf_token"  # noqa: S105  # the name of a field
_LARGEST: Final = 100_000
_NEVER: Final = ("password", FIELD)


@dataclass(frozen=True, slots=True)
class Held:
    """Where a form was sent to, and what it said."""

    path: str
    fields: list[tuple[str, str]]


def hold() -> str:
    """The form of this request as text; "" for what is not to be held."""
    pairs = list(request.form.items(multi=True))
    secret = any(word in name.lower() for name, _value in pairs for word in _NEVER)
    if request.method != "POST" or TOKEN not in request.form or request.files or secret:
        return ""
    held = json.dumps({"path": request.full_path.rstrip("?"), "fields": pairs})
    return held if len(held) <= _LARGEST else ""


def held() -> str:
    """What the login page was given to hold."""
    return str(request.form.get(FIELD, ""))[:_LARGEST]


def given_back() -> Held | None:
    """What was held, if the person who has now logged in had sent it."""
    try:
        content: Any = json.loads(held())
        fields = [(str(name), str(value)) for name, value in content["fields"]]
        validate_csrf(dict(fields).get(TOKEN))
        found = Held(str(content["path"]), fields)
        "".join([found.path, *chain(*fields)]).encode()  # JSON can name half a character, which no page can carry
        return found
    except (ValueError, KeyError, TypeError, RecursionError, ValidationError):
        return None
