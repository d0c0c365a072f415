"""Every page's time until it is written, against a page with nothing on it; with few contacts and with many."""

import gc
import time
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from statistics import quantiles

from flask import Flask
from flask.testing import FlaskClient

from smsapp.campaigns.signing import new_send_key
from tests import factories
from tests.bench.place import Result, application, folder, prepare

FEW = 600
ROUNDS = 30
MOST_FEW, MOST_MANY = 0.1, 0.2  # seconds, by 95 of 100 calls
SHOWN = 3  # the slowest pages, and every other one that takes longer than it may
EMPTY = "/nowhere"
PAGES = (
    *("/", "/contacts/", "/contacts/?q=celik", "/contacts/?page=9", "/contacts/1"),
    *(f"/contacts/?sort={sort}" for sort in ("-company", "city", "mobile", "labels", "status")),
    *("/companies/", "/companies/1", "/block-list/", "/imports/", "/audiences/", "/audiences/1"),
    *("/audiences/1/conditions", "/audiences/1/contacts", "/audiences/1/campaigns", "/audiences/1/send"),
    *("/campaigns/", "/campaigns/1", "/campaigns/1/ledger", "/campaigns/unclear/", "/templates/", "/quota/"),
    *("/settings/", "/settings/gateways/", "/settings/sender-countries/", "/settings/health/", "/campaigns/incoming/"),
    *("/users/", "/profile/", "/help/"),
)


def bench(contacts: int) -> list[Result]:
    return [*_measured(FEW, MOST_FEW), *_measured(contacts, MOST_MANY)]


def _measured(contacts: int, most: float) -> list[Result]:
    with ExitStack() as stack:
        path: Path = stack.enter_context(folder())
        prepare(path, contacts)
        app = stack.enter_context(application(path))
        factories.campaign(recipients=min(contacts, 1000), audience_id=1)
        client = _logged_in(app)
        gc.freeze()  # as app.py does
        times = {page: _p95(client, page) for page in (EMPTY, *PAGES)}
    empty = times.pop(EMPTY)
    missed = sum(seconds > most for seconds in times.values())
    slowest = sorted(times, key=lambda page: -times[page])
    return [_result(page, contacts, times[page], empty, most) for page in slowest[: max(missed, SHOWN)]]


def _p95(client: FlaskClient, page: str) -> float:
    """Seconds that 95 of 100 calls stay below; the first call, which fills caches, counts for nobody."""
    call = partial(client.get, page)
    assert call().status_code == (404 if page == EMPTY else 200), page
    return quantiles((_seconds(call) for _ in range(ROUNDS)), n=20)[-1]


def _seconds(call: partial[object]) -> float:
    begin = time.perf_counter()
    call()
    return time.perf_counter() - begin


def _result(page: str, contacts: int, seconds: float, empty: float, most: float) -> Result:
    return Result(
        f"page {page}, {contacts} contacts, p95",
        f"{1000 * seconds:.0f} ms",
        f"{1000 * empty:.0f} ms (an empty page)",
        f"{seconds / empty:.1f} times",
        f"≤ {1000 * most:.0f} ms",
        seconds <= most,
    )


def _logged_in(app: Flask) -> FlaskClient:
    user = factories.user(role="admin", login=new_send_key())
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = user.get_id(), True
    return client
