"""The settings: one page, one small form for each decision."""

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Blueprint, abort, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from flask_wtf import FlaskForm
from wtforms import Field

from smsapp.accounts.rights import Right, needs
from smsapp.campaigns.queries import paused_sends, running_sends, sender_is_used, used_senders
from smsapp.contacts.words import country_name
from smsapp.delivery.service import pause_all
from smsapp.errors import AppError
from smsapp.settings import forms, pages, service
from smsapp.settings.queries import all_senders, current_settings, get_sender
from smsapp.text.billing import Rule
from smsapp.web import dialog, format_number, render

blueprint = Blueprint("settings", __name__, url_prefix="/settings")


@blueprint.get("/")
@needs(Right.ADMINISTER)
def index() -> ResponseReturnValue:
    """All settings."""
    return _page()


@blueprint.get("/module/off")
@needs(Right.ADMINISTER)
def ask_to_switch_off() -> ResponseReturnValue:
    """What happens to running sends, asked before switching off."""
    return _ask("settings/_switch_off.html", _("Switch the SMS module off"), running=running_sends())


@blueprint.post("/module/off")
@needs(Right.ADMINISTER)
def switch_off() -> ResponseReturnValue:
    """Switch the module off and pause what is running."""
    service.switch_off(partial(pause_all, user_id=current_user.id))
    return _done(_("The SMS module is switched off."), "warn")


@blueprint.post("/module/on")
@needs(Right.ADMINISTER)
def switch_on() -> ResponseReturnValue:
    """Switch the module on; paused sends wait for a person."""
    service.switch_on()
    paused = paused_sends()
    waiting = ngettext(
        "%(count)s paused send can be resumed on its page.",
        "%(count)s paused sends can be resumed on their pages.",
        paused,
        count=format_number(paused),
    )
    return _done(_("The SMS module is switched on.") + (f" {waiting}" if paused else ""))


@blueprint.post("/operator-number")
@needs(Right.ADMINISTER)
def set_operator_number() -> ResponseReturnValue:
    """The default sender."""
    form = forms.OperatorNumberForm()
    if _saved(form, form.operator_number, service.set_operator_number):
        return _done(_("The operator number is saved."))
    return _page(422, operator=form)


@blueprint.post("/senders")
@needs(Right.ADMINISTER)
def add_sender() -> ResponseReturnValue:
    """A new sender name."""
    form = forms.SenderForm()
    if _saved(form, form.sender_name, service.add_sender):
        name = form.sender_name.data
        return _done(_("“%(name)s” is added. Activate it once your operator has released it.", name=name))
    return _page(422, sender=form)


@blueprint.post("/senders/<id:sender_id>/activate")
@needs(Right.ADMINISTER)
def activate_sender(sender_id: int) -> ResponseReturnValue:
    """Offer a sender name."""
    name = service.set_sender_active(sender_id, active=True)
    return _done(_("“%(name)s” can be chosen as sender from now on.", name=name))


@blueprint.get("/senders/<id:sender_id>/deactivate")
@needs(Right.ADMINISTER)
def ask_to_deactivate(sender_id: int) -> ResponseReturnValue:
    """Who would miss the sender name, asked before it is deactivated."""
    sender = get_sender(sender_id)
    title = _("Deactivate the sender name")
    return _ask("settings/_deactivate_sender.html", title, sender=sender, uses=pages.uses_of(sender))


@blueprint.post("/senders/<id:sender_id>/deactivate")
@needs(Right.ADMINISTER)
def deactivate_sender(sender_id: int) -> ResponseReturnValue:
    """Offer a sender name no longer."""
    name = service.set_sender_active(sender_id, active=False)
    return _done(_("“%(name)s” is not offered as sender any more.", name=name))


@blueprint.post("/senders/<id:sender_id>/delete")
@needs(Right.ADMINISTER)
def delete_sender(sender_id: int) -> ResponseReturnValue:
    """Delete a sender name that was never used."""
    name = service.delete_sender(sender_id, sender_is_used)
    return _done(_("The sender name “%(name)s” is deleted.", name=name))


