"""What every page needs: safe input, security headers, locale, formats of numbers and times, pages of lists."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache, partial
from tempfile import TemporaryFile
from typing import IO, Any
from urllib.parse import urlencode

from flask import Flask, Response, abort, g, has_request_context, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import format_date, format_decimal, format_time, format_timedelta, get_locale, to_user_timezone
from flask_babel import gettext as _
from flask_login import current_user
from htmx_flask.requests import HtmxAwareRequest
from sqlalchemy import Select, func, select
from werkzeug.datastructures import ImmutableMultiDict, MultiDict
from werkzeug.routing import IntegerConverter, Map
from werkzeug.utils import cached_property

from smsapp.accounts.rights import Right, may
from smsapp.clock import now
from smsapp.contacts.export import write_csv
from smsapp.contacts.numbers import display
from smsapp.extensions import db

LANGUAGES = ("de", "en")
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
SUBSTITUTE = "\x1a"
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
_RECENT = timedelta(days=7)
_CHUNK = 1 << 16
LARGEST_ID = 2**31 - 1
"""No database column of ids holds more."""


class Form(ImmutableMultiDict[str, Any]):
    """What a form holds. NUL, which PostgreSQL keeps in no text, is Unicode's SUBSTITUTE here.

    That is a control character, too, so a field where text is typed says so as of any other.
    """

    def __init__(self, mapping: Any = None) -> None:
        super().__init__(mapping)
        for values in self.listvalues():
            values[:] = [each.replace("\0", SUBSTITUTE) if isinstance(each, str) else each for each in values]


class TextRequest(HtmxAwareRequest):
    """A request that knows htmx, and whose values every database takes as text."""

    parameter_storage_class = Form

    @cached_property
    def args(self) -> MultiDict[str, str]:
        """The values in the address, without control characters: nobody types any there."""
        pairs = super().args.items(multi=True)
        return ImmutableMultiDict([(name, _CONTROL.sub("", value)) for name, value in pairs])


class IdConverter(IntegerConverter):
    """An id in an address, `<id:contact_id>`; with a larger number there is no such page."""

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, max=LARGEST_ID)


def init_app(app: Flask) -> None:
    """Attach the defence against NUL, headers, ids in addresses and what templates may call. Features come later."""
    app.request_class = TextRequest
    app.url_map.converters["id"] = IdConverter
    app.before_request(_refuse_nul)
    app.after_request(_headers)
    app.context_processor(_template_context)
    app.jinja_env.filters.update(
        number=format_number, day=format_day, moment=format_moment, clock=format_clock, ago=format_ago, phone=display
    )
    app.jinja_env.globals["page_url"] = page_url  # imported macros see no context
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


def _refuse_nul() -> None:
    """No page has an address with NUL in its path."""
    if "\0" in request.path:
        abort(404)


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
        "settings": cache(current_settings),
        "available_messages": cache(available_messages),
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


def is_htmx() -> bool:
    """Whether htmx asks, and so a fragment is the answer."""
    return bool(request.htmx)  # type: ignore[attr-defined]


def render(page: str, fragment: str | None = None, /, status: int = 200, **values: Any) -> tuple[str, int]:
    """The page, or to htmx only the fragment that the page includes."""
    return render_template(fragment if fragment and is_htmx() else page, **values), status


def dialog(fragment: str, title: str, back: str, status: int = 200, **values: Any) -> ResponseReturnValue:
    """A fragment for the page's dialog, or without JavaScript a page around it; `back` is where closing leads."""
    return render("dialog_page.html", fragment, status, body=fragment, title=title, back=back, **values)


def go_to(url: str) -> ResponseReturnValue:
    """To another page after something was done; htmx is told to leave the page it is on."""
    return Response(headers={"HX-Redirect": url}) if is_htmx() else redirect(url, 303)


def asked_ids(name: str) -> list[int]:
    """The ids that the address has by this name; what no database column could hold is none."""
    return [each for each in request.args.getlist(name, type=int) if 0 < each <= LARGEST_ID]


def asked_id(name: str) -> int | None:
    """The id that the address has by this name, if there is one."""
    return next(iter(asked_ids(name)), None)


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


def paginate(
    statement: Select[*tuple[Any, ...]], size: int = 50, scalars: bool = True, total: int | None = None
) -> Page:
    """The page that the URL's `page` names; out of range is brought to the nearest one. `total`: where it is known."""
    if total is None:
        total = db.session.scalar(select(func.count()).select_from(statement.order_by(None).subquery())) or 0
    asked = request.args.get("page", 1, type=int)
    number = min(max(asked, 1), max(1, -(-total // size)))
    result = db.session.execute(statement.limit(size).offset((number - 1) * size))
    return Page(result.scalars().unique().all() if scalars else result.all(), number, size, total)


def csv_response(rows: Iterable[Sequence[object]], filename: str) -> Response:
    """A table to download. It waits in a temporary file, so that a slow reader holds no transaction open."""
    file = TemporaryFile()  # noqa: SIM115  # closed, and so gone, when all is sent or the reader has left
    try:
        for chunk in write_csv(rows):
            file.write(chunk.encode())
    except BaseException:
        file.close()
        raise
    headers = {"Content-Disposition": f'attachment; filename="{filename}"', "Content-Length": str(file.tell())}
    response = Response(_read(file), mimetype="text/csv", headers=headers)
    response.call_on_close(file.close)
    return response


def _read(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        file.seek(0)
        yield from iter(partial(file.read, _CHUNK), b"")


def page_url(**changes: Any) -> str:
    """This page's address with these query arguments changed; None takes one away."""
    arguments = {**request.args.to_dict(), **changes}
    query = urlencode({name: value for name, value in arguments.items() if value is not None})
    return f"{request.path}?{query}" if query else request.path
