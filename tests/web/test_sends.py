"""The pages of sends: the list, one send with its history and recipients, and what people do with it."""

from datetime import datetime, timedelta
from typing import Any
from xml.etree.ElementTree import Element

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import delete, insert, update

from smsapp.accounts.models import User
from smsapp.campaigns.drafts import load_draft, restore_draft, save_draft
from smsapp.campaigns.models import Skip
from smsapp.campaigns.order import Composed
from smsapp.clock import now
from smsapp.contacts.models import Contact
from smsapp.delivery import claims, sending, service
from smsapp.delivery.models import Campaign, Delivery, Heartbeat
from smsapp.extensions import db_write
from smsapp.gateways.base import Accepted
from smsapp.gateways.models import GatewayRow
from smsapp.quota.queries import balances
from tests import factories
from tests.sending import campaign_state, deliveries, handed_over, seen, simulate, states
from tests.web.checker import CheckedClient, CheckingClient

pytestmark = pytest.mark.usefixtures("invariants_hold")
ACTIONS = ("undo", "pause", "resume", "cancel-rest")


def in_english(client: FlaskClient) -> CheckedClient:
    with db_write() as session:
        session.execute(update(User).values(language="en"))
    return CheckedClient(client)


@pytest.fixture
def page(sender: FlaskClient) -> CheckedClient:
    """A person who may send, and reads English; the module is on, the worker is alive."""
    factories.settings()
    with db_write() as session:
        session.add(Heartbeat(name="worker send@test", at=now() + timedelta(days=1)))
    return in_english(sender)


def waiting(seconds: int = 30, **values: Any) -> Campaign:
    """A send in its undo window."""
    return factories.campaign(state="waiting", starts_at=now() + timedelta(seconds=seconds), **values)


def do(page: CheckedClient, campaign: Campaign, action: str) -> int:
    return page.post(f"/campaigns/{campaign.id}/{action}").status_code


def shown(page: CheckedClient, campaign: Campaign, query: str = "") -> str:
    return page.get(f"/campaigns/{campaign.id}{query}").text


def root(page: CheckedClient) -> Element:
    """The page that was loaded last."""
    assert isinstance(page.client, CheckingClient)
    assert page.client.root is not None
    return page.client.root


def words(element: Element) -> str:
    """What it says, in one line."""
    return " ".join("".join(element.itertext()).split())


def listed(page: CheckedClient, query: str = "") -> list[str]:
    """The names of the sends as the list has them, in order."""
    page.get(f"/campaigns/{query}")
    return [words(cell) for cell in root(page).findall(".//tbody/tr/td[1]/a")]


def history(page: CheckedClient, campaign: Campaign) -> list[str]:
    """The lines of the history, in order."""
    shown(page, campaign)
    return [words(line) for line in root(page).findall(".//ol[@id='history']/li")]


def names(page: CheckedClient, campaign: Campaign, query: str = "") -> list[str]:
    """The recipients' names as the page has them, in order."""
    shown(page, campaign, query)
    return [words(cell) for cell in root(page).findall(".//div[@id='recipient-list']//tbody/tr/td[1]")]


def change(campaign: Campaign, *changes: dict[str, Any]) -> None:
    """Change the recipients of a send, in order; those for which nothing is named stay."""
    with db_write() as session:
        for delivery, values in zip(deliveries(campaign.id), changes, strict=False):
            if values:
                session.execute(update(Delivery).where(Delivery.id == delivery.id).values(**values))


# ---- Undo ----


def test_undone_in_its_window_nothing_is_sent(page: CheckedClient) -> None:
    campaign = waiting(billed=2)
    assert do(page, campaign, "undo") == 303
    assert states(campaign.id) == {"cancelled": 3}
    assert (balances().available, balances().reserved) == (6, 0)
    assert "Undone, nothing was sent" in shown(page, campaign)


def undone_by(user: User, text: str) -> Composed | None:
    """The draft of a user whose send of this text to the only audience is undone."""
    audience_id = factories.audience().id
    options = {"include_fixed_line": True, "leave_empty": ["city"], "allowed_countries": []}
    campaign = waiting(user_id=user.id, audience_id=audience_id, text=text, options=options)
    service.undo(campaign.id, user.id)
    restore_draft(campaign)
    return load_draft(user.id, audience_id)


