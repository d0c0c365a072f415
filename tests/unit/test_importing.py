"""Whom a row stands for, what it makes of them, and that a check predicts what the run does."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smsapp.contacts.data import CompanyData, ContactData
from smsapp.contacts.importing.deciding import Decider, Decision
from smsapp.contacts.importing.files import is_company_address
from smsapp.contacts.importing.identity import Identity, Index, Keys, identifying
from smsapp.contacts.importing.merging import changes, filled, merged
from smsapp.contacts.importing.models import CREATED, REJECTED, UNCHANGED, UPDATED
from smsapp.contacts.importing.reading import Entry, Reader, mended
from smsapp.contacts.importing.recording import tally
from smsapp.contacts.tables import Row
from smsapp.folding import fold

TODAY = date(2026, 11, 22)
COLUMNS = ("first_name", "last_name", "company", "email", "mobile", "city", "industry", "birthday", "labels")
MAPPING = dict(enumerate(COLUMNS))


def cells(**said: str) -> tuple[str, ...]:
    return tuple(said.get(column, "") for column in COLUMNS)


def read(mend: str = "", **said: str) -> Entry:
    columns = dict(enumerate(said))
    return Reader(columns, TODAY, mend).read(1, Row(2, tuple(said.values())))


@dataclass
class World:
    """Contacts and companies in memory, written by the decisions as the run writes them into the database."""

    contacts: dict[int, ContactData] = field(default_factory=dict)
    companies: dict[str, CompanyData] = field(default_factory=dict)

    def decider(self, rows: Sequence[tuple[str, ...]]) -> Decider:
        keys = Keys(identifying(MAPPING, Row(0, row))[:2] for row in rows)
        decider = Decider(keys, Index(), TODAY)
        self.show(decider)
        return decider

    def show(self, decider: Decider) -> None:
        """What the contacts are now, as far as the file could mean them."""
        decider.index = decider.matcher.index = Index()
        decider.companies = dict(self.companies)
        for contact, data in self.contacts.items():
            who = Identity.of(data)
            if decider.keys.emails(who.email) or decider.keys.names(who.name):
                decider.index.add(contact, who)

    def check(self, rows: Sequence[tuple[str, ...]], size: int = 100) -> list[Decision]:
        """What an import would do; nothing is changed."""
        decider = self.decider(rows)
        return [
            decision
            for entries in slices(rows, size)
            for decision in decider.decide(entries, self.known(decider, entries))
        ]

    def run(self, rows: Sequence[tuple[str, ...]], size: int = 100, disturbed: bool = False) -> list[Decision]:
        """An import in slices; `disturbed` reads the contacts anew before each, as after somebody's change."""
        decider, done = self.decider(rows), []
        for entries in slices(rows, size):
            if disturbed:
                self.show(decider)
            decisions = decider.decide(entries, self.known(decider, entries))
            decider.settle(self.write(decisions, decider))
            done += decisions
        return done

    def known(self, decider: Decider, entries: list[Entry]) -> dict[int, ContactData]:
        return {contact: self.contacts[contact] for contact in decider.candidates(entries)}

    def write(self, decisions: list[Decision], decider: Decider) -> dict[int, int]:
        self.companies |= decider.touched
        made: dict[int, int] = {}
        for decision in decisions:
            contact = made.get(decision.contact, decision.contact)
            if decision.outcome == CREATED:
                contact = made[decision.contact] = max(self.contacts, default=0) + 1
            if decision.outcome in (CREATED, UPDATED):
                self.contacts[contact] = decision.after
        return made


def slices(rows: Sequence[tuple[str, ...]], size: int) -> list[list[Entry]]:
    reader = Reader(MAPPING, TODAY)
    entries = (reader.read(number, Row(number + 1, row)) for number, row in enumerate(rows, 1))
    return list(iter(lambda: list(islice(entries, size)), []))


def outcomes(decisions: list[Decision]) -> list[str]:
    return [decision.rejection.reason if decision.rejection else decision.outcome for decision in decisions]


NAMES = st.sampled_from(["", "Anna", "anna", "Bernd"])
ROWS = st.lists(
    st.builds(
        cells,
        first_name=NAMES,
        last_name=st.sampled_from(["Alt", "ALT", "Busch", ""]),
        company=st.sampled_from(["", "Hafen AG", "hafen ag", "Werft"]),
        email=st.sampled_from(["", "a@b", "x@example.org", "X@example.org", "y@example.org", "z@example.org"]),
        mobile=st.sampled_from(["", "+49 171 5550101", "0049 171 5550101", "+49 171 5550102", "0171 5550103"]),
        city=st.sampled_from(["", "Ulm", "Kiel"]),
        industry=st.sampled_from(["", "Bau", "IT"]),
        birthday=st.sampled_from(["", "", "", "1.2.1990", "31.2.1990"]),
        labels=st.sampled_from(["", "VIP", "vip, Messe"]),
    ),
    max_size=8,
)
WORLDS = st.lists(
    st.builds(
        ContactData,
        first_name=st.sampled_from(["Anna", "Bernd", ""]),
        last_name=st.sampled_from(["Alt", "Busch"]),
        company=st.sampled_from(["", "Hafen AG", "Werft"]),
        email=st.sampled_from(["", "x@example.org", "y@example.org", "z@example.org"]),
        mobile=st.sampled_from(["", "+49 171 5550101", "+49 171 5550102"]),
    ),
    max_size=5,
)


def world_of(people: list[ContactData]) -> World:
    companies = {fold(person.company): CompanyData(name=person.company) for person in people if person.company}
    return World(dict(enumerate(people, 1)), companies)


@settings(max_examples=2000, deadline=None)
@given(WORLDS, ROWS)
def test_the_same_file_twice_creates_nothing(people: list[ContactData], rows: list[tuple[str, ...]]) -> None:
    world = world_of(people)
    world.run(rows)
    contacts = len(world.contacts)
    assert CREATED not in outcomes(world.run(rows))
    assert len(world.contacts) == contacts


@settings(max_examples=1000, deadline=None)
@given(WORLDS, ROWS, st.integers(1, 4), st.integers(1, 4), st.booleans())
def test_a_check_predicts_the_run_row_for_row(
    people: list[ContactData], rows: list[tuple[str, ...]], size: int, other_size: int, disturbed: bool
) -> None:
    world = world_of(people)
    expected = world.check(rows, size)
    done = world.run(rows, other_size, disturbed)
    assert [(d.outcome, d.changes, d.notices, d.after, d.rejection) for d in expected] == [
        (d.outcome, d.changes, d.notices, d.after, d.rejection) for d in done
    ]


@given(WORLDS, ROWS)
def test_the_outcomes_add_up_to_the_rows(people: list[ContactData], rows: list[tuple[str, ...]]) -> None:
    sums = tally(world_of(people).run(rows))
    assert sum(sums[outcome] for outcome in (CREATED, UPDATED, UNCHANGED, REJECTED)) == len(rows)


@given(WORLDS, ROWS)
def test_an_import_never_empties_a_field(people: list[ContactData], rows: list[tuple[str, ...]]) -> None:
    world = world_of(people)
    for decision in world.run(rows):
        assert not [name for name, old, new in decision.changes if old and not new]
