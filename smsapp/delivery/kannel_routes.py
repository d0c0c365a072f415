"""Where Kannel brings receipts and incoming SMS: it needs no login, only the code that stands in the address.

It asks again later unless it is answered 200 or 202: that is said only after the commit.
"""

from flask import Blueprint, Response, abort, request
from flask.typing import ResponseReturnValue

from smsapp.accounts.rights import public
from smsapp.delivery import incoming, receipts
from smsapp.delivery.incoming import Arrived
from smsapp.extensions import db
from smsapp.gateways.kannel.links import named, same
from smsapp.gateways.kannel.receipts import told
from smsapp.gateways.kannel.texts import brought, number_of
from smsapp.gateways.queries import gateway_row
from smsapp.gateways.registry import KANNEL, links_of

blueprint = Blueprint("kannel", __name__)


@blueprint.get("/receipts/kannel/<gateway>/<reference>/<code>")
@public
def receipt(gateway: str, reference: str, code: str) -> ResponseReturnValue:
    """What became of an attempt; only we can have made its address."""
    if not same(code, links_of(named(gateway)).receipt_code(reference)) or not _exists(gateway):
        abort(404)
    try:
        found = told(request.args.get("type", ""), reference, request.query_string.decode("latin-1"))
    except ValueError:
        abort(400)
    receipts.store(named(gateway), [found] if found else [])
    return _taken()


@blueprint.get("/incoming/kannel/<gateway>/<code>")
@public
def sms(gateway: str, code: str) -> ResponseReturnValue:
    """An SMS that somebody sent to us."""
    if not same(code, links_of(named(gateway)).incoming_code()) or not _exists(gateway):
        abort(404)
    given = request.args
    try:
        text = brought(given.get("coding", ""), given.get("text", ""))
    except ValueError:
        abort(400)
    incoming.store(named(gateway), Arrived(number_of(given.get("from", "")), number_of(given.get("to", "")), text))
    return _taken()


def _exists(gateway: str) -> bool:
    """Whether there is such a Kannel. Addresses of a deleted one count no more: it was never used, so it can owe
    nothing. Of one that is deactivated all is taken: who unsubscribes must be heard.
    """
    row = gateway_row(named(gateway))
    found = row is not None and row.kind == KANNEL
    db.session.rollback()  # many receipts at once must not each hold a connection while they wait for one to write by
    return found


def _taken() -> Response:
    """Without a word, which Kannel would send to the phone as an answer."""
    return Response(status=200, mimetype="text/plain")