def test_what_was_undone_is_a_draft_again(page: CheckedClient) -> None:
    draft = undone_by(factories.user(), "Hallo {Ort}")
    assert draft is not None
    assert (draft.text, draft.include_fixed_line, draft.leave_empty) == ("Hallo {Ort}", True, ("city",))


def test_what_was_composed_since_is_kept(page: CheckedClient) -> None:
    user, audience = factories.user(), factories.audience()
    save_draft(user.id, Composed(audience.id, "Neu"))
    campaign = waiting(user_id=user.id, audience_id=audience.id, text="Alt")
    assert do(page, campaign, "undo") == 303
    draft = load_draft(user.id, audience.id)
    assert draft is not None
    assert draft.text == "Neu"


def test_undoing_twice_is_refused_and_changes_nothing(page: CheckedClient) -> None:
    campaign = waiting()
    assert [do(page, campaign, "undo") for _ in range(2)] == [303, 409]
    assert balances().available == 3


def test_after_its_window_a_send_cannot_be_undone(page: CheckedClient) -> None:
    campaign = waiting(seconds=-1)
    service.start_due()
    assert do(page, campaign, "undo") == 409
    assert states(campaign.id) == {"queued": 3}


def test_undo_is_offered_only_in_the_window(page: CheckedClient) -> None:
    assert "/undo" in shown(page, waiting())
    assert "/undo" not in shown(page, factories.campaign())


def test_the_window_says_when_sending_starts(page: CheckedClient) -> None:
    with time_machine.travel(now(), tick=False):
        assert "Sending starts in 28 seconds." in shown(page, waiting(seconds=28))


# ---- Pause, resume, cancel the rest ----


def test_a_paused_send_hands_nothing_over(page: CheckedClient) -> None:
    simulate()
    campaign = factories.campaign()
    assert do(page, campaign, "pause") == 303
    sending.drain(campaign.id)
    assert handed_over() == []
    assert "This send is paused" in shown(page, campaign)


def test_a_resumed_send_goes_on(page: CheckedClient) -> None:
    simulate()
    campaign = factories.campaign()
    do(page, campaign, "pause")
    assert do(page, campaign, "resume") == 303
    sending.drain(campaign.id)
    assert len(handed_over()) == 3


@pytest.mark.parametrize("action", ["pause", "resume"])
def test_what_was_done_already_is_refused(page: CheckedClient, action: str) -> None:
    campaign = factories.campaign(state={"pause": "sending", "resume": "paused"}[action])
    assert [do(page, campaign, action) for _ in range(2)] == [303, 409]


def test_resumed_in_its_undo_window_it_waits_again(page: CheckedClient) -> None:
    campaign = waiting()
    do(page, campaign, "pause")
    do(page, campaign, "resume")
    assert campaign_state(campaign.id) == "waiting"


def test_nothing_is_resumed_while_the_module_is_off(page: CheckedClient) -> None:
    campaign = factories.campaign(state="paused")
    factories.settings(module_on=False)
    assert do(page, campaign, "resume") == 404
    assert campaign_state(campaign.id) == "paused"


def test_the_rest_can_be_cancelled_while_the_module_is_off(page: CheckedClient) -> None:
    campaign = factories.campaign(state="paused")
    factories.settings(module_on=False)
    assert do(page, campaign, "cancel-rest") == 303
    assert states(campaign.id) == {"cancelled": 3}


def test_cancelling_the_rest_is_asked_first(page: CheckedClient) -> None:
    campaign = factories.campaign()
    url = f"/campaigns/{campaign.id}/cancel-rest"
    for answer in (page.get(url), page.fragment(url)):
        assert "3 SMS have not been handed over yet" in answer.text
    assert states(campaign.id) == {"queued": 3}


def test_what_went_out_is_not_cancelled_with_the_rest(page: CheckedClient) -> None:
    campaign = factories.campaign()
    held = claims.claim(campaign.id, "worker", 1)
    window = claims.begin(campaign.id, "worker", held)
    claims.record(window, {one.reference: Accepted("g") for one in window.deliveries})
    do(page, campaign, "cancel-rest")
    assert states(campaign.id) == {"accepted": 1, "cancelled": 2}
    assert (balances().spent, balances().available) == (1, 2)


