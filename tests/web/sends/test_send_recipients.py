"""Who got a send and who was skipped, found and sorted; and its ledger."""

from typing import Any

import pytest
from sqlalchemy import delete, insert, update

from smsapp.campaigns.models import Skip
from smsapp.contacts.models import Contact
from smsapp.delivery.models import Campaign
from smsapp.extensions import db_write
from tests import factories
from tests.web.checker import CheckedClient
from tests.web.sends.looking import change, do, names, root, shown, words

pytestmark = pytest.mark.usefixtures("invariants_hold")


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


def test_the_ledger_of_a_send_has_its_movements_only(page: CheckedClient) -> None:
    campaign, _other = factories.campaign(recipients=3, billed=2), factories.campaign(recipients=5)
    do(page, campaign, "cancel-rest")
    page.get(f"/campaigns/{campaign.id}/ledger")
    rows = [[words(cell) for cell in row.findall("td")] for row in root(page).findall(".//tbody/tr")]
    assert [row[1:3] for row in rows] == [["returned", "+6"], ["reserved", "-6"]]
    assert rows[0][-1].startswith("User ")
