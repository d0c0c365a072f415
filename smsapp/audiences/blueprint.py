"""The blueprint that the pages of audiences share."""

from flask import Blueprint

blueprint = Blueprint("audiences", __name__, url_prefix="/audiences")
