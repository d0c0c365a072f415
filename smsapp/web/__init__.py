"""What every page needs, to be imported from here; what comes in, what goes out and what surrounds it have rooms."""

from smsapp.web.answers import csv_response, dialog, go_to, is_htmx, render
from smsapp.web.formats import (
    format_ago,
    format_clock,
    format_day,
    format_moment,
    format_number,
    local_time,
    select_locale,
    select_timezone,
)
from smsapp.web.incoming import asked_id, asked_ids
from smsapp.web.lists import asked_sort, list_is_at, page_url, paginate
from smsapp.web.shell import init_app

__all__ = [
    "asked_id",
    "asked_ids",
    "asked_sort",
    "csv_response",
    "dialog",
    "format_ago",
    "format_clock",
    "format_day",
    "format_moment",
    "format_number",
    "go_to",
    "init_app",
    "is_htmx",
    "list_is_at",
    "local_time",
    "page_url",
    "paginate",
    "render",
    "select_locale",
    "select_timezone",
]
