"""Planning in the database against a loop over contacts loaded with their companies and numbers."""

from sqlalchemy.orm import Session

from smsapp.campaigns.order import Composed, Order, order_of
from smsapp.campaigns.plan import Plan, work_out
from smsapp.extensions import db
from tests.bench import baseline
from tests.bench.place import TEXT, Result, application, folder, in_turn, middle, prepare

FASTER = 4


def bench(contacts: int) -> list[Result]:
    with folder() as path:
        audience_id = prepare(path, contacts)
        with application(path):
            order = order_of(db.session(), Composed(audience_id, TEXT, leave_empty=("company_name",)))
            ours, theirs = in_turn(lambda: in_database(order), lambda: in_a_loop(order))
    plans = [plan for _, plan in ours + theirs]
    assert all(plan == plans[0] for plan in plans), "the two plans differ"
    ratio = middle(theirs) / middle(ours)
    return [
        Result(
            f"planning {plans[0].recipients:,} recipients",
            f"{middle(ours):.2f} s",
            f"{middle(theirs):.2f} s (ORM loop)",
            f"{ratio:.1f} times faster",
            f"≥ {FASTER} times",
            ratio >= FASTER,
        )
    ]


def in_database(order: Order) -> Plan:
    db.session.rollback()
    return work_out(db.session(), order)


def in_a_loop(order: Order) -> Plan:
    with Session(db.engine) as session:
        return baseline.plan(baseline.lines(session, order), order)
