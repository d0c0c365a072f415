"""The gateways, for administrators: which there are, how each is set up, whether it works, which way sends go."""

from functools import partial
from typing import Any

from flask import Blueprint, abort, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from smsapp.accounts.rights import Right, needs
from smsapp.campaigns.gateway_test import send_gateway_test
from smsapp.delivery.gateway_queries import gateway_is_used, unfinished_sends
from smsapp.delivery.service import pause_by_gateway
from smsapp.errors import AppError, Changed
from smsapp.extensions import db
from smsapp.gateways import pages, service
from smsapp.gateways.forms import GatewayForm, TestSmsForm, WaysForm, form_of
from smsapp.gateways.models import GatewayRow
from smsapp.gateways.queries import get_gateway
from smsapp.gateways.reading import Unusable
from smsapp.gateways.registry import KINDS, try_out
from smsapp.gateways.words import KINDS as KIND_WORDS
from smsapp.gateways.words import kind_label, probed, problem_with_field
from smsapp.web import dialog, go_to, render

blueprint = Blueprint("gateways", __name__, url_prefix="/settings/gateways")


@blueprint.get("/")
@needs(Right.ADMINISTER)
def index() -> ResponseReturnValue:
    """All gateways, and which way sends go."""
    return _list(pages.ways())


@blueprint.post("/ways")
@needs(Right.ADMINISTER)
def set_ways() -> ResponseReturnValue:
    """Which way the next sends go."""
    form = pages.ways()
    if not form.validate_on_submit():
        return _list(form, 422)
    service.set_ways(form.default.data, form.chosen())
    flash(_("The gateways are saved. They count for sends that are confirmed from now on."))
    return go_to(url_for("gateways.index"))


@blueprint.route("/new/<kind>", methods=["GET", "POST"])
@needs(Right.ADMINISTER)
def new(kind: str) -> ResponseReturnValue:
    """A new gateway of this kind."""
    if kind not in KINDS:
        abort(404)
    form = form_of(kind)
    if form.validate_on_submit() and (made := _created(form, kind)):
        flash(_("The gateway is set up. Please test the connection."))
        return go_to(url_for("gateways.show", gateway_id=made))
    return _form(form, kind, None, status=422 if form.is_submitted() else 200)


@blueprint.route("/<id:gateway_id>", methods=["GET", "POST"])
@needs(Right.ADMINISTER)
def show(gateway_id: int) -> ResponseReturnValue:
    """A gateway: its settings, and whether it works."""
    row = get_gateway(gateway_id)
    form, conflict = form_of(row.kind, row), ""
    try:
        if form.validate_on_submit() and _changed(form, gateway_id):
            flash(_("The gateway is saved. Workers and receiver follow within seconds."))
            return go_to(url_for("gateways.show", gateway_id=gateway_id))
    except Changed as error:
        db.session.rollback()
        row, conflict = get_gateway(gateway_id), error.message
        form.see(row.updated_at)
    return _page(row, form, status=409 if conflict else 422 if form.is_submitted() else 200, conflict=conflict)


@blueprint.post("/<id:gateway_id>/probe")
@needs(Right.ADMINISTER)
def probe(gateway_id: int) -> ResponseReturnValue:
    """Whether it can be reached now; sends nothing."""
    row = get_gateway(gateway_id)
    try:
        found = try_out(row)
        sentence, tone = probed(found.code, found.detail)
    except Unusable as problem:
        sentence, tone = problem_with_field(row.kind, problem), "bad"
    return _page(row, fragment="gateways/_probe.html", sentence=sentence, tone=tone)


@blueprint.post("/<id:gateway_id>/test-sms")
@needs(Right.ADMINISTER)
def test_sms(gateway_id: int) -> ResponseReturnValue:
    """One SMS by this gateway, which costs quota as any other."""
    row, form = get_gateway(gateway_id), pages.test_form(typed=True)
    if not form.validate_on_submit() or not (sent := _sent_test(form, row)):
        return _page(row, status=422, test=form)
    return go_to(url_for("campaigns.show", campaign_id=sent))


