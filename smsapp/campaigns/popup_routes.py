"""The popup: composing, counting, confirming, launching. All below /audiences/<id>/send."""

from flask import Blueprint

blueprint = Blueprint("popup", __name__, url_prefix="/audiences/<int:audience_id>/send")
