"""Where each sender is allowed: what the popup warns of."""

from itertools import groupby

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from smsapp.accounts.rights import Right, needs
from smsapp.clock import now
from smsapp.contacts.words import country_name
from smsapp.errors import AppError
from smsapp.folding import search_key
from smsapp.settings import country_service
from smsapp.settings.country_forms import StandingForm, sender_label, standing_badge
from smsapp.settings.country_queries import all_sender_countries, get_sender_country
from smsapp.settings.models import SenderCountry
from smsapp.settings.senders import Standing
from smsapp.web import local_time, render

blueprint = Blueprint("sender_countries", __name__, url_prefix="/settings/sender-countries")


@blueprint.get("/")
@needs(Right.ADMINISTER)
def index() -> ResponseReturnValue:
    """All that is known, and a form for more."""
    return _page(_form(typed=False))


@blueprint.get("/<id:entry_id>")
@needs(Right.ADMINISTER)
def show(entry_id: int) -> ResponseReturnValue:
    """The same, with one entry in the form."""
    form = _form(typed=False)
    form.show(get_sender_country(entry_id))
    return _page(form)


@blueprint.post("/")
@needs(Right.ADMINISTER)
def save() -> ResponseReturnValue:
    """What is known of a sender in a country; once more replaces it."""
    form = _form(typed=True)
    if not form.validate_on_submit() or not _saved(form):
        return _page(form, 422)
    return _done(_("It is saved. The popup goes by it from now on."))


@blueprint.post("/<id:entry_id>/forget")
@needs(Right.ADMINISTER)
def forget(entry_id: int) -> ResponseReturnValue:
    """One entry less."""
    country_service.forget_standing(entry_id)
    return _done(_("The entry is removed."))


def _form(typed: bool) -> StandingForm:
    form = StandingForm() if typed else StandingForm(None)
    form.offer()
    return form


def _saved(form: StandingForm) -> bool:
    standing = Standing(form.standing.data)
    try:
        country_service.set_standing(form.sender.data, form.country.data, standing, form.until.data)
    except AppError as error:
        form.country.errors = [error.message]
        return False
    return True


def _page(form: StandingForm, status: int = 200) -> ResponseReturnValue:
    groups = groupby(all_sender_countries(), lambda each: each.sender)
    return render(
        "settings/sender_countries.html",
        status=status,
        form=form,
        groups=[(sender_label(sender), sorted(entries, key=_name)) for sender, entries in groups],
        country_name=country_name,
        badge_of=lambda entry: standing_badge(entry, local_time(now()).date()),
    )


def _name(entry: SenderCountry) -> str:
    return search_key(country_name(entry.country))


def _done(message: str) -> ResponseReturnValue:
    flash(message)
    return redirect(url_for("sender_countries.index"), 303)
