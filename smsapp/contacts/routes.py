"""The pages of contacts."""

from collections.abc import Mapping
from typing import Any

from flask import abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from smsapp.accounts.rights import Right, needs
from smsapp.contacts import company_queries, mending_routes, queries, service
from smsapp.contacts.blueprint import blueprint
from smsapp.contacts.card import Understood, number_lines, understand
from smsapp.contacts.data import ContactData
from smsapp.contacts.forms import ContactForm, ReasonForm
from smsapp.contacts.models import PHONE_FIELDS, Contact
from smsapp.contacts.numbers import NO_COUNTRY_CODE, normalise
from smsapp.contacts.pages import differences, tell_of_removed
from smsapp.contacts.words import CONSENTS, PROBLEMS, SALUTATIONS, country_name, language_name, title_of
from smsapp.delivery import history
from smsapp.delivery.history import count_sent_to, sent_to
from smsapp.delivery.incoming_queries import count_received_from, received_from
from smsapp.delivery.words import answer_label, state_label, state_tone
from smsapp.errors import Changed
from smsapp.extensions import db
from smsapp.listing import cleaned
from smsapp.settings.queries import current_settings
from smsapp.web import asked_id, asked_sort, dialog, go_to, paginate, render

RECENT = 10
LIST_WORDS: Mapping[str, Any] = {"title_of": title_of, "problems": PROBLEMS}
CARD_WORDS: Mapping[str, Any] = {
    "salutations": SALUTATIONS,
    "consents": CONSENTS,
    "country_name": country_name,
    "language_name": language_name,
    "answer_label": answer_label,
    "state_label": state_label,
    "state_tone": state_tone,
}

__all__ = ["blueprint", "mending_routes"]


@blueprint.get("/")
@needs(Right.READ)
def index() -> ResponseReturnValue:
    """The list; search, label, order and page are in the URL."""
    search = cleaned(request.args.get("q", ""))
    sort = asked_sort(queries.ORDERS, "name")
    label = queries.label(asked_id("label"))
    chosen = queries.contact_list(search, sort, label.id if label else None)
    page = paginate(chosen, key=queries.key_of_page(sort))
    return render(
        "contacts/index.html",
        "contacts/_list.html",
        page=page,
        search=search,
        sort=sort,
        label=label,
        labels=queries.used_labels(),
        any_contact=bool(page.total) or queries.any_contact(),
        blocks=queries.blocks_of(page.items),
        **LIST_WORDS,
    )


@blueprint.get("/<id:contact_id>")
@needs(Right.READ)
def show(contact_id: int) -> ResponseReturnValue:
    """The card."""
    contact = queries.get(contact_id)
    return render_template(
        "contacts/show.html",
        contact=contact,
        title=title_of(contact),
        lines=number_lines(contact, queries.blocks_of([contact]), current_settings().allowed_countries),
        sent=db.session.execute(sent_to(contact_id).limit(RECENT)).all(),
        sent_count=count_sent_to(contact_id),
        received=db.session.execute(received_from(numbers_of(contact)).limit(RECENT)).all(),
        received_count=count_received_from(numbers_of(contact)),
        **CARD_WORDS,
    )


@blueprint.get("/<id:contact_id>/messages")
@needs(Right.READ)
def messages(contact_id: int) -> ResponseReturnValue:
    """All that was sent to the contact."""
    contact = queries.get(contact_id)
    sort = asked_sort(history.ORDERS, history.NEWEST_FIRST)
    page = paginate(sent_to(contact_id, sort), scalars=False)
    values = {"contact": contact, "title": title_of(contact), "page": page, "sort": sort}
    return render_template("contacts/messages.html", **values, **CARD_WORDS)


@blueprint.get("/<id:contact_id>/received")
@needs(Right.READ)
def received(contact_id: int) -> ResponseReturnValue:
    """All that came from the contact's numbers."""
    contact = queries.get(contact_id)
    page = paginate(received_from(numbers_of(contact)), scalars=False)
    return render_template("contacts/received.html", contact=contact, title=title_of(contact), page=page, **CARD_WORDS)


def numbers_of(contact: Contact) -> list[str]:
    """The contact's full numbers."""
    return [number.e164 for number in contact.numbers if number.e164]


