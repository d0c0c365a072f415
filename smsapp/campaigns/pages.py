"""Lists that both the popup and a campaign's page show: who is skipped and why, on screen and as CSV."""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any

from flask import Response, request
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy import Select, select

from smsapp.campaigns import words
from smsapp.campaigns.models import Skip
from smsapp.campaigns.order import Order
from smsapp.campaigns.plan import SKIP_ORDERS as PLAN_ORDERS
from smsapp.campaigns.plan import skipped, work_out
from smsapp.campaigns.skips import skip_orders
from smsapp.extensions import db
from smsapp.listing import in_order, known_sort
from smsapp.web import csv_response

SHOWN = 200
SKIP_ORDERS = skip_orders(Skip)


def skipped_values(order: Order) -> dict[str, Any]:
    """The skipped list of the popup: counts by reason, and the first rows of the chosen one."""
    counts = work_out(db.session(), order).skips
    reason = request.form.get("reason") or None
    reason = reason if reason in words.REASON_LABELS else None
    sort = known_sort(request.form.get("sort"), PLAN_ORDERS, "")
    rows = db.session.execute(skipped(reason, sort).limit(SHOWN)).all()
    total = counts.get(reason, 0) if reason else sum(counts.values())
    return {
        "rows": rows,
        "more": total - len(rows),
        "reason": reason,
        "sort": sort,
        "sorts": [("", _("order of entry")), ("name", _("Name")), ("number", _("Number")), ("reason", _("Reason"))],
        "reasons": [(code, label, counts[code]) for code, label in words.REASON_LABELS.items() if code in counts],
        "total": sum(counts.values()),
        "reason_text": reason_writer(),
        "phone_field": order.phone_field,
    }


def csv_of_skips(order: Order) -> Response:
    """The popup's skipped list as CSV."""
    work_out(db.session(), order)
    return csv_response(_rows(db.session.execute(skipped().execution_options(yield_per=1000))), "uebersprungen.csv")


def csv_of_campaign_skips(campaign_id: int) -> Response:
    """A campaign's skipped list as CSV."""
    rows = db.session.scalars(campaign_skips(campaign_id).execution_options(yield_per=1000))
    return csv_response(_rows(rows), f"uebersprungen-{campaign_id}.csv")


def campaign_skips(campaign_id: int, sort: str = "") -> Select[Any]:
    """Who was skipped by a campaign, in this order of `SKIP_ORDERS`, or in that of the contacts' ids."""
    statement = select(Skip).where(Skip.campaign_id == campaign_id)
    return in_order(statement, sort, SKIP_ORDERS, Skip.contact_id) if sort else statement.order_by(Skip.contact_id)


def reason_writer() -> Any:
    """`words.reason_text` in the page's language."""
    return partial(words.reason_text, language=str(get_locale()))


def _rows(skips: Iterable[Any]) -> Iterator[Sequence[object]]:
    write = reason_writer()
    yield (_("Contact"), _("Name"), _("Number"), _("Reason"))
    for skip in skips:
        yield (skip.contact_id, skip.name, skip.raw_number, write(skip.reason, skip.detail))
