"""Launching by INSERT ... SELECT against adding every delivery through the ORM; each run in a process of its own.

`python -m tests.bench.launching FOLDER confirm|ours|orm AUDIENCE [TOKEN]` does one run and prints it as JSON.
"""

import hashlib
import json
import shutil
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import event, select

from smsapp.accounts.models import User
from smsapp.audiences.models import Audience
from smsapp.campaigns.confirmation import confirm
from smsapp.campaigns.launch import launch
from smsapp.campaigns.models import Skip
from smsapp.campaigns.naming import name_of
from smsapp.campaigns.order import Composed, order_of
from smsapp.delivery.making import Extent, make_campaign
from smsapp.delivery.models import Campaign, Delivery
from smsapp.extensions import db, db_write
from smsapp.quota.service import reserve
from smsapp.settings.queries import current_settings
from tests import factories
from tests.bench import baseline
from tests.bench.place import ROUNDS, TEXT, Result, application, folder, peak_memory, prepare

FASTER = 8
MEMORY = 64


def bench(contacts: int) -> list[Result]:
    with folder() as path:
        audience_id = prepare(path, contacts)
        token = _in_own_process(path, "confirm", audience_id)["token"]
        runs: dict[str, list[dict[str, Any]]] = {"ours": [], "orm": []}
        for _ in range(ROUNDS):
            for way in runs:
                runs[way].append(_on_a_copy(path, way, audience_id, token))
    results = {run["result"] for way in runs.values() for run in way}
    assert len(results) == 1, "the two launches differ"
    seconds = {way: median(run["seconds"] for run in runs[way]) for way in runs}
    writing = median(run["writing"] for run in runs["ours"])
    memory = {way: median(run["memory"] for run in runs[way]) for way in runs}
    ratio = seconds["orm"] / seconds["ours"]
    recipients = runs["ours"][0]["recipients"]
    return [
        Result(
            f"launching {recipients:,} recipients, plan included",
            f"{seconds['ours']:.2f} s",
            f"{seconds['orm']:.2f} s (ORM)",
            f"{ratio:.1f} times faster",
            f"≥ {FASTER} times",
            ratio >= FASTER,
        ),
        Result(
            "memory growth while launching",
            f"{memory['ours']:.0f} MB",
            f"{memory['orm']:.0f} MB (ORM)",
            "",
            f"< {MEMORY} MB",
            memory["ours"] < MEMORY,
        ),
        Result("the launch holds SQLite's writer", f"{writing:.2f} s", "", "", "", True),
    ]


def _on_a_copy(path: Path, way: str, audience_id: int, token: str) -> dict[str, Any]:
    with folder() as copy:
        shutil.copy(path / "smsapp.db", copy / "smsapp.db")
        return _in_own_process(copy, way, audience_id, token)


def _in_own_process(path: Path, *arguments: object) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.bench.launching", str(path), *map(str, arguments)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def confirmation(audience_id: int) -> dict[str, Any]:
    """What the page before the launch does; it is not part of it."""
    confirmed = confirm(_composed(audience_id), "0" * 32, int(factories.user().id))
    return {"token": confirmed.token}


def run(way: str, audience_id: int, token: str) -> dict[str, Any]:
    """Launch once: seconds, growth of the process in MB, and what was written as a hash."""
    user_id = db.session.scalars(select(User.id)).one()
    db.session.rollback()
    writing = _Writing()
    before, begin = peak_memory(), time.perf_counter()
    if way == "ours":
        campaign_id = launch(_composed(audience_id), token, user_id).campaign_id
    else:
        campaign_id = launch_by_orm(_composed(audience_id), user_id)
    seconds, after = time.perf_counter() - begin, peak_memory()
    db.session.rollback()
    return {
        "seconds": seconds,
        "writing": writing.seconds,
        "memory": after - before,
        "recipients": db.session.get_one(Campaign, campaign_id).recipients,
        "result": _written(campaign_id),
    }


def _composed(audience_id: int) -> Composed:
    return Composed(audience_id, TEXT, leave_empty=("company_name",))


def launch_by_orm(composed: Composed, user_id: int) -> int:
    """The obvious way: plan in a loop, make an object of each delivery and skip, add them all."""
    with db_write() as session:
        order = order_of(session, composed)
        lines = baseline.lines(session, order)
        plan = baseline.plan(lines, order)
        user, settings = session.get_one(User, user_id), current_settings(session)
        campaign = make_campaign(
            session,
            "0" * 32,
            user,
            order,
            Extent(plan.recipients, plan.skipped, plan.messages),
            settings.undo_seconds,
            name=name_of(order.template, user.language),
            audience_id=order.audience_id,
            audience_name=session.get_one(Audience, order.audience_id).name,
            digest=plan.digest,
        )
        reserve(session, plan.messages, campaign.id, user_id)
        session.add_all([_row(line, campaign.id) for line in lines])
        return campaign.id


def _row(line: baseline.Line, campaign_id: int) -> Delivery | Skip:
    shared = {"campaign_id": campaign_id, "contact_id": line.contact_id, "name": line.name}
    if line.measure is None or line.reason:
        found = {"raw_number": line.raw_number, "reason": line.reason, "detail": line.detail, "twin_id": line.twin_id}
        return Skip(**shared, **found)
    return Delivery(
        **shared,
        number=line.number,
        country=line.country,
        text=line.text,
        billed=line.billed,
        parts=line.measure.segments,
        encoding=line.measure.encoding,
        state="queued",
    )


def _written(campaign_id: int) -> str:
    """A hash of all deliveries and skips, and of the campaign's figures."""
    found = hashlib.sha256()
    campaign = select(
        Campaign.name, Campaign.digest, Campaign.recipients, Campaign.messages, Campaign.skipped, Campaign.state
    )
    deliveries = select(
        Delivery.contact_id,
        Delivery.name,
        Delivery.number,
        Delivery.country,
        Delivery.text,
        Delivery.billed,
        Delivery.parts,
        Delivery.encoding,
        Delivery.state,
        Delivery.attempt,
    )
    skips = select(Skip.contact_id, Skip.name, Skip.raw_number, Skip.reason, Skip.detail, Skip.twin_id)
    for statement in (campaign, deliveries.order_by(Delivery.contact_id), skips.order_by(Skip.contact_id)):
        for row in db.session.execute(statement).yield_per(1000):
            found.update(repr(tuple(row)).encode())
    return found.hexdigest()


class _Writing:
    """How long transactions that may write were open, in seconds."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._begun = 0.0
        event.listen(db.engine, "before_cursor_execute", self._statement)
        event.listen(db.engine, "commit", self._end)

    def _statement(self, _connection: Any, _cursor: Any, statement: str, *_others: Any) -> None:
        if statement == "BEGIN IMMEDIATE":
            self._begun = time.perf_counter()

    def _end(self, _connection: Any) -> None:
        if self._begun:
            self.seconds += time.perf_counter() - self._begun
            self._begun = 0.0


def main(path: str, task: str, audience_id: str, token: str = "") -> None:
    with application(Path(path)):
        print(json.dumps(run(task, int(audience_id), token) if token else confirmation(int(audience_id))))


if __name__ == "__main__":
    main(*sys.argv[1:])
