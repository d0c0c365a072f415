"""Adding country codes to many numbers at once, each as a person has seen and ticked it."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from smsapp.clock import now
from smsapp.contacts.models import Contact
from smsapp.contacts.service import WHOLE, data_changed, derive, hold_revision, set_number
from smsapp.extensions import db_write


class Change(NamedTuple):
    """A contact's number as it was shown, and what it is to become."""

    contact_id: int
    old: str
    new: str


def mend_numbers(field: str, changes: Sequence[Change]) -> int:
    """Change the numbers in this phone field that are still what they were; how many these are."""
    with db_write() as session:
        hold_revision(session)
        contacts = _contacts(session, changes)
        done = [_mend(contacts.get(each.contact_id), field, each) for each in changes]
        if any(done):
            data_changed(session)
        return sum(done)


def _contacts(session: Session, changes: Sequence[Change]) -> dict[int, Contact]:
    ids = {each.contact_id for each in changes}
    statement = select(Contact).where(Contact.id.in_(ids)).options(*WHOLE)
    return {contact.id: contact for contact in session.scalars(statement)}


def _mend(contact: Contact | None, field: str, change: Change) -> bool:
    number = contact.number(field) if contact else None
    if contact is None or number is None or number.raw != change.old:
        return False
    set_number(contact, field, change.new)
    derive(contact)
    contact.updated_at = now()
    return True
