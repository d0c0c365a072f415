"""What every page needs: security headers, locale, formats of numbers and times, pages of lists."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from flask import (
    Flask,
    Response,
    g,
    has_request_context,
    redirect,
    render_template,
    request,
    stream_with_context,
)
from flask.typing import ResponseReturnValue
from flask_babel import format_date, format_decimal, format_time, get_locale, to_user_timezone
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import Select, func, select

from smsapp.accounts.rights import Right, may
from smsapp.contacts.export import write_csv
from smsapp.contacts.numbers import display
from smsapp.extensions import db

LANGUAGES = ("de", "en")
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def init_app(app: Flask) -> None:
    """Attach the headers, and what templates may call."""
    app.after_request(_headers)
    app.context_processor(_template_context)
    app.jinja_env.filters.update(
        number=format_number, day=format_day, moment=format_moment, clock=format_clock, phone=display
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
    from smsapp.quota.queries import available_messages
    from smsapp.settings.queries import current_settings

    return {
        "may": may,
        "Right": Right,
        "language": str(get_locale() or "de"),
        "settings": current_settings,
        "available_messages": available_messages,
    }


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


def is_htmx() -> bool:
    """Whether htmx asks, and so a fragment is the answer."""
    return bool(request.htmx)  # type: ignore[attr-defined]


def render(page: str, fragment: str | None = None, /, status: int = 200, **values: Any) -> tuple[str, int]:
    """The page, or to htmx only the fragment that the page includes."""
    return render_template(fragment if fragment and is_htmx() else page, **values), status


def go_to(url: str) -> ResponseReturnValue:
    """To another page after something was done; htmx is told to leave the page it is on."""
    return Response(headers={"HX-Redirect": url}) if is_htmx() else redirect(url, 303)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list, and what a pager needs."""

    items: Sequence[Any]
    number: int
    size: int
    total: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.size))

    @property
    def first(self) -> int:
        return (self.number - 1) * self.size + 1 if self.total else 0

    @property
    def last(self) -> int:
        return min(self.number * self.size, self.total)


def paginate(statement: Select[*tuple[Any, ...]], size: int = 50, scalars: bool = True) -> Page:
    """The page that the URL's `page` names; out of range is brought to the nearest one."""
    total = db.session.scalar(select(func.count()).select_from(statement.order_by(None).subquery())) or 0
    asked = request.args.get("page", 1, type=int)
    number = min(max(asked, 1), max(1, -(-total // size)))
    result = db.session.execute(statement.limit(size).offset((number - 1) * size))
    return Page(result.scalars().unique().all() if scalars else result.all(), number, size, total)


def csv_response(rows: Iterable[Sequence[object]], filename: str) -> Response:
    """A table to download, written while it is read."""
    chunks: Iterator[str] = stream_with_context(write_csv(rows))
    headers = {"Content-Disposition": f'attachment; filename="{filename}"'}
    return Response(chunks, mimetype="text/csv", headers=headers)


def page_url(**changes: Any) -> str:
    """This page's address with these query arguments changed; None takes one away."""
    arguments = {**request.args.to_dict(), **changes}
    query = urlencode({name: value for name, value in arguments.items() if value is not None})
    return f"{request.path}?{query}" if query else request.path