def test_the_rest_is_cancelled_once(page: CheckedClient) -> None:
    campaign = factories.campaign()
    assert [do(page, campaign, "cancel-rest") for _ in range(2)] == [303, 409]
    assert balances().available == 3


@pytest.mark.parametrize("action", ACTIONS)
def test_a_stale_page_changes_nothing_of_a_send_that_is_over(page: CheckedClient, action: str) -> None:
    simulate()
    campaign = factories.campaign()
    sending.drain(campaign.id)
    service.finish(campaign.id)
    assert do(page, campaign, action) == 409
    assert states(campaign.id) == {"accepted": 3}


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("role", ["viewer", "editor"])
def test_only_who_may_send_may_act(role: str, action: str, request: pytest.FixtureRequest) -> None:
    client = CheckedClient(request.getfixturevalue(role))
    campaign = waiting()
    assert do(client, campaign, action) == 403
    assert f"/campaigns/{campaign.id}/undo" not in shown(client, campaign)


@pytest.mark.parametrize("action", ACTIONS)
def test_a_send_that_does_not_exist_is_not_found(page: CheckedClient, action: str) -> None:
    assert page.post(f"/campaigns/4711/{action}").status_code == 404
    assert page.get("/campaigns/4711").status_code == 404


def test_a_send_that_waits_for_its_gateway_says_for_how_long(page: CheckedClient) -> None:
    campaign = factories.campaign()
    with time_machine.travel(now(), tick=False):
        with db_write() as session:
            values = {"failures": 3, "open_until": now() + timedelta(seconds=110), "open_reason": "not_connected"}
            session.execute(update(GatewayRow).values(values))
        said = "Waiting for the gateway “simulator” (no connection to the operator), next attempt in"
        assert f"{said} 2 minutes." in shown(page, campaign)
        with time_machine.travel(now() + timedelta(seconds=80), tick=False):
            assert f"{said} 30 seconds." in shown(page, campaign)
        with time_machine.travel(now() + timedelta(seconds=111), tick=False):
            assert said not in shown(page, campaign)


# ---- History ----


def test_the_history_tells_what_happened_in_order_and_who_did_it(page: CheckedClient) -> None:
    campaign = waiting(user_name="Anna Meier")
    do(page, campaign, "pause")
    do(page, campaign, "resume")
    do(page, campaign, "undo")
    lines = history(page, campaign)
    said = (
        "Confirmed: 3 recipients, messages: 3 Anna Meier",
        "Paused User",
        "Resumed User",
        "Undone, nothing was sent",
    )
    assert [part in line for part, line in zip(said, lines, strict=True)] == [True] * 4


def test_what_happened_by_itself_names_nobody(page: CheckedClient) -> None:
    simulate()
    campaign = waiting(seconds=-1, recipients=1)
    service.start_due()
    sending.drain(campaign.id)
    service.finish(campaign.id)
    endings = ["Sending began", "Handed over completely"]
    assert [line.endswith(end) for line, end in zip(history(page, campaign)[1:], endings, strict=True)] == [True] * 2


def test_the_history_has_the_module_being_switched_off(page: CheckedClient) -> None:
    campaign = factories.campaign()
    with db_write() as session:
        service.pause_all(session, factories.user(name="Selma Brandt").id)
    assert "the SMS module was switched off" in shown(page, campaign)
    assert "Selma Brandt" in shown(page, campaign)


def test_the_history_has_the_decisions_about_unclear_sms(page: CheckedClient) -> None:
    simulate(lost=1.0)
    campaign = factories.campaign(recipients=3)
    sending.drain(campaign.id)
    first, *others = deliveries(campaign.id)
    user = factories.user(name="Selma Brandt")
    service.settle(seen(*others), "rejected", user.id)
    service.settle(seen(first), "accepted", user.id)
    text = shown(page, campaign)
    assert "2 unclear SMS: Not sent, return the quota" in text
    assert "Unclear SMS to Person 0: Was sent" in text
    assert "Selma Brandt" in text


def test_the_progress_brings_the_history_along(page: CheckedClient) -> None:
    campaign = factories.campaign()
    do(page, campaign, "pause")
    assert "Paused" in page.fragment(f"/campaigns/{campaign.id}/progress").text.partition('id="history"')[2]


# ---- Notes ----


def test_unclear_sms_lead_to_the_decision(page: CheckedClient) -> None:
    campaign = factories.campaign()
    change(campaign, {"state": "unknown"})
    assert f'href="/campaigns/unclear/?send={campaign.id}"' in shown(page, campaign)


