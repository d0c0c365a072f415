"""Imports of contact tables: what was uploaded, how to read it, how far it is, and what became of each row."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from smsapp.clock import now
from smsapp.extensions import Base
from smsapp.types import UtcDateTime

READING = "reading"
UPLOADED = "uploaded"
CHECKING = "checking"
CHECKED = "checked"
RUNNING = "running"
DONE = "done"
FAILED = "failed"
UNDONE = "undone"
STATES = (READING, UPLOADED, CHECKING, CHECKED, RUNNING, DONE, FAILED, UNDONE)
AT_WORK = (READING, CHECKING, RUNNING)

CREATED = "created"
UPDATED = "updated"
UNCHANGED = "unchanged"
REJECTED = "rejected"
OUTCOMES = (CREATED, UPDATED, UNCHANGED, REJECTED)

LEAVE = ""
BY_COUNTRY = "country"
MENDS = (LEAVE, "DE", "FI", BY_COUNTRY)
"""What is done with numbers without country code: nothing, a region's code, or that of the row's own country."""


class ImportJob(Base):
    """One uploaded table.

    `path` is relative to the folder of imports and never the user's file name; empty once the file is gone, and until
    it is written out from a large workbook.
    `round` counts the changes of settings and starts, so that work begun before such a change ends by itself.
    `done` of `total` rows are worked off in this round and move in the same transaction as what they did.
    """

    __tablename__ = "import_job"
    __table_args__ = (CheckConstraint("done <= total", name="done_of_total"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    filename: Mapped[str] = mapped_column(String(200))
    path: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]
    state: Mapped[str] = mapped_column(String(20), default=UPLOADED, index=True)
    round: Mapped[int] = mapped_column(default=0)
    workbook: Mapped[str] = mapped_column(String(100), default="")  # the file that `path` was written out from, if any
    sheets: Mapped[list[str]] = mapped_column(JSON, default=list)
    sheet: Mapped[int] = mapped_column(default=0)
    wanted_sheet: Mapped[int | None]  # which one is being read; else the first that holds anything
    encoding: Mapped[str] = mapped_column(String(40))
    delimiter: Mapped[str] = mapped_column(String(1))
    has_header: Mapped[bool] = mapped_column(default=True)
    header: Mapped[list[str]] = mapped_column(JSON)
    columns: Mapped[dict[str, str]] = mapped_column(JSON)  # index of the column, as text -> field key
    company_address: Mapped[bool] = mapped_column(default=False)
    remembered: Mapped[bool] = mapped_column(default=False)  # the columns are those of an earlier file
    date_order: Mapped[str] = mapped_column(String(3), default="")
    mend: Mapped[str] = mapped_column(String(10), default=LEAVE)
    total: Mapped[int]
    done: Mapped[int] = mapped_column(default=0)
    counts: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)  # see recording.tally
    revision: Mapped[int | None]  # of the data, when the check ended
    wakes: Mapped[int] = mapped_column(default=0)  # wake-ups since the last progress
    error: Mapped[str | None] = mapped_column(String(40))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    progress_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def mapping(self) -> dict[int, str]:
        """The field key of each column that is imported."""
        return {int(index): field for index, field in self.columns.items()}

    @property
    def at_work(self) -> bool:
        """Whether a worker has, or should have, this in hand."""
        return self.state in AT_WORK

    @property
    def unread(self) -> bool:
        """Whether its table is still to be written out from the workbook."""
        return bool(self.workbook) and not self.path

    @property
    def ran(self) -> bool:
        """Whether contacts have been written, or are being."""
        return self.started_at is not None


class ImportMapping(Base):
    """What a user said last of files with these headings: `header` is a hash of them."""

    __tablename__ = "import_mapping"

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True)
    header: Mapped[str] = mapped_column(String(64), primary_key=True)
    columns: Mapped[dict[str, str]] = mapped_column(JSON)
    company_address: Mapped[bool]
    date_order: Mapped[str] = mapped_column(String(3))


class ImportRow(Base):
    """What becomes (check) or became (run) of one row of the file; `number` counts the rows from 1.

    `detail` holds what the pages show: name, changes, notices; for a rejected row its cells.
    """

    __tablename__ = "import_row"
    __table_args__ = (Index("ix_import_row_outcome", "import_id", "outcome", "number"),)

    import_id: Mapped[int] = mapped_column(ForeignKey("import_job.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    line: Mapped[int]
    outcome: Mapped[str] = mapped_column(String(10))
    contact_id: Mapped[int | None]
    reason: Mapped[str | None] = mapped_column(String(30))
    company_id: Mapped[int | None]  # of the company that this row made or changed
    written_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # of the contact, if the row wrote it: updated_at
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)


class ImportNumber(Base):
    """A number without country code in one of the rows, for which a country code is offered."""

    __tablename__ = "import_number"

    import_id: Mapped[int] = mapped_column(ForeignKey("import_job.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    field: Mapped[str] = mapped_column(String(10), primary_key=True)
    line: Mapped[int]
    name: Mapped[str] = mapped_column(String(201))
    raw: Mapped[str] = mapped_column(String(100))
    country: Mapped[str] = mapped_column(String(2))
