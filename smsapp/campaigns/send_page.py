"""What a campaign's page shows: progress with its bar, notes, actions and the recipients."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import func, select

from smsapp.campaigns import progress_words, words
from smsapp.campaigns.history import history
from smsapp.campaigns.models import Skip
from smsapp.campaigns.queries import resends_of
from smsapp.campaigns.recipient_queries import (
    ORDERS,
    SHOWN,
    contacts_left,
    key_of_page,
    messages_waiting,
    recipients,
    states_of,
)
from smsapp.campaigns.resending import failed_left
from smsapp.clock import now
from smsapp.contacts.numbers import display
from smsapp.contacts.words import PHONE_FIELD_LABELS
from smsapp.delivery.breaker import open_until
from smsapp.delivery.incoming_queries import answered_by
from smsapp.delivery.limits import REFUSED
from smsapp.delivery.models import Campaign
from smsapp.delivery.queries import Progress, paused_because, progress
from smsapp.delivery.service import GATEWAY_FAILED, GATEWAY_OFF
from smsapp.delivery.states import CANCELLABLE, CampaignState, State
from smsapp.delivery.words import (
    campaign_label,
    campaign_tone,
    reason_label,
    state_label,
    state_tone,
)
from smsapp.errors import NotThere
from smsapp.extensions import db
from smsapp.gateways.queries import gateway_row
from smsapp.listing import cleaned
from smsapp.overview.health import worker_is_running
from smsapp.web import asked_sort, format_number, paginate

BAR = 1000  # the bar's width in its own units
PACE = {CampaignState.WAITING: "2s", CampaignState.SENDING: "2s", CampaignState.HANDED_OVER: "10s"}  # of asking again

Action = tuple[str, str, str, bool]  # endpoint, label, button style, whether it asks first


@dataclass(frozen=True, slots=True)
class Piece:
    """A state's share of the bar, in the bar's units."""

    state: str
    label: str
    count: int
    x: int
    width: int


def the_campaign(campaign_id: int) -> Campaign:
    """The campaign; raises NotThere."""
    campaign = db.session.get(Campaign, campaign_id)
    if campaign is None:
        raise NotThere(_("This send does not exist."))
    return campaign


def progress_of(campaign: Campaign) -> Progress:
    """How far it is."""
    found = progress(campaign.id)
    if found is None:
        raise NotThere(_("This send does not exist."))
    return found


def page_values(campaign: Campaign) -> dict[str, Any]:
    """All that the page shows."""
    counts = select(Skip.reason, func.count()).where(Skip.campaign_id == campaign.id).group_by(Skip.reason)
    skips: dict[str, int] = dict(db.session.execute(counts).all())
    return {
        **progress_values(campaign),
        **recipient_values(campaign),
        "skips": [(label, skips[code]) for code, label in words.REASON_LABELS.items() if code in skips],
        "sender_label": display(campaign.sender),
        "phone_label": PHONE_FIELD_LABELS[campaign.phone_field],
        "resends": db.session.get(Campaign, campaign.resends_id) if campaign.resends_id else None,
        "answered": answered_by(campaign),
        "sent_again": resends_of(campaign.id),
    }


def progress_values(campaign: Campaign) -> dict[str, Any]:
    """The progress card, the badge and the actions."""
    found = progress_of(campaign)
    pieces = bar(found, campaign.recipients)
    return {
        "campaign": campaign,
        "progress": found,
        "bar": [piece for piece in pieces if piece.state != State.QUEUED],
        "legend": pieces,
        "bar_label": ", ".join(f"{format_number(piece.count)} {piece.label}" for piece in pieces),
        "time_left": time_left(campaign, found),
        "notes": list(_notes(campaign, found)),
        "live": campaign.state in PACE,
        "pace": PACE.get(CampaignState(campaign.state)),
        "campaign_actions": actions(campaign, found),
        "campaign_label": campaign_label,
        "campaign_tone": campaign_tone,
        "history": history(campaign),
    }


def recipient_values(campaign: Campaign) -> dict[str, Any]:
    """One page of the recipients, by state, search and order of the address."""
    state, search = request.args.get("state", ""), cleaned(request.args.get("q", ""))
    state = state if state in SHOWN else ""
    sort = asked_sort(ORDERS, "")
    page = paginate(recipients(campaign.id, state, search, sort), 50, key=key_of_page(sort))
    return {
        "campaign": campaign,
        "page": page,
        "contacts_left": contacts_left(page.items),
        "state": state,
        "search": search,
        "sort": sort,
        "states": [(shown, label_of(shown)) for shown in SHOWN],
        "live": campaign.state in PACE,
        "pace": PACE.get(CampaignState(campaign.state)),
        "state_label": state_label,
        "state_tone": state_tone,
        "reason_label": reason_label,
    }


def bar(found: Progress, total: int) -> list[Piece]:
    """The pieces side by side; one that is not empty is at least visible."""
    pieces, x = [], 0
    for state in SHOWN:
        count = sum(found.counts.get(each, 0) for each in states_of(state))
        if count:
            width = min(max(4, count * BAR // max(total, 1)), BAR - x)
            pieces.append(Piece(state, label_of(state), count, x, width))
            x += width
    return pieces


def label_of(state: str) -> str:
    """The screen word; what is claimed or being submitted is simply being sent."""
    return state_label(states_of(state)[0])


def actions(campaign: Campaign, found: Progress) -> list[Action]:
    """What can be done with it now."""
    rest: Action = ("cancel_rest", str(_("Cancel the rest")), "secondary", True)
    unsent = cancellable(found)
    match campaign.state:
        case CampaignState.WAITING:
            return [("undo", str(_("Undo")), "", False)]
        case CampaignState.SENDING if unsent:
            return [("pause", str(_("Pause")), "secondary", False), rest]
        case CampaignState.PAUSED:
            return [("resume", str(_("Resume")), "", False), *([rest] if unsent else [])]
        case CampaignState.CLOSED | CampaignState.CANCELLED if failed := failed_left(campaign):
            return [("resend", progress_words.resend_label(failed), "secondary", True)]
        case _:
            return []


def cancellable(found: Progress) -> int:
    """How many can still be cancelled."""
    return sum(found.counts.get(state, 0) for state in CANCELLABLE)


def time_left(campaign: Campaign, found: Progress) -> str:
    """How long it will still take, in words for people."""
    if campaign.state != CampaignState.SENDING or found.seconds_left is None:
        return ""
    if found.seconds_left < 60:
        return str(_("less than a minute left"))
    minutes = -(-int(found.seconds_left) // 60)
    return str(ngettext("about %(n)s minute left", "about %(n)s minutes left", minutes, n=format_number(minutes)))


def _notes(campaign: Campaign, found: Progress) -> Iterator[tuple[str, str, str]]:
    """What must be told, each with its tone and where to do something about it."""
    waiting = cancellable(found)
    if campaign.state == CampaignState.WAITING:
        yield progress_words.starts_in(max(0, round((campaign.starts_at - now()).total_seconds()))), "info", ""
    if campaign.state in (CampaignState.WAITING, CampaignState.SENDING) and waiting and not worker_is_running():
        yield progress_words.not_running(messages_waiting(campaign.id)), "warn", ""
    if campaign.state == CampaignState.SENDING and waiting and (held_up := open_until(campaign.gateway, now())):
        yield progress_words.waits_for_gateway(campaign.gateway, *held_up), "warn", ""
    if campaign.state == CampaignState.PAUSED:
        yield _paused(campaign, found), "warn", ""
    if found.counts.get(State.UNKNOWN):
        yield progress_words.unknown(found.counts[State.UNKNOWN]), "warn", url_for("unclear.index", send=campaign.id)
    if campaign.state == CampaignState.HANDED_OVER:
        yield _("The send is handed over; delivery receipts are still to come."), "info", ""


def _paused(campaign: Campaign, found: Progress) -> str:
    """Why, if it was not a person, and what to do."""
    why = paused_because(campaign.id)
    if why == GATEWAY_OFF:
        row = gateway_row(campaign.gateway)
        return progress_words.paused_with_gateway(campaign.gateway, active=row is not None and row.active)
    if why == GATEWAY_FAILED:
        return progress_words.paused_by_failure(campaign.gateway)
    return progress_words.paused(found.counts.get(State.REJECTED, 0) if why == REFUSED else 0)
