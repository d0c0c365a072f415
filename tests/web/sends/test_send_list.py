"""The list of sends."""

from datetime import timedelta

import pytest

from smsapp.clock import now
from tests import factories
from tests.web.checker import CheckedClient
from tests.web.sends.looking import listed, shown

pytestmark = pytest.mark.usefixtures("invariants_hold")


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
