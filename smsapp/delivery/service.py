"""What people and the sweep do to a campaign as a whole: start, undo, pause, go on, cancel the rest, settle.

Each is one transaction that locks the campaign first, so that it and a worker's claim never overlap: a worker
finds the deliveries that it claimed gone, or the campaign waits until its hand-over is marked.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Literal

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, exists, select, tuple_
from sqlalchemy.orm import Session

from smsapp.clock import now
from smsapp.delivery import evidence
from smsapp.delivery.models import Campaign, Delivery
from smsapp.delivery.moves import Books, move, move_campaign
from smsapp.delivery.states import NOT_HANDED_OVER, RUNNING, CampaignState, State
from smsapp.delivery.waking import wake_workers
from smsapp.errors import Conflict, NotThere
from smsapp.extensions import db, db_write
from smsapp.gateways.models import GatewayRow
from smsapp.settings.queries import module_held_on

UNDONE = "undone"
MODULE_OFF = "module_off"
GATEWAY_FAILED = "gateway_failed"
GATEWAY_OFF = "gateway_off"
SENT_AGAIN = "sent_again"

Decision = Literal["accepted", "rejected", "queued"]
"""A person's word on an unknown delivery: it was sent, it was not, or it shall be sent again, knowing the risk."""


def start_due(at: datetime | None = None) -> list[int]:
    """Start the campaigns whose undo window is over, unless the module is off, and wake a worker for each."""
    at = at or now()
    due = (Campaign.state == CampaignState.WAITING, Campaign.starts_at <= at)
    if db.session.scalar(select(Campaign.id).where(*due).limit(1)) is None:
        return []
    with db_write() as session:
        if not module_held_on(session):
            return []
        started = move_campaign(session, CampaignState.SENDING, *due, at=at, values={"woken_at": at})
    for campaign_id in started:
        wake_workers(campaign_id)
    return started


def undo(campaign_id: int, user_id: int) -> None:
    """Cancel the whole campaign within its undo window; all its quota comes back. Else Conflict."""
    with db_write() as session:
        if not _moved(session, campaign_id, CampaignState.CANCELLED, user_id, [CampaignState.WAITING], UNDONE):
            raise Conflict(str(_("This send has begun already. You can cancel the rest.")))
        _cancel_deliveries(session, campaign_id, user_id, UNDONE)


def pause(campaign_id: int, user_id: int | None) -> None:
    """Hand over nothing more until somebody resumes; what is being handed over this moment goes on."""
    with db_write() as session:
        if not _moved(session, campaign_id, CampaignState.PAUSED, user_id):
            raise Conflict(str(_("This send cannot be paused any more.")))
        _release_claimed(session, Delivery.campaign_id == campaign_id)


def resume(campaign_id: int, user_id: int) -> None:
    """Go on with a paused campaign; not while the module is off, or its gateway."""
    with db_write() as session:
        _require_module(session)
        _require_gateway(session, campaign_id)
        starts_at = session.scalar(select(Campaign.starts_at).where(Campaign.id == campaign_id))
        after = CampaignState.WAITING if starts_at and starts_at > now() else CampaignState.SENDING
        if not _moved(session, campaign_id, after, user_id, [CampaignState.PAUSED]):
            raise Conflict(str(_("This send is not paused.")))
    if after is CampaignState.SENDING:
        wake_workers(campaign_id)


def cancel_rest(campaign_id: int, user_id: int) -> int:
    """Cancel what is not being handed over yet and return its quota; how many recipients that were."""
    with db_write() as session:
        if not _moved(session, campaign_id, CampaignState.CANCELLED, user_id, RUNNING):
            raise Conflict(str(_("This send is handed over already. Nothing is left to cancel.")))
        return _cancel_deliveries(session, campaign_id, user_id, "cancel_rest")


def pause_all(session: Session, user_id: int | None = None) -> int:
    """Pause every running campaign because the module is switched off; how many. They are resumed by hand."""
    return _pause_those(session, MODULE_OFF, user_id)


def pause_by_gateway(session: Session, gateway: str, user_id: int | None = None) -> int:
    """Pause every running campaign that goes by this gateway because it is deactivated; how many."""
    return _pause_those(session, GATEWAY_OFF, user_id, Campaign.gateway == gateway)


def pause_after_failure(campaign_id: int, kind: str = GATEWAY_FAILED) -> None:
    """Pause, if it is still sending, because its gateway does what a gateway must not, or is off."""
    with db_write() as session:
        sending = (Campaign.id == campaign_id, Campaign.state == CampaignState.SENDING)
        move_campaign(session, CampaignState.PAUSED, *sending, at=now(), kind=kind)


def finish(campaign_id: int | None = None, at: datetime | None = None) -> list[int]:
    """Mark campaigns (or this one) as handed over when nothing is left to hand over."""
    at = at or now()
    left = exists().where(Delivery.campaign_id == Campaign.id, Delivery.state.in_(sorted(NOT_HANDED_OVER)))
    running = Campaign.state.in_([CampaignState.SENDING, CampaignState.PAUSED])
    which = [] if campaign_id is None else [Campaign.id == campaign_id]
    with db_write() as session:
        return move_campaign(
            session, CampaignState.HANDED_OVER, running, ~left, *which, at=at, values={"handed_over_at": at}
        )


