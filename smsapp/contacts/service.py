"""Writing contacts, their numbers, labels and the block list. All of it holds and bumps the revision of the data."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from flask_babel import gettext as _
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, selectinload

from smsapp.clock import now
from smsapp.contacts.data import (
    LONGEST_KEY,
    PLAIN,
    ContactData,
    Problem,
    check_contact,
    clean_contact,
    derived,
    number_row,
)
from smsapp.contacts.models import PHONE_FIELDS, Block, Company, Contact, DataRevision, Label, PhoneNumber
from smsapp.contacts.numbers import normalise
from smsapp.contacts.words import problem_sentence
from smsapp.errors import AppError, NotThere, refuse_stale
from smsapp.extensions import db_write
from smsapp.folding import fold, search_key
from smsapp.text.normalise import clean_value

LONGEST_REASON = 200


class BadData(AppError):
    """Data that cannot be kept, with all its problems."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(" ".join(problem_sentence(problem) for problem in problems))
        self.problems = problems


class Names:
    """Companies and labels by their folded names, found or made in one transaction and each looked up once."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._companies: dict[str, Company] = {}
        self._labels: dict[str, Label] = {}

    def company(self, name: str, present: Company | None = None) -> Company | None:
        """The company of this name: the present one if it has it, else the oldest, else a new one; none for ""."""
        key = fold(name)
        if not name:
            return None
        if present is not None and fold(present.name) == key:
            return present
        if key not in self._companies:
            self._companies[key] = company_named(self.session, name) or self._new_company(name)
        return self._companies[key]

    def label(self, name: str) -> Label:
        """The label of this name, whatever its case, or a new one."""
        key = fold(name)
        if key not in self._labels:
            found = self.session.scalar(select(Label).where(Label.key == key))
            self._labels[key] = found or self._new_label(name, key)
        return self._labels[key]

    def know(self, labels: Iterable[str]) -> None:
        """Labels to look up all at once."""
        keys = {fold(label) for label in labels}
        self._labels |= {label.key: label for label in self.session.scalars(select(Label).where(Label.key.in_(keys)))}

    def _new_company(self, name: str) -> Company:
        made = Company(name=name, search_key=search_key(name)[:LONGEST_KEY])
        self.session.add(made)
        return made

    def _new_label(self, name: str, key: str) -> Label:
        try:
            with self.session.begin_nested():
                made = Label(name=name, key=key)
                self.session.add(made)
        except IntegrityError:  # another transaction has just made it
            return self.session.scalars(select(Label).where(Label.key == key)).one()
        return made


def company_named(session: Session, name: str) -> Company | None:
    """The oldest company of this name, whatever its case."""
    statement = select(Company).where(func.smsapp_fold(Company.name) == fold(name)).order_by(Company.id)
    return session.scalars(statement.limit(1)).first()


def apply(session: Session, contact: Contact, data: ContactData, names: Names | None = None) -> bool:
    """Write this data upon a contact of this session, new or stored; whether that changed anything.

    For one contact or, with the same `names`, for many rows of one transaction; the caller calls `data_changed`
    once. Values are cleaned, numbers normalised, greeting and search key follow. Raises BadData.
    """
    data = clean_contact(data)
    if problems := check_contact(data, now().date()):
        raise BadData(problems)
    before = ContactData.of(contact) if contact.id else None
    names = names or Names(session)
    company = names.company(data.company, contact.company)
    labels = [names.label(label) for label in data.labels]
    for name in PLAIN:
        setattr(contact, name, getattr(data, name))
    contact.company, contact.labels = company, labels
    _set_numbers(contact, {field: getattr(data, field) for field in PHONE_FIELDS})
    derive(contact)
    session.add(contact)
    return _touch(contact, before)


def _touch(contact: Contact, before: ContactData | None) -> bool:
    changed = ContactData.of(contact) != before
    if changed:
        contact.updated_at = now()
    return changed


def _set_numbers(contact: Contact, typed: dict[str, str]) -> None:
    for field, raw in typed.items():
        set_number(contact, field, raw)


def set_number(contact: Contact, field: str, raw: str) -> None:
    """Keep what was typed in a phone field, understood, or empty the field; the caller calls `derive` afterwards."""
    stored, row = contact.number(field), number_row(field, raw)
    if row is None:
        if stored is not None:
            contact.numbers.remove(stored)
        return
    if stored is None:
        stored = PhoneNumber(field=field)
        contact.numbers.append(stored)
    for name, value in row.items():
        setattr(stored, name, value)


WHOLE: Final = (selectinload(Contact.company), selectinload(Contact.numbers), selectinload(Contact.labels))
"""With these `derive` asks the database for nothing more, however many contacts are read."""


def derive(contact: Contact) -> None:
    """Keep what follows from the other fields: the greeting of letters and the key that people search by."""
    for name, text in derived(ContactData.of(contact)).items():
        setattr(contact, name, text)


def save_contact(data: ContactData, contact_id: int | None = None, seen: datetime | None = None) -> int:
    """Create or change a contact; its id. `seen` is the `updated_at` that the editor saw: raises Changed if it moved.

    A company or label of a new name is created with it. Raises BadData, NotThere.
    """
    with db_write() as session:
        hold_revision(session)
        contact = Contact() if contact_id is None else _contact(session, contact_id)
        refuse_stale(contact.updated_at, seen)
        apply(session, contact, data)
        session.flush()
        data_changed(session)
        return contact.id


def delete_contact(contact_id: int) -> None:
    """Delete a contact with its numbers and labels; what was sent to it stays."""
    with db_write() as session:
        hold_revision(session)
        session.delete(_contact(session, contact_id))
        data_changed(session)


def set_no_sms(contact_id: int, on: bool, reason: str = "") -> None:
    """Mark a contact as "keine SMS", or take the mark away together with its reason."""
    reason = clean_value(reason)[0]
    _refuse_long_reason("no_sms_reason", reason)
    with db_write() as session:
        hold_revision(session)
        contact = _contact(session, contact_id)
        contact.no_sms, contact.no_sms_reason = on, reason if on else ""
        contact.updated_at = now()
        data_changed(session)


def block_number(e164: str, reason: str, user_id: int | None) -> int:
    """Put a number on the block list; the entry's id. Raises AppError if it is there already or is no full number."""
    reason = clean_value(reason)[0]
    _refuse_long_reason("reason", reason)
    if normalise(e164).e164 != e164:
        raise AppError(_("This is not a full phone number with country code."))
    try:
        with db_write() as session:
            hold_revision(session)
            entry = Block(e164=e164, reason=reason, created_by_id=user_id)
            session.add(entry)
            session.flush()
            data_changed(session)
            return entry.id
    except IntegrityError:
        raise AppError(_("This number is on the block list already.")) from None


def unblock(block_id: int) -> None:
    """Take an entry off the block list."""
    with db_write() as session:
        hold_revision(session)
        entry = session.get(Block, block_id)
        if entry is None:
            raise NotThere(_("This entry of the block list does not exist or no longer exists."))
        session.delete(entry)
        data_changed(session)


def hold_revision(session: Session) -> int:
    """Keep others from changing contacts and what belongs to them before our commit; the revision of the data.

    Whoever changes them calls this before locking any of their rows, so that no two wait for each other.
    """
    return session.scalars(select(DataRevision.value).where(DataRevision.id == 1).with_for_update()).one()


def data_changed(session: Session) -> None:
    """Count that contacts, companies, numbers, labels or blocks have changed in this transaction."""
    session.execute(update(DataRevision).where(DataRevision.id == 1).values(value=DataRevision.value + 1))


def _refuse_long_reason(field: str, reason: str) -> None:
    if len(reason) > LONGEST_REASON:
        raise BadData([Problem(field, "too_long", LONGEST_REASON)])


def _contact(session: Session, contact_id: int) -> Contact:
    contact = session.get(Contact, contact_id)
    if contact is None:
        raise NotThere(_("This contact does not exist or no longer exists."))
    return contact
