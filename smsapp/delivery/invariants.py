"""What is promised of every send; what the database can tell is looked up, each broken one a line for an administrator.

- I1: what "Yes" sends is what the confirmation showed.
- I2: a confirmation becomes one send, however often it is pressed.
- I3: a send has at most one SMS to one number.
- I4: nothing is handed to a gateway twice unless a person decided so, knowing.
- I5: nothing confirmed is lost, whatever is killed and whenever.
- I6: available + reserved + spent = granted, each at least 0; the ledger's entries add up to them.
- I7: a blocked number, or that of somebody marked "no SMS", gets nothing.
- I8: a receipt never moves a delivery backwards.

I2 and I4 leave no trace in the database when they are broken; tests watch them from outside.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import chain
from typing import Any, Final

from flask_babel import gettext as _
from sqlalchemy import Row, Select, SQLColumnExpression, Subquery, and_, case, column, func, literal, or_, select, table
from sqlalchemy.orm import Session

from smsapp.contacts.models import Block, Contact, PhoneNumber
from smsapp.delivery.answering import own_block
from smsapp.delivery.models import Campaign, Delivery, Receipt
from smsapp.delivery.states import HELD, NOT_HANDED_OVER, RECEIPT_MOVES_FROM, RESERVED, TAKEN, CampaignState, State
from smsapp.extensions import db
from smsapp.quota.models import LedgerEntry, QuotaAccount

AT_MOST: Final = 20  # lines for one promise
SAME_MOMENT: Final = timedelta(seconds=2)  # a block and a hand-over, on machines whose clocks differ
SKIP = table("skip", column("campaign_id"))  # of the campaigns, which stand upon us


def violations() -> list[str]:
    """What is wrong, seen at one moment; an empty list when every promise holds."""
    with Session(db.engine) as session, session.begin():
        if db.engine.dialect.name == "postgresql":
            session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        return list(chain.from_iterable(rule(session) for rule in RULES))


def _as_confirmed(session: Session) -> Iterator[str]:
    """I1: a campaign's frozen figures are those of its rows."""
    sums = _by_campaign(
        Delivery.campaign_id, func.count().label("recipients"), func.sum(Delivery.billed).label("messages")
    )
    skips = _by_campaign(SKIP.c.campaign_id, func.count().label("skipped"))
    recipients, messages = func.coalesce(sums.c.recipients, 0), func.coalesce(sums.c.messages, 0)
    skipped = func.coalesce(skips.c.skipped, 0)
    differ = or_(Campaign.recipients != recipients, Campaign.messages != messages, Campaign.skipped != skipped)
    statement = (
        select(Campaign.id, Campaign.recipients, Campaign.messages, Campaign.skipped, recipients, messages, skipped)
        .outerjoin(sums, sums.c.campaign_id == Campaign.id)
        .outerjoin(skips, skips.c.campaign_id == Campaign.id)
        .where(differ)
    )
    for campaign, *figures in _rows(session, statement):
        yield _(
            "I1: send %(campaign)s was confirmed with %(confirmed)s (recipients, messages, skipped) and has %(found)s.",
            campaign=campaign,
            confirmed=_figures(figures[:3]),
            found=_figures(figures[3:]),
        )


def _once_to_a_number(session: Session) -> Iterator[str]:
    """I3."""
    statement = (
        select(Delivery.campaign_id, Delivery.number)
        .group_by(Delivery.campaign_id, Delivery.number)
        .having(func.count() > 1)
    )
    for campaign, number in _rows(session, statement):
        yield _("I3: send %(campaign)s has %(number)s more than once.", campaign=campaign, number=number)


def _nothing_lost(session: Session) -> Iterator[str]:
    """I5: every delivery is in a state that somebody looks after."""
    over = [CampaignState.HANDED_OVER, CampaignState.CLOSED]
    forgotten = or_(
        and_(Campaign.state.in_(over), Delivery.state.in_(NOT_HANDED_OVER)),
        and_(Campaign.state == CampaignState.CANCELLED, Delivery.state.in_([State.QUEUED, State.CLAIMED])),
        and_(Campaign.state == CampaignState.WAITING, Delivery.state != State.QUEUED),
        Campaign.state.not_in(CampaignState),
        Delivery.state.not_in(State),
    )
    statement = select(Delivery.id, Delivery.state, Campaign.id, Campaign.state).join(Campaign).where(forgotten)
    for delivery, state, campaign, campaign_state in _rows(session, statement):
        yield _(
            "I5: recipient %(delivery)s is %(state)s while send %(campaign)s is %(campaign_state)s.",
            delivery=delivery,
            state=state,
            campaign=campaign,
            campaign_state=campaign_state,
        )


