"""One round of work on an import: how its rows are read, who is known, and how decisions are carried out."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path

from sqlalchemy.orm import Session

from smsapp.clock import now
from smsapp.contacts.data import ContactData
from smsapp.contacts.importing import files, loading, storing
from smsapp.contacts.importing.deciding import Decider, Decision
from smsapp.contacts.importing.identity import Index, Keys, RowKeys, identifying
from smsapp.contacts.importing.models import CREATED, UPDATED, ImportJob
from smsapp.contacts.importing.reading import Entry, Reader
from smsapp.contacts.importing.recording import Written
from smsapp.contacts.service import data_changed, hold_revision
from smsapp.contacts.tables import Row, Shape, rows
from smsapp.folding import fold


@dataclass(frozen=True, slots=True)
class Task:
    """A round of work on an import, as it was when this worker took it up."""

    import_id: int
    round: int
    state: str
    done: int
    path: Path
    shape: Shape
    reader: Reader

    @classmethod
    def of(cls, job: ImportJob) -> "Task":
        shape = Shape(job.encoding, job.delimiter, tuple(job.header), job.total, job.has_header)
        reader = Reader(job.mapping, now().date(), job.mend, job.company_address, job.date_order)
        return cls(job.id, job.round, job.state, job.done, files.folder() / job.path, shape, reader)

    def rows(self) -> Iterator[Row]:
        return rows(self.path, self.shape)

    def slices(self, done: int, size: int) -> Iterator[list[Entry]]:
        """The rows behind these, read and understood, in slices."""
        rest = enumerate(islice(self.rows(), done, None), done + 1)
        while entries := [self.reader.read(number, row) for number, row in islice(rest, size)]:
            yield entries


@dataclass(slots=True)
class Book:
    """Who is known: what the decisions rest on, and the revision of the data that it shows."""

    decider: Decider
    named: set[str]
    company_ids: dict[str, int]
    revision: int

    @classmethod
    def open(cls, session: Session, task: Task) -> "Book":
        """Go through the file once for its keys, and through the contacts once for those it could mean."""
        named: set[str] = set()
        decider = Decider(Keys(_keys(task, named)), Index(), task.reader.today)
        book = cls(decider, named, {}, -1)
        book.renew(session, hold=False)
        return book

    def renew(self, session: Session, hold: bool = True) -> None:
        """Read the contacts again if somebody else has changed any."""
        present = hold_revision(session) if hold else loading.revision(session)
        if present != self.revision:
            self.decider.index = loading.index_of(session, self.decider.keys)
            self.decider.companies, self.company_ids = loading.companies_of(session, self.named)
            self.revision = present

    def write(self, session: Session, decisions: list[Decision], before: dict[int, ContactData]) -> Written:
        """Carry out these decisions; `before` are the stored contacts among them."""
        moment = now()
        self._write_companies(session, moment)
        after = {each.contact: each.after for each in decisions if each.outcome in (CREATED, UPDATED)}
        new = {contact: data for contact, data in after.items() if contact < 0}
        made = storing.create_contacts(session, list(new.values()), self.company_ids, moment)
        changed = {contact: data for contact, data in after.items() if contact > 0}
        storing.update_contacts(session, changed, self._moves(changed, before), moment)
        if after:
            data_changed(session)
            self.revision += 1
        return Written(moment, dict(zip(new, made, strict=True)), self.company_ids)

    def _write_companies(self, session: Session, moment: datetime) -> None:
        """Companies that the decisions make, and what they say of known ones."""
        touched = self.decider.touched
        new = {key: data for key, data in touched.items() if key not in self.company_ids}
        known = {self.company_ids[key]: data for key, data in touched.items() if key not in new}
        storing.update_companies(session, known, moment)
        ids = storing.create_companies(session, list(new.values()), moment)
        self.company_ids |= dict(zip(new, ids, strict=True))

    def _moves(self, changed: dict[int, ContactData], before: dict[int, ContactData]) -> dict[int, int | None]:
        """The companies of those who get another one; who has a namesake of it stays there."""
        pairs = ((contact, fold(before[contact].company), fold(data.company)) for contact, data in changed.items())
        return {contact: self.company_ids.get(new) for contact, old, new in pairs if old != new}


def _keys(task: Task, named: set[str]) -> Iterator[RowKeys]:
    """What every row is recognised by; the companies are collected on the way."""
    for row in task.rows():
        keys = identifying(task.reader.mapping, row)
        if keys.company:
            named.add(keys.company)
        yield keys
