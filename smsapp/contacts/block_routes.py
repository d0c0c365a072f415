"""The block list."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from smsapp.accounts.rights import Right, needs

blueprint = Blueprint("block_list", __name__, url_prefix="/block-list")


@blueprint.get("/")
@needs(Right.READ)
def index() -> ResponseReturnValue:
    """The list."""
    return render_template("overview/page.html")
