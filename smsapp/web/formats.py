"""Language and zone of who reads, and numbers, days and times as they are written there."""

import re
from datetime import date, datetime, timedelta

from flask import g, has_request_context, request
from flask_babel import format_date, format_decimal, format_time, format_timedelta, to_user_timezone
from flask_babel import gettext as _
from flask_login import current_user
from markupsafe import Markup, escape

from smsapp.clock import now

LANGUAGES = ("de", "en")
_RECENT = timedelta(days=7)
_LONG_WORD = re.compile(r"[\w.@/]{25,}")  # at a hyphen browsers break by themselves
_PIECE = 12


def select_locale() -> str:
    """The user's language; for strangers the browser's, else German, as for commands and jobs."""
    if not has_request_context():
        return "de"
    chosen = getattr(g, "language", None) or getattr(current_user, "language", None)
    return chosen if chosen in LANGUAGES else request.accept_languages.best_match(LANGUAGES, "de")


def select_timezone() -> str | None:
    """The zone of the installation; users share an office."""
    return None


def local_time(value: datetime) -> datetime:
    """The moment in the installation's zone."""
    return to_user_timezone(value)  # type: ignore[no-any-return]


def breakable(text: str | None) -> Markup:
    """The text for a table's cell: its longest words may break there, or one would push the other columns away.

    `<wbr>` instead of CSS: `overflow-wrap` breaks usual words, too, as soon as another column wants their place.
    """
    return Markup(_LONG_WORD.sub(_with_breaks, str(escape(text or ""))))  # noqa: S704 - escaped right here


def _with_breaks(found: re.Match[str]) -> str:
    word = found[0]
    return "<wbr>".join(word[start : start + _PIECE] for start in range(0, len(word), _PIECE))


def format_number(value: int) -> str:
    """1000 is "1.000" in German and "1,000" in English."""
    return str(format_decimal(value))


def format_day(value: date | None) -> str:
    return str(format_date(value, "medium")) if value else ""


def format_moment(value: datetime | None) -> str:
    """In German "22.11.2026, 14:04 Uhr"."""
    return str(_("%(day)s, %(time)s", day=format_day(value), time=format_clock(value))) if value else ""


def format_clock(value: datetime | None) -> str:
    return str(format_time(value, "short")) if value else ""


def format_ago(value: datetime | None) -> str:
    """How long ago it was, "vor 3 Minuten"; the day where that is a week or more."""
    if value is None:
        return ""
    passed = max(now() - value, timedelta())
    if passed >= _RECENT:
        return format_day(value)
    if passed < timedelta(minutes=1):
        return str(_("just now"))
    return str(format_timedelta(-passed, add_direction=True, threshold=1))
