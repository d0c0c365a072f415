"""The block list: numbers that must never get a message."""

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from smsapp.accounts.rights import Right, needs
from smsapp.contacts import block_queries as queries
from smsapp.contacts.card import NumberLine, number_lines
from smsapp.contacts.forms import BlockForm
from smsapp.contacts.numbers import MISSING, display, normalise
from smsapp.contacts.pages import tell_of_removed
from smsapp.contacts.queries import blocks_of
from smsapp.contacts.queries import get as get_contact
from smsapp.contacts.service import BadData, block_number, unblock
from smsapp.contacts.words import number_advice, title_of
from smsapp.errors import AppError
from smsapp.listing import cleaned
from smsapp.web import asked_id, asked_sort, dialog, go_to, paginate, render

blueprint = Blueprint("block_list", __name__, url_prefix="/block-list")


@blueprint.get("/")
@needs(Right.READ)
def index() -> ResponseReturnValue:
    """The list; search, order and page are in the URL."""
    search = cleaned(request.args.get("q", ""))
    sort = asked_sort(queries.ORDERS, "-since")
    page = paginate(queries.block_list(search, sort), scalars=False)
    return render(
        "block_list/index.html",
        "block_list/_list.html",
        page=page,
        search=search,
        sort=sort,
        any_block=bool(page.total) or queries.any_block(),
        contacts=queries.contacts_with(entry.e164 for entry, _name in page.items),
        most_named=queries.MOST_NAMED,
        title_of=title_of,
    )


@blueprint.route("/new", methods=["GET", "POST"])
@needs(Right.EDIT)
def new() -> ResponseReturnValue:
    """Put a number on the list; `contact` in the URL offers its numbers, `number` fills one in."""
    contact_id = asked_id("contact")
    back, form = _back(contact_id), BlockForm(data={"number": request.args.get("number", "")})
    if form.validate_on_submit() and _is_full_number(form) and _blocked(form):
        tell_of_removed(form)
        flash(_("%(number)s is on the block list now and gets no more SMS.", number=display(form.e164 or "")))
        return go_to(back)
    status, numbers = 422 if form.is_submitted() else 200, _numbers_of(contact_id)
    return dialog("block_list/_new.html", _("Add to block list"), back, status, form=form, numbers=numbers)


def _back(contact_id: int | None) -> str:
    return url_for("contacts.show", contact_id=contact_id) if contact_id else url_for("block_list.index")


def _numbers_of(contact_id: int | None) -> list[NumberLine]:
    """The contact's numbers that are not blocked yet."""
    if contact_id is None:
        return []
    contact = get_contact(contact_id)
    return [line for line in number_lines(contact, blocks_of([contact]), ()) if line.can_be_blocked]


def _is_full_number(form: BlockForm) -> bool:
    problem = normalise(form.number.data or "").problem
    if problem == MISSING:
        form.number.errors = [_("Please enter the number.")]
    elif problem:
        form.number.errors = [number_advice(problem)]
    return problem is None


def _blocked(form: BlockForm) -> bool:
    try:
        block_number(form.e164 or "", form.reason.data or "", current_user.id)
    except BadData as error:
        form.show(error.problems)
    except AppError as error:
        form.number.errors = [error.message]
    else:
        return True
    return False


@blueprint.route("/<id:block_id>/remove", methods=["GET", "POST"])
@needs(Right.ADMINISTER)
def remove(block_id: int) -> ResponseReturnValue:
    """Ask, then take the number off the list."""
    entry = queries.get(block_id)
    number, back = display(entry.e164), _back(asked_id("contact"))
    if request.method == "POST":
        unblock(block_id)
        flash(_("%(number)s is off the block list and may get SMS again.", number=number))
        return go_to(back)
    return dialog("block_list/_remove.html", _("Remove from block list"), back, entry=entry, number=number)