def _owned_while_held(session: Session) -> Iterator[str]:
    """I5: who is held has an owner and a lease that ends; nobody else has."""
    held = Delivery.state.in_(HELD)
    nobody = or_(Delivery.owner.is_(None), Delivery.lease_until.is_(None))
    somebody = or_(Delivery.owner.is_not(None), Delivery.lease_until.is_not(None))
    statement = select(Delivery.id, Delivery.state).where(or_(and_(held, nobody), and_(~held, somebody)))
    for delivery, state in _rows(session, statement):
        yield _("I5: recipient %(delivery)s is %(state)s with a wrong owner or lease.", delivery=delivery, state=state)


def _account_adds_up(session: Session) -> Iterator[str]:
    """I6: the account is the sum of the ledger's entries, and nothing is below zero."""
    account = session.execute(
        select(QuotaAccount.granted, QuotaAccount.available, QuotaAccount.reserved, QuotaAccount.spent)
    ).one()
    entries = session.execute(select(*(func.coalesce(func.sum(change), 0) for change in _changes()))).one()
    if tuple(account) != tuple(entries):
        yield _(
            "I6: the account has %(account)s (granted, available, reserved, spent), its ledger adds up to %(ledger)s.",
            account=_figures(account),
            ledger=_figures(entries),
        )
    if account.available + account.reserved + account.spent != account.granted or min(account) < 0:
        yield _("I6: the account does not add up: %(account)s.", account=_figures(account))


def _entries_follow(session: Session) -> Iterator[str]:
    """I6: each entry's balances are those of the one before, and its movement."""
    balances = (LedgerEntry.available, LedgerEntry.reserved, LedgerEntry.spent)
    sums = [func.sum(change).over(order_by=LedgerEntry.id).label(f"sum_{i}") for i, change in enumerate(_changes()[1:])]
    running = select(LedgerEntry.id, *balances, *sums).subquery()
    differ = or_(*(running.c[column.key] != running.c[f"sum_{i}"] for i, column in enumerate(balances)))
    for (entry,) in _rows(session, select(running.c.id).where(differ)):
        yield _("I6: the balances of ledger entry %(entry)s do not follow from the entries before.", entry=entry)


def _campaigns_add_up(session: Session) -> Iterator[str]:
    """I6: what a campaign has reserved and spent by the ledger is what its deliveries stand for."""
    reserved = func.sum(case((Delivery.state.in_(RESERVED), Delivery.billed), else_=0))
    spent = func.sum(case((Delivery.accepted_at.is_not(None), Delivery.billed), else_=0))
    stands_for = _by_campaign(Delivery.campaign_id, reserved.label("reserved"), spent.label("spent"))
    _granted, _available, reserve, charge = _changes()
    booked = _by_campaign(LedgerEntry.campaign_id, func.sum(reserve).label("reserved"), func.sum(charge).label("spent"))
    ours = [func.coalesce(stands_for.c[name], 0) for name in ("reserved", "spent")]
    theirs = [func.coalesce(booked.c[name], 0) for name in ("reserved", "spent")]
    statement = (
        select(Campaign.id, *ours, *theirs)
        .outerjoin(stands_for, stands_for.c.campaign_id == Campaign.id)
        .outerjoin(booked, booked.c.campaign_id == Campaign.id)
        .where(or_(ours[0] != theirs[0], ours[1] != theirs[1]))
    )
    for campaign, *figures in _rows(session, statement):
        yield _(
            "I6: send %(campaign)s stands for %(found)s messages (reserved, spent), its ledger says %(ledger)s.",
            campaign=campaign,
            found=_figures(figures[:2]),
            ledger=_figures(figures[2:]),
        )


def _charged_when_taken(session: Session) -> Iterator[str]:
    """I6: exactly what was handed over is charged. `expired` may be either."""
    taken = Delivery.state.in_(TAKEN)
    charged = Delivery.accepted_at.is_not(None)
    wrong = or_(and_(taken, ~charged), and_(~taken, charged, Delivery.state != State.EXPIRED))
    for delivery, state in _rows(session, select(Delivery.id, Delivery.state).where(wrong)):
        yield _("I6: recipient %(delivery)s is %(state)s and wrongly charged.", delivery=delivery, state=state)


