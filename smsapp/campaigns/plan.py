"""A plan: an order worked out on its audience by the database, and the digest that I1 stands on."""

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, LargeBinary, Select, String, Text, cast, func, literal, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session

from smsapp.campaigns.order import Order
from smsapp.campaigns.plan_table import GETS_IT, PARTS, billed_sql, fill, plan_row, row
from smsapp.campaigns.resending import fill_again
from smsapp.campaigns.skips import skip_orders
from smsapp.campaigns.totals import Totals
from smsapp.listing import in_order
from smsapp.text.gsm import EXTENSION, non_gsm_characters

SKIP_ORDERS = skip_orders(row)
CHUNK = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan(Totals):
    """What an order comes to for exactly these recipients and texts, which the digest stands for."""

    digest: str


def work_out(session: Session, order: Order) -> Plan:
    """Fill the temporary table `plan_row` with every contact of the audience, or with what failed and is sent again,
    and read the plan from it.

    The table lives in the session's transaction: `skipped` lists from it, `launch` copies from it.
    """
    (fill if order.resends_id is None else fill_again)(session, order)
    groups, skips = _groups(session, order), skip_counts(session)
    histogram, dearer, countries = Counter[int](), Counter[tuple[int, int]](), Counter[str]()
    for each in groups:
        histogram[each.billed] += each.recipients
        countries[each.country or ""] += each.recipients
        if each.parts > each.billed:
            dearer[each.billed, each.parts] += each.recipients
    recipients = histogram.total()
    return Plan(
        contacts=recipients + sum(skips.values()),
        recipients=recipients,
        messages=sum(messages * count for messages, count in histogram.items()),
        histogram=dict(histogram),
        skips=skips,
        dearer=dict(dearer),
        shortest=min((each.shortest for each in groups), default=0),
        longest=max((each.longest for each in groups), default=0),
        countries=dict(countries),
        digest=_digest(session, order, skips),
    )


def _groups(session: Session, order: Order) -> Sequence[Any]:
    """The recipients by what is billed, parts and country: how many, and their shortest and longest text."""
    by = (billed_sql(order.rule).label("billed"), PARTS.label("parts"), row.country)
    lengths = (func.min(row.characters).label("shortest"), func.max(row.characters).label("longest"))
    counted = select(*by, func.count().label("recipients"), *lengths).where(GETS_IT)
    return session.execute(counted.group_by(*by).order_by(*by)).all()


def skipped(reason: str | None = None, sort: str = "") -> Select[Any]:
    """Who gets nothing by the plan just worked out in this session; all, or for one reason. Usually by contact id.

    Rows of contact_id, name, raw_number, reason, detail, twin_id: `detail` is the key of the empty field, or the
    name of the contact `twin_id` who gets the SMS instead.
    """
    statement = select(row.contact_id, row.name, row.raw_number, row.reason, row.detail, row.twin_id)
    statement = statement.where(row.reason == reason if reason else ~GETS_IT)
    return in_order(statement, sort, SKIP_ORDERS, row.contact_id) if sort else statement.order_by(row.contact_id)


def dear_characters(session: Session, order: Order) -> str:
    """The characters because of which texts of the plan just worked out carry more parts than are billed."""
    dear = select(row.text).where(GETS_IT, billed_sql(order.rule) < PARTS)
    found: set[str] = set()
    for text in session.scalars(dear.execution_options(yield_per=CHUNK)):
        found.update(non_gsm_characters(text) or set(text).intersection(EXTENSION))
    return own_first(order, found)


def own_first(order: Order, characters: Collection[str]) -> str:
    """Those of the order's own words as they come there, then those of the recipients' values."""
    own = [each for each in dict.fromkeys(order.template.literal_text) if each in characters]
    return "".join([*own, *sorted(set(characters).difference(own))])


def recipient_ids() -> Select[Any]:
    """Who gets an SMS by the plan just worked out in this session, in order."""
    return select(row.contact_id).where(GETS_IT).order_by(row.contact_id)


def skip_counts(session: Session) -> dict[str, int]:
    """How many contacts are skipped for each reason, by the table filled last."""
    statement = select(row.reason, func.count()).where(~GETS_IT).group_by(row.reason).order_by(row.reason)
    return {each[0]: each[1] for each in session.execute(statement)}


def _digest(session: Session, order: Order, skips: dict[str, int]) -> str:
    """SHA-256 over the recipients' rows as the database digests them, and all else that was confirmed."""
    rows = session.scalar(_rows_digest(session, order)) or ""
    everything = [rows, skips, order.text, order.sender, order.phone_field, order.options, order.rule]
    return hashlib.sha256(json.dumps(everything, sort_keys=True).encode()).hexdigest()


def _rows_digest(session: Session, order: Order) -> Select[Any]:
    """(contact id, number, billed, text) of every recipient in id order; the text is last, as it may hold blanks."""
    space = literal(" ", String)
    billed = cast(billed_sql(order.rule), Text)
    line: ColumnElement[str] = cast(row.contact_id, Text) + space + row.number + space + billed + space + row.text
    if session.get_bind().dialect.name == "postgresql":
        line_digest = func.sha256(func.convert_to(line, "UTF8"), type_=LargeBinary)
        joined = func.string_agg(line_digest, aggregate_order_by(cast(literal(b""), LargeBinary), row.contact_id))
        return select(func.encode(func.sha256(joined), "hex")).where(GETS_IT)
    lines = select(line.label("line")).select_from(plan_row).where(GETS_IT).order_by(row.contact_id).subquery()
    return select(func.smsapp_digest(lines.c.line)).select_from(lines)
