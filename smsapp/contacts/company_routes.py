"""The pages of companies."""

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from smsapp.accounts.rights import Right, needs
from smsapp.contacts import company_queries as queries
from smsapp.contacts import company_service as service
from smsapp.contacts.data import CompanyData, web_address
from smsapp.contacts.forms import CompanyForm
from smsapp.contacts.models import Company
from smsapp.contacts.pages import differences, tell_of_removed
from smsapp.contacts.queries import ORDERS as CONTACT_ORDERS
from smsapp.contacts.queries import blocks_of, contacts_of_company, key_of_page
from smsapp.contacts.words import PROBLEMS, country_name, title_of
from smsapp.errors import Changed
from smsapp.extensions import db
from smsapp.listing import cleaned
from smsapp.web import asked_sort, dialog, format_number, go_to, paginate, render

blueprint = Blueprint("companies", __name__, url_prefix="/companies")


@blueprint.get("/")
@needs(Right.READ)
def index() -> ResponseReturnValue:
    """The list; search, order and page are in the URL."""
    search = cleaned(request.args.get("q", ""))
    sort = asked_sort(queries.ORDERS, "name")
    page = paginate(queries.company_list(search, sort), scalars=False)
    return render(
        "companies/index.html",
        "companies/_list.html",
        page=page,
        search=search,
        sort=sort,
        any_company=bool(page.total) or queries.any_company(),
    )


@blueprint.get("/<id:company_id>")
@needs(Right.READ)
def show(company_id: int) -> ResponseReturnValue:
    """The card, with the company's contacts."""
    company = queries.get(company_id)
    sort = asked_sort(CONTACT_ORDERS, "name")
    page = paginate(contacts_of_company(company_id, sort), key=key_of_page(sort))
    return render_template(
        "companies/show.html",
        company=company,
        page=page,
        sort=sort,
        blocks=blocks_of(page.items),
        website=web_address(company.website),
        title_of=title_of,
        problems=PROBLEMS,
        country_name=country_name,
    )


@blueprint.get("/suggestions")
@needs(Right.READ)
def suggestions() -> ResponseReturnValue:
    """A fragment: options for the name typed so far."""
    names = queries.suggestions(cleaned(request.args.get("company", "")))
    return render_template("companies/_suggestions.html", names=names)


@blueprint.route("/new", methods=["GET", "POST"])
@needs(Right.EDIT)
def new() -> ResponseReturnValue:
    """The form for a new company."""
    form = CompanyForm(CompanyData())
    if form.validate_on_submit():
        try:
            return _saved(form, service.save_company(form.entered()))
        except service.NameTaken as error:
            form.name.errors = [error.message]
    return _form_page(form, None)


@blueprint.route("/<id:company_id>/edit", methods=["GET", "POST"])
@needs(Right.EDIT)
def edit(company_id: int) -> ResponseReturnValue:
    """The form for a company. If somebody else saved meanwhile, the form comes back with what differs (409)."""
    company = queries.get(company_id)
    form = CompanyForm(CompanyData.of(company))
    if not form.validate_on_submit():
        return _form_page(form, company)
    try:
        return _saved(form, service.save_company(form.entered(), company_id, form.seen_at))
    except service.NameTaken as error:
        form.name.errors = [error.message]
        return _form_page(form, company)
    except Changed as error:
        db.session.rollback()
        company = queries.get(company_id)
        form.see(company.updated_at)
        return _form_page(form, company, error.message)


def _form_page(form: CompanyForm, company: Company | None, conflict: str = "") -> ResponseReturnValue:
    if company is not None and not form.is_submitted():
        form.see(company.updated_at)
    return render(
        "companies/form.html",
        status=409 if conflict else 422 if form.is_submitted() else 200,
        form=form,
        company=company,
        title=company.name if company else _("New company"),
        conflict=conflict,
        differences=differences(form, CompanyData.of(company)) if conflict and company else (),
        industries=queries.industries(),
    )


def _saved(form: CompanyForm, company_id: int) -> ResponseReturnValue:
    flash(_("The company was saved."))
    tell_of_removed(form)
    return go_to(url_for("companies.show", company_id=company_id))


@blueprint.route("/<id:company_id>/delete", methods=["GET", "POST"])
@needs(Right.EDIT)
def delete(company_id: int) -> ResponseReturnValue:
    """Ask, saying how many contacts it concerns; then delete."""
    company = queries.get(company_id)
    name = company.name
    if request.method == "POST":
        left = service.delete_company(company_id)
        flash(_deleted(name, left))
        return go_to(url_for("companies.index"))
    back = url_for("companies.show", company_id=company_id)
    contacts = queries.contact_count(company_id)
    return dialog("companies/_delete.html", _("Delete company"), back, company=company, contacts=contacts)


def _deleted(name: str, contacts: int) -> str:
    if not contacts:
        return str(_("The company “%(name)s” was deleted.", name=name))
    return str(
        ngettext(
            "The company “%(name)s” was deleted; %(count)s contact is now without a company.",
            "The company “%(name)s” was deleted; %(count)s contacts are now without a company.",
            contacts,
            name=name,
            count=format_number(contacts),
        )
    )
