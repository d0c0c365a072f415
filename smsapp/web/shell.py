"""What every page has around it: security headers, the language, and what templates may call."""

from functools import cache
from typing import Any

from flask import Flask, Response, request
from flask_babel import get_locale

from smsapp.accounts.rights import Right, may
from smsapp.contacts.numbers import display
from smsapp.web.formats import breakable, format_ago, format_clock, format_day, format_moment, format_number
from smsapp.web.incoming import IdConverter, TextRequest, refuse_nul
from smsapp.web.lists import page_url

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def init_app(app: Flask) -> None:
    """Attach the defence against NUL, headers, ids in addresses and what templates may call. Features come later."""
    app.request_class = TextRequest
    app.url_map.converters["id"] = IdConverter
    app.before_request(refuse_nul)
    app.after_request(_headers)
    app.context_processor(_template_context)
    app.jinja_env.filters.update(
        number=format_number,
        day=format_day,
        moment=format_moment,
        clock=format_clock,
        ago=format_ago,
        phone=display,
        breakable=breakable,
    )
    app.jinja_env.globals["page_url"] = page_url  # imported macros see no context
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


def _headers(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.vary.add("HX-Request")
    if request.endpoint != "static" or response.status_code >= 400:
        response.headers["Cache-Control"] = "no-store"
    return response


def _template_context() -> dict[str, Any]:
    from smsapp.gateways.queries import sends_nothing
    from smsapp.quota.queries import available_messages
    from smsapp.settings.queries import current_settings

    return {
        "may": may,
        "Right": Right,
        "language": str(get_locale() or "de"),
        "settings": cache(current_settings),
        "sends_nothing": cache(sends_nothing),
        "available_messages": cache(available_messages),
    }
