"""What the page of an import shows beyond the import itself."""

from datetime import timedelta
from typing import Any

from flask import request

from smsapp.clock import now
from smsapp.contacts.importing import queries
from smsapp.contacts.importing.models import CREATED, DONE, OUTCOMES, REJECTED, UNCHANGED, UNDONE, UPDATED, ImportJob
from smsapp.contacts.queries import data_revision
from smsapp.overview.health import worker_is_running
from smsapp.queue import BACKGROUND
from smsapp.web import asked_sort, paginate

QUIET = timedelta(seconds=10)
"""Without progress for this long the page asks whether the background service runs at all."""
ORDER = (REJECTED, UPDATED, CREATED, UNCHANGED)


def shown_state(job: ImportJob) -> dict[str, Any]:
    """Whether the work goes on while it does, then the rows of the outcome that the URL asks for."""
    if job.at_work:
        quiet = now() - job.progress_at > QUIET or job.wakes > 0 or not job.done
        return {"service_missing": quiet and not worker_is_running(BACKGROUND), "stalled": job.wakes > 0}
    outcome = request.args.get("show", "")
    gone = (UNCHANGED,) if job.state in (DONE, UNDONE) else ()
    shown = [each for each in OUTCOMES if job.counts.get(each) and each not in gone]
    if outcome not in shown:
        outcome = next((each for each in ORDER if each in shown), REJECTED)
    sort = asked_sort(queries.ROW_ORDERS, "line")
    page = paginate(queries.rows_with(job, outcome, sort), 20)
    return {
        "sort": sort,
        "outcome": outcome,
        "shown": shown,
        "page": page,
        "contacts": queries.contacts_of(page.items),
        "data_changed": job.revision != data_revision(),
    }