@blueprint.route("/new", methods=["GET", "POST"])
@needs(Right.EDIT)
def new() -> ResponseReturnValue:
    """The form for a new contact; `company` in the URL fills in its company."""
    form = ContactForm(ContactData(company=cleaned(request.args.get("company", ""))))
    if form.validate_on_submit():
        is_new = company_queries.is_new(form.company.data)
        return _saved(form, service.save_contact(form.entered()), is_new)
    return _form_page(form, None)


@blueprint.route("/<id:contact_id>/edit", methods=["GET", "POST"])
@needs(Right.EDIT)
def edit(contact_id: int) -> ResponseReturnValue:
    """The form for a contact. If somebody else saved meanwhile, the form comes back with what differs (409)."""
    contact = queries.get(contact_id)
    form = ContactForm(ContactData.of(contact))
    if not form.validate_on_submit():
        return _form_page(form, contact)
    is_new = company_queries.is_new(form.company.data)
    try:
        return _saved(form, service.save_contact(form.entered(), contact_id, form.seen_at), is_new)
    except Changed as error:
        db.session.rollback()
        contact = queries.get(contact_id)
        form.see(contact.updated_at)
        return _form_page(form, contact, error.message)


def _form_page(form: ContactForm, contact: Contact | None, conflict: str = "") -> ResponseReturnValue:
    if contact is not None and not form.is_submitted():
        form.see(contact.updated_at)
    status = 409 if conflict else 422 if form.is_submitted() else 200
    hints = {field: _understood(form[field].data or "", form.country.data or "") for field in PHONE_FIELDS}
    return render(
        "contacts/form.html",
        status=status,
        form=form,
        contact=contact,
        title=title_of(contact) if contact else _("New contact"),
        conflict=conflict,
        differences=differences(form, ContactData.of(contact)) if conflict and contact else (),
        hints=hints,
        labels=queries.used_labels(),
    )


def _saved(form: ContactForm, contact_id: int, new_company: bool) -> ResponseReturnValue:
    flash(_("The contact was saved."))
    if new_company:
        flash(_("The company “%(name)s” did not exist yet and was created.", name=form.company.data), "info")
    tell_of_removed(form)
    typed = (normalise(form[field].data or "") for field in PHONE_FIELDS)
    if any(number.problem == NO_COUNTRY_CODE for number in typed):
        flash(_("A number without country code was saved as typed; it gets no SMS."), "warn")
    return go_to(url_for("contacts.show", contact_id=contact_id))


@blueprint.get("/number-hint/<field>")
@needs(Right.EDIT)
def number_hint(field: str) -> ResponseReturnValue:
    """A fragment: how the number typed into this field is understood."""
    if field not in PHONE_FIELDS:
        abort(404)
    number = _understood(request.args.get(field, ""), request.args.get("country", ""))
    return render_template("contacts/_number_hint.html", number=number)


def _understood(raw: str, country: str) -> Understood | None:
    return understand(raw, normalise(raw), country, current_settings().allowed_countries)


@blueprint.route("/<id:contact_id>/delete", methods=["GET", "POST"])
@needs(Right.EDIT)
def delete(contact_id: int) -> ResponseReturnValue:
    """Ask, then delete; what was sent stays."""
    contact = queries.get(contact_id)
    title = title_of(contact)
    if request.method == "POST":
        service.delete_contact(contact_id)
        flash(_("The contact “%(name)s” was deleted.", name=title))
        return go_to(url_for("contacts.index"))
    back = url_for("contacts.show", contact_id=contact_id)
    sent = count_sent_to(contact_id)
    return dialog("contacts/_delete.html", _("Delete contact"), back, name=title, contact=contact, sent_count=sent)


@blueprint.route("/<id:contact_id>/no-sms", methods=["GET", "POST"])
@needs(Right.EDIT)
def no_sms(contact_id: int) -> ResponseReturnValue:
    """Mark the contact as "keine SMS" with a reason, or take the mark away."""
    contact = queries.get(contact_id)
    back = url_for("contacts.show", contact_id=contact_id)
    form = ReasonForm()
    if form.validate_on_submit():
        on = "on" in request.form
        try:
            service.set_no_sms(contact_id, on, form.no_sms_reason.data or "")
        except service.BadData as error:
            form.show(error.problems)
        else:
            flash(_("This contact gets no SMS from now on.") if on else _("This contact may get SMS again."))
            return go_to(back)
    status = 422 if form.is_submitted() else 200
    values = {"contact": contact, "name": title_of(contact), "form": form}
    return dialog("contacts/_no_sms.html", _("No SMS"), back, status, **values)
