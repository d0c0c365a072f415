"""Whom a row stands for, what it makes of them, and that a check predicts what the run does."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smsapp.contacts.data import CompanyData, ContactData
from smsapp.contacts.guessing import is_company_address
from smsapp.contacts.importing.deciding import Decider, Decision
from smsapp.contacts.importing.identity import Identity, Index, Keys, identifying
from smsapp.contacts.importing.merging import changes, filled, merged
from smsapp.contacts.importing.models import CREATED, REJECTED, UNCHANGED, UPDATED
from smsapp.contacts.importing.reading import Entry, Reader, gets_sms, mended
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
        keys = Keys(identifying(MAPPING, Row(0, row)) for row in rows)
        decider = Decider(keys, Index(), TODAY)
        self.show(decider)
        return decider

    def show(self, decider: Decider) -> None:
        """What the contacts are now, as far as the file could mean them."""
        decider.index = Index()
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


@settings(max_examples=400, deadline=None)
@given(WORLDS, ROWS)
def test_the_same_file_twice_creates_nothing(people: list[ContactData], rows: list[tuple[str, ...]]) -> None:
    world = world_of(people)
    world.run(rows)
    contacts = len(world.contacts)
    assert CREATED not in outcomes(world.run(rows))
    assert len(world.contacts) == contacts


@settings(max_examples=200, deadline=None)
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


@settings(deadline=None)
@given(WORLDS, ROWS)
def test_the_outcomes_add_up_to_the_rows(people: list[ContactData], rows: list[tuple[str, ...]]) -> None:
    sums = tally(world_of(people).run(rows))
    assert sum(sums[outcome] for outcome in (CREATED, UPDATED, UNCHANGED, REJECTED)) == len(rows)


@settings(deadline=None)
@given(WORLDS, ROWS)
def test_an_import_never_empties_a_field(people: list[ContactData], rows: list[tuple[str, ...]]) -> None:
    world = world_of(people)
    for decision in world.run(rows):
        assert not [name for name, old, new in decision.changes if old and not new]


ANNA = ContactData(first_name="Anna", last_name="Alt", company="Hafen AG", email="anna@example.org")
NUMBERED = ContactData(first_name="Anna", last_name="Alt", mobile="+49 171 5550101")


def imported(people: list[ContactData], *rows: tuple[str, ...]) -> list[str]:
    return outcomes(world_of(people).run(rows))


def alt(**said: str) -> tuple[str, ...]:
    return cells(first_name="Anna", last_name="Alt", **said)


def test_a_way_of_mending_counts_the_numbers_that_it_lets_get_sms() -> None:
    sums = tally(world_of([]).run([alt(mobile="040 4292118")]))
    assert {way: count for way, count in sums.items() if way.startswith("mend:")} == {"mend:FI": 1}


@pytest.mark.parametrize(
    ("people", "row", "outcome"),
    [
        # e-mail
        ([ANNA], cells(email="ANNA@example.org", city="Ulm"), "updated"),
        ([ANNA], cells(last_name="Neu", email="anna@example.org"), "updated"),
        ([ANNA], alt(company="Hafen AG", email="other@example.org"), "created"),
        ([ANNA], cells(email="new@example.org"), "created"),
        # the same address for several: the name decides
        ([ANNA, ANNA], cells(email="anna@example.org"), "nobody"),
        ([ANNA, ANNA], cells(last_name="Busch", email="anna@example.org"), "created"),
        ([ANNA, ANNA], alt(company="Hafen AG", email="anna@example.org"), "ambiguous_name"),
        # mobile number and full name
        ([NUMBERED], alt(mobile="0049 (0)171 5550101", company="Werft"), "updated"),
        ([NUMBERED], alt(mobile="+49 171 5550101", email="anna@example.org"), "updated"),
        ([NUMBERED], cells(last_name="Alt", mobile="+49 171 5550101"), "created"),
        ([NUMBERED], alt(mobile="0171 5550101", company="Werft"), "created"),
        ([NUMBERED, NUMBERED], alt(mobile="+49 171 5550101"), "ambiguous_mobile"),
        # names and company
        ([ANNA], alt(company="HAFEN AG"), "unchanged"),
        ([ANNA], alt(), "created"),
        ([NUMBERED], alt(), "unchanged"),
        ([NUMBERED], alt(mobile="+49 171 5550199"), "updated"),
        ([ANNA, ANNA], alt(company="Hafen AG"), "ambiguous_name"),
        ([NUMBERED], alt(email="anna@example.org"), "updated"),
        # nobody
        ([ANNA], cells(company="Hafen AG", mobile="+49 171 5550101"), "nobody"),
    ],
)
def test_whom_a_row_stands_for(people: list[ContactData], row: tuple[str, ...], outcome: str) -> None:
    assert imported(people, row) == [outcome]


def test_a_shared_address_does_not_make_two_people_one() -> None:
    rows = [cells(first_name=name, last_name="Alt", email="info@example.org") for name in ("Anna", "Bernd")]
    world = World()
    assert outcomes(world.run(rows)) == ["created", "created"]
    assert outcomes(world.run(rows)) == ["unchanged", "unchanged"]


def test_a_row_finds_the_contact_that_an_earlier_row_made() -> None:
    rows = alt(company="Werft", mobile="+49 171 5550101"), alt(company="Werft", city="Ulm")
    assert imported([], *rows) == ["created", "updated"]


def test_two_rows_of_one_person_may_add_but_not_contradict() -> None:
    first = alt(mobile="+49 171 5550101", company="Werft")
    assert imported([], first, alt(mobile="+49 171 5550101", company="Werft", email="a@example.org"))[1] == "updated"
    assert imported([], first, alt(mobile="+49 171 5550101", company="Hafen AG"))[1] == "same_contact"
    assert imported([], first, alt(mobile="+49 171 5550102", company="Werft"))[1] == "same_contact"


def test_those_who_made_a_row_ambiguous_keep_their_names_for_this_file() -> None:
    twins = [ContactData(last_name="Alt", email=f"{name}@example.org") for name in "xy"]
    rows = [cells(last_name="Alt"), *(cells(last_name="Neu", email=f"{name}@example.org") for name in "xy")]
    world = world_of(twins)
    assert outcomes(world.run(rows)) == ["ambiguous_name", "same_contact", "same_contact"]
    assert outcomes(world.run(rows)) == ["ambiguous_name", "same_contact", "same_contact"]


@pytest.mark.parametrize(
    ("before", "said", "changed"),
    [
        ({"mobile": "+49 171 5550101"}, {"mobile": "0049 171 5550101"}, {}),
        ({"mobile": "+49 171 5550101"}, {"mobile": "0171 5550199"}, {}),
        ({"mobile": "+49 171 5550101"}, {"mobile": "4,91711E+12"}, {}),
        ({"mobile": "0171 5550101"}, {"mobile": "+49 171 5550101"}, {"mobile": "+49 171 5550101"}),
        ({"mobile": "0171 5550101"}, {"mobile": "0171 5550102"}, {"mobile": "0171 5550102"}),
        ({"email": "anna@example.org"}, {"email": "ANNA@example.org"}, {}),
        ({"company": "Hafen AG"}, {"company": "HAFEN AG"}, {}),
        ({"labels": ("VIP",)}, {"labels": ("vip", "Messe")}, {"labels": ("VIP", "Messe")}),
        ({"labels": ("VIP",)}, {"labels": ("vip",)}, {}),
        ({"newsletter": True}, {"newsletter": False}, {"newsletter": False}),
        ({"consent": "no"}, {"consent": "yes"}, {}),
        ({"consent": "yes"}, {"consent": "no"}, {"consent": "no"}),
        ({"consent": "yes"}, {"consent": "unknown"}, {}),
        ({"salutation": "ms"}, {"salutation": ""}, {"salutation": ""}),
    ],
)
def test_a_row_never_makes_data_worse(
    before: dict[str, object], said: dict[str, object], changed: dict[str, object]
) -> None:
    stored = ContactData(**{"last_name": "Alt", **before})
    assert {name: new for name, _, new in changes(stored, merged(stored, said))} == changed


def test_a_refused_consent_is_replaced_by_a_later_one() -> None:
    refused = ContactData(last_name="Alt", consent="no", consent_on=date(2025, 1, 1))
    given = {"consent": "yes", "consent_on": date(2026, 1, 1)}
    assert merged(refused, given).consent == "yes"
    assert merged(refused, {**given, "consent_on": date(2024, 1, 1)}) == refused


def test_a_company_gets_only_what_it_lacks() -> None:
    company = CompanyData(name="Werft", industry="Bau")
    assert filled(company, {"industry": "IT", "city": "Ulm"}) == CompanyData(name="Werft", industry="Bau", city="Ulm")
    assert filled(CompanyData(name="Werft", city="Kiel"), {"city": "Ulm", "postcode": "89073"}).postcode == ""


def test_filling_a_company_counts_as_a_change_once() -> None:
    world = world_of([ContactData(last_name="Alt", company="Werft"), ContactData(last_name="Busch", company="Werft")])
    rows = [cells(last_name=name, company="werft", industry="Bau") for name in ("Alt", "Busch")]
    assert outcomes(world.run(rows)) == ["updated", "unchanged"]
    assert world.companies["werft"] == CompanyData(name="Werft", industry="Bau")


def test_no_sms_is_set_and_never_lifted() -> None:
    assert read(last_name="Alt", no_sms="ja").values["no_sms"] is True
    assert "no_sms" not in read(last_name="Alt", no_sms="nein").values


@pytest.mark.parametrize("cell", ["keine", "a@b", "anna at example.org"])
def test_what_is_no_address_is_left_out_and_noted(cell: str) -> None:
    entry = read(last_name="Alt", email=cell)
    assert (entry.values, entry.notices, entry.rejection) == ({"last_name": "Alt"}, ["no_email"], None)


def test_control_characters_are_removed_and_noted() -> None:
    entry = read(last_name="A\x07lt", city="Ulm\xa0")
    assert (entry.values, entry.notices) == ({"last_name": "Alt", "city": "Ulm"}, ["control_characters"])


@pytest.mark.parametrize(
    ("column", "cell", "reason"),
    [
        ("birthday", "31.02.1990", "date"),
        ("birthday", "01.01.2999", "date"),
        ("birthday", "1.1.90", "two_digit_year"),
        ("newsletter", "vielleicht", "yes_no"),
        ("country", "Atlantis", "country"),
        ("salutation", "Familie", "salutation"),
        ("first_name", "x" * 101, "too_long"),
        ("industry", "x" * 101, "too_long"),
        ("labels", ",".join(map(str, range(51))), "too_many"),
    ],
)
def test_a_cell_that_is_not_understood_rejects_its_row(column: str, cell: str, reason: str) -> None:
    entry = read(last_name="Alt", **{column: cell})
    assert entry.rejection is not None
    assert (entry.rejection.reason, entry.rejection.field) == (reason, column)


@pytest.mark.parametrize("cell", ["", " ", "-", "–"])
def test_an_empty_cell_says_nothing(cell: str) -> None:
    said = dict.fromkeys(("first_name", "company", "email", "mobile", "birthday", "labels", "newsletter"), cell)
    assert read(last_name="Alt", **said).values == {"last_name": "Alt"}


@pytest.mark.parametrize(
    ("raw", "region", "becomes"),
    [
        ("0171 5550101", "DE", "+49 171 5550101"),
        ("49171 5550101", "DE", "+49 171 5550101"),
        ("040 5550101", "FI", "+358 40 5550101"),
        ("0171 5550101", "", "0171 5550101"),
        ("0171", "DE", "0171"),
        ("+43 664 1234567", "DE", "+43 664 1234567"),
    ],
)
def test_a_number_is_mended_only_where_that_makes_it_valid(raw: str, region: str, becomes: str) -> None:
    assert mended(raw, region) == becomes


@pytest.mark.parametrize(
    ("raw", "region", "reached"),
    [
        ("040 4292118", "FI", True),
        ("040 4292118", "DE", False),  # a landline in Hamburg
        ("0171 5550101", "DE", True),
        ("0171 5550101", "", False),
        ("0171", "DE", False),
    ],
)
def test_a_mended_number_is_called_usable_where_it_gets_sms(raw: str, region: str, reached: bool) -> None:
    assert gets_sms(raw, region) is reached


def test_mending_by_country_takes_the_rows_own() -> None:
    assert read("country", mobile="040 5550101", country="Finnland").values["mobile"] == "+358 40 5550101"
    assert read("country", mobile="040 5550101", country="").values["mobile"] == "040 5550101"


def test_addresses_are_the_companies_where_all_their_people_share_them() -> None:
    mapping = {0: "company", 1: "city"}
    shared = [Row(number, (f"Firma {number % 3}", f"Ort {number % 3}")) for number in range(6)]
    assert is_company_address(mapping, shared)
    assert not is_company_address(mapping, [*shared, Row(9, ("Firma 0", "Ort 9"))])
    assert not is_company_address(mapping, shared[:5])
    assert not is_company_address({0: "company"}, shared)
