"""What goes out: pages or their fragments, dialogs, the way to another page, tables to download."""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from tempfile import TemporaryFile
from typing import IO, Any

from flask import Response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from smsapp.contacts.export import write_csv

_CHUNK = 1 << 16


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
