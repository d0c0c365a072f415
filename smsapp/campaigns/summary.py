"""The popup's figures: worked out once for conditions, data, field, options and tags; then each key reads one row."""

import hashlib
import json
import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, delete, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from smsapp.audiences import compile as audience_sql
from smsapp.campaigns import histogram
from smsapp.campaigns.models import Summary
from smsapp.campaigns.order import Order
from smsapp.campaigns.plan import own_first, skip_counts
from smsapp.campaigns.plan_table import GETS_IT, fill_reachable, plan_row, row
from smsapp.campaigns.render_sql import value_sql
from smsapp.campaigns.skips import SkipReason
from smsapp.campaigns.totals import Totals
from smsapp.clock import now
from smsapp.contacts.models import Contact, DataRevision
from smsapp.extensions import db, db_write

KEPT: Final = 20
"""Summaries of one audience that are kept: people change field and tags to and fro."""
CHUNK: Final = 2000

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures(Totals):
    """What the popup shows while the text is typed; equal to what `plan.work_out` would find at `as_of`.

    Only that texts over 480 characters count in `shortest`, `longest` and `countries`. `causes` are the characters
    that make texts dearer; there may be none, since long texts alone can do it. `empty` counts contacts, otherwise
    reachable, for whom a used tag's field is empty, whether or not the tag has a substitute.
    """

    causes: str
    empty: dict[str, int]
    as_of: datetime

    @property
    def too_long(self) -> int:
        return self.skips.get(SkipReason.TOO_LONG, 0)


def figures(order: Order) -> Figures:
    """The figures of an order by the stored summary; the first call for new tags or changed data computes it.

    However old a summary is, its key names the data as they are now: so it is as of now.
    """
    key = _key(db.session(), order)
    as_of = now()
    stored = db.session.scalar(select(Summary.figures).where(Summary.key == key)) or _computed(db.session(), order, key)
    return figures_of(order, stored, lambda: _joint(order, key), as_of)


def figures_of(order: Order, stored: Mapping[str, Any], joint: Callable[[], bytes], as_of: datetime) -> Figures:
    """The figures of an order by what `count` found; `joint` fetches the rest of it, which few texts need."""
    prices = histogram.evaluate(stored["groups"], order.template, order.rule, joint)
    recipients = prices.histogram.total()
    skips = stored["skips"] | ({SkipReason.TOO_LONG: prices.too_long} if prices.too_long else {})
    return Figures(
        contacts=recipients + sum(skips.values()),
        recipients=recipients,
        messages=sum(billed * count for billed, count in prices.histogram.items()),
        histogram=dict(sorted(prices.histogram.items())),
        skips=skips,
        dearer=dict(sorted(prices.dearer.items())),
        causes=own_first(order, prices.causes),
        shortest=prices.shortest,
        longest=prices.longest,
        empty=stored["empty"],
        countries=stored["countries"],
        as_of=as_of,
    )


def count(session: Session, order: Order) -> tuple[dict[str, Any], bytes]:
    """What every text with these tags is priced from: figures as JSON has them, and the packed joint histogram."""
    fill_reachable(session, order)
    empty: Counter[str] = Counter()
    found = histogram.count(_values_of_recipients(session, order, empty), histogram.repeats(order.template))
    figures = {"skips": skip_counts(session), "countries": _countries(session)}
    return {**figures, "empty": dict(empty), "groups": found.groups}, found.joint


def _countries(session: Session) -> dict[str, int]:
    statement = select(func.coalesce(row.country, ""), func.count()).where(GETS_IT).group_by(row.country)
    return {each[0]: each[1] for each in session.execute(statement)}


def _key(session: Session, order: Order) -> str:
    """All that decides who is reachable and how often which tag is used; not the words around the tags."""
    template = order.template
    decides = [
        session.scalar(select(DataRevision.value).where(DataRevision.id == 1)),
        order.tree,
        order.phone_field,
        order.include_fixed_line,
        sorted(order.allowed_countries),
        sorted(Counter(tag.field for tag in template.tags).items()),
        sorted(template.required),
        order.needs_a_value,
        "by country, with more characters",  # no older summary knows them
    ]
    return hashlib.sha256(json.dumps(decides, sort_keys=True).encode()).hexdigest()


def _joint(order: Order, key: str) -> bytes:
    """The rest of the summary; computed again if another process has cleared it away in this very moment."""
    statement = select(Summary.joint).where(Summary.key == key)
    return db.session.scalar(statement) or count(db.session(), order)[1]


def _computed(session: Session, order: Order, key: str) -> dict[str, Any]:
    """Work the summary out and store it; when another process was faster, its row stays."""
    stored, joint = count(session, order)
    summary = Summary(key=key, audience_id=order.audience_id, figures=stored, joint=joint, computed_at=now())
    try:
        with db_write() as writing:
            _forget_old(writing, order.audience_id)
            if not writing.scalar(select(func.count()).where(Summary.key == key)):
                writing.add(summary)
    except IntegrityError:
        log.info("Two processes worked out the same summary.")
    return stored


def _values_of_recipients(session: Session, order: Order, empty: Counter[str]) -> Iterator[tuple[tuple[str, ...], int]]:
    """The values of each recipient, in chunks; on the way contacts are counted whose fields are empty."""
    fields = histogram.used_fields(order.template)
    for reason, *values, contacts in session.execute(_values(fields)).yield_per(CHUNK):
        if "" in values:
            empty.update({name: contacts for name, value in zip(fields, values, strict=True) if not value})
        if reason is None:
            yield tuple(values), contacts


def _values(fields: list[str]) -> Select[Any]:
    """Reason, values and number of contacts who are reachable, or would be but for empty fields and twins."""
    reachable = or_(GETS_IT, row.reason.in_([SkipReason.FIELD_EMPTY, SkipReason.DUPLICATE]))
    if not fields:
        return select(row.reason, func.count()).where(reachable).group_by(row.reason)
    joined = plan_row.join(audience_sql.joined(), Contact.id == row.contact_id)
    values = (value_sql(field).label(f"v_{field}") for field in fields)
    every = select(row.reason, *values).select_from(joined).where(reachable).subquery()
    return select(*every.c, func.count()).group_by(*every.c)


def _forget_old(session: Session, audience_id: int) -> None:
    mine = select(Summary.key).where(Summary.audience_id == audience_id)
    newest = mine.order_by(Summary.computed_at.desc()).limit(KEPT - 1)
    session.execute(delete(Summary).where(Summary.audience_id == audience_id, Summary.key.not_in(newest)))