def settle(seen: Mapping[int, int], decision: Decision, user_id: int) -> int:
    """A person decides what became of unknown deliveries; how many still were. Kept as evidence. Else Conflict.

    `seen` has the attempt of each delivery that the person knew of: a later one is not what was decided about.
    """
    after, moment = State(decision), now()
    chosen, books = tuple_(Delivery.id, Delivery.attempt).in_(sorted(seen.items())), Books()
    with db_write() as session:
        named = select(Delivery.campaign_id).where(Delivery.id.in_(sorted(seen))).distinct()
        campaigns = sorted(session.scalars(named))
        if not campaigns:
            raise NotThere(str(_("This recipient does not exist.")))
        if after is State.QUEUED:
            _require_module(session)
            for campaign_id in campaigns:
                _send_again(session, campaign_id, user_id, moment)
        values = {"reason": "decided"}
        settled = move(
            session, books, State.UNKNOWN, after, chosen, at=moment, values=values, also_return=[Delivery.attempt]
        )
        if not settled:
            raise Conflict(str(_("It is known by now what became of this SMS.")))
        detail = {"decision": decision}
        for row in settled:
            evidence.keep(session, row.id, row.attempt, evidence.DECISION, detail, at=moment, user_id=user_id)
        books.post(session, user_id, evidence.DECISION)
    for campaign_id in campaigns if after is State.QUEUED else ():
        wake_workers(campaign_id)
    return len(settled)


def _require_module(session: Session) -> None:
    """Nothing starts while the module is off, nor while it is being switched off: that pauses what has started."""
    if not module_held_on(session):
        raise NotThere(str(_("The SMS module is switched off. Nothing was sent.")))


def _require_gateway(session: Session, campaign_id: int) -> None:
    """A send that is resumed while its gateway is off, or not there any more, would only be paused again."""
    its = select(Campaign.gateway, GatewayRow.active).outerjoin(GatewayRow, GatewayRow.name == Campaign.gateway)
    gateway = session.execute(its.where(Campaign.id == campaign_id)).one_or_none()
    if gateway is None or gateway.active:
        return
    if gateway.active is None:
        message = _(
            "The gateway “%(name)s” does not exist any more. Somebody must set it up again by this name, or cancel the "
            "rest of the send.",
            name=gateway.gateway,
        )
    else:
        message = _("The gateway “%(name)s” is deactivated. It must be activated first.", name=gateway.gateway)
    raise Conflict(str(message))


def _pause_those(session: Session, kind: str, user_id: int | None, *where: ColumnElement[bool]) -> int:
    paused = move_campaign(session, CampaignState.PAUSED, *where, at=now(), user_id=user_id, kind=kind)
    _release_claimed(session, Delivery.campaign_id.in_(paused))
    return len(paused)


def _moved(
    session: Session,
    campaign_id: int,
    after: CampaignState,
    user_id: int | None,
    before: Collection[CampaignState] = tuple(CampaignState),
    kind: str | None = None,
) -> bool:
    """Move one campaign if it is in one of these states and may go there; NotThere if there is none."""
    if session.get(Campaign, campaign_id) is None:
        raise NotThere(str(_("This send does not exist.")))
    where = (Campaign.id == campaign_id, Campaign.state.in_(before))
    return bool(move_campaign(session, after, *where, at=now(), user_id=user_id, kind=kind))


def _cancel_deliveries(session: Session, campaign_id: int, user_id: int, reason: str) -> int:
    books, moment = Books(), now()
    cancelled = 0
    for before in (State.CLAIMED, State.QUEUED):  # a claimed one may be released meanwhile, never the other way round
        where = Delivery.campaign_id == campaign_id
        cancelled += len(move(session, books, before, State.CANCELLED, where, at=moment))
    books.post(session, user_id, reason)
    return cancelled


def _release_claimed(session: Session, where: ColumnElement[bool]) -> None:
    move(session, Books(), State.CLAIMED, State.QUEUED, where, at=now())


def _send_again(session: Session, campaign_id: int, user_id: int, at: datetime) -> None:
    """The campaign must be sending for a delivery that goes back to the queue; a cancelled one stays cancelled."""
    locked = select(Campaign.state, Campaign.deadline).where(Campaign.id == campaign_id)
    state, deadline = session.execute(locked.with_for_update(key_share=True)).one()
    if state == CampaignState.CANCELLED:
        raise Conflict(str(_("This send was cancelled. Nothing of it is sent any more.")))
    if deadline and deadline <= at:
        raise Conflict(str(_("The moment after which nothing of this send shall go out is over.")))
    over = Campaign.state.in_([CampaignState.HANDED_OVER, CampaignState.CLOSED])
    move_campaign(
        session,
        CampaignState.SENDING,
        Campaign.id == campaign_id,
        over,
        at=at,
        user_id=user_id,
        kind=SENT_AGAIN,
        values={"woken_at": at, "handed_over_at": None, "closed_at": None},
    )
