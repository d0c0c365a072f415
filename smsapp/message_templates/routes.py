"""The pages of message templates."""

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from smsapp.accounts.rights import Right, needs
from smsapp.campaigns.drafts import save_draft
from smsapp.campaigns.forms import ComposeForm, posted_form, problem_text
from smsapp.campaigns.problems import FieldProblem
from smsapp.contacts.words import PHONE_FIELD_LABELS
from smsapp.errors import Changed
from smsapp.extensions import db
from smsapp.listing import cleaned
from smsapp.message_templates import queries, service
from smsapp.message_templates.forms import TemplateForm
from smsapp.message_templates.models import MessageTemplate
from smsapp.message_templates.service import TemplateData
from smsapp.text.normalise import clean_value
from smsapp.text.tag_names import FIELDS, display_name
from smsapp.web import asked_sort, dialog, go_to, is_htmx, paginate, render

blueprint = Blueprint("message_templates", __name__, url_prefix="/templates")


@blueprint.get("/")
@needs(Right.SEND)
def index() -> ResponseReturnValue:
    """The list; search, order and page are in the URL."""
    search = cleaned(request.args.get("q", ""))
    sort = asked_sort(queries.ORDERS, "name")
    page = paginate(queries.template_list(current_user.id, search, sort), 25)
    return render(
        "message_templates/index.html",
        "message_templates/_list.html",
        page=page,
        search=search,
        sort=sort,
        any_template=bool(page.total) or queries.any_template(current_user.id),
        may_change=lambda template: service.may_change(template, current_user),
        phone_labels=PHONE_FIELD_LABELS,
    )


@blueprint.route("/new", methods=["GET", "POST"])
@needs(Right.SEND)
def new() -> ResponseReturnValue:
    """The form for a new template."""
    form = TemplateForm()
    if form.validate_on_submit() and _stored(form, None):
        return _saved()
    return _form_page(form, None)


@blueprint.route("/<id:template_id>/edit", methods=["GET", "POST"])
@needs(Right.SEND)
def edit(template_id: int) -> ResponseReturnValue:
    """The form for a template. If somebody else saved meanwhile, the form comes back (409)."""
    template = _changeable(template_id)
    form = TemplateForm(template)
    try:
        if form.validate_on_submit() and _stored(form, template_id):
            return _saved()
    except Changed as error:
        db.session.rollback()
        template = _changeable(template_id)
        form.see(template.updated_at)
        return _form_page(form, template, error.message)
    return _form_page(form, template)


@blueprint.route("/<id:template_id>/delete", methods=["GET", "POST"])
@needs(Right.SEND)
def delete(template_id: int) -> ResponseReturnValue:
    """Ask, then delete."""
    template, back = _changeable(template_id), url_for("message_templates.index")
    if request.method == "POST":
        name = template.name
        service.delete(template_id, current_user.id)
        flash(_("The template “%(name)s” was deleted.", name=name))
        return go_to(back)
    return dialog("message_templates/_delete.html", _("Delete template"), back, template=template)


@blueprint.post("/composed/<id:audience_id>")
@needs(Right.SEND)
def save_composed(audience_id: int) -> ResponseReturnValue:
    """Save what is being composed for this audience as a template, with its sender and phone field."""
    composed = posted_form()
    message, status = _kept(composed)
    if is_htmx():
        return render_template("message_templates/_saved.html", message=message, failed=status != 200), status
    save_draft(current_user.id, composed.composed(audience_id), composed.send_key.data or "")
    flash(message, "message" if status == 200 else "bad")
    return go_to(url_for("popup.compose", audience_id=audience_id))


def _kept(composed: ComposeForm) -> tuple[str, int]:
    """What to say about the new template, and the status: it is there, or why it is not."""
    name = clean_value(request.form.get("template_name", ""))[0]
    data = TemplateData(
        name=name[: service.LONGEST_NAME] or composed.typed[: service.LONGEST_NAME].strip(),
        text=composed.typed,
        sender=composed.sender_name,
        phone_field=composed.phone_field.data or "",
        shared=request.form.get("template_shared") == "y",
    )
    try:
        service.create(data, current_user.id)
    except FieldProblem as problem:
        return problem_text(problem, len(composed.typed)), problem.status
    except service.NameTaken as error:
        return error.message, error.status
    return str(_("Saved as template “%(name)s”.", name=data.name)), 200


def _changeable(template_id: int) -> MessageTemplate:
    template = queries.get(template_id, current_user.id)
    if not service.may_change(template, current_user):
        raise service.NotYours
    return template


def _stored(form: TemplateForm, template_id: int | None) -> bool:
    """Write the form; False with the complaint at its field."""
    try:
        if template_id is None:
            service.create(form.entered(), current_user.id)
        else:
            service.change(template_id, form.entered(), current_user.id, form.seen_at)
    except service.NameTaken as error:
        form.name.errors = [error.message]
    except FieldProblem as problem:
        form.add_problem(problem)
    else:
        return True
    return False


def _saved() -> ResponseReturnValue:
    flash(_("The template was saved."))
    return go_to(url_for("message_templates.index"))


def _form_page(form: TemplateForm, template: MessageTemplate | None, conflict: str = "") -> ResponseReturnValue:
    if template is not None and not form.is_submitted():
        form.see(template.updated_at)
    return render(
        "message_templates/form.html",
        status=409 if conflict else 422 if form.is_submitted() else 200,
        form=form,
        template=template,
        conflict=conflict,
        stored=[(_("Name"), template.name), (_("Message"), template.text)] if conflict and template else (),
        tag_names=[display_name(field.key, current_user.language) for field in FIELDS],
    )
