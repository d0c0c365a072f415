"""The incoming SMS: what people wrote back, and what became of it."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from smsapp.accounts.rights import Right, needs
from smsapp.contacts.block_queries import MOST_NAMED, contacts_with
from smsapp.contacts.words import title_of
from smsapp.delivery import incoming_queries as queries
from smsapp.delivery.words import answer_label
from smsapp.listing import cleaned
from smsapp.web import asked_sort, paginate, render

blueprint = Blueprint("incoming", __name__, url_prefix="/campaigns/incoming")


@blueprint.get("/")
@needs(Right.READ)
def index() -> ResponseReturnValue:
    """All of them, newest first; search, order and page are in the URL."""
    search = cleaned(request.args.get("q", ""))
    sort = asked_sort(queries.ORDERS, queries.NEWEST_FIRST)
    page = paginate(queries.incoming(search, sort), scalars=False)
    return render(
        "incoming/index.html",
        "incoming/_list.html",
        page=page,
        received=page.items,
        search=search,
        sort=sort,
        any_incoming=bool(page.total) or queries.any_incoming(),
        contacts=contacts_with(sms.number for sms, _answer in page.items),
        most_named=MOST_NAMED,
        title_of=title_of,
        answer_label=answer_label,
    )
