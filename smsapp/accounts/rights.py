"""Rights: roles hold them, a route names the one that it needs, and one place checks it before anything else looks."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, ParamSpec

from flask import Flask, abort, current_app, request
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


def init_app(app: Flask) -> None:
    """Check rights before each request; must come before CSRF protection, so that strangers are asked to log in."""
    app.before_request(_check)


def rights_of(role: Role) -> frozenset[Right]:
    """The rights of a role: its own and those of the roles before it."""
    roles = list(ORDER)
    return frozenset(ORDER[each] for each in roles[: roles.index(role) + 1])


def needs(right: Right) -> Callable[[View[P]], View[P]]:
    """A route for people with this right: others get 403, strangers the login."""

    def mark(view: View[P]) -> View[P]:
        view.needed_right = right  # type: ignore[attr-defined]
        return view

    return mark


def public(view: View[P]) -> View[P]:
    """A route for everybody, logged in or not."""
    view.needed_right = None  # type: ignore[attr-defined]
    return view


def _check() -> ResponseReturnValue | None:
    """Let in who has the route's right. A route that names none lets nobody in: it fails here."""
    if request.endpoint in (None, "static"):
        return None
    view: Any = current_app.view_functions[request.endpoint]
    right: Right | None = view.needed_right
    if right is None:
        return None
    if not current_user.is_authenticated:
        login: ResponseReturnValue = current_app.login_manager.unauthorized()  # type: ignore[attr-defined]
        return login
    if right not in rights_of(current_user.role):
        abort(403)
    return None


def may(right: Right) -> bool:
    """Whether the person looking at the page has this right (for templates)."""
    return bool(current_user.is_authenticated and right in rights_of(current_user.role))
