"""Every page and fragment that can be reached is loaded and looked at: as each role, and in both languages.

The crawl starts at the start page and follows links, forms that only ask, and what htmx would fetch. Nothing has to
be registered here: a new page is covered as soon as something leads to it, and a page that nothing leads to is told.
"""

import io
import re
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from urllib.parse import urldefrag, urlencode, urljoin, urlsplit
from xml.etree.ElementTree import Element

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert, select, update
from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter
from werkzeug.test import TestResponse

from smsapp.accounts.models import User
from smsapp.accounts.rights import Right, Role, rights_of
from smsapp.campaigns.models import Skip
from smsapp.campaigns.skips import SkipReason
from smsapp.clock import now
from smsapp.contacts.importing import service as importing
from smsapp.contacts.importing import work
from smsapp.contacts.importing.models import ImportJob
from smsapp.contacts.models import Block
from smsapp.contacts.routes import RECENT
from smsapp.delivery.models import Campaign, Delivery, IncomingSms
from smsapp.delivery.states import CampaignState, State
from smsapp.demo.audiences import AUDIENCES
from smsapp.extensions import db, db_write
from smsapp.message_templates.models import MessageTemplate
from smsapp.settings.models import SenderName
from tests import factories
from tests.web.checker import CheckingClient

MOST_PAGES = 600
MOST_OF_A_KIND = 4  # addresses of the same page that differ in ids or in the values of their query

# Pages that no link leads to, and why.
WITHOUT_LINK = {
    "accounts.choose_password": "its link is handed over",
    "kannel.receipt": "for machines",
    "kannel.sms": "for machines",
    "overview.healthz": "for machines",
    "static": "Flask's own",
}

# Where the crawl starts. The popup's button sends the conditions along, so it is no link.
STARTS = {Right.READ: "/", Right.SEND: "/audiences/1/send"}

SHOWN_LAST_FIRST = (
    *(CampaignState.CANCELLED, CampaignState.HANDED_OVER, CampaignState.PAUSED),
    *(CampaignState.SENDING, CampaignState.WAITING, CampaignState.CLOSED),
)
"""The crawl looks at few of a kind, and lists show the newest first."""

IMPORT = """Anrede;Vorname;Nachname;E-Mail;Mobiltelefon
Frau;Berta;Neu;berta@neu.example;0171 3920011
Familie;Kein;Titel;keine;
"""


def make_sample() -> None:
    """A small CRM in which every list has entries and every state occurs."""
    factories.settings()
    factories.user(name="Jemand Anderes")
    company = factories.company(city="Hamburg", country="DE", industry="Handel", phone="+49 40 66969000")
    labels = ("VIP", "Messe 2026")
    factories.contact(
        mobile="+49 171 3920001", company=company, labels=labels, email="anna@alt.example", city="Hamburg"
    )
    factories.contact("Zoë", "Çelik", mobile="0171 3920002", work="+49 40 66969001", newsletter=True)
    factories.contact("", "Nummernlos", no_sms=True, consent="no")
    factories.contact("<b>Bob</b>", "{Vorname} {{7*7}}", mobile="siehe Zentrale", home="+358 47 2000001", language="fi")
    for sample in AUDIENCES:
        factories.audience(sample.name, sample.tree)
    factories.audience("Alle")
    factories.audience("Ruhend", active=False)
    _make_campaigns()
    _make_imports()
    _fill_lists()


def _make_campaigns() -> None:
    """One in each state, those with most to see last; the one that is sending has deliveries in each state.

    The one that is closed has an SMS that failed.
    """
    audience_id = factories.audience("Gesendet").id
    states = list(State)
    for state in SHOWN_LAST_FIRST:
        campaign = factories.campaign(len(states), state=state, name=f"Versand {state}", audience_id=audience_id)
        if state is CampaignState.SENDING:
            sending = campaign.id
        if state is CampaignState.CLOSED:
            closed = campaign.id
    with db_write() as session:
        session.get_one(Campaign, closed).closed_at = now()
        failed = session.scalars(select(Delivery).where(Delivery.campaign_id == closed)).first()
        assert failed
        failed.state, failed.contact_id, failed.number, failed.country = State.REJECTED, 1, "+491713920001", "DE"
        deliveries = session.scalars(select(Delivery).where(Delivery.campaign_id == sending)).all()
        for delivery, state in zip(deliveries, states, strict=True):
            delivery.state, delivery.contact_id = state, 1
        rows = [{"campaign_id": sending, "contact_id": 3, "name": "Nummernlos", "reason": r} for r in SkipReason]
        session.execute(insert(Skip), rows)


def _make_imports() -> None:
    """One that is only uploaded, one that is checked, one that is done."""
    for steps in range(3):
        number = importing.upload(io.BytesIO(IMPORT.encode()), "kontakte.csv", None)
        if steps > 0:
            importing.check(number)
            work.check(number)
        if steps > 1:
            importing.run(number, db.session.get_one(ImportJob, number).round)
            work.run(number)


def _fill_lists() -> None:
    owner = factories.user().id
    with db_write() as session:
        session.add(
            MessageTemplate(
                name="Gruß", name_key="gruss", search_key="gruss", text="Hallo {Vorname}", shared=True, owner_id=owner
            )
        )
        session.add_all(
            IncomingSms(
                gateway="simulator",
                number="+491713920001",
                recipient="+358457396",
                text=f"Nr. {n}",
                asks_to_stop=not n,
            )
            for n in range(RECENT + 1)
        )
        session.add(Block(e164="+491713920009", reason="hat widersprochen"))
        session.add(SenderName(name="Kurzpost", active=True))
        session.add(SenderName(name="Alt-Name", active=False))