def test_who_may_not_send_is_not_led_to_the_decision(viewer: FlaskClient) -> None:
    campaign = factories.campaign()
    change(campaign, {"state": "unknown"})
    assert "/campaigns/unclear" not in CheckedClient(viewer).get(f"/campaigns/{campaign.id}").text


def test_without_a_worker_the_page_says_how_many_messages_wait(page: CheckedClient) -> None:
    campaign = factories.campaign(recipients=3, billed=2)
    assert "is not running" not in shown(page, campaign)
    with db_write() as session:
        session.execute(delete(Heartbeat))
    assert "Waiting: 6 messages." in shown(page, campaign)


@pytest.mark.parametrize("alive", [True, False])
def test_before_yes_a_missing_worker_is_told(page: CheckedClient, alive: bool) -> None:
    if not alive:
        with db_write() as session:
            session.execute(delete(Heartbeat))
    assert ("The sending service is not running at the moment." in confirmation(page)) is not alive


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        ("2026-11-25T21:14+00:00", "It is 10:14"),
        ("2026-11-25T19:00+00:00", "It is 8:00"),
        ("2026-11-25T18:59+00:00", None),
        ("2026-11-26T06:59+00:00", "It is 7:59"),
        ("2026-11-26T07:00+00:00", None),
        ("2026-11-29T11:00+00:00", "It is 12:00"),
    ],
)
def test_a_late_hour_or_a_sunday_is_told_before_yes(
    moment: str, said: str | None, request: pytest.FixtureRequest
) -> None:
    with time_machine.travel(datetime.fromisoformat(moment), tick=False):
        text = confirmation(request.getfixturevalue("page"))
    assert (said in text) if said else ("It is " not in text)


def confirmation(page: CheckedClient) -> str:
    """What a confirmation of one SMS says."""
    factories.quota(10)
    factories.contact(mobile="+49 171 3920101")
    audience = factories.audience()
    form = {"sender": "", "phone_field": "mobile", "text": "Hallo", "send_key": "0123456789abcdef0123456789abcdef"}
    answer = page.fragment(f"/audiences/{audience.id}/send/confirm", method="POST", data=form)
    assert answer.status_code == 200
    return answer.text


# ---- Recipients ----


@pytest.mark.parametrize("recipients", [0, 1, 3000])
def test_any_number_of_recipients_is_shown_in_pages(page: CheckedClient, recipients: int) -> None:
    campaign = factories.campaign(recipients=recipients)
    assert len(names(page, campaign)) == min(50, recipients)
    last = -(-recipients // 50) or 1
    assert names(page, campaign, f"?page={last}")[-1:] == ([f"Person {recipients - 1}"] if recipients else [])


def test_without_recipients_the_page_says_so(page: CheckedClient) -> None:
    assert "This send has no recipients." in shown(page, factories.campaign(recipients=0))


def test_recipients_are_found_by_state(page: CheckedClient) -> None:
    campaign = factories.campaign(recipients=3)
    change(campaign, {}, {"state": "unknown"})
    assert names(page, campaign, "?state=unknown") == ["Person 1"]
    assert names(page, campaign, "?state=nonsense") == ["Person 0", "Person 1", "Person 2"]


@pytest.mark.parametrize(
    "search", ["celik", "ÇELIK", "0049 171 55000001", "+49 (171) 55000001", "55000001", "4917155000001"]
)
def test_recipients_are_found_by_name_and_number(page: CheckedClient, search: str) -> None:
    campaign = factories.campaign(recipients=3)
    contact = factories.contact("Zoë", "Çelik")
    change(campaign, {}, {"name": "Zoë Çelik", "contact_id": contact.id})
    assert names(page, campaign, f"?q={search.replace('+', '%2B')}") == ["Zoë Çelik"]


def test_recipients_are_found_by_name_after_their_contact_is_deleted(page: CheckedClient) -> None:
    campaign = factories.campaign(recipients=3)
    change(campaign, {}, {"name": "Zoë Çelik"})
    assert names(page, campaign, "?q=celik zoë") == ["Zoë Çelik"]


@pytest.mark.parametrize("search", ["nobody", "%", "_", "\\", "'"])
def test_a_search_without_result_says_so_and_leads_back(page: CheckedClient, search: str) -> None:
    campaign = factories.campaign()
    answer = page.get(f"/campaigns/{campaign.id}", query_string={"q": search})
    assert "No recipient matches this search." in answer.text
    assert f'href="/campaigns/{campaign.id}"' in answer.text


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("name", ["Ähre", "Beta", "Zeta"]),
        ("-name", ["Zeta", "Beta", "Ähre"]),
        ("-messages", ["Beta", "Ähre", "Zeta"]),
        ("number", ["Zeta", "Ähre", "Beta"]),
        ("state", ["Ähre", "Zeta", "Beta"]),
        ("nonsense", ["Zeta", "Ähre", "Beta"]),
    ],
)
def test_recipients_are_sorted(page: CheckedClient, sort: str, order: list[str]) -> None:
    campaign = factories.campaign(recipients=3, billed=2)
    changes = ({"name": "Zeta", "billed": 1}, {"name": "Ähre", "state": "rejected"}, {"name": "Beta", "billed": 3})
    change(campaign, *changes)
    found = names(page, campaign, f"?sort={sort}")
    change(campaign, {}, {"state": "queued"})
    assert found == order


