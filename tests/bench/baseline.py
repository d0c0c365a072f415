"""The obvious way to plan a send: load the contacts, and loop. The measure of our SQL in speed and in every figure.

It shares nothing with the code under test but the pure modules of texts and the audience's conditions.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from smsapp.audiences.compile import matching
from smsapp.campaigns.order import Order
from smsapp.campaigns.plan import Plan
from smsapp.contacts.models import Block, Contact
from smsapp.contacts.numbers import USABLE_KINDS
from smsapp.text.billing import MAX_CHARACTERS, billed_messages
from smsapp.text.segments import Measure, measure
from smsapp.text.tags import render
from tests.tag_values import values_of


@dataclass(slots=True)
class Line:
    """One contact of the audience and what they get, or why nothing."""

    contact_id: int
    name: str
    raw_number: str | None
    number: str
    country: str | None
    text: str = ""
    billed: int = 0
    measure: Measure | None = None
    reason: str | None = None
    detail: str | None = None
    twin_id: int | None = None


def lines(session: Session, order: Order) -> list[Line]:
    """Every contact of the audience by id, worked out one after the other."""
    blocked = set(session.scalars(select(Block.e164))) | _numbers_without_sms(session)
    firsts: dict[str, Line] = {}
    found = []
    for contact in _contacts(session, order):
        values = values_of(contact, order.template.fields)
        line = _line(contact, values, order, blocked)
        found.append(line)
        if line.reason is None:
            _finish(line, firsts.setdefault(line.number, line), values, order)
    return found


def plan(found: Sequence[Line], order: Order) -> Plan:
    """The figures of these lines, with the digest as SQLite computes it."""
    sent = [line for line in found if line.reason is None]
    histogram = Counter(line.billed for line in sent)
    skips = Counter(line.reason for line in found if line.reason)
    widths = [len(line.text) for line in sent]
    return Plan(
        contacts=len(found),
        recipients=len(sent),
        messages=sum(line.billed for line in sent),
        histogram=dict(histogram),
        skips=dict(skips),
        dearer=dict(
            Counter(
                (line.billed, line.measure.segments)
                for line in sent
                if line.measure and line.measure.segments > line.billed
            )
        ),
        shortest=min(widths, default=0),
        longest=max(widths, default=0),
        countries=dict(Counter(line.country or "" for line in sent)),
        digest=_digest(sent, dict(skips), order),
    )


def _numbers_without_sms(session: Session) -> set[str | None]:
    """The numbers of everybody who wants no SMS, whoever shares them."""
    who = session.scalars(select(Contact).where(Contact.no_sms).options(selectinload(Contact.numbers)))
    return {number.e164 for contact in who for number in contact.numbers if number.e164}


def _contacts(session: Session, order: Order) -> Iterator[Contact]:
    statement = select(Contact).where(Contact.id.in_(matching(order.tree))).order_by(Contact.id)
    related = joinedload(Contact.company), selectinload(Contact.numbers)
    yield from session.scalars(statement.options(*related).execution_options(yield_per=5000))


def _line(contact: Contact, values: dict[str, str], order: Order, blocked: set[str]) -> Line:
    number = contact.number(order.phone_field)
    name = f"{contact.first_name} {contact.last_name}".strip()
    if number is None:
        return Line(contact.id, name, None, "", None, reason="no_number")
    line = Line(contact.id, name, number.raw, number.e164 or "", number.country)
    kinds = USABLE_KINDS | {"fixed_line"} if order.include_fixed_line else USABLE_KINDS
    if number.problem == "missing":
        line.reason = "no_number"
    elif number.problem is not None:
        line.reason = number.problem
    elif (number.kind or "unknown") not in kinds:
        line.reason = "kind"
    elif number.country not in order.allowed_countries:
        line.reason = "country"
    elif number.e164 in blocked:
        line.reason = "blocked"
    else:
        line.detail = _empty_field(values, order)
        line.reason = "field_empty" if line.detail else None
    return line


def _empty_field(values: dict[str, str], order: Order) -> str | None:
    """The first used field that must have a value and has none, or that would leave nothing of the text."""
    for field in order.template.required:
        if not values[field]:
            return field
    words = order.template.tags and not render(order.template, values).strip()
    return order.template.fields[0] if words else None


def _finish(line: Line, first: Line, values: dict[str, str], order: Order) -> None:
    if first is not line:
        line.reason, line.detail, line.twin_id = "duplicate", first.name, first.contact_id
        return
    line.text = render(order.template, values)
    if len(line.text) > MAX_CHARACTERS:
        line.reason = "too_long"
        return
    line.billed = billed_messages(line.text, order.rule)
    line.measure = measure(line.text)


def _digest(sent: list[Line], skips: dict[str, int], order: Order) -> str:
    rows = hashlib.sha256()
    for line in sent:
        data = f"{line.contact_id} {line.number} {line.billed} {line.text}".encode()
        rows.update(b"%d:" % len(data) + data)
    rows_digest = rows.hexdigest() if sent else ""
    everything = [rows_digest, skips, order.text, order.sender, order.phone_field, order.options, order.rule]
    return hashlib.sha256(json.dumps(everything, sort_keys=True).encode()).hexdigest()
