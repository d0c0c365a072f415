"""Why a contact of the audience gets nothing, and how lists of them are sorted."""

from enum import StrEnum
from typing import Any

from sqlalchemy import case

from smsapp.listing import alphabetical


class SkipReason(StrEnum):
    """The reasons in the order in which they are looked at: the first that applies counts."""

    NO_NUMBER = "no_number"
    NO_COUNTRY_CODE = "no_country_code"
    INVALID = "invalid"
    KIND = "kind"
    COUNTRY = "country"
    BLOCKED = "blocked"
    FIELD_EMPTY = "field_empty"
    DUPLICATE = "duplicate"
    TOO_LONG = "too_long"
    GONE = "gone"  # only where failed SMS are sent again


def skip_orders(rows: Any) -> dict[str, Any]:
    """The orders of a list of skipped contacts, which may still be a plan or be stored."""
    places: dict[Any, int] = {str(reason): place for place, reason in enumerate(SkipReason)}
    return {"name": alphabetical(rows.name), "number": rows.raw_number, "reason": case(places, value=rows.reason)}
