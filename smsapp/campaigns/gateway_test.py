"""A test SMS by a chosen gateway and sender to any number: a send of its own with one recipient, as every test SMS."""

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from smsapp.accounts.models import User
from smsapp.campaigns.launch import Launched
from smsapp.campaigns.order import require_module, sender_of
from smsapp.campaigns.problems import ModuleOff
from smsapp.campaigns.testing import NOT_USABLE, UNWANTED, once, test_key, why_not
from smsapp.contacts.numbers import Number, normalise
from smsapp.delivery.making import OneSms, PlainText, queue_one
from smsapp.errors import AppError
from smsapp.settings.queries import module_held_on
from smsapp.text.billing import Rule


class NumberProblem(AppError):
    """No test SMS can go to this number."""


def send_gateway_test(gateway: str, number: str, sender_id: int | None, key: str, user_id: int) -> Launched:
    """Send one SMS to this number, once for a key; it costs quota.

    Raises ModuleOff, FieldProblem for the sender, NumberProblem and QuotaTooSmall.
    """
    return once(
        test_key(f"{gateway}:{key}", user_id),
        lambda session, send_key: _store(session, send_key, gateway, number, sender_id, user_id),
    )


def _store(session: Session, send_key: str, gateway: str, typed: str, sender_id: int | None, user_id: int) -> Launched:
    if not module_held_on(session):
        raise ModuleOff
    settings = require_module(session)
    number = _number(session, typed, settings.allowed_countries)
    text = _("Test message by “%(gateway)s”.", gateway=gateway)
    content = PlainText(text, sender_of(session, settings, sender_id), Rule(settings.billing_rule))
    user = session.get_one(User, user_id)
    sms = OneSms(number, text, user.name)
    campaign = queue_one(session, send_key, user, content, sms, name=text, is_test=True, gateway=gateway)
    return Launched(campaign.id, again=False)


def _number(session: Session, typed: str, countries: list[str]) -> Number:
    number = normalise(typed)
    if number.e164 is None:
        raise NumberProblem(_("This is not a phone number with country code. Please write it as +358 45 7396 0000."))
    problems = {
        NOT_USABLE: _("This number cannot get SMS: of its kind or to its country none are sent."),
        UNWANTED: _("This number is blocked, or a contact who has it wants no SMS."),
    }
    if problem := why_not(session, number, countries):
        raise NumberProblem(problems[problem])
    return number