@blueprint.post("/billing")
@needs(Right.ADMINISTER)
def set_billing_rule() -> ResponseReturnValue:
    """What counts as one message."""
    form = forms.BillingForm()
    if _saved(form, form.billing_rule, lambda value: service.set_billing_rule(Rule(value))):
        return _done(_("The billing rule is saved. It applies to what is sent from now on."))
    return _page(422, billing=form)


@blueprint.post("/countries")
@needs(Right.ADMINISTER)
def allow_country() -> ResponseReturnValue:
    """One more country."""
    form = forms.CountryForm()
    form.offer(current_settings().allowed_countries, pages.numbers_by_country())
    if _saved(form, form.country, service.allow_country):
        return _done(_("SMS to %(country)s are allowed.", country=country_name(form.country.data)))
    return _page(422, country=form)


@blueprint.get("/countries/<code>/forbid")
@needs(Right.ADMINISTER)
def ask_to_forbid(code: str) -> ResponseReturnValue:
    """How many numbers could not be reached any more, asked before the country is removed."""
    if code not in current_settings().allowed_countries:
        abort(404)
    name, numbers = country_name(code), pages.numbers_by_country().get(code, 0)
    return _ask("settings/_forbid_country.html", _("Remove a country"), code=code, name=name, numbers=numbers)


@blueprint.post("/countries/<code>/forbid")
@needs(Right.ADMINISTER)
def forbid_country(code: str) -> ResponseReturnValue:
    """One country less."""
    service.forbid_country(code)
    return _done(_("SMS to %(country)s are not sent any more.", country=country_name(code)))


@blueprint.post("/stop")
@needs(Right.ADMINISTER)
def set_stop() -> ResponseReturnValue:
    """How people unsubscribe by SMS."""
    form = forms.StopForm()
    answer = form.stop_answer.data or ""
    if _saved(form, form.stop_answer, lambda _answer: service.read_stop_answer(answer)) and _saved(
        form, form.stop_words, lambda words: service.set_stop(words, answer)
    ):
        return _done(_("How people unsubscribe by SMS is saved."))
    return _page(422, stop=form)


@blueprint.post("/undo")
@needs(Right.ADMINISTER)
def set_undo_seconds() -> ResponseReturnValue:
    """How long a send can be taken back."""
    form = forms.UndoForm()
    if _saved(form, form.undo_seconds, service.set_undo_seconds):
        return _done(_("The time to undo a send is saved."))
    return _page(422, undo=form)


@blueprint.post("/product-name")
@needs(Right.ADMINISTER)
def set_product_name() -> ResponseReturnValue:
    """What the application is called."""
    form = forms.ProductNameForm()
    if _saved(form, form.product_name, service.set_product_name):
        return _done(_("The name is saved."))
    return _page(422, product=form)


def _saved(form: FlaskForm, field: Field, save: Callable[[Any], object]) -> bool:
    """Whether the form's field could be saved; if not, the field says why."""
    if not form.validate_on_submit():
        return False
    try:
        save(field.data)
    except AppError as error:
        field.errors = [error.message]
        return False
    return True


def _page(status: int = 200, **failed: FlaskForm) -> ResponseReturnValue:
    """The page, with the form that could not be saved as it was typed."""
    settings, numbers = current_settings(), pages.numbers_by_country()
    shown = {**forms.forms(settings, numbers), **failed}
    return render(
        "settings/page.html",
        status=status,
        forms=shown,
        rules=forms.RULES,
        country_name=country_name,
        senders=all_senders(),
        used_senders=used_senders(),
        numbers=numbers,
        waiting=pages.waiting_sends(),
        last_send=pages.last_send_by_both_rules(),
    )


def _ask(body: str, title: str, **values: Any) -> ResponseReturnValue:
    return dialog(body, title, url_for("settings.index"), **values)


def _done(message: str, category: str = "message") -> ResponseReturnValue:
    flash(message, category)
    return redirect(url_for("settings.index"), 303)