@blueprint.post("/<id:gateway_id>/activate")
@needs(Right.ADMINISTER)
def activate(gateway_id: int) -> ResponseReturnValue:
    """Use it again."""
    row = get_gateway(gateway_id)
    try:
        flash(_("“%(name)s” can be used.", name=service.activate(gateway_id)))
    except Unusable as problem:
        flash(problem_with_field(row.kind, problem), "warn")
    return go_to(url_for("gateways.show", gateway_id=gateway_id))


@blueprint.route("/<id:gateway_id>/deactivate", methods=["GET", "POST"])
@needs(Right.ADMINISTER)
def deactivate(gateway_id: int) -> ResponseReturnValue:
    """Ask, then use it no longer."""
    row, back = get_gateway(gateway_id), url_for("gateways.show", gateway_id=gateway_id)
    if request.method == "POST":
        pause = partial(pause_by_gateway, user_id=current_user.id)
        flash(_("“%(name)s” is not used any more.", name=service.deactivate(gateway_id, pause)))
        return go_to(back)
    sends = unfinished_sends(row.name)
    return dialog("gateways/_deactivate.html", _("Deactivate the gateway"), back, row=row, sends=sends)


@blueprint.route("/<id:gateway_id>/delete", methods=["GET", "POST"])
@needs(Right.ADMINISTER)
def delete(gateway_id: int) -> ResponseReturnValue:
    """Ask, then delete a gateway that was never used."""
    row, back = get_gateway(gateway_id), url_for("gateways.show", gateway_id=gateway_id)
    if request.method == "POST":
        flash(_("The gateway “%(name)s” is deleted.", name=service.delete(gateway_id, gateway_is_used)))
        return go_to(url_for("gateways.index"))
    return dialog("gateways/_delete.html", _("Delete the gateway"), back, row=row)


def _created(form: GatewayForm, kind: str) -> int | None:
    """The new gateway's id; None with the complaint at its field."""
    try:
        return service.create(form.name.data or "", kind, form.entered())
    except service.NameProblem as error:
        form.name.errors = [error.message]
    except Unusable as problem:
        form.complain(problem)
    return None


def _changed(form: GatewayForm, gateway_id: int) -> bool:
    """Whether it could be stored; if not, the field says why."""
    try:
        service.change(gateway_id, form.entered(), form.seen_at)
    except Unusable as problem:
        form.complain(problem)
        return False
    return True


def _sent_test(form: TestSmsForm, row: GatewayRow) -> int | None:
    """The send's id; None with the complaint at the number."""
    if not row.active:
        abort(409)
    arguments = (form.number.data or "", form.sender_id, form.key.data or "", current_user.id)
    try:
        return send_gateway_test(row.name, *arguments).campaign_id
    except AppError as error:
        form.number.errors = [error.message]
    return None


def _list(ways: WaysForm, status: int = 200) -> ResponseReturnValue:
    kinds = [(kind, *words) for kind, words in KIND_WORDS.items() if kind in KINDS]
    return render("gateways/index.html", status=status, gateways=list(pages.gateways()), ways=ways, kinds=kinds)


def _page(row: GatewayRow, form: GatewayForm | None = None, **values: Any) -> ResponseReturnValue:
    """A gateway's page, with what was typed or what is stored."""
    test = values.pop("test", None) or pages.test_form(typed=False)
    form = form or form_of(row.kind, row, typed=False)
    return _form(form, row.kind, row, shown=pages.shown(row), test=test, **values)


def _form(
    form: GatewayForm, kind: str, row: GatewayRow | None, fragment: str | None = None, status: int = 200, **values: Any
) -> ResponseReturnValue:
    words = {"kind": kind, "kind_label": kind_label(kind), "kind_hint": KIND_WORDS[kind][1]}
    hint = pages.password_hint(row)
    return render("gateways/form.html", fragment, status, form=form, row=row, password_hint=hint, **words, **values)
