"""The pages of audiences; the tab "Bedingungen" is in `condition_routes`."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from smsapp.accounts.rights import Right, needs
from smsapp.audiences import condition_routes, export, queries, service
from smsapp.audiences.blueprint import blueprint as blueprint
from smsapp.audiences.compile import where
from smsapp.audiences.conditions import parse
from smsapp.audiences.forms import AudienceForm
from smsapp.audiences.models import Audience
from smsapp.audiences.pages import SENT_WORDS, described, head, sends_of
from smsapp.audiences.service import AudienceData
from smsapp.campaigns import queries as campaign_queries
from smsapp.contacts import queries as contact_queries
from smsapp.contacts.words import PHONE_FIELD_LABELS, PROBLEMS, title_of
from smsapp.errors import Changed
from smsapp.extensions import db
from smsapp.listing import cleaned
from smsapp.web import asked_ids, asked_sort, csv_response, paginate, render

__all__ = ["blueprint", "condition_routes"]
RECENT = 5
ROWS = 25


@blueprint.get("/")
@needs(Right.READ)
def index() -> ResponseReturnValue:
    """The list; the page asks for the numbers of contacts when it is there."""
    search = cleaned(request.args.get("q", ""))
    state = request.args.get("state", "")
    state = state if state in queries.STATES else ""
    sort = asked_sort(queries.SORTS, "name")
    page = paginate(queries.audience_list(search, state, sort), ROWS)
    any_audience = bool(page.total) or queries.any_audience()
    values: dict[str, Any] = {
        "page": page,
        "search": search,
        "state": state,
        "sort": sort,
        "any_audience": any_audience,
    }
    return render("audiences/index.html", "audiences/_list.html", **values)


@blueprint.get("/counts")
@needs(Right.READ)
def counts() -> ResponseReturnValue:
    """A fragment: the number of contacts of each audience that the list names by `id`, as links to them."""
    audiences = queries.named(asked_ids("id")[:ROWS])
    return render_template("audiences/_counts.html", counts=[(each, queries.count(each.tree)) for each in audiences])


@blueprint.get("/<id:audience_id>")
@needs(Right.READ)
def show(audience_id: int) -> ResponseReturnValue:
    """The overview."""
    audience = queries.existing(audience_id)
    figures = queries.figures(audience.tree)
    return render_template(
        "audiences/show.html",
        figures=figures,
        sentence=described(parse(audience.tree)),
        recent=db.session.scalars(sends_of(audience_id).limit(RECENT)).all(),
        phone_labels=PHONE_FIELD_LABELS,
        mendable=queries.mendable_fields(audience.tree),
        **head(audience, "overview", figures.contacts),
        **SENT_WORDS,
    )


@blueprint.route("/new", methods=["GET", "POST"])
@needs(Right.EDIT)
def new() -> ResponseReturnValue:
    """The form for a new audience; conditions come next."""
    form = AudienceForm(AudienceData("", owner_id=current_user.id))
    if form.validate_on_submit():
        audience_id = service.create(form.entered())
        flash(_("The audience was created. As long as it has no conditions, all contacts belong to it."))
        return redirect(url_for("audiences.conditions", audience_id=audience_id), 303)
    return _form_page(form, None)


@blueprint.route("/<id:audience_id>/edit", methods=["GET", "POST"])
@needs(Right.EDIT)
def edit(audience_id: int) -> ResponseReturnValue:
    """The form for an audience. If somebody else saved meanwhile, the form comes back (409)."""
    audience = queries.existing(audience_id)
    form = AudienceForm(_data(audience))
    if not form.validate_on_submit():
        return _form_page(form, audience)
    try:
        service.change(audience_id, form.entered(), form.seen_at)
    except Changed as error:
        db.session.rollback()
        audience = queries.existing(audience_id)
        form.see(audience.updated_at)
        return _form_page(form, audience, error.message)
    flash(_("The audience was saved."))
    return redirect(url_for("audiences.show", audience_id=audience_id), 303)


def _data(audience: Audience) -> AudienceData:
    return AudienceData(audience.name, audience.description, audience.active, audience.owner_id)


def _form_page(form: AudienceForm, audience: Audience | None, conflict: str = "") -> ResponseReturnValue:
    if audience is not None and not form.is_submitted():
        form.see(audience.updated_at)
    status = 409 if conflict else 422 if form.is_submitted() else 200
    differences = form.differences(_data(audience)) if conflict and audience else ()
    values = {"form": form, "audience": audience, "conflict": conflict, "differences": differences}
    return render_template("audiences/form.html", **values), status


@blueprint.post("/<id:audience_id>/copy")
@needs(Right.EDIT)
def copy(audience_id: int) -> ResponseReturnValue:
    """A copy, whose name is to be edited next."""
    made = service.copy(audience_id, current_user.id)
    flash(_("The audience was copied. Give the copy its own name."))
    return redirect(url_for("audiences.edit", audience_id=made), 303)


@blueprint.post("/<id:audience_id>/archive")
@needs(Right.EDIT)
def archive(audience_id: int) -> ResponseReturnValue:
    """Put the audience away."""
    service.set_archived(audience_id, True)
    flash(_("The audience was archived. You find it in the list under “archived”."))
    return redirect(url_for("audiences.show", audience_id=audience_id), 303)


@blueprint.post("/<id:audience_id>/restore")
@needs(Right.EDIT)
def restore(audience_id: int) -> ResponseReturnValue:
    """Take the audience out of the archive."""
    service.set_archived(audience_id, False)
    flash(_("The audience was restored."))
    return redirect(url_for("audiences.show", audience_id=audience_id), 303)


@blueprint.get("/<id:audience_id>/contacts")
@needs(Right.READ)
def contacts(audience_id: int) -> ResponseReturnValue:
    """The contacts that belong to it; search, order and page are in the URL."""
    audience = queries.existing(audience_id)
    search = cleaned(request.args.get("q", ""))
    sort = asked_sort(contact_queries.ORDERS, "name")
    chosen = contact_queries.contact_list(search, sort).where(where(parse(audience.tree)))
    total = queries.count(audience.tree)
    page = paginate(chosen, total=None if search else total)
    values: dict[str, Any] = {
        "title_of": title_of,
        "problems": PROBLEMS,
        "blocks": contact_queries.blocks_of(page.items),
    }
    context = {**head(audience, "contacts", total), **values, "page": page, "search": search, "sort": sort}
    return render("audiences/contacts.html", "audiences/_contacts.html", **context)


@blueprint.get("/<id:audience_id>/contacts.csv")
@needs(Right.READ)
def contacts_csv(audience_id: int) -> ResponseReturnValue:
    """The contacts as a table to download, which our import understands."""
    audience = queries.existing(audience_id)
    return csv_response(export.rows(audience.tree), f"zielgruppe-{audience.id}.csv")


@blueprint.get("/<id:audience_id>/campaigns")
@needs(Right.READ)
def campaigns(audience_id: int) -> ResponseReturnValue:
    """What was sent to it."""
    audience = queries.existing(audience_id)
    sort = asked_sort(campaign_queries.ORDERS, campaign_queries.NEWEST_FIRST)
    page = paginate(sends_of(audience_id, sort), ROWS)
    context = {**head(audience, "campaigns", queries.count(audience.tree)), **SENT_WORDS}
    return render_template("audiences/campaigns.html", page=page, sort=sort, **context)
