"""Writing the settings and the sender names; each function is one transaction."""

from collections.abc import Callable

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from phonenumbers import SUPPORTED_REGIONS
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from smsapp.contacts.numbers import NO_COUNTRY_CODE, normalise
from smsapp.delivery.stop_words import key_of
from smsapp.errors import AppError, Conflict
from smsapp.extensions import db_write
from smsapp.settings import senders
from smsapp.settings.models import SenderCountry, SenderName, Settings
from smsapp.settings.queries import get_sender
from smsapp.text.billing import MAX_CHARACTERS, Rule
from smsapp.text.normalise import ControlCharacter, clean_value
from smsapp.text.normalise import normalise as normalise_text

LONGEST_UNDO = 600  # seconds
LONGEST_PRODUCT_NAME = 40
MOST_STOP_WORDS = 30
LONGEST_STOP_WORD = 30

_SENDER_PROBLEMS = {
    senders.LENGTH: _l("A sender name has 3 to 11 characters."),
    senders.CHARACTERS: _l("Only letters A to Z without accents, digits, spaces and & . - _ are possible."),
    senders.EDGES: _l("A sender name neither begins nor ends with a space."),
    senders.ONLY_DIGITS: _l("A sender name cannot consist of digits only."),
}


def switch_on() -> None:
    """Switch the SMS module on; raises AppError while there is no sender. What is paused stays paused."""
    with db_write() as session:
        settings = _settings(session)
        if not settings.operator_number:
            raise AppError(_("Please enter the operator number first: it is the sender of the SMS."))
        settings.module_on = True


def switch_off(pause_all: Callable[[Session], object]) -> None:
    """Switch the SMS module off and, in the same transaction, pause every send that is under way."""
    with db_write() as session:
        # this waits for whoever holds the module on (`module_held_on`), so that what they start is paused, too
        _settings(session).module_on = False
        pause_all(session)


def set_operator_number(raw: str) -> None:
    """The default sender, kept as E.164; raises AppError unless it is a number with country code."""
    number = normalise(raw)
    if number.problem == NO_COUNTRY_CODE:
        raise AppError(_("The country code is missing. Please write the number as +358 45 7396 0000."))
    if number.e164 is None:
        raise AppError(_("This is not a phone number. Please write it as +358 45 7396 0000."))
    with db_write() as session:
        _settings(session).operator_number = number.e164


def set_billing_rule(rule: Rule) -> None:
    """What is billed as one message from now on; a confirmed send keeps the rule that it was confirmed with."""
    with db_write() as session:
        _settings(session).billing_rule = rule


def set_undo_seconds(seconds: int) -> None:
    """How long a confirmed send can be taken back before it starts: 0 to 600 seconds."""
    if not 0 <= seconds <= LONGEST_UNDO:
        raise AppError(_("Please enter 0 to %(count)s seconds.", count=LONGEST_UNDO))
    with db_write() as session:
        _settings(session).undo_seconds = seconds


def read_stop_answer(typed: str) -> str:
    """The answer to a STOP as it is sent, or none; raises AppError."""
    try:
        text = normalise_text(typed).strip()
    except ControlCharacter as error:
        raise AppError(_("The text has a character that cannot be sent.")) from error
    if len(text) > MAX_CHARACTERS:
        raise AppError(_("The text is too long."))
    return text


def read_stop_words(typed: str) -> list[str]:
    """The words of these lines, each once; raises AppError where there is none, or too many, or one too long."""
    words = {key: word for line in typed.splitlines() if (word := clean_value(line)[0]) and (key := key_of(word))}
    if not 1 <= len(words) <= MOST_STOP_WORDS or max(map(len, words.values())) > LONGEST_STOP_WORD:
        message = _("Please enter 1 to %(words)s words of at most %(count)s characters.",
                    words=MOST_STOP_WORDS, count=LONGEST_STOP_WORD)  # fmt: skip
        raise AppError(message)
    return list(words.values())


def set_stop(words: str, answer: str) -> None:
    """By which words people unsubscribe, one in each line, and what they are answered; raises AppError."""
    stop_words, stop_answer = read_stop_words(words), read_stop_answer(answer)
    with db_write() as session:
        settings = _settings(session)
        settings.stop_words, settings.stop_answer = stop_words, stop_answer


def set_product_name(name: str) -> None:
    """What this application is called on the screen."""
    name = clean_value(name)[0]
    if not 1 <= len(name) <= LONGEST_PRODUCT_NAME:
        raise AppError(_("Please enter 1 to %(count)s characters.", count=LONGEST_PRODUCT_NAME))
    with db_write() as session:
        _settings(session).product_name = name


def allow_country(code: str) -> None:
    """SMS to numbers of this country (ISO code) are sent from now on."""
    if code not in SUPPORTED_REGIONS:
        raise AppError(_("Please choose a country."))
    with db_write() as session:
        settings = _settings(session)
        settings.allowed_countries = sorted({*settings.allowed_countries, code})


def forbid_country(code: str) -> None:
    """SMS to numbers of this country are not planned any more; one country stays allowed."""
    with db_write() as session:
        settings = _settings(session)
        left = [each for each in settings.allowed_countries if each != code]
        if not left:
            raise AppError(_("At least one country must be allowed. To stop sending, switch the SMS module off."))
        settings.allowed_countries = left


def add_sender(name: str) -> int:
    """A new sender name, not active yet; its id. Names that differ only in case cannot be told apart on a phone."""
    if problem := senders.name_problem(name):
        raise AppError(str(_SENDER_PROBLEMS[problem]))
    with db_write() as session:
        if session.scalar(select(SenderName.id).where(func.lower(SenderName.name) == name.lower())) is not None:
            raise AppError(_("There is already a sender name “%(name)s”.", name=name))
        sender = SenderName(name=name, active=False)
        session.add(sender)
        session.flush()
        return sender.id


def set_sender_active(sender_id: int, active: bool) -> str:
    """Offer a sender name when composing, or not any more; the name."""
    with db_write() as session:
        sender = get_sender(sender_id, session)
        sender.active = active
        return sender.name


def delete_sender(sender_id: int, is_used: Callable[[Session, str], bool]) -> str:
    """Delete an inactive sender name that no send has used; the name. `is_used` looks in the same transaction."""
    with db_write() as session:
        sender = get_sender(sender_id, session)
        if sender.active:
            raise Conflict(_("“%(name)s” is active. Deactivate it first.", name=sender.name))
        if is_used(session, sender.name):
            raise Conflict(
                _("“%(name)s” has been used for sending and stays. Deactivate it instead.", name=sender.name)
            )
        session.execute(delete(SenderCountry).where(SenderCountry.sender == sender.name))
        session.delete(sender)
        return sender.name


def _settings(session: Session) -> Settings:
    """Held until the transaction ends: what one administrator adds to a list is not lost by what another takes away."""
    return session.get_one(Settings, 1, with_for_update=True)
