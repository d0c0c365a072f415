"""Reading the block list."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import joinedload

from smsapp.accounts.models import User
from smsapp.contacts.models import Block, Contact, PhoneNumber
from smsapp.errors import NotThere
from smsapp.extensions import db
from smsapp.folding import contains_pattern, fold
from smsapp.listing import alphabetical, cleaned, in_order, key_of, matches

_first_contact = (
    select(func.min(Contact.search_key))
    .join(PhoneNumber, PhoneNumber.contact_id == Contact.id)
    .where(PhoneNumber.e164 == Block.e164)
    .scalar_subquery()
)
MOST_NAMED = 10
"""Of the contacts with one number so many are named."""
ORDERS = {
    "number": Block.e164,
    "contacts": _first_contact,
    "reason": alphabetical(Block.reason),
    "since": Block.created_at,
    "by": alphabetical(User.name),
}


def block_list(search: str = "", sort: str = "-since") -> Select[Any]:
    """Entries and the name of who made them; found by number, reason, that name, or a contact with the number."""
    statement = select(Block, User.name).outerjoin(User, User.id == Block.created_by_id)
    if search:
        text = Block.e164 + " " + Block.reason + " " + func.coalesce(User.name, "")
        exactly = func.smsapp_fold(text).like(contains_pattern(fold(cleaned(search))), escape="\\")
        statement = statement.where(or_(matches(key_of(text), search), exactly, Block.e164.in_(_numbers_of(search))))
    return in_order(statement, sort, ORDERS, Block.id)


def _numbers_of(search: str) -> Select[str | None]:
    """The numbers of the contacts that this search finds."""
    return select(PhoneNumber.e164).join(PhoneNumber.contact).where(matches(Contact.search_key, search))


def get(block_id: int) -> Block:
    """An entry of the block list; raises NotThere."""
    entry = db.session.get(Block, block_id)
    if entry is None:
        raise NotThere(_("This entry of the block list does not exist or no longer exists."))
    return entry


def any_block() -> bool:
    return db.session.scalar(select(Block.id).limit(1)) is not None


def contacts_with(numbers: Iterable[str]) -> Mapping[str, Sequence[Contact]]:
    """The contacts that have one of these numbers in any phone field, by number, each once; `MOST_NAMED` and one more.

    Thousands may share the number of a switchboard.
    """
    by_name = (Contact.search_key, Contact.id)
    place = func.dense_rank().over(partition_by=PhoneNumber.e164, order_by=by_name).label("place")
    having = select(PhoneNumber.contact_id, PhoneNumber.e164, place).join(PhoneNumber.contact)
    first = having.where(PhoneNumber.e164.in_(list(numbers))).subquery()
    statement = (
        select(first.c.e164, Contact)
        .join(first, first.c.contact_id == Contact.id)
        .options(joinedload(Contact.company))
        .where(first.c.place <= MOST_NAMED + 1)
        .order_by(*by_name)
    )
    found: dict[str, dict[int, Contact]] = defaultdict(dict)
    for number, contact in db.session.execute(statement):
        found[number][contact.id] = contact
    return {number: list(contacts.values()) for number, contacts in found.items()}
