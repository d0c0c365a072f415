"""A web client that looks closely at every page and fragment it loads.

`CheckingClient` is Flask's test client and fails when an answer is no sound HTML: see `problems_of`. The application of
the tests uses it, so every test that loads a page checks it, too. `CheckedClient(client)` adds `fragment`, for what
htmx asks.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

REFERENCES = (
    *("aria-labelledby", "aria-describedby", "aria-controls", "aria-owns", "aria-activedescendant"),
    *("aria-errormessage", "aria-details", "for", "list", "form"),
)
CONTROLS = ("input", "select", "textarea")
SENDING = ("hx-post", "hx-put", "hx-patch", "hx-delete")
ADDRESSES = ("href", "src", "action", "formaction", "hx-get", *SENDING)


class CheckingClient(FlaskClient):
    """Flask's test client, with a look at every answer."""

    root: Element | None = None  # what was parsed last, if it was HTML
    _page_ids: frozenset[str] | None = None

    def open(self, *args: Any, **options: Any) -> TestResponse:
        response = super().open(*args, **options)
        problems = header_problems(response)
        self.root = None
        if response.mimetype == "text/html" and not response.location and response.text.strip():
            self.root = parse(response.text)
            problems += problems_of(self.root, self._page_ids)
            if is_page(self.root):
                self._page_ids = frozenset(_ids(self.root))
        told = "\n  ".join(problems)
        assert not problems, f"{response.request.method} {response.request.path} ({response.status_code}):\n  {told}"
        return response


class CheckedClient:
    """What a browser with htmx does, on a client that looks at every answer."""

    def __init__(self, client: FlaskClient) -> None:
        assert isinstance(client, CheckingClient)
        self.client = client

    def get(self, url: str, **options: Any) -> TestResponse:
        return self.client.get(url, **options)

    def post(self, url: str, **options: Any) -> TestResponse:
        return self.client.post(url, **options)

    def fragment(self, url: str, method: str = "GET", **options: Any) -> TestResponse:
        """What htmx would get."""
        headers = {**options.pop("headers", {}), "HX-Request": "true"}
        return self.client.open(url, method=method, headers=headers, **options)


def parse(html: str) -> Element:
    """The tree of a page (`html`), or of a fragment (`DOCUMENT_FRAGMENT`); elements have plain names."""
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    text = html.lstrip()
    if text[:9].lower() == "<!doctype":
        root = parser.parse(text)
    else:
        root = parser.parseFragment(text, container=_container(text))
    root.set("parse-errors", "; ".join(sorted({code for _, code, _ in parser.errors})))
    return root  # type: ignore[no-any-return]


def _container(text: str) -> str:
    """The element that a fragment belongs in, where a parser must know it."""
    for start, container in (("<tr", "tbody"), ("<tbody", "table"), ("<td", "tr"), ("<option", "select")):
        if text.startswith(start):
            return container
    return "div"


def is_page(root: Element) -> bool:
    return root.tag == "html"


def header_problems(response: TestResponse) -> list[str]:
    """What the answer's headers lack."""
    headers = response.headers
    expected = (
        ("Content-Security-Policy", "default-src 'none'"),
        ("X-Content-Type-Options", "nosniff"),
        ("Vary", "HX-Request"),
        ("Cache-Control", "no-store"),
    )
    problems = [f"header {name} lacks {value}" for name, value in expected if value not in headers.get(name, "")]
    if "unsafe" in headers.get("Content-Security-Policy", ""):
        problems.append("the Content-Security-Policy allows something unsafe")
    return problems


def problems_of(root: Element, page_ids: Iterable[str] | None = None) -> list[str]:
    """All that is wrong with a page or fragment.

    A fragment may refer to ids of the page that it belongs to; while that is not known it may refer to anything.
    """
    parents = {child: parent for parent in root.iter() for child in parent}
    return [
        *_frame_problems(root),
        *_id_problems(root),
        *_reference_problems(root, None if page_ids is None else frozenset(page_ids)),
        *_label_problems(root, parents),
        *_inline_problems(root),
        *_element_problems(root),
        *_csrf_problems(root, parents),
    ]


def _frame_problems(root: Element) -> Iterator[str]:
    if errors := root.get("parse-errors"):
        yield f"HTML that a browser has to mend: {errors}"
    headings = len(list(root.iter("h1")))
    if not is_page(root):
        if headings:
            yield "a fragment has an h1"
        return
    if headings != 1:
        yield f"{headings} h1 instead of one"
    title = _text(root.find("head/title"))
    if not title or title.startswith("·"):
        yield f"no title of its own: {title!r}"
    if root.get("lang") not in ("de", "en"):
        yield f"lang is {root.get('lang')!r}"


def _ids(root: Element) -> Iterator[str]:
    return (value for each in root.iter() if (value := each.get("id")) is not None)


