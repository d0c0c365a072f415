"""Fills an empty database with the sample CRM: one transaction for what is made up, then quota and block list."""

import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from smsapp.accounts.models import User
from smsapp.accounts.passwords import SHORTEST_PASSWORD, hash_password
from smsapp.accounts.rights import Role
from smsapp.audiences.models import Audience
from smsapp.contacts.company_service import write_company
from smsapp.contacts.data import CompanyData, ContactData, clean_company
from smsapp.contacts.models import Company, Contact, PhoneNumber
from smsapp.contacts.service import Names, apply, block_number, data_changed
from smsapp.demo.audiences import AUDIENCES
from smsapp.demo.people import Sample, make_up
from smsapp.extensions import db, db_write
from smsapp.quota.service import grant
from smsapp.settings.models import SenderName, Settings

OPERATOR_NUMBER = "+3584573960000"
SENDER_NAME = "Kurzpost"
QUOTA = 1000
QUOTA_REASON = "Startguthaben"
BLOCKED = 2
BLOCK_REASON = "Wünscht keine Nachrichten mehr"
PEOPLE = {
    "admin": ("Anna Meier", Role.ADMIN),
    "editor": ("Erik Sander", Role.EDITOR),
    "sender": ("Selma Brandt", Role.SENDER),
    "viewer": ("Viktor Lang", Role.VIEWER),
}
_EASY_TO_READ = "abcdefghijkmnpqrstuvwxyz23456789"


class PasswordTooShort(ValueError):
    """The password chosen for the logins has fewer characters than every password needs."""


@dataclass(frozen=True, slots=True)
class Filled:
    """What was made: the logins, all with this password, and how much there is to see."""

    logins: Sequence[str]
    password: str
    companies: int
    contacts: int


def fill(password: str | None = None) -> Filled | None:
    """Fill an empty database; None, and nothing changes, where there is a user already.

    Without a password a random one is made, the same for all logins.
    """
    if password is not None and len(password) < SHORTEST_PASSWORD:
        raise PasswordTooShort
    password = password or random_password()
    sample = make_up()
    with db_write() as session:
        if session.scalar(select(User.id).limit(1)) is not None:
            return None
        users = _add_users(session, password)
        _add_contacts(session, sample)
        _add_audiences(session, users["admin"])
        _prepare_sending(session)
    grant(QUOTA, QUOTA_REASON, users["admin"])
    _block_some(users["admin"])
    return Filled(list(users), password, len(sample.companies), len(sample.contacts))


def random_password() -> str:
    """Three groups of four letters and digits that nobody confuses, 60 bits."""
    letters = "".join(secrets.choice(_EASY_TO_READ) for _ in range(12))
    return "-".join((letters[:4], letters[4:8], letters[8:]))


def _add_users(session: Session, password: str) -> dict[str, int]:
    """The logins; returns their ids."""
    users = {
        login: User(login=login, name=name, password_hash=hash_password(password), role=role, language="de")
        for login, (name, role) in PEOPLE.items()
    }
    session.add_all(users.values())
    session.flush()
    return {login: user.id for login, user in users.items()}


def _add_contacts(session: Session, sample: Sample) -> None:
    """Companies and contacts, cleaned as if somebody had typed them in."""
    for made in sample.companies:
        company = Company()
        write_company(company, clean_company(CompanyData(**asdict(made))))
        session.add(company)
    session.flush()
    names = Names(session)
    for person in sample.contacts:
        apply(session, Contact(is_sample=True), ContactData(**asdict(person)), names)
    session.flush()
    data_changed(session)


def _block_some(user_id: int) -> None:
    """Put the numbers of two who refused on the block list."""
    refused = select(PhoneNumber.e164).join(Contact).where(Contact.consent == "no", PhoneNumber.field == "mobile")
    known = refused.where(PhoneNumber.e164.is_not(None)).order_by(Contact.id)
    for number in db.session.scalars(known.limit(BLOCKED)).all():
        block_number(str(number), BLOCK_REASON, user_id)


def _add_audiences(session: Session, owner_id: int) -> None:
    session.add_all(
        Audience(name=sample.name, description=sample.description, tree=sample.tree, owner_id=owner_id)
        for sample in AUDIENCES
    )


def _prepare_sending(session: Session) -> None:
    """The module on, with its operator number and a sender name."""
    settings = session.get_one(Settings, 1)
    settings.module_on = True
    settings.operator_number = OPERATOR_NUMBER
    session.add(SenderName(name=SENDER_NAME, active=True))
