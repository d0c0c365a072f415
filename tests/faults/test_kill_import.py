"""A real background worker that imports is killed again and again: no row is lost, none is imported twice."""

import io
import signal
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from smsapp.clock import now
from smsapp.contacts.importing import service, work
from smsapp.contacts.importing.forgotten import wake_forgotten_imports
from smsapp.contacts.importing.models import DONE, ImportJob
from smsapp.contacts.models import Company, Contact
from smsapp.extensions import db
from tests.faults.forge import Start, wait_until
from tests.faults.scale import KILLS

pytestmark = pytest.mark.faults

BACKGROUND = ("worker", "background")
ROWS = 120 * KILLS


def begun() -> int:
    """An import of many rows, checked and begun."""
    lines = "".join(f"P{number};Alt;p{number}@example.org;Firma {number % 7}\r\n" for number in range(ROWS))
    table = f"Vorname;Nachname;E-Mail;Firma\r\n{lines}".encode()
    import_id = service.upload(io.BytesIO(table), "kontakte.csv", None)
    service.check(import_id)
    work.check(import_id)
    service.run(import_id, present(import_id).round)
    return import_id


def present(import_id: int) -> ImportJob:
    db.session.rollback()
    return db.session.get_one(ImportJob, import_id)


@pytest.mark.parametrize("step", ["slice_written", "slice_stored"])
def test_an_import_killed_again_and_again_loses_and_doubles_nothing(start: Start, step: str) -> None:
    import_id = begun()
    for kill in range(KILLS):
        before = present(import_id).done
        assert start(*BACKGROUND, step=step, kill=kill).wait() == -signal.SIGKILL
        done = present(import_id).done
        assert before < done < ROWS
        assert db.session.scalar(select(func.count(Contact.id))) == done
        wake_forgotten_imports(now() + timedelta(minutes=2))
    worker = start(*BACKGROUND)
    wait_until(lambda: present(import_id).state == DONE, "the import is done")
    assert worker.stop() == 0
    emails = Counter(db.session.scalars(select(Contact.email)))
    assert emails == {f"p{number}@example.org": 1 for number in range(ROWS)}
    assert db.session.scalar(select(func.count(Company.id))) == 7
    assert present(import_id).counts == {"created": ROWS, "companies": 7}
