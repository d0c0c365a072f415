"""The unclear SMS of all sends, and a person's decisions about them: each is asked before it is done (I4)."""

import re
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from smsapp.accounts.rights import Right, needs
from smsapp.campaigns import unclear_words
from smsapp.campaigns.queries import sends_with_unclear
from smsapp.campaigns.unclear_queries import MOST_IDS, known_of, still_unclear, unclear
from smsapp.campaigns.unclear_words import DECISIONS
from smsapp.clock import now
from smsapp.delivery import service
from smsapp.delivery.models import Campaign, Delivery
from smsapp.delivery.service import Decision
from smsapp.delivery.states import CampaignState
from smsapp.errors import Conflict, NotThere
from smsapp.extensions import db
from smsapp.settings.queries import current_settings
from smsapp.types import LARGEST_ID
from smsapp.web import dialog, paginate, render

PAGE = 20

blueprint = Blueprint("unclear", __name__, url_prefix="/campaigns/unclear")


@blueprint.get("/")
@needs(Right.SEND)
def index() -> ResponseReturnValue:
    """All that is unclear, or that of one send."""
    return _list()


@blueprint.get("/<decision>")
@needs(Right.SEND)
def ask(decision: str) -> ResponseReturnValue:
    """What follows from a decision about these SMS, asked before it is made."""
    chosen, rows = _decision(decision), still_unclear(_seen())
    return dialog(
        "campaigns/_decide.html",
        unclear_words.question(chosen, rows),
        _back(),
        200 if rows else 409,
        decision=chosen,
        rows=rows,
        campaigns={campaign.id: campaign for _delivery, campaign in rows}.values(),
        consequences=list(unclear_words.consequences(chosen, rows)),
        label=unclear_words.decision_label(chosen),
        send=_send(),
    )


@blueprint.post("/<decision>")
@needs(Right.SEND)
def decide(decision: str) -> ResponseReturnValue:
    """Decide about these SMS; those that became known meanwhile are left as they are."""
    chosen, seen = _decision(decision), _seen()
    try:
        count = service.settle(seen, chosen, current_user.id)
    except Conflict as error:
        return _list(409, error.message)
    flash(unclear_words.decided_sentence(chosen, count))
    if left := len(seen) - count:
        flash(unclear_words.known_by_now_sentence(left), "warn")
    return redirect(_back(), 303)


def _list(status: int = 200, conflict: str | None = None) -> ResponseReturnValue:
    db.session.rollback()
    sends = sends_with_unclear()
    page = paginate(unclear(_send()), PAGE, scalars=False)
    return render(
        "campaigns/unclear.html",
        status=status,
        page=page,
        groups=_groups([tuple(row) for row in page.items]),
        sends=sends,
        total=sum(each.deliveries for each in sends),
        send=_send(),
        conflict=conflict,
        decision_label=unclear_words.decision_label,
    )


def _groups(rows: Sequence[tuple[Delivery, Campaign]]) -> list[dict[str, Any]]:
    """The rows by send, each with what is known and what can be decided."""
    known = known_of(rows)
    return [
        {
            "campaign": campaign,
            "decisions": _possible(campaign),
            "rows": [(row, list(unclear_words.facts(row, known[row.id]))) for row, _campaign in group],
        }
        for campaign, group in groupby(rows, key=lambda row: row[1])
    ]


def _possible(campaign: Campaign) -> list[Decision]:
    """Nothing of a cancelled send goes out again, nor after its deadline, nor anything while the module is off."""
    in_time = campaign.deadline is None or campaign.deadline > now()
    again = current_settings().module_on and in_time and campaign.state != CampaignState.CANCELLED
    return [each for each in DECISIONS if again or each != "queued"]


def _decision(asked: str) -> Decision:
    for each in DECISIONS:
        if asked == each:
            return each
    raise NotThere(_("This page does not exist or no longer exists."))


def _seen() -> dict[int, int]:
    """The deliveries that are asked about, each with the attempt that the person saw: "17-2" is attempt 2 of 17."""
    asked = (re.fullmatch(r"([0-9]{1,10})-([0-9]{1,9})", each) for each in request.values.getlist("sms")[:MOST_IDS])
    pairs = ((int(found[1]), int(found[2])) for found in asked if found)
    return {delivery_id: attempt for delivery_id, attempt in pairs if delivery_id <= LARGEST_ID}


def _send() -> int | None:
    """The send that the list is filtered by."""
    return request.values.get("send", type=int)


def _back() -> str:
    return url_for("unclear.index", send=_send())
