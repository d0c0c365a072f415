"""The blueprint that the pages of contacts share."""

from flask import Blueprint

blueprint = Blueprint("contacts", __name__, url_prefix="/contacts")
