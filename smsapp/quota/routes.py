"""The quota: balances and ledger for everybody, granting and correcting for administrators."""

from collections.abc import Callable

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from smsapp.accounts.rights import Right, needs
from smsapp.errors import AppError
from smsapp.quota import service
from smsapp.quota.forms import CorrectForm, GrantForm
from smsapp.quota.pages import NEWEST_FIRST, ORDERS, ledger
from smsapp.quota.queries import balances
from smsapp.quota.words import effect, kind_label
from smsapp.web import asked_sort, format_number, list_is_at, paginate, render

blueprint = Blueprint("quota", __name__, url_prefix="/quota")


@blueprint.get("/")
@needs(Right.READ)
def index() -> ResponseReturnValue:
    """Balances and ledger."""
    return _page()


@blueprint.post("/grant")
@needs(Right.ADMINISTER)
def grant() -> ResponseReturnValue:
    """More quota."""
    form = GrantForm(prefix="grant")
    if not _moved(form, service.grant):
        return _page(422, grant=form)
    added = form.messages.amount
    text = ngettext(
        "%(count)s message is granted.", "%(count)s messages are granted.", added, count=format_number(added)
    )
    return _done(text)


@blueprint.post("/correct")
@needs(Right.ADMINISTER)
def correct() -> ResponseReturnValue:
    """Raise or lower the quota."""
    form = CorrectForm(prefix="correct")
    if not _moved(form, service.correct):
        return _page(422, correct=form)
    return _done(_("The quota is corrected by %(count)s.", count=format_number(form.messages.amount)))


def _moved(form: GrantForm, move: Callable[[int, str, int], None]) -> bool:
    """Whether the quota could be moved as typed; if not, the form says why."""
    if not form.validate_on_submit():
        return False
    try:
        move(form.messages.amount, form.reason.data, current_user.id)
    except AppError as error:
        form.messages.errors = [error.message]
        return False
    return True


def _page(status: int = 200, grant: GrantForm | None = None, correct: CorrectForm | None = None) -> ResponseReturnValue:
    list_is_at(url_for("quota.index"))
    sort = asked_sort(ORDERS, NEWEST_FIRST)
    return render(
        "quota/page.html",
        status=status,
        balances=balances(),
        page=paginate(ledger(sort=sort), scalars=False),
        sort=sort,
        kind_label=kind_label,
        effect=effect,
        grant=grant or GrantForm(None, prefix="grant"),
        correct=correct or CorrectForm(None, prefix="correct"),
    )


def _done(message: str) -> ResponseReturnValue:
    flash(message)
    return redirect(url_for("quota.index"), 303)
