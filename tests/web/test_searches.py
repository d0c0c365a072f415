"""Every search finds "Çelik" for "celik", and nothing that is not there."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from smsapp.delivery.models import Delivery
from smsapp.extensions import db_write
from smsapp.message_templates import service as templates
from smsapp.message_templates.service import TemplateData
from tests import factories
from tests.web.checker import CheckedClient


def make_template() -> None:
    templates.create(TemplateData("Gruß an Çelik", "Hallo", shared=True), factories.user().id)


def make_recipient() -> None:
    factories.campaign(recipients=1)
    with db_write() as session:
        session.execute(update(Delivery).values(name="Zoë Çelik"))


def make_blocked() -> None:
    factories.contact("Zoë", "Çelik", mobile="+49 171 5550101")
    factories.block("+491715550101")


def make_member() -> None:
    factories.audience()
    factories.contact("Zoë", "Çelik")


SEARCHES: dict[str, Callable[[], object]] = {
    "/contacts/": lambda: factories.contact("Zoë", "Çelik"),
    "/companies/": lambda: factories.company("Çelik & Söhne"),
    "/audiences/": lambda: factories.audience("Freunde von Çelik"),
    "/audiences/1/contacts": make_member,
    "/block-list/": make_blocked,
    "/campaigns/": lambda: factories.campaign(name="Abend bei Çelik"),
    "/campaigns/1": make_recipient,
    "/templates/": make_template,
    "/users/": lambda: factories.user(name="Zoë Çelik"),
}


@pytest.mark.parametrize("address", SEARCHES)
def test_letters_with_marks_are_found_by_plain_ones(app: Flask, admin: FlaskClient, address: str) -> None:
    SEARCHES[address]()
    pages = CheckedClient(admin)
    assert "Çelik" in pages.fragment(f"{address}?q=CELIK").text
    assert "Çelik" not in pages.fragment(f"{address}?q=Cebik").text
