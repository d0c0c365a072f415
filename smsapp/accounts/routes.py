"""Logging in and out."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_user, logout_user
from werkzeug.wrappers import Response

from smsapp.accounts.forms import LoginForm
from smsapp.accounts.queries import user_by_session
from smsapp.accounts.rights import public
from smsapp.accounts.service import authenticate
from smsapp.extensions import login_manager
from smsapp.web import is_htmx

blueprint = Blueprint("accounts", __name__)
login_manager.user_loader(user_by_session)


@blueprint.route("/login", methods=["GET", "POST"])
@public
def login() -> ResponseReturnValue:
    """The login, and then the page that was asked for."""
    form = LoginForm()
    status = 200
    if form.validate_on_submit():
        user = authenticate(form.login.data, form.password.data)
        if user is not None:
            login_user(user)
            return redirect(safe_next(request.args.get("next")))
        form.password.errors = [_("This login and password do not match.")]
    if request.method == "POST":
        status = 422
    return render_template("accounts/login.html", form=form), status


@blueprint.post("/logout")
@public
def logout() -> ResponseReturnValue:
    """Out, and back to the login."""
    logout_user()
    return redirect(url_for("accounts.login"))


@login_manager.unauthorized_handler
def ask_to_log_in() -> ResponseReturnValue:
    """To the login; htmx is told to leave the page, so that no login appears inside a fragment."""
    here = request.full_path.rstrip("?") if request.method == "GET" and not is_htmx() else None
    address = url_for("accounts.login", next=here)
    return Response(status=401, headers={"HX-Redirect": address}) if is_htmx() else redirect(address)


def safe_next(target: str | None) -> str:
    """The page to go to after the login: only a path of this site, nothing that a browser reads as a host."""
    path = target or ""
    if not path.startswith("/") or path[1:2] in ("/", "\\") or any(character in path for character in "\t\r\n"):
        return url_for("overview.start")
    return path
