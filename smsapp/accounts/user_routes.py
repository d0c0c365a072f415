"""Users, for administrators."""

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from smsapp.accounts import queries, service
from smsapp.accounts.forms import ROLE_HINTS, ROLE_NAMES, NewUserForm, UserForm
from smsapp.accounts.models import User
from smsapp.accounts.rights import Right, Role, needs
from smsapp.errors import Conflict
from smsapp.listing import cleaned
from smsapp.web import asked_sort, dialog, paginate, render

blueprint = Blueprint("users", __name__, url_prefix="/users")


@blueprint.get("/")
@needs(Right.ADMINISTER)
def index() -> ResponseReturnValue:
    """The list; search, order and page are in the URL."""
    search = cleaned(request.args.get("q", ""))
    sort = asked_sort(queries.ORDERS, "name")
    page = paginate(queries.users(search, sort))
    return render(
        "accounts/users.html", "accounts/_users.html", page=page, search=search, sort=sort, role_names=ROLE_NAMES
    )


@blueprint.route("/new", methods=["GET", "POST"])
@needs(Right.ADMINISTER)
def new() -> ResponseReturnValue:
    """A new user, who chooses the password by a link that is shown once."""
    form = NewUserForm(data={"role": Role.VIEWER, "language": "de"})
    if form.validate_on_submit():
        try:
            link = service.invite_user(form.login.data, form.name.data, Role(form.role.data), form.language.data)
        except service.BadField as problem:
            form.refuse(problem)
        else:
            return _show_link(link)
    return _form(form, 422 if form.is_submitted() else 200, person=None)


@blueprint.route("/<id:user_id>", methods=["GET", "POST"])
@needs(Right.ADMINISTER)
def show(user_id: int) -> ResponseReturnValue:
    """A user, to look at and to change."""
    person = _user(user_id)
    form = UserForm(obj=person)
    if form.validate_on_submit() and _changed(user_id, form):
        flash(_("%(name)s is saved.", name=form.name.data))
        return redirect(url_for("users.show", user_id=user_id), 303)
    return _form(
        form,
        422 if form.is_submitted() else 200,
        person=person,
        link=queries.open_link(user_id),
        is_last_administrator=queries.is_last_administrator(user_id),
    )


@blueprint.route("/<id:user_id>/link", methods=["GET", "POST"])
@needs(Right.ADMINISTER)
def reset(user_id: int) -> ResponseReturnValue:
    """Ask, then end the password and show the link for a new one."""
    person = _user(user_id)
    if request.method == "POST":
        return _show_link(service.reset_password(user_id))
    return _ask("accounts/_reset.html", person)


@blueprint.route("/<id:user_id>/deactivate", methods=["GET", "POST"])
@needs(Right.ADMINISTER)
def deactivate(user_id: int) -> ResponseReturnValue:
    """Ask, then let this user in no more."""
    person = _user(user_id)
    if request.method == "POST":
        return _done(user_id, _("%(name)s cannot log in any more.", name=service.disable_user(user_id)))
    return _ask("accounts/_deactivate.html", person)


@blueprint.post("/<id:user_id>/activate")
@needs(Right.ADMINISTER)
def activate(user_id: int) -> ResponseReturnValue:
    """Let this user in again."""
    return _done(user_id, _("%(name)s can log in again.", name=service.enable_user(user_id)))


def _ask(fragment: str, person: User) -> ResponseReturnValue:
    return dialog(fragment, person.name, url_for("users.show", user_id=person.id), person=person)


def _user(user_id: int) -> User:
    return queries.get(user_id, _("This user does not exist or no longer exists."))


def _changed(user_id: int, form: UserForm) -> bool:
    try:
        service.change_user(user_id, form.name.data, Role(form.role.data), form.language.data)
    except service.BadField as problem:
        form.refuse(problem)
    except Conflict as problem:
        form.role.errors = [problem.message]
    else:
        return True
    return False


def _form(form: UserForm, status: int, **values: object) -> ResponseReturnValue:
    return render("accounts/user.html", status=status, form=form, role_hints=ROLE_HINTS, **values)


def _show_link(link: service.Link) -> ResponseReturnValue:
    """The link, in the answer itself: it is known only now."""
    address = url_for("accounts.choose_password", token=link.token, _external=True)
    return render("accounts/link.html", person=_user(link.user_id), address=address, expires_at=link.expires_at)


def _done(user_id: int, message: str) -> ResponseReturnValue:
    flash(message)
    return redirect(url_for("users.show", user_id=user_id), 303)
