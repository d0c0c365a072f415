"""A test SMS: the composed text with a recipient's values, to the number of the person who composes it.

It is a send of its own with one recipient, marked as a test and of no audience, so it counts for none. It goes the
way of every SMS: it costs quota, is claimed, handed over once, and gets its receipt.
"""

from collections.abc import Callable, Container

from flask_babel import gettext as _
from sqlalchemy import literal, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from smsapp.accounts.models import User
from smsapp.audiences.models import Audience
from smsapp.campaigns.launch import Launched
from smsapp.campaigns.naming import name_of
from smsapp.campaigns.order import Composed, Order, order_of, require_text
from smsapp.campaigns.preview import Preview, preview
from smsapp.campaigns.problems import ModuleOff
from smsapp.campaigns.summary import figures
from smsapp.contacts.numbers import Number, is_usable, normalise
from smsapp.contacts.unwanted import is_unwanted
from smsapp.delivery.making import OneSms, queue_one
from smsapp.delivery.models import Campaign
from smsapp.delivery.waking import wake_drain
from smsapp.errors import AppError
from smsapp.extensions import db, db_write
from smsapp.settings.queries import module_held_on

NOT_USABLE, UNWANTED = "not_usable", "unwanted"


class NobodyToShow(AppError):
    """Nobody gets the text, so nobody can lend the test SMS the values of tags."""


class NoOwnNumber(AppError):
    """The person has no number, or none that can get an SMS."""


def send_test(composed: Composed, position: int, key: str, user_id: int) -> Launched:
    """Send one SMS to this user, with the values of the recipient at this position; once for a key.

    Raises what `order_of` raises, FieldProblem for a blank text, NobodyToShow, NoOwnNumber and QuotaTooSmall.
    """
    shown = _shown(composed, position)
    return once(test_key(key, user_id), lambda session, send_key: _store(session, composed, shown, send_key, user_id))


def once(send_key: str, store: Callable[[Session, str], Launched]) -> Launched:
    """What was stored by this key, now or before; a worker is woken for what is new."""
    try:
        with db_write() as session:
            launched = _tested(session, send_key) or store(session, send_key)
    except IntegrityError:  # on PostgreSQL the same key was being tested in this very moment
        db.session.rollback()
        if earlier := _tested(db.session(), send_key):
            return earlier
        raise
    if not launched.again:
        wake_drain(launched.campaign_id)
    return launched


def _shown(composed: Composed, position: int) -> Preview:
    """The SMS of the recipient at this position; found before anything is locked, as late positions take long."""
    order = order_of(db.session(), composed)
    require_text(order)
    shown = preview(db.session(), order, position, figures(order).recipients)
    if shown is None:
        raise NobodyToShow(_("There is no recipient whose values the test message could have."))
    return shown


def _tested(session: Session, send_key: str) -> Launched | None:
    earlier = session.scalar(select(Campaign.id).where(Campaign.send_key == send_key))
    return None if earlier is None else Launched(earlier, again=True)


def test_key(key: str, user_id: int) -> str:
    """Another name than any popup's, and no other user's; a forged key of any length is one, too."""
    return f"test:{user_id}:{key}"[:64]


def _store(session: Session, composed: Composed, shown: Preview, send_key: str, user_id: int) -> Launched:
    if not module_held_on(session):
        raise ModuleOff
    order, user = order_of(session, composed), session.get_one(User, user_id)
    number = _own_number(session, order, user)
    sms = OneSms(number, shown.text, user.name)
    name, audience = name_of(order.template, user.language), session.get_one(Audience, order.audience_id)
    campaign = queue_one(session, send_key, user, order, sms, name=name, audience_name=audience.name, is_test=True)
    return Launched(campaign.id, again=False)


def _own_number(session: Session, order: Order, user: User) -> Number:
    """The number from the profile, held to the same rules as everybody's."""
    number = normalise(user.phone or "")
    if number.e164 is None:
        raise NoOwnNumber(_("Please enter your own mobile number in your profile first."))
    problems = {
        NOT_USABLE: _("The number in your profile cannot get SMS: of its kind or to its country none are sent."),
        UNWANTED: _("The number in your profile is blocked, or a contact who has it wants no SMS."),
    }
    if problem := why_not(session, number, order.allowed_countries, order.include_fixed_line):
        raise NoOwnNumber(problems[problem])
    return number


def why_not(session: Session, number: Number, countries: Container[str | None], fixed_line: bool = False) -> str | None:
    """Why this number gets no test SMS: NOT_USABLE or UNWANTED; None if it may."""
    if not is_usable(number, countries, fixed_line):
        return NOT_USABLE
    return UNWANTED if session.scalar(select(is_unwanted(literal(number.e164)))) else None
