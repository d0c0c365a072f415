"""Why a contact of the audience gets nothing. Pure."""

from enum import StrEnum


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
