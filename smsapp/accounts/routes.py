"""Logging in and out, also while a page is open, and choosing a password by a one-time link."""

from urllib.parse import urlsplit

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, logout_user
from flask_wtf.csrf import CSRFError

from smsapp.accounts import held, logging_in, service, sessions
from smsapp.accounts.forms import LoginForm, NewPasswordForm
from smsapp.accounts.models import User
from smsapp.accounts.queries import user_by_session
from smsapp.accounts.rights import public
from smsapp.extensions import db, login_manager
from smsapp.web import is_htmx, render

blueprint = Blueprint("accounts", __name__)
blueprint.before_app_request(sessions.renew)
login_manager.user_loader(user_by_session)

LOGIN_NEEDED = {"HX-Reswap": "none", "HX-Trigger": "login-needed"}
"""What an htmx request of an ended session is told: the page stays as it is, and asks for the login over it."""


@blueprint.get("/login")
@public
def login() -> ResponseReturnValue:
    """The login; to htmx the one that is shown over a page."""
    return _login_page(LoginForm(None))


@blueprint.post("/login")
@public
def log_in() -> ResponseReturnValue:
    """Who logs in goes to the page that was asked for, or goes on with the page that is open."""
    form = LoginForm()
    if not form.validate_on_submit():
        return _login_page(form, 422)
    typed = form.login.data
    try:
        user = logging_in.authenticate(
            typed, form.password.data, request.remote_addr or "", sessions.known_device(typed)
        )
    except logging_in.TooManyAttempts as error:
        form.password.errors = [error.message]
        return _login_page(form, error.status)
    if user is None:
        form.password.errors = [_("This login and password do not match.")]
        return _login_page(form, 422)
    sessions.start(user)
    response = _go_on(user)
    sessions.remember_device(response, user.login)
    return response


@blueprint.post("/logout")
@public
def logout() -> ResponseReturnValue:
    """Out, in every browser and with every copy of the cookie, and back to the login."""
    if current_user.is_authenticated:
        logging_in.end_sessions(current_user.id)
    logout_user()
    return redirect(url_for("accounts.login"))


@blueprint.errorhandler(CSRFError)
def start_again(_error: CSRFError) -> ResponseReturnValue:
    """The form is older than the session: whoever logs in gets a new one, whoever logs out is out already."""
    if request.endpoint != "accounts.log_in":
        return redirect(url_for("accounts.login"))
    form = LoginForm()
    form.password.errors = [_("This page was open for a long time. Please enter your password again.")]
    return _login_page(form, 400)


@blueprint.route("/password/<token>", methods=["GET", "POST"])
@public
def choose_password(token: str) -> ResponseReturnValue:
    """Choose a password by a one-time link, and be logged in."""
    user, form = service.link_user(token), NewPasswordForm()
    if form.validate_on_submit():
        try:
            user_id = service.use_link(token, form.password.data)
        except service.BadField as problem:
            form.refuse(problem)
        else:
            sessions.start(db.session.get_one(User, user_id))
            flash(_("Your password is set."))
            return redirect(url_for("overview.start"), 303)
    return render("accounts/choose_password.html", status=422 if form.is_submitted() else 200, form=form, person=user)


@login_manager.unauthorized_handler
def ask_to_log_in() -> ResponseReturnValue:
    """To the login and then back; htmx keeps its page, with all that was typed, and asks there.

    A form of a page without htmx is held, so that it can still be sent; of what cannot be held, that is said.
    """
    if is_htmx():
        return Response(status=401, headers=LOGIN_NEEDED)
    here = request.full_path.rstrip("?") if request.method == "GET" else _page_before()
    if form := held.hold():
        return _login_page(LoginForm(None), 401, form, here)
    if request.method == "POST":
        flash(_("Your session had ended, so nothing was sent. Please enter it again after the login."), "warn")
    return redirect(url_for("accounts.login", next=here))


def safe_next(target: str | None) -> str:
    """The page to go to after the login: only a path of this site, nothing that a browser reads as a host."""
    path = target or ""
    if not path.startswith("/") or path[1:2] in ("/", "\\") or any(character in path for character in "\t\r\n"):
        return url_for("overview.start")
    return path


def _page_before() -> str | None:
    """The page that a form was sent from."""
    try:
        before = urlsplit(request.referrer or "")
    except ValueError:
        return None
    return before._replace(scheme="", netloc="").geturl() if before.netloc == request.host else None


def _login_page(form: LoginForm, status: int = 200, kept: str = "", here: str | None = None) -> ResponseReturnValue:
    """`kept`: a form that is sent after the login, from the page `here`."""
    if is_htmx():
        form.name_apart()
    values = {"form": form, "held": kept or held.held(), "next": here or request.args.get("next")}
    return render("accounts/login.html", "accounts/_login_again.html", status, **values)


def _go_on(user: User) -> Response:
    """Where to after the login: over an open page, back to it, and if it was somebody else's it is loaded anew."""
    if not is_htmx():
        back = safe_next(request.args.get("next"))
        if (form := held.given_back()) and safe_next(form.path) == form.path:
            return make_response(render_template("accounts/held.html", held=form, back=back))
        return make_response(redirect(back))
    same = request.args.get("user", type=int) == user.id
    return Response(headers={"HX-Reswap": "none", "HX-Trigger": "logged-in"} if same else {"HX-Refresh": "true"})
