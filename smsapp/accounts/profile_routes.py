"""One's own profile and password."""

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_login import current_user

from smsapp.accounts import service, sessions
from smsapp.accounts.forms import ROLE_NAMES, ChangePasswordForm, ProfileForm
from smsapp.accounts.logging_in import TooManyAttempts
from smsapp.accounts.models import User
from smsapp.accounts.rights import Right, needs
from smsapp.contacts.numbers import MISSING, display, normalise
from smsapp.contacts.words import kind_advice, number_advice
from smsapp.extensions import db
from smsapp.web import render

blueprint = Blueprint("profile", __name__, url_prefix="/profile")


@blueprint.get("/")
@needs(Right.READ)
def show() -> ResponseReturnValue:
    """Who one is here."""
    return _page()


@blueprint.post("/")
@needs(Right.READ)
def change() -> ResponseReturnValue:
    """Name, own number and language."""
    form = ProfileForm()
    if form.validate_on_submit() and _number_is_usable(form):
        phone, language = normalise(form.phone.data or "").e164, form.language.data
        try:
            service.change_profile(current_user.id, form.name.data, phone, language)
        except service.BadField as problem:
            form.refuse(problem)
        else:
            with force_locale(language):
                return _done(_("Your profile is saved."))
    return _page(422, profile=form)


@blueprint.post("/password")
@needs(Right.READ)
def change_password() -> ResponseReturnValue:
    """A new password; this session goes on, all others end."""
    form, user_id = ChangePasswordForm(), current_user.id
    if form.validate_on_submit():
        try:
            service.change_password(user_id, form.old_password.data, form.password.data)
        except service.BadField as problem:
            form.refuse(problem)
        except TooManyAttempts as error:
            form.old_password.errors = [error.message]
            return _page(error.status, password=form)
        else:
            sessions.start(db.session.get_one(User, user_id))
            return _done(_("Your password is changed. You are logged out everywhere else."))
    return _page(422, password=form)


def _number_is_usable(form: ProfileForm) -> bool:
    """Whether there is no number or one that gets SMS; the field says what is wrong."""
    number = normalise(form.phone.data or "")
    if number.problem == MISSING:
        return True
    advice = number_advice(number.problem) if number.problem else kind_advice(number.kind or "")
    if advice:
        form.phone.errors = [advice]
    return not advice


def _page(
    status: int = 200, profile: ProfileForm | None = None, password: ChangePasswordForm | None = None
) -> ResponseReturnValue:
    """Both forms, the one that could not be saved as it was typed."""
    stored = {"name": current_user.name, "phone": display(current_user.phone or ""), "language": current_user.language}
    return render(
        "accounts/profile.html",
        status=status,
        profile=profile or ProfileForm(None, data=stored),
        password=password or ChangePasswordForm(None),
        role_name=ROLE_NAMES[current_user.role],
    )


def _done(message: str) -> ResponseReturnValue:
    flash(message)
    return redirect(url_for("profile.show"), 303)
