"""Sends, and what their pages say of them."""

from datetime import timedelta
from typing import Any
from xml.etree.ElementTree import Element

from flask.testing import FlaskClient
from sqlalchemy import update

from smsapp.accounts.models import User
from smsapp.clock import now
from smsapp.delivery.models import Campaign, Delivery
from smsapp.extensions import db_write
from tests import factories
from tests.sending import deliveries
from tests.web.checker import CheckedClient, CheckingClient


def in_english(client: FlaskClient) -> CheckedClient:
    with db_write() as session:
        session.execute(update(User).values(language="en"))
    return CheckedClient(client)


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
