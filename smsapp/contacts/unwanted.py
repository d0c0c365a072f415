"""Numbers that must get nothing (I7): those on the block list, and those of anybody who is marked "keine SMS".

A number stands for the person who answers it. Where two contacts share one and one of them wants no SMS, it gets none.
"""

from sqlalchemy import ColumnElement, CompoundSelect, Select, SQLColumnExpression, exists, select, union_all
from sqlalchemy.orm import aliased

from smsapp.contacts.models import Block, Contact, PhoneNumber

_Person, _Number = aliased(Contact), aliased(PhoneNumber)


def unwanted_numbers() -> CompoundSelect[str | None]:
    """All of them in E.164, for statements over many contacts."""
    return union_all(select(Block.e164), _numbers_without_sms())


def is_unwanted(number: SQLColumnExpression[str], but: SQLColumnExpression[int] | None = None) -> ColumnElement[bool]:
    """Whether this number is one of them, for statements over a few; `but` is an entry that does not count."""
    blocked = exists().where(Block.e164 == number)
    return (blocked if but is None else blocked.where(Block.id != but)) | is_marked(number)


def is_marked(number: SQLColumnExpression[str]) -> ColumnElement[bool]:
    """Whether anybody who has this number is marked "keine SMS"."""
    return _numbers_without_sms().where(_Number.e164 == number).exists()


def _numbers_without_sms() -> Select[str | None]:
    person = _Person.id == _Number.contact_id
    return select(_Number.e164).join(_Person, person).where(_Person.no_sms, _Number.e164.is_not(None))