def _id_problems(root: Element) -> Iterator[str]:
    counted = Counter(_ids(root))
    yield from (f"id {name!r} is there {times} times" for name, times in counted.items() if times > 1)
    if any(not name or name != "".join(name.split()) for name in counted):
        yield "an id is empty or has a space"


def _reference_problems(root: Element, page_ids: frozenset[str] | None) -> Iterator[str]:
    if page_ids is None and not is_page(root):
        return
    known = {*_ids(root)} | (set() if is_page(root) else set(page_ids or ()))
    for element in root.iter():
        if element.tag == "dialog" and len(element) == 0:
            continue  # is filled, and then has its title, when it opens
        for name in REFERENCES:
            if name == "form" and element.tag == "form":
                continue
            missing = set((element.get(name) or "").split()) - known
            if missing:
                yield f"<{element.tag} {name}> names what is not there: {', '.join(sorted(missing))}"


def _label_problems(root: Element, parents: dict[Element, Element]) -> Iterator[str]:
    labelled = {each.get("for") for each in root.iter("label") if _text(each)}
    for control in (each for tag in CONTROLS for each in root.iter(tag)):
        if control.get("type") in ("hidden", "submit", "reset", "button", "image"):
            continue
        wrapped = any(each.tag == "label" and _text(each) for each in _ancestors(control, parents))
        if not (wrapped or control.get("id") in labelled or _named(control)):
            yield f"<{control.tag} name={control.get('name')!r}> has no label"
    for button in (*root.iter("button"), *root.iter("a")):
        if not (_text(button) or _named(button) or any(image.get("alt") for image in button.iter("img"))):
            yield f"<{button.tag} {button.get('href') or button.get('name') or ''}> has no name"


def _named(element: Element) -> bool:
    return bool((element.get("aria-label") or "").strip() or element.get("aria-labelledby"))


def _inline_problems(root: Element) -> Iterator[str]:
    for element in root.iter():
        tag = str(element.tag)
        if tag == "style" or (tag == "script" and not element.get("src")):
            yield f"inline <{tag}>"
        for name, value in element.attrib.items():
            text = value.strip().lower()
            if name == "style" or name.startswith(("on", "hx-on", "data-hx-on")):
                yield f"<{tag}> has the attribute {name}"
            if name in ADDRESSES and text.startswith(("javascript:", "data:", "vbscript:")):
                yield f"<{tag} {name}> runs a script"
            if name.startswith("hx-") and text.startswith(("js:", "javascript:")):
                yield f"<{tag} {name}> runs a script"
            if name == "hx-trigger" and "[" in text:
                yield f"<{tag} hx-trigger> has a filter, which is a script"


def _element_problems(root: Element) -> Iterator[str]:
    for button in root.iter("button"):
        if button.get("type") not in ("submit", "button", "reset"):
            yield f"<button> {_text(button)!r} has no type"
    for image in root.iter("img"):
        if image.get("alt") is None:
            yield f"<img {image.get('src')}> has no alt"
    for link in root.iter("a"):
        if link.get("target") == "_blank" and "noopener" not in (link.get("rel") or ""):
            yield f"<a {link.get('href')}> opens a window without noopener"
    for table in root.iter("table"):
        if table.find(".//th") is None:
            yield "a table has no header cells"
    for field in root.iter("fieldset"):
        if not _text(field.find("legend")) and not _named(field):
            yield "a fieldset has no legend"


def _csrf_problems(root: Element, parents: dict[Element, Element]) -> Iterator[str]:
    for form in root.iter("form"):
        if (form.get("method") or "").lower() == "post" and not _carries_token(form):
            yield f"the form to {form.get('action') or 'here'} has no csrf_token"
    for element in root.iter():
        for name in SENDING:
            if element.get(name) is not None and not _sends_token(element, parents):
                yield f"<{element.tag} {name}={element.get(name)!r}> sends no csrf_token"


def _carries_token(form: Element) -> bool:
    return any(each.get("name") == "csrf_token" and each.get("value") for each in form.iter("input"))


def _sends_token(element: Element, parents: dict[Element, Element]) -> bool:
    around = [element, *_ancestors(element, parents)]
    included = (element.get("hx-include") or "").removeprefix("#")
    if included and all(each.get("id") != included for each in around[-1].iter()):
        return True  # a form of the page that this fragment goes into, which was looked at when it was loaded
    around += [each for each in around[-1].iter("form") if each.get("id") == included]
    return any((each.tag == "form" and _carries_token(each)) or "csrf" in _headers(each) for each in around)


def _headers(element: Element) -> str:
    return " ".join(value.lower() for name, value in element.attrib.items() if name.startswith("hx-headers"))


def _ancestors(element: Element, parents: dict[Element, Element]) -> Iterator[Element]:
    while (parent := parents.get(element)) is not None:
        yield parent
        element = parent


def _text(element: Element | None) -> str:
    return " ".join("".join(element.itertext()).split()) if element is not None else ""
