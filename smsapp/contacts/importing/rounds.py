"""One round of work on an import: how its rows are read, who is known, and how decisions are carried out."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from sqlalchemy.orm import Session

from smsapp.clock import now
from smsapp.contacts.company_service import write_company
from smsapp.contacts.importing import files, loading
from smsapp.contacts.importing.deciding import Decider, Decision
from smsapp.contacts.importing.identity import Index, Keys, RowKeys, identifying
from smsapp.contacts.importing.models import CREATED, UPDATED, ImportJob
from smsapp.contacts.importing.reading import Entry, Reader
from smsapp.contacts.models import Company, Contact
from smsapp.contacts.service import Names, apply, data_changed
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
        reader = Reader(job.mapping, now().date(), job.mend, job.company_address)
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
        present = loading.revision(session, hold)
        if present != self.revision:
            self.decider.index = loading.index_of(session, self.decider.keys)
            self.decider.companies, self.company_ids = loading.companies_of(session, self.named)
            self.revision = present

    def write(self, session: Session, decisions: list[Decision], contacts: dict[int, Contact]) -> dict[int, int]:
        """Carry out these decisions; the ids of the contacts made."""
        writing = [decision for decision in decisions if decision.outcome in (CREATED, UPDATED)]
        names = Names(session)
        companies = self._companies(session, writing)
        names.know(companies.values(), {label for decision in writing for label in decision.after.labels})
        for decision in writing:
            if decision.outcome == CREATED:
                contacts[decision.contact] = Contact()
            apply(session, contacts[decision.contact], decision.after, names)
        session.flush()
        self.company_ids |= {key: company.id for key, company in companies.items()}
        if writing:
            data_changed(session)
            self.revision += 1
        return {key: contact.id for key, contact in contacts.items() if key < 0}

    def _companies(self, session: Session, writing: list[Decision]) -> dict[str, Company]:
        """The companies of these decisions: found, made, and with what the rows say of them."""
        keys = {fold(decision.entry.data.company) for decision in writing if decision.entry.data.company}
        ids = {self.company_ids[key]: key for key in keys if key in self.company_ids}
        companies = {ids[company.id]: company for company in loading.companies_by_ids(session, ids)}
        for key, data in self.decider.touched.items():
            company = companies.setdefault(key, Company())
            write_company(company, data)
            session.add(company)
        return companies


def _keys(task: Task, named: set[str]) -> Iterator[RowKeys]:
    """What every row is recognised by; the companies are collected on the way."""
    for row in task.rows():
        keys = identifying(task.reader.mapping, row)
        if keys.company:
            named.add(keys.company)
        yield keys
