"""A key stroke in the popup: with many contacts about as fast as with a hundred."""

from collections.abc import Callable
from contextlib import ExitStack
from itertools import cycle
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from smsapp.campaigns.order import Composed, Order, order_of
from smsapp.campaigns.plan import work_out
from smsapp.campaigns.signing import new_send_key
from smsapp.campaigns.summary import figures
from smsapp.extensions import db
from tests import factories
from tests.bench.place import TEXT, Result, application, folder, in_turn, middle, prepare

FEW = 100
SLOWER = 1.5
KEYS = 40

TEXTS = {
    "a text": TEXT,
    "a text with € near a part's end": TEXT + " Eintritt nur 5 €" + " und sonst nichts" * 10,
    "a text of five tags": "{Briefanrede|Hallo}, {Vorname|Sie} {Nachname}: {Firma|zuhause} {Firma Ort|und hier}",
}


def bench(contacts: int) -> list[Result]:
    with ExitStack() as stack:
        few, many = (_Place(stack, count) for count in (FEW, contacts))
        found = []
        for name, text in TEXTS.items():
            found.append(_compared(f"figures of {name}", few.figures(text), many.figures(text), None))
        found.append(_compared("counter fragment", few.fragment(TEXT), many.fragment(TEXT), SLOWER))
    return found


class _Place:
    """An application with so many contacts."""

    def __init__(self, stack: ExitStack, contacts: int) -> None:
        self.contacts = contacts
        path: Path = stack.enter_context(folder())
        self.audience_id = prepare(path, contacts)
        with application(path) as app:
            self.app: Flask = app

    def figures(self, text: str) -> Callable[[], None]:
        """So many key strokes: the text grows by a letter each time, and its figures are asked for."""
        with self.app.app_context():
            self._check(self._order(text))
        lengths = cycle(range(KEYS))

        def type_on() -> None:
            with self.app.app_context():
                for _ in range(KEYS):
                    figures(self._order(text + "a" * next(lengths)))
                    db.session.rollback()

        type_on()
        return type_on

    def fragment(self, text: str) -> Callable[[], None]:
        client = self._logged_in()
        form: dict[str, Any] = {"sender": "", "phone_field": "mobile", "send_key": new_send_key()}
        form["leave_empty"] = form["empty_company_name"] = "leave"
        lengths = cycle(range(KEYS))

        def type_on() -> None:
            for _ in range(KEYS):
                answer = client.post(
                    f"/audiences/{self.audience_id}/send/figures",
                    data={**form, "text": text + "a" * next(lengths)},
                    headers={"HX-Request": "true"},
                )
                assert answer.status_code == 200, answer.text

        type_on()
        return type_on

    def _order(self, text: str) -> Order:
        return order_of(db.session(), Composed(self.audience_id, text, leave_empty=("company_name",)))

    def _check(self, order: Order) -> None:
        """The figures must be exactly the plan's."""
        shown, plan = figures(order), work_out(db.session(), order)
        ours = (shown.contacts, shown.recipients, shown.messages, shown.histogram, shown.skips, shown.more_parts)
        theirs = (plan.contacts, plan.recipients, plan.messages, plan.histogram, plan.skips, plan.more_parts)
        assert ours == theirs, "the figures differ from the plan"
        db.session.rollback()

    def _logged_in(self) -> FlaskClient:
        with self.app.app_context():
            user = factories.user(role="sender", login=new_send_key())
            client = self.app.test_client()
            with client.session_transaction() as session:
                session["_user_id"], session["_fresh"] = user.get_id(), True
        return client


def _compared(what: str, few: Callable[[], None], many: Callable[[], None], limit: float | None) -> Result:
    with_few, with_many = (1000 * middle(runs) / KEYS for runs in in_turn(few, many))
    ratio = with_many / with_few
    return Result(
        f"{what}, by key stroke",
        f"{with_many:.1f} ms",
        f"{with_few:.1f} ms ({FEW} contacts)",
        f"{ratio:.2f} times",
        f"≤ {limit} times" if limit else "",
        not limit or ratio <= limit,
    )
