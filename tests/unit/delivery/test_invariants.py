"""Each promise, broken by hand, is found; a sound database has nothing to say."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from smsapp.clock import now
from smsapp.delivery import sending
from smsapp.delivery.invariants import violations
from smsapp.delivery.sweep import sweep_once
from smsapp.extensions import db_write
from tests import factories
from tests.sending import simulate

ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def a_sound_history(app: Flask) -> None:
    """Sends 1 (over, with some of everything), 2 (running), 3 (waiting)."""
    factories.settings()
    simulate(rejected=0.1, lost=0.1, undelivered=0.1, silent=0.5)
    done = factories.campaign(recipients=60, billed=2)
    sending.drain(done.id)
    sweep_once()
    factories.campaign(recipients=3)
    factories.campaign(recipients=3, state="waiting")


def broken(*statements: str) -> list[str]:
    """What is found after these changes that no code of ours makes."""
    with db_write() as session:
        session.execute(text("PRAGMA ignore_check_constraints = ON"))
        for statement in statements:
            session.execute(text(statement))
        session.execute(text("PRAGMA ignore_check_constraints = OFF"))
    return violations()


def test_a_sound_history_breaks_no_promise() -> None:
    assert violations() == []


@pytest.mark.parametrize(
    ("promise", "statement"),
    [
        ("I1", "UPDATE campaign SET recipients = recipients + 1 WHERE id = 1"),
        ("I1", "UPDATE campaign SET messages = messages - 1 WHERE id = 1"),
        ("I1", "UPDATE campaign SET skipped = 1 WHERE id = 3"),
        ("I1", "DELETE FROM delivery WHERE campaign_id = 2 AND state = 'queued'"),
        ("I5", "UPDATE delivery SET state = 'gone' WHERE campaign_id = 2"),
        ("I5", "UPDATE delivery SET state = 'claimed' WHERE campaign_id = 2"),
        ("I5", "UPDATE delivery SET owner = 'nobody' WHERE campaign_id = 2"),
        ("I5", "UPDATE campaign SET state = 'handed_over' WHERE id = 2"),
        ("I5", "UPDATE campaign SET state = 'cancelled' WHERE id = 2"),
        ("I5", "UPDATE campaign SET state = 'waiting' WHERE id = 1"),
        ("I5", "UPDATE campaign SET state = 'lost' WHERE id = 2"),
        ("I6", "UPDATE quota_account SET available = available + 1, granted = granted + 1"),
        ("I6", "UPDATE quota_account SET available = available + 1"),
        ("I6", "UPDATE quota_account SET reserved = -1"),
        ("I6", "UPDATE ledger_entry SET messages = messages + 1 WHERE id = 3"),
        ("I6", "UPDATE ledger_entry SET available = available + 1, reserved = reserved - 1 WHERE id = 2"),
        ("I6", "DELETE FROM ledger_entry WHERE id = 2"),
        ("I6", "UPDATE ledger_entry SET campaign_id = 2 WHERE kind = 'charge'"),
        ("I6", "UPDATE delivery SET state = 'delivered' WHERE state = 'unknown'"),
        ("I6", "UPDATE delivery SET accepted_at = NULL WHERE state = 'delivered'"),
        ("I6", "UPDATE delivery SET accepted_at = changed_at WHERE state = 'rejected'"),
        ("I8", "UPDATE delivery SET state = 'accepted' WHERE state = 'delivered'"),
        ("I8", "UPDATE delivery SET state = 'no_receipt' WHERE state = 'undelivered'"),
    ],
)
def test_a_broken_promise_is_found(promise: str, statement: str) -> None:
    found = broken(statement)
    assert any(line.startswith(promise) for line in found), found


def test_one_number_twice_is_found() -> None:
    columns = "campaign_id, name, number, text, billed, parts, encoding, state, attempt, changed_at"
    found = broken(
        "CREATE TABLE twin AS SELECT * FROM delivery",
        "DROP TABLE delivery_part",
        "DROP TABLE evidence",
        "DROP TABLE delivery",
        "ALTER TABLE twin RENAME TO delivery",
        f"INSERT INTO delivery (id, {columns}) SELECT 999, {columns} FROM delivery WHERE id = 1",
    )
    assert any(line.startswith("I3") for line in found), found


def test_a_hand_over_after_a_block_is_found() -> None:
    factories.block("+4917155000000")
    later = f"{now():%Y}-12-31 23:59:59.000000"
    found = broken(f"UPDATE delivery SET submitted_at = '{later}' WHERE number = '+4917155000000'")
    assert any(line.startswith("I7") for line in found), found


def test_the_command_is_silent_or_names_what_is_wrong(app: Flask) -> None:
    config = app.extensions["smsapp_config"]
    env = {**os.environ, "SMSAPP_DATA": str(config.data), "DATABASE_URL": config.database_url}

    def check() -> tuple[int, str]:
        argv = [sys.executable, "-m", "smsapp", "check"]
        ended = subprocess.run(argv, env=env, cwd=ROOT, capture_output=True, text=True, check=False)
        return ended.returncode, ended.stdout + ended.stderr

    assert check() == (0, "")
    broken("UPDATE campaign SET messages = 0 WHERE id = 1")
    status, printed = check()
    assert status == 1
    assert printed.startswith("I1")