class Crawl:
    """Loads a page, remembers what it leads to, and goes on until nothing new is found."""

    def __init__(self, app: Flask, client: CheckingClient, starts: Iterable[str]) -> None:
        self.client = client
        self.map: MapAdapter = app.url_map.bind("localhost")
        self.waiting: deque[tuple[str, bool]] = deque(
            (start, fragment) for start in starts for fragment in (False, True)
        )
        self.seen: set[tuple[str, bool]] = set(self.waiting)
        self.kinds: Counter[tuple[str, bool]] = Counter()
        self.reached: set[str] = set()
        self.failed: list[str] = []

    def run(self) -> "Crawl":
        while self.waiting and len(self.seen) < MOST_PAGES:
            url, fragment = self.waiting.popleft()
            self.load(url, fragment)
        return self

    def load(self, url: str, fragment: bool) -> None:
        try:
            answer = self.client.get(url, headers={"HX-Request": "true"} if fragment else {})
        except Exception as error:  # whatever it is, it is told together with its address
            self.failed.append(f"{url}: {error!r}")
            return
        if answer.status_code >= 400:
            self.failed.append(f"{answer.status_code} {url}" + (" (htmx)" if fragment else ""))
        self.reached.add(self.endpoint(url))
        for found in self.found_in(answer, url):
            self.note(*found)

    def found_in(self, answer: TestResponse, url: str) -> Iterator[tuple[str, bool]]:
        """What the answer leads to, and whether htmx would fetch it."""
        if answer.location:
            yield urljoin(url, answer.location), False
        elif self.client.root is not None:
            for target, fragment in leads_to(self.client.root):
                yield urljoin(url, target), fragment

    def note(self, url: str, fragment: bool) -> None:
        url = urldefrag(url).url
        parts = urlsplit(url)
        found = (url, fragment)
        if parts.scheme or parts.netloc or parts.path.startswith("/static/") or found in self.seen:
            return
        names = "&".join(sorted({pair.partition("=")[0] for pair in parts.query.split("&")}))
        kind = (f"{self.endpoint(url)}?{names}", fragment)
        self.kinds[kind] += 1
        if self.kinds[kind] <= MOST_OF_A_KIND:
            self.seen.add(found)
            self.waiting.append(found)

    def endpoint(self, url: str) -> str:
        try:
            return str(self.map.match(urlsplit(url).path, method="GET")[0])
        except HTTPException:
            return urlsplit(url).path


def leads_to(root: Element) -> Iterator[tuple[str, bool]]:
    """Addresses of links, of forms that only ask, and of what htmx fetches."""
    for element in root.iter():
        if element.tag == "a" and element.get("href"):
            yield element.get("href", ""), False
        if element.tag == "form" and (element.get("method") or "get").lower() == "get":
            yield form_address(element), False
        if element.get("hx-get") is not None:
            yield form_address(element, "hx-get") if element.tag == "form" else element.get("hx-get", ""), True


def form_address(form: Element, attribute: str = "action") -> str:
    """The address that the form leads to when it is sent as it is."""
    pairs = []
    for control in form.iter():
        if control.tag == "input" and control.get("name"):
            if control.get("type") in ("checkbox", "radio") and control.get("checked") is None:
                continue
            pairs.append((control.get("name", ""), control.get("value") or ""))
        if control.tag == "select" and control.get("name"):
            options = list(control.iter("option"))
            chosen = next((each for each in options if each.get("selected") is not None), next(iter(options), None))
            if chosen is not None:
                pairs.append((control.get("name", ""), chosen.get("value") or ""))
    address = (form.get(attribute) or "").partition("?")[0]
    return f"{address}?{urlencode(pairs)}" if pairs else address


@pytest.mark.parametrize(("role", "language"), [*((role, "de") for role in Role), (Role.ADMIN, "en")])
def test_every_page_is_sound(app: Flask, role: Role, language: str, request: pytest.FixtureRequest) -> None:
    make_sample()
    client: CheckingClient = request.getfixturevalue(role)
    with db_write() as session:
        session.execute(update(User).values(language=language))
    crawl = Crawl(app, client, [start for right, start in STARTS.items() if right in rights_of(role)]).run()
    if crawl.failed:
        pytest.fail("\n".join(crawl.failed), pytrace=False)
    assert len(crawl.seen) > 30
    if role is Role.ADMIN:
        pages = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
        assert sorted(pages - crawl.reached - set(WITHOUT_LINK)) == []


def test_a_number_that_no_database_can_hold_is_not_found(app: Flask, admin: FlaskClient) -> None:
    too_large = 2**64
    for rule in app.url_map.iter_rules():
        numbers = {name: too_large for name in rule.arguments if name.endswith("_id")}
        if numbers and "GET" in (rule.methods or ()):
            url = re.sub("<id:[^>]*>", str(too_large), rule.rule)
            assert admin.get(url).status_code == 404, rule.rule


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("url", ["/login", "/login?next=/contacts/", "/nowhere", "/static/nowhere.css"])
def test_strangers_see_sound_pages_too(client: FlaskClient, language: str, url: str) -> None:
    answer = client.get(url, headers={"Accept-Language": language})
    assert answer.status_code in (200, 404)
    assert f'<html lang="{language}">' in answer.text