def test_filter_search_and_order_stay_in_the_links_of_the_pages(page: CheckedClient) -> None:
    campaign = factories.campaign(recipients=51)
    text = shown(page, campaign, "?state=queued&q=person&sort=-name")
    assert f'rel="next" href="/campaigns/{campaign.id}?state=queued&amp;q=person&amp;sort=-name&amp;page=2"' in text


def test_htmx_gets_only_the_recipients(page: CheckedClient) -> None:
    campaign = factories.campaign()
    answer = page.fragment(f"/campaigns/{campaign.id}?q=Person 1")
    assert answer.text.lstrip().startswith('<div id="recipient-list"')
    assert "Person 0" not in answer.text


def test_under_way_the_recipients_ask_again_for_what_they_show(page: CheckedClient) -> None:
    campaign = factories.campaign()
    assert f'hx-get="/campaigns/{campaign.id}?q=Person"' in shown(page, campaign, "?q=Person")
    over = factories.campaign(state="closed", recipients=0)
    assert "every" not in shown(page, over)


def test_only_contacts_that_still_exist_are_links(page: CheckedClient) -> None:
    stays, goes = (factories.contact(name) for name in ("Anna", "Berta"))
    campaign = factories.campaign(recipients=2)
    change(campaign, {"contact_id": stays.id}, {"contact_id": goes.id})
    with db_write() as session:
        session.execute(delete(Contact).where(Contact.id == goes.id))
    text = shown(page, campaign)
    assert (f'href="/contacts/{stays.id}"' in text, f'href="/contacts/{goes.id}"' in text) == (True, False)
    assert names(page, campaign) == ["Person 0", "Person 1 (deleted)"]


def test_a_deleted_company_leaves_the_texts_as_they_were_sent(page: CheckedClient) -> None:
    company = factories.company("Busch KG")
    contact = factories.contact(company=company)
    campaign = factories.campaign(recipients=1)
    change(campaign, {"contact_id": contact.id, "text": "Gruß von Busch KG"})
    with db_write() as session:
        session.execute(update(Contact).values(company_id=None))
        session.delete(session.merge(company))
    assert "Gruß von Busch KG" in shown(page, campaign)


# ---- Skipped ----


def skip(campaign: Campaign, **values: Any) -> None:
    with db_write() as session:
        session.execute(
            insert(Skip), [{"campaign_id": campaign.id, "contact_id": 1, "name": "X", "reason": "no_number", **values}]
        )
        session.execute(update(Campaign).where(Campaign.id == campaign.id).values(skipped=Campaign.skipped + 1))


def test_the_skipped_are_counted_by_reason(page: CheckedClient) -> None:
    campaign = factories.campaign()
    skip(campaign)
    assert "no number" in shown(page, campaign)


def test_nobody_skipped_is_said(page: CheckedClient) -> None:
    campaign = factories.campaign()
    assert "Nobody was skipped." in shown(page, campaign)
    assert "Nobody was skipped." in page.get(f"/campaigns/{campaign.id}/skipped").text


