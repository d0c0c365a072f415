"""What a worker writes: claims, the mark before the first byte, the results (I4, I5, I7).

A worker owns deliveries by a name that no other run has, until its lease is over. Everything after the claim
names id, state, owner and attempt: a worker that was given up meanwhile changes nothing any more, and what it
learned becomes evidence.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, partial
from typing import Any, Final

from sqlalchemy import BindParameter, ColumnElement, Executable, and_, bindparam, case, exists, or_, select, update
from sqlalchemy.orm import Session

from smsapp.clock import now
from smsapp.contacts.models import Contact
from smsapp.contacts.unwanted import is_unwanted
from smsapp.delivery import evidence
from smsapp.delivery.answering import own_block
from smsapp.delivery.limits import pause_if_refused
from smsapp.delivery.models import Campaign, Delivery
from smsapp.delivery.moves import DELIVERY, Books, Move, columns_of, moment_param, move, moving, still_sending
from smsapp.delivery.outcomes import LONGEST_WAIT, Outcome, outcome
from smsapp.delivery.queries import is_due_between
from smsapp.delivery.states import CampaignState, State, check
from smsapp.extensions import db_write
from smsapp.gateways.base import Outgoing, RefusedForNow, Result, Unknown, attempt_reference, parse_attempt_reference
from smsapp.gateways.queries import is_real

LEASE: Final = timedelta(seconds=60)
"""How long a worker may go on without a word. A window must take clearly less."""

MARGIN: Final = timedelta(seconds=10)
"""A lease with less than this left is not begun upon."""


@dataclass(frozen=True, slots=True)
class Held:
    """A delivery that a worker owns, as it was written last; the fields as a move returns them."""

    id: int
    campaign_id: int
    billed: int
    attempt: int
    number: str
    text: str
    encoding: str
    parts: int

    @property
    def reference(self) -> str:
        return attempt_reference(self.id, self.attempt)

    def outgoing(self, sender: str) -> Outgoing:
        return Outgoing(self.reference, self.number, sender, self.text, self.encoding, self.parts)  # type: ignore[arg-type]


_HELD_COLUMNS = (Delivery.attempt, Delivery.number, Delivery.text, Delivery.encoding, Delivery.parts)
_OWNER: Final[BindParameter[str]] = bindparam("its_owner")
_CAMPAIGN: Final[BindParameter[int]] = bindparam("its_campaign")


@dataclass(frozen=True, slots=True)
class Window:
    """Deliveries marked as being handed over by this owner, until the lease is over.

    `ends_at` is the same end by `time.monotonic`, with the margin: a clock that was set back makes no lease longer.
    """

    campaign_id: int
    owner: str
    lease_until: datetime
    ends_at: float
    deliveries: Sequence[Held]

    def runs(self) -> bool:
        """Whether the lease is ours with a margin: looked at once more right before the first byte."""
        return now() + MARGIN < self.lease_until and time.monotonic() < self.ends_at


def claim(campaign_id: int, owner: str, limit: int) -> list[Held]:
    """Take up to `limit` queued deliveries of a campaign that is being sent."""
    moment = now()
    whose = {"its_campaign": campaign_id, "its_owner": owner, "lease_end": moment + LEASE}
    with db_write() as session:
        if still_sending(session, campaign_id, moment) is None:
            return []
        return _held(_claiming().run(session, Books(), **whose, at=moment, latest=moment + LONGEST_WAIT, most=limit))


def begin(campaign_id: int, owner: str, claimed: Sequence[Held]) -> Window:
    """Mark what is still ours as being handed over, before its first byte; who wants none by now is left out."""
    moment = now()
    ends_at = time.monotonic() + (LEASE - MARGIN).total_seconds()
    window = partial(Window, campaign_id, owner, moment + LEASE, ends_at)
    whose = _named(campaign_id, owner, claimed) | {"at": moment, "least_lease": moment + MARGIN}
    books = Books()
    with db_write() as session:
        watched = still_sending(session, campaign_id, moment) if claimed else None
        if watched is None or (watched and pause_if_refused(session, campaign_id, moment)):
            return window([])
        begun = _beginning().run(session, books, **whose, lease_end=moment + LEASE)
        if len(begun) < len(claimed):
            _suppressing().run(session, books, **whose)
        books.post(session)
    return window(_held(begun))


def record(window: Window, results: Mapping[str, Result]) -> None:
    """Write what became of a window in one transaction. Who has no result may have been taken: unknown.

    Results by reference; those of earlier windows, which came late, are kept as evidence and settle what is unknown.
    """
    moment = now()
    answers = [(held, results.get(held.reference, Unknown("interrupted"))) for held in window.deliveries]
    may_wait = any(isinstance(result, RefusedForNow) for _, result in answers)
    books = Books()
    with db_write() as session:
        cancelled = may_wait and _is_cancelled(session, window.campaign_id)
        ours = _still_submitting(session, window)
        rows = []
        for held, result in answers:
            if (held.id, held.attempt) in ours:
                found = outcome(result, held.attempt, cancelled)
                rows.append(_row(window, held, found, moment))
                evidence.keep_parts(session, held.id, held.attempt, found.parts)
                books.add(window.campaign_id, State.SUBMITTING, found.state, held.billed)
        _write(session, rows)
        late = [(held.id, held.attempt, result) for held, result in answers if (held.id, held.attempt) not in ours]
        late += _of_earlier_windows(window, results)
        evidence.take_late_results(session, books, window.owner, late, moment)
        books.post(session)


def _of_earlier_windows(window: Window, results: Mapping[str, Result]) -> Iterable[tuple[int, int, Result]]:
    """The late answers among the results: delivery, attempt and what is known now."""
    ours = {held.reference for held in window.deliveries}
    for reference in results.keys() - ours:
        if named := parse_attempt_reference(reference):
            yield *named, results[reference]


def release(campaign_id: int, owner: str) -> None:
    """Put back what was claimed and not begun."""
    with db_write() as session:
        where = (Delivery.campaign_id == campaign_id, Delivery.owner == owner)
        move(session, Books(), State.CLAIMED, State.QUEUED, *where, at=now())


@cache
def unwanted() -> ColumnElement[str | None]:
    """Why this delivery must not be handed over any more (I7), NULL if it may be.

    The answer to a STOP goes past the block that this STOP has made, and past no other. A contact that was deleted
    meanwhile cannot be asked whether it still wants an SMS: it gets none. The numbers of sample contacts belong to
    nobody, or to somebody else: no gateway but a simulator ever gets one.
    """
    contact = exists().where(Contact.id == Delivery.contact_id)
    blocked = or_(is_unwanted(Delivery.number, own_block()), contact.where(Contact.no_sms))
    deleted = and_(Delivery.contact_id.is_not(None), ~contact)
    real = exists().where(Campaign.id == Delivery.campaign_id, is_real(Campaign.gateway))
    sample = and_(contact.where(Contact.is_sample), real)
    return case((blocked, "blocked"), (deleted, "contact_deleted"), (sample, "sample_contact"))


@cache
def _claiming() -> Move:
    due = is_due_between(moment_param("at"), moment_param("latest"))
    values = {"owner": _OWNER, "lease_until": moment_param("lease_end")}
    of = Delivery.campaign_id == _CAMPAIGN
    return moving(
        State.QUEUED, State.CLAIMED, of, due, limit=bindparam("most"), also_return=_HELD_COLUMNS, values=values
    )


@cache
def _beginning() -> Move:
    marks = {
        "attempt": Delivery.attempt + 1,
        "submitted_at": moment_param("at"),
        "lease_until": moment_param("lease_end"),
    }
    where = (*_ours(), _has_time(), unwanted().is_(None))
    return moving(State.CLAIMED, State.SUBMITTING, *where, also_return=_HELD_COLUMNS, values=marks)


@cache
def _suppressing() -> Move:
    where = (*_ours(), _has_time(), unwanted().is_not(None))
    return moving(State.CLAIMED, State.SUPPRESSED, *where, values={"reason": unwanted()})


def _ours() -> tuple[ColumnElement[bool], ...]:
    """This owner's deliveries from one to another; with the state before it, the index has them."""
    between = Delivery.id.between(bindparam("first_id"), bindparam("last_id"))
    return Delivery.campaign_id == _CAMPAIGN, between, Delivery.owner == _OWNER