def _nobody_blocked(session: Session) -> Iterator[str]:
    """I7: no hand-over began after the number was blocked, or anybody who has it was marked "keine SMS".

    When the mark was made is not kept; a contact that has not been changed since a hand-over had it before. Only the
    answer to a STOP may go past the block that this STOP has made.
    """
    columns = (Delivery.id, Delivery.number, Delivery.submitted_at)
    blocked = select(*columns, Block.created_at.label("since")).join(Block, Block.e164 == Delivery.number)
    blocked = blocked.where(Block.id != own_block())
    no_sms = select(*columns, Contact.updated_at.label("since")).where(Contact.no_sms)
    no_sms = no_sms.join(PhoneNumber, PhoneNumber.e164 == Delivery.number).join(Contact)
    either = blocked.union(no_sms).subquery()
    for row in session.execute(select(either).where(either.c.submitted_at > either.c.since)):
        if row.submitted_at > row.since + SAME_MOMENT:
            yield _(
                "I7: recipient %(delivery)s (%(number)s) was handed over although blocked.",
                delivery=row.id,
                number=row.number,
            )


def _answered_once(session: Session) -> Iterator[str]:
    """I7: to a number that has asked to stop there is one answer, ever."""
    answers = select(Delivery.number).join(Campaign).where(Campaign.answers_id.is_not(None))
    for (number,) in _rows(session, answers.group_by(Delivery.number).having(func.count() > 1)):
        yield _("I7: %(number)s asked to stop and was answered more than once.", number=number)


def _receipts_took_effect(session: Session) -> Iterator[str]:
    """I8: no delivery is where it was before a receipt that was applied to it."""
    final = and_(Delivery.state.in_(RECEIPT_MOVES_FROM), Receipt.state != State.ACCEPTED)
    behind = or_(final, Delivery.state.in_(NOT_HANDED_OVER | {State.UNKNOWN}))
    echoed = and_(Delivery.id == Receipt.delivery_id, Delivery.attempt == Receipt.attempt)
    for link in (Delivery.gateway_ref == Receipt.reference, echoed):
        statement = (
            select(Delivery.id, Delivery.state, Receipt.state)
            .join(Receipt, link)
            .join(Campaign, and_(Campaign.id == Delivery.campaign_id, Campaign.gateway == Receipt.gateway))
            .where(Receipt.applied_at.is_not(None), Receipt.received_at >= Delivery.submitted_at, behind)
        )
        for delivery, state, said in _rows(session, statement):
            yield _(
                "I8: recipient %(delivery)s is %(state)s although its receipt said %(said)s.",
                delivery=delivery,
                state=state,
                said=said,
            )


def _changes() -> tuple[SQLColumnExpression[int], ...]:
    """What an entry adds to granted, available, reserved, spent."""
    n, zero = LedgerEntry.messages, literal(0)
    signs: dict[str, tuple[SQLColumnExpression[int], ...]]
    signs = {"grant": (n, n, zero, zero), "correct": (n, n, zero, zero), "reserve": (zero, -n, n, zero)}
    signs |= {"charge": (zero, zero, -n, n), "return": (zero, n, -n, zero)}
    return tuple(
        case({kind: changes[i] for kind, changes in signs.items()}, value=LedgerEntry.kind, else_=0) for i in range(4)
    )


def _by_campaign(key: SQLColumnExpression[Any], *sums: SQLColumnExpression[Any]) -> Subquery:
    return select(key.label("campaign_id"), *sums).group_by(key).subquery()


def _rows(session: Session, statement: Select[*tuple[Any, ...]]) -> Iterator[Row[*tuple[Any, ...]]]:
    return iter(session.execute(statement.limit(AT_MOST)))


def _figures(values: Any) -> str:
    return " / ".join(str(value) for value in values)


RULES: Final[tuple[Callable[[Session], Iterator[str]], ...]] = (
    _as_confirmed,
    _once_to_a_number,
    _nothing_lost,
    _owned_while_held,
    _account_adds_up,
    _entries_follow,
    _campaigns_add_up,
    _charged_when_taken,
    _nobody_blocked,
    _answered_once,
    _receipts_took_effect,
)
