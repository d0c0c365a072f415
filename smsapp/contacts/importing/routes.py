"""The pages of the import: upload, columns, check, numbers to mend, run, report."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select

from smsapp.accounts.rights import Right, needs
from smsapp.contacts.importing import files, queries, service, undoing, words
from smsapp.contacts.importing.forms import (
    ColumnsForm,
    MendForm,
    RunForm,
    ShapeForm,
    SheetForm,
    UploadForm,
    columns_form,
    order_examples,
    shape_form,
)
from smsapp.contacts.importing.models import (
    MENDS,
    READING,
    UPLOADED,
    ImportJob,
)
from smsapp.contacts.importing.pages import shown_state
from smsapp.contacts.importing.reading import mended
from smsapp.contacts.importing.recording import region
from smsapp.delivery.models import Delivery
from smsapp.errors import AppError
from smsapp.extensions import db
from smsapp.web import asked_sort, csv_response, dialog, go_to, is_htmx, paginate, render

SHOWN_ROWS = 4
SENT = select(Delivery.contact_id)
"""To whom anything was ever sent: an import that made them cannot be undone."""

blueprint = Blueprint("imports", __name__, url_prefix="/imports")


@blueprint.get("/")
@needs(Right.EDIT)
def index() -> ResponseReturnValue:
    """All imports, and a place to upload a table."""
    return _list(UploadForm())


def _list(form: UploadForm, status: int = 200) -> ResponseReturnValue:
    sort = asked_sort(queries.ORDERS, queries.NEWEST_FIRST)
    page = paginate(queries.imports(sort), 20, scalars=False)
    return render_template("imports/index.html", form=form, page=page, sort=sort, words=words), status


@blueprint.post("/")
@needs(Right.EDIT)
def upload() -> ResponseReturnValue:
    """Take a table; one that cannot be read leaves nothing behind."""
    form = UploadForm()
    if not form.validate_on_submit():
        return _list(form, 422)
    file = form.file.data
    try:
        import_id = service.upload(file.stream, file.filename or "", current_user.id)
    except AppError as error:
        form.file.errors = [error.message]
        return _list(form, error.status)
    return go_to(url_for("imports.columns", import_id=import_id))


@blueprint.get("/<id:import_id>")
@needs(Right.EDIT)
def show(import_id: int) -> ResponseReturnValue:
    """Where an import stands: progress, result of the check, report. Polled while it is at work."""
    job = queries.get(import_id)
    if job.state == UPLOADED:
        return go_to(url_for("imports.columns", import_id=job.id))
    values = {"job": job, "polled": is_htmx(), "words": words, **shown_state(job)}
    return render("imports/show.html", "imports/_state.html", **values)


@blueprint.get("/<id:import_id>/columns")
@needs(Right.EDIT)
def columns(import_id: int) -> ResponseReturnValue:
    """How the file is read and what its columns hold."""
    job = queries.get(import_id)
    if job.ran or not job.path or job.state == READING:
        return redirect(url_for("imports.show", import_id=job.id))
    return _columns(job)


def _columns(
    job: ImportJob, shape: ShapeForm | SheetForm | None = None, form: ColumnsForm | None = None, status: int = 200
) -> ResponseReturnValue:
    """The page with both forms; one that was not posted shows what is stored."""
    first = files.first_rows(job, files.SAMPLE)
    dates = files.dates(form.mapping if form else job.mapping, first)
    values = {
        "job": job,
        "shape_form": shape or shape_form(job, formdata=None),
        "form": form or columns_form(job, formdata=None),
        "dates": dates,
        "examples": order_examples(dates),
        "rows": first[:SHOWN_ROWS],
        "words": words,
    }
    return render("imports/columns.html", "imports/_columns.html", status, **values)


@blueprint.post("/<id:import_id>/columns")
@needs(Right.EDIT)
def save_columns(import_id: int) -> ResponseReturnValue:
    """Take the columns, and check."""
    job = queries.get(import_id)
    form = columns_form(job)
    if not form.validate_on_submit():
        return _columns(job, form=form, status=422)
    service.check(import_id, form.mapping, form.company_address.data, form.date_order.data)
    return go_to(url_for("imports.show", import_id=import_id))


@blueprint.post("/<id:import_id>/shape")
@needs(Right.EDIT)
def save_shape(import_id: int) -> ResponseReturnValue:
    """Read the file in another way."""
    job = queries.get(import_id)
    form = shape_form(job)
    if not form.validate_on_submit():
        return _columns(job, form, status=422)
    try:
        if isinstance(form, SheetForm):
            service.set_sheet(import_id, form.sheet.data, form.has_header.data == "yes")
        else:
            service.set_shape(import_id, form.encoding.data, form.delimiter.data, form.has_header.data == "yes")
    except AppError as error:
        form.form_errors.append(error.message)
        return _columns(job, form, status=error.status)
    if is_htmx() and not (job := queries.get(import_id)).at_work:
        return _columns(job)
    return go_to(url_for("imports.columns", import_id=import_id))


@blueprint.get("/<id:import_id>/numbers")
@needs(Right.EDIT)
def numbers(import_id: int) -> ResponseReturnValue:
    """Every number without country code as it is, and as it would become."""
    job = queries.get(import_id)
    way = request.args.get("mend", job.mend)
    way = way if way in MENDS else ""
    sort = asked_sort(queries.NUMBER_ORDERS, "line")
    page = paginate(queries.uncoded_numbers(job.id, sort), 100)
    lines = [(each, mended(each.raw, region(way, each.country))) for each in page.items]
    values = {"way": way, "ways": MENDS, "page": page, "sort": sort, "lines": lines}
    return render_template("imports/numbers.html", job=job, words=words, **values)


@blueprint.post("/<id:import_id>/numbers")
@needs(Right.EDIT)
def mend_numbers(import_id: int) -> ResponseReturnValue:
    """Choose what becomes of them, and check again."""
    form = MendForm()
    if not form.validate_on_submit():
        raise AppError(_("Please choose what is done with these numbers."))
    service.mend(import_id, form.mend.data)
    return go_to(url_for("imports.show", import_id=import_id))


@blueprint.post("/<id:import_id>/check")
@needs(Right.EDIT)
def check_again(import_id: int) -> ResponseReturnValue:
    """Check as before, upon the present contacts."""
    service.check(import_id)
    return go_to(url_for("imports.show", import_id=import_id))


@blueprint.post("/<id:import_id>/run")
@needs(Right.EDIT)
def run(import_id: int) -> ResponseReturnValue:
    """Import what was checked."""
    service.run(import_id, RunForm().seen_round)
    return go_to(url_for("imports.show", import_id=import_id))


@blueprint.post("/<id:import_id>/resume")
@needs(Right.EDIT)
def resume(import_id: int) -> ResponseReturnValue:
    """Go on with work that stands still."""
    service.resume(import_id)
    return go_to(url_for("imports.show", import_id=import_id))


@blueprint.get("/<id:import_id>/rejected.csv")
@needs(Right.EDIT)
def rejected(import_id: int) -> ResponseReturnValue:
    """The rejected rows with line, reason and cells, to mend and to upload again."""
    job = queries.get(import_id)
    head = (_("Line"), _("Reason"), *(heading or str(index) for index, heading in enumerate(job.header, 1)))
    body = (
        (row.line, words.reason_text(row.reason or "", row.detail), *row.detail["cells"])
        for row in queries.rejected_rows(job)
    )
    return csv_response((line for part in ((head,), body) for line in part), f"abgelehnte-zeilen-{job.id}.csv")


@blueprint.get("/<id:import_id>/undo")
@needs(Right.EDIT)
def ask_to_undo(import_id: int) -> ResponseReturnValue:
    """What undoing would do, or why it cannot be."""
    job = queries.get(import_id)
    found = undoing.outlook(db.session(), job, SENT)
    contacts = queries.named(found.in_the_way)
    back = url_for("imports.show", import_id=job.id)
    return dialog("imports/_undo.html", _("Undo import?"), back, job=job, found=found, contacts=contacts)


@blueprint.post("/<id:import_id>/undo")
@needs(Right.EDIT)
def undo(import_id: int) -> ResponseReturnValue:
    """Take back what the import did."""
    undoing.undo(import_id, SENT)
    flash(_("The import was undone. The contacts are as they were before it."), "good")
    return go_to(url_for("imports.show", import_id=import_id))


@blueprint.get("/<id:import_id>/delete")
@needs(Right.EDIT)
def ask_to_delete(import_id: int) -> ResponseReturnValue:
    """Sure?"""
    job = queries.get(import_id)
    back = url_for("imports.show", import_id=job.id)
    return dialog("imports/_delete.html", _("Delete import?"), back, job=job)


@blueprint.post("/<id:import_id>/delete")
@needs(Right.EDIT)
def delete(import_id: int) -> ResponseReturnValue:
    """Forget the import; the contacts stay."""
    service.delete(import_id)
    flash(_("The import was deleted. The contacts stayed as they are."), "good")
    return go_to(url_for("imports.index"))
