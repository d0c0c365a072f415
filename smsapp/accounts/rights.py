"""Rights: roles hold them, and one decorator names the right that a route needs."""

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import ParamSpec

from flask import Flask, abort, current_app
from flask.typing import ResponseReturnValue
from flask_login import current_user

P = ParamSpec("P")
View = Callable[P, ResponseReturnValue]


class Right(StrEnum):
    """What a person may do."""

    READ = "read"
    EDIT = "edit"
    SEND = "send"
    ADMINISTER = "administer"


class Role(StrEnum):
    """What a person is; each role has the rights of those before it."""

    VIEWER = "viewer"
    EDITOR = "editor"
    SENDER = "sender"
    ADMIN = "admin"


ORDER = {
    Role.VIEWER: Right.READ,
    Role.EDITOR: Right.EDIT,
    Role.SENDER: Right.SEND,
    Role.ADMIN: Right.ADMINISTER,
}


def rights_of(role: Role) -> frozenset[Right]:
    """The rights of a role: its own and those of the roles before it."""
    roles = list(ORDER)
    return frozenset(ORDER[each] for each in roles[: roles.index(role) + 1])


def needs(right: Right) -> Callable[[View[P]], View[P]]:
    """A route for people with this right: others get 403, strangers the login."""

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            if not current_user.is_authenticated:
                login: ResponseReturnValue = current_app.login_manager.unauthorized()  # type: ignore[attr-defined]
                return login
            if right not in rights_of(current_user.role):
                abort(403)
            return view(*args, **kwargs)

        guarded.needed_right = right  # type: ignore[attr-defined]
        return guarded

    return decorate


def public(view: View[P]) -> View[P]:
    """A route for everybody, logged in or not."""
    view.needed_right = None  # type: ignore[attr-defined]
    return view


def routes_without_right(app: Flask) -> list[str]:
    """The endpoints that name neither a right nor that they are public; `static` is Flask's own."""
    views = app.view_functions.items()
    return [name for name, view in views if name != "static" and not hasattr(view, "needed_right")]


def may(right: Right) -> bool:
    """Whether the person looking at the page has this right (for templates)."""
    return bool(current_user.is_authenticated and right in rights_of(current_user.role))
