"""The sample CRM of a first start."""

import re

import pytest
from flask import Flask
from sqlalchemy import func, select

from smsapp.accounts.logging_in import authenticate
from smsapp.accounts.models import User
from smsapp.accounts.passwords import matches
from smsapp.audiences.conditions import parse
from smsapp.audiences.models import Audience
from smsapp.contacts.models import Block, Company, Contact, Label, PhoneNumber
from smsapp.contacts.numbers import KINDS
from smsapp.demo.people import make_up
from smsapp.demo.service import PasswordTooShort, fill
from smsapp.extensions import db
from smsapp.quota.queries import available_messages
from smsapp.settings.queries import active_senders, current_settings
from tests import factories

# What nobody has: the regulators' numbers for films and books, and areas given to no operator.
NOBODYS = re.compile(
    r"\+(4917139200\d{2,3}|49176040690\d\d|4915228817386|4915228895456|4915254599371|491729925904|491729968532"
    r"|491729973185|491729973186|491729980752|491749091317|491749464308|49(4066969|3023125|2214710|8999998|6990009)"
    r"\d{3}|3584[78]\d{7}|4670174060[5-9]|467017406[1-9]\d)"
)


@pytest.fixture
def filled(app: Flask) -> Flask:
    fill("ein Passwort")
    return app


def count(entity: type) -> int:
    return db.session.scalar(select(func.count()).select_from(entity)) or 0


def run(app: Flask, monkeypatch: pytest.MonkeyPatch, **environment: str) -> str:
    """What the command prints."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    from smsapp.demo.command import demo

    result = app.test_cli_runner().invoke(demo)
    assert result.exit_code == (1 if "Error" in result.output else 0), result.output
    return result.output


def test_it_fills_an_empty_database(filled: Flask) -> None:
    assert (count(Company), count(Contact), count(Audience)) == (60, 600, 4)
    assert available_messages() == 1000
    assert current_settings().module_on
    assert current_settings().operator_number == "+3584573960000"
    assert len(active_senders()) == 1
    assert count(Label) > 3
    assert count(Block) == 2
    assert db.session.scalar(select(func.count()).where(Contact.is_sample)) == 600


def test_the_second_time_nothing_happens(filled: Flask) -> None:
    assert fill("ein Passwort") is None
    assert (count(Contact), count(User), available_messages()) == (600, 4, 1000)


def test_a_database_with_a_user_stays_as_it_is(app: Flask) -> None:
    factories.user()
    assert fill() is None
    assert count(Contact) == 0


def test_there_is_a_login_for_each_role(filled: Flask) -> None:
    for login in ("admin", "editor", "sender", "viewer"):
        user = authenticate(login, "ein Passwort")
        assert user is not None
        assert user.role == login


def test_the_command_prints_logins_that_work(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    found = re.findall(r"^login: (\w+) +password: (\S+)$", run(app, monkeypatch), re.MULTILINE)
    assert [login for login, _ in found] == ["admin", "editor", "sender", "viewer"]
    hashes = {user.login: user.password_hash for user in db.session.scalars(select(User))}
    assert all(matches(password, hashes[login]) for login, password in found)


def test_the_command_says_nothing_the_second_time(filled: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(filled, monkeypatch) == ""


def test_the_password_may_come_from_the_environment(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "password: my-own-password" in run(app, monkeypatch, SMSAPP_DEMO_PASSWORD="my-own-password")


def test_too_short_a_password_is_refused_in_one_line(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    said = run(app, monkeypatch, SMSAPP_DEMO_PASSWORD="kurz")
    assert said.startswith("Error: SMSAPP_DEMO_PASSWORD")
    assert said.count("\n") == 1
    assert count(User) == 0
    with pytest.raises(PasswordTooShort):
        fill("1234567")


def test_smsapp_demo_0_starts_empty(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(app, monkeypatch, SMSAPP_DEMO="0") == ""
    assert count(User) == 0


def test_every_number_is_nobodys(filled: Flask) -> None:
    numbers = db.session.scalars(select(PhoneNumber.e164).where(PhoneNumber.e164.is_not(None))).all()
    assert len(numbers) > 700
    assert [number for number in numbers if not NOBODYS.fullmatch(number or "")] == []


def test_every_trouble_of_real_lists_is_there(filled: Flask) -> None:
    mobile = PhoneNumber.field == "mobile"
    kinds = set(db.session.scalars(select(PhoneNumber.kind).where(mobile, PhoneNumber.e164.is_not(None))))
    problems = set(db.session.scalars(select(PhoneNumber.problem).where(mobile, PhoneNumber.problem.is_not(None))))
    twins = select(PhoneNumber.e164).where(mobile).group_by(PhoneNumber.e164).having(func.count() > 1)
    without = select(func.count()).select_from(Contact).where(~Contact.numbers.any(mobile))
    assert kinds == {"mobile", "fixed_line"} <= set(KINDS.values())
    assert problems == {"no_country_code", "invalid"}
    assert len(db.session.scalars(twins.where(PhoneNumber.e164.is_not(None))).all()) > 4
    assert (db.session.scalar(without) or 0) > 10
    assert set(db.session.scalars(select(Contact.consent))) == {"yes", "no", "unknown"}
    assert db.session.scalar(select(func.count()).where(Contact.first_name == "")) == 14


def test_the_people_are_the_same_every_time() -> None:
    assert make_up() == make_up()


def test_mail_addresses_reach_nobody(filled: Flask) -> None:
    addresses = [address for address in db.session.scalars(select(Contact.email)) if address]
    assert len(addresses) == len(set(addresses)) > 400
    assert all(address.endswith(".example") and address.isascii() for address in addresses)


def test_the_audiences_conditions_are_understood(filled: Flask) -> None:
    for audience in db.session.scalars(select(Audience)):
        assert parse(audience.tree).children
