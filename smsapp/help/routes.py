"""One page that explains the work; other pages link to its sections where questions arise."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_babel import get_locale

from smsapp.accounts.rights import Right, needs
from smsapp.campaigns.words import REASON_LABELS
from smsapp.text.billing import CHARACTERS_PER_MESSAGE, MAX_CHARACTERS
from smsapp.text.tag_names import FIELDS, display_name

blueprint = Blueprint("help", __name__, url_prefix="/help")


@blueprint.get("/")
@needs(Right.READ)
def index() -> ResponseReturnValue:
    """The page, with the tags and reasons that there really are."""
    language = str(get_locale())
    return render_template(
        "help/page.html",
        tag_names=[display_name(field.key, language) for field in FIELDS],
        reasons=REASON_LABELS.values(),
        most=MAX_CHARACTERS,
        each=CHARACTERS_PER_MESSAGE,
    )
