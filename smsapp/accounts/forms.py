"""The forms of logging in, of users, of one's profile and password."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import PasswordField, RadioField, SelectChoice, SelectField, StringField
from wtforms.validators import DataRequired, EqualTo, InputRequired

from smsapp.accounts.passwords import SHORTEST_PASSWORD
from smsapp.accounts.rights import Role
from smsapp.accounts.service import BadField
from smsapp.text.normalise import clean_value

LANGUAGE_NAMES = {"de": "Deutsch", "en": "English"}
ROLE_NAMES = {
    Role.VIEWER: _l("Reader"),
    Role.EDITOR: _l("Editor"),
    Role.SENDER: _l("Authorised sender"),
    Role.ADMIN: _l("Administrator"),
}
ROLE_HINTS = {
    Role.VIEWER: _l("Reads contacts, companies, audiences and sends, and changes nothing."),
    Role.EDITOR: _l("Also edits contacts, companies and audiences, imports, and adds to the block list."),
    Role.SENDER: _l("Also composes and sends SMS, keeps templates, and decides what is unclear."),
    Role.ADMIN: _l("Also grants quota, changes the settings and manages users."),
}
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
NAME = {"autocomplete": "off", "maxlength": 120}
NEW_PASSWORD = {"autocomplete": "new-password", "minlength": SHORTEST_PASSWORD}


def cleaned(typed: str | None) -> str:
    """Without what nobody can see."""
    return clean_value(typed or "")[0]


def visible(typed: str | None) -> str:
    """With a sign for each character that nobody can see, so that it is refused and not overlooked."""
    return "".join(each if each.isprintable() else REPLACEMENT for each in (typed or "").strip())


class AccountForm(FlaskForm):
    """A form whose fields take what the service has against them."""

    def refuse(self, problem: BadField) -> None:
        """Say it at the field."""
        self[problem.field].errors = [problem.message]


class LoginForm(FlaskForm):
    """Who are you?"""

    login = StringField(
        _l("Login"),
        filters=[visible],
        validators=[InputRequired(_l("Please enter your login."))],
        render_kw={"autocomplete": "username", "autocapitalize": "none"},
    )
    password = PasswordField(
        _l("Password"),
        validators=[InputRequired(_l("Please enter your password."))],
        render_kw={"autocomplete": "current-password"},
    )

    def name_apart(self) -> None:
        """Ids that no field of a page has, for the login that is shown over it."""
        for field in self:
            field.id = f"again-{field.id}"


class UserForm(AccountForm):
    """Whom a user stands for, and what they may do."""

    name = StringField(
        _l("Name"), filters=[cleaned], validators=[DataRequired(_l("Please enter a name."))], render_kw=NAME
    )
    role = RadioField(_l("Role"), choices=[SelectChoice(role.value, name) for role, name in ROLE_NAMES.items()])
    language = SelectField(_l("Language"), choices=[SelectChoice(*each) for each in LANGUAGE_NAMES.items()])


class NewUserForm(UserForm):
    """The same, and the login."""

    login = StringField(
        _l("Login"),
        filters=[visible],
        validators=[InputRequired(_l("Please enter a login."))],
        render_kw={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false", "maxlength": 80},
    )


class ProfileForm(AccountForm):
    """What everybody may change of themselves."""

    name = StringField(
        _l("Name"),
        filters=[cleaned],
        validators=[DataRequired(_l("Please enter a name."))],
        render_kw={**NAME, "autocomplete": "name"},
    )
    phone = StringField(
        _l("Own mobile number"),
        filters=[cleaned],
        render_kw={"autocomplete": "tel", "inputmode": "tel", "maxlength": 64},
    )
    language = SelectField(_l("Language"), choices=[SelectChoice(*each) for each in LANGUAGE_NAMES.items()])


class NewPasswordForm(AccountForm):
    """A password, typed twice."""

    password = PasswordField(
        _l("New password"),
        validators=[InputRequired(_l("Please enter a new password."))],
        render_kw=NEW_PASSWORD,
    )
    again = PasswordField(
        _l("New password again"),
        validators=[EqualTo("password", _l("The two passwords differ."))],
        render_kw=NEW_PASSWORD,
    )


class ChangePasswordForm(NewPasswordForm):
    """The same, by somebody who knows the old one."""

    old_password = PasswordField(
        _l("Current password"),
        validators=[InputRequired(_l("Please enter your current password."))],
        render_kw={"autocomplete": "current-password"},
    )