def test_the_skipped_list_links_only_contacts_that_still_exist(page: CheckedClient) -> None:
    campaign, contact = factories.campaign(), factories.contact()
    skip(campaign, contact_id=contact.id, name="Stays")
    skip(campaign, contact_id=contact.id + 1, name="Gone")
    text = page.get(f"/campaigns/{campaign.id}/skipped").text
    assert f'href="/contacts/{contact.id}"' in text
    assert f'href="/contacts/{contact.id + 1}"' not in text
    assert "(deleted)" in text


def test_formulas_are_plain_text_in_the_table_of_the_skipped(page: CheckedClient) -> None:
    campaign = factories.campaign()
    skip(campaign, name='=HYPERLINK("http://evil.example")', raw_number="+49 171", reason="no_country_code")
    answer = page.get(f"/campaigns/{campaign.id}/skipped.csv")
    cells = answer.text.splitlines()[1].split(";")
    assert answer.mimetype == "text/csv"
    assert [cell.lstrip('"')[0] for cell in cells[1:3]] == ["'", "'"]


# ---- Ledger ----


def test_the_ledger_of_a_send_has_its_movements_only(page: CheckedClient) -> None:
    campaign, _other = factories.campaign(recipients=3, billed=2), factories.campaign(recipients=5)
    do(page, campaign, "cancel-rest")
    page.get(f"/campaigns/{campaign.id}/ledger")
    rows = [[words(cell) for cell in row.findall("td")] for row in root(page).findall(".//tbody/tr")]
    assert [row[1:3] for row in rows] == [["returned", "+6"], ["reserved", "-6"]]
    assert rows[0][-1].startswith("User ")


# ---- The list ----


def test_nothing_sent_yet_leads_to_the_audiences(page: CheckedClient) -> None:
    text = page.get("/campaigns/").text
    assert "Nothing has been sent yet." in text
    assert 'href="/audiences/"' in text


def test_the_newest_send_comes_first(page: CheckedClient) -> None:
    for number, name in enumerate(("First", "Second")):
        factories.campaign(name=name, created_at=now() + timedelta(minutes=number))
    assert listed(page) == ["Second", "First"]


@pytest.mark.parametrize("search", ["sommer", "SOMMERFEST", "hamburg", "meier", "grüße", "GRUSSE sommer"])
def test_sends_are_found_by_name_audience_person_and_text(page: CheckedClient, search: str) -> None:
    factories.campaign(name="Other", audience_name="x", user_name="y", text="z")
    factories.campaign(name="Sommerfest", audience_name="VIP Hamburg", user_name="Anna Meier", text="Grüße")
    assert listed(page, f"?q={search}") == ["Sommerfest"]


def test_sends_are_found_by_state(page: CheckedClient) -> None:
    factories.campaign(name="Under way")
    factories.campaign(name="Paused", state="paused")
    assert listed(page, "?state=paused") == ["Paused"]
    assert len(listed(page, "?state=nonsense")) == 2


def test_a_search_that_finds_no_send_says_so(page: CheckedClient) -> None:
    factories.campaign()
    assert "No SMS send matches this search." in page.get("/campaigns/?q=nothing").text


@pytest.mark.parametrize(("sort", "order"), [("name", ["A", "B"]), ("-recipients", ["B", "A"]), ("x", ["B", "A"])])
def test_sends_are_sorted(page: CheckedClient, sort: str, order: list[str]) -> None:
    factories.campaign(name="A", recipients=1, created_at=now() - timedelta(hours=1))
    factories.campaign(name="B", recipients=2)
    assert listed(page, f"?sort={sort}") == order


def test_the_list_keeps_its_filter_in_the_links_of_the_pages(page: CheckedClient) -> None:
    for _ in range(26):
        factories.campaign(recipients=0, state="closed")
    assert 'href="/campaigns/?state=closed&amp;page=2"' in page.get("/campaigns/?state=closed").text


def test_htmx_gets_only_the_list(page: CheckedClient) -> None:
    factories.campaign(name="Sommerfest")
    answer = page.fragment("/campaigns/?q=sommer")
    assert "Sommerfest" in answer.text
    assert "<form" not in answer.text


def test_a_test_message_is_marked(page: CheckedClient) -> None:
    campaign = factories.campaign(recipients=1, is_test=True)
    badge = '<span class="badge badge-info">Test</span>'
    assert badge in page.get("/campaigns/").text
    assert badge in shown(page, campaign)