def _has_time() -> ColumnElement[bool]:
    return Delivery.lease_until > moment_param("least_lease")


def _named(campaign_id: int, owner: str, held: Sequence[Held]) -> dict[str, Any]:
    """The parameters of `_ours`: from the first of these to the last."""
    ids = [one.id for one in held] or [0]
    return {"its_campaign": campaign_id, "its_owner": owner, "first_id": min(ids), "last_id": max(ids)}


def _held(rows: Iterable[Any]) -> list[Held]:
    return [Held(*row) for row in rows]


def _is_cancelled(session: Session, campaign_id: int) -> bool:
    """Whether the rest was cancelled; if not, it cannot be before we commit."""
    statement = select(Campaign.state).where(Campaign.id == campaign_id).with_for_update(read=True)
    return session.scalar(statement) == CampaignState.CANCELLED


def _still_submitting(session: Session, window: Window) -> set[tuple[int, int]]:
    """Ids and attempts that nobody has taken from this owner, locked."""
    named = _named(window.campaign_id, window.owner, window.deliveries)
    return {(row.id, row.attempt) for row in session.connection().execute(_submitting(), named)}


@cache
def _submitting() -> Executable:
    ours = select(Delivery.id, Delivery.attempt).where(*_ours(), Delivery.state == State.SUBMITTING)
    return ours.order_by(Delivery.id).with_for_update()


def _row(window: Window, held: Held, found: Outcome, moment: datetime) -> dict[str, Any]:
    """The columns to set for one delivery, and what must still hold for it."""
    check(State.SUBMITTING, found.state)
    columns = {"accepted_at": None} | columns_of(State.SUBMITTING, found.state, moment)
    columns |= {"reason": found.reason, "gateway_ref": found.gateway_ref}
    columns["not_before"] = moment + found.wait if found.wait else None
    return columns | {"its_id": held.id, "its_owner": window.owner, "its_attempt": held.attempt}


def _write(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    if not rows:
        return
    written = session.connection().execute(_recording(), rows).rowcount
    if written != len(rows):
        raise RuntimeError(f"{written} of {len(rows)} results were written")


@cache
def _recording() -> Executable:
    attempt = (Delivery.id == bindparam("its_id"), Delivery.attempt == bindparam("its_attempt"))
    return update(DELIVERY).where(*attempt, Delivery.state == State.SUBMITTING, Delivery.owner == _OWNER)
