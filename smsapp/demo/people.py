"""Makes up the companies and contacts of the sample CRM. Pure: the same every time."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Final

from smsapp.demo import words
from smsapp.demo.numbers import Numbers
from smsapp.folding import search_key

SEED: Final = 2026
CONTACTS: Final = 600
_FIRST_CONSENT: Final = date(2022, 1, 10)
_NOT_A_NUMBER: Final = ("4,91711E+12", "siehe Zentrale", "+49 171 39", "?")


@dataclass(slots=True)
class SampleCompany:
    """A company as somebody would have typed it in."""

    name: str
    industry: str
    street: str
    postcode: str
    city: str
    country: str
    website: str
    phone: str


@dataclass(slots=True)
class SampleContact:
    """A contact as somebody would have typed it in; private people have no company."""

    salutation: str
    first_name: str
    last_name: str
    company: str
    language: str
    country: str
    job_title: str = ""
    email: str = ""
    birthday: date | None = None
    street: str = ""
    postcode: str = ""
    city: str = ""
    newsletter: bool | None = None
    no_sms: bool = False
    consent: str = "unknown"
    consent_on: date | None = None
    consent_source: str = ""
    labels: tuple[str, ...] = ()
    mobile: str = ""
    work: str = ""
    home: str = ""


@dataclass(frozen=True, slots=True)
class Sample:
    """All that is made up."""

    companies: Sequence[SampleCompany]
    contacts: Sequence[SampleContact]


@dataclass
class _Maker:
    dice: Random
    numbers: Numbers = field(init=False)
    taken: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.numbers = Numbers(self.dice)

    def chance(self, percent: float) -> bool:
        return self.dice.random() * 100 < percent

    def company(self, firm: words.Firm) -> SampleCompany:
        place = words.PLACES[firm.place]
        street, postcode = self.address(place)
        phone = "" if place.country == "FI" else self.numbers.written(self.numbers.fixed_line(place.city))
        website = f"https://www.{_domain(firm.name)}"
        return SampleCompany(firm.name, firm.industry, street, postcode, place.city, place.country, website, phone)

    def address(self, place: words.Place) -> tuple[str, str]:
        return f"{self.dice.choice(place.streets)} {self.dice.randint(1, 180)}", self.dice.choice(place.postcodes)

    def person(self, firm: words.Firm | None) -> SampleContact:
        place = words.PLACES[firm.place if firm else self.dice.choice(("hh", "hh", "hl", "ki", "hel"))]
        finnish = place.country == "FI"
        woman = self.chance(50)
        first = (
            (words.FINNISH_WOMEN if woman else words.FINNISH_MEN)
            if finnish
            else (words.GERMAN_WOMEN if woman else words.GERMAN_MEN)
        )
        last = self.dice.choice(words.FINNISH_LAST if finnish else words.GERMAN_LAST)
        if self.chance(4):
            last = f"{last}-{self.dice.choice(words.GERMAN_LAST)}"
        salutation = "" if self.chance(3) else ("ms" if woman else "mr")
        made = SampleContact(
            salutation,
            self.dice.choice(first),
            last,
            firm.name if firm else "",
            "fi" if finnish else "de",
            place.country,
        )
        return self.finish(made, firm, place)

    def finish(self, made: SampleContact, firm: words.Firm | None, place: words.Place) -> SampleContact:
        """Everything but the name and the company."""
        if firm:
            made.job_title = self.dice.choice(words.FINNISH_JOBS if place.country == "FI" else words.GERMAN_JOBS)
        if not firm or self.chance(85):
            made.street, made.postcode = self.address(place)
            made.city = place.city
        if self.chance(88):
            made.email = self.email(made)
        if self.chance(35):
            made.birthday = date(1955, 1, 1) + timedelta(days=self.dice.randrange(18_000))
        made.newsletter = self.dice.choices((True, False, None), weights=(58, 30, 12))[0]
        made.no_sms = self.chance(2)
        made.labels = self.labels(place.city)
        self.give_consent(made)
        self.give_numbers(made, place)
        return made

    def email(self, made: SampleContact) -> str:
        """Addresses under .example reach nobody (RFC 2606)."""
        name = _address_part(f"{made.first_name}.{made.last_name}")
        domain = _domain(made.company) if made.company else "post.example"
        address, again = f"{name}@{domain}", 2
        while address in self.taken:
            address, again = f"{name}{again}@{domain}", again + 1
        self.taken.add(address)
        return address

    def labels(self, city: str) -> tuple[str, ...]:
        chances = zip(words.LABELS, (55 if city == "Hamburg" else 18, 30, 22, 20, 4, 2), strict=True)
        return tuple(label for label, percent in chances if self.chance(percent))

    def give_consent(self, made: SampleContact) -> None:
        made.consent = self.dice.choices(("yes", "unknown", "no"), weights=(66, 26, 8))[0]
        if made.consent != "unknown":
            made.consent_on = _FIRST_CONSENT + timedelta(days=self.dice.randrange(1_200))
            made.consent_source = self.dice.choice(words.CONSENT_SOURCES)

    def give_numbers(self, made: SampleContact, place: words.Place) -> None:
        made.mobile = self.mobile(place)
        if made.company and place.country == "DE" and self.chance(45):
            made.work = self.numbers.written(self.numbers.fixed_line(place.city))
        if self.chance(8):
            made.home = self.numbers.written(self.numbers.mobile(place.country))

    def mobile(self, place: words.Place) -> str:
        """Mostly a number that can be reached, and every kind of trouble that real lists have."""
        case = self.dice.random() * 100
        if case < 4.5:
            return ""
        if case < 5.5:
            return self.dice.choice(_NOT_A_NUMBER)
        if case < 7.5:
            return self.numbers.written(self.numbers.fixed_line(place.city))
        if case < 8.5:
            return self.numbers.written(self.numbers.mobile("SE"))
        digits = self.numbers.mobile(place.country)
        return self.numbers.without_country_code(digits) if case < 13 else self.numbers.written(digits)


def make_up() -> Sample:
    """The sample CRM: 60 companies and 600 contacts, a few without first name or sharing a number."""
    maker = _Maker(Random(SEED))
    companies = [maker.company(firm) for firm in words.FIRMS]
    firms = {firm.name: firm for firm in words.FIRMS}
    contacts = [
        maker.finish(
            SampleContact(salutation, first, last, name, *_speaks(firms[name])),
            firms[name],
            words.PLACES[firms[name].place],
        )
        for salutation, first, last, name in words.PEOPLE
    ]
    weights = [firm.people for firm in words.FIRMS]
    while len(contacts) < CONTACTS:
        firm = None if maker.chance(4) else maker.dice.choices(words.FIRMS, weights)[0]
        contacts.append(maker.person(firm))
    _make_untidy(contacts, maker.dice)
    return Sample(companies, contacts)


def _speaks(firm: words.Firm) -> tuple[str, str]:
    country = words.PLACES[firm.place].country
    return ("fi" if country == "FI" else "de"), country


def _make_untidy(contacts: list[SampleContact], dice: Random) -> None:
    """Some lack their first name; some share the number of the person entered before them."""
    ordinary = range(len(words.PEOPLE) + 1, len(contacts))
    for index in dice.sample(ordinary, 14):
        contacts[index].first_name = ""
    for index in dice.sample(ordinary, 9):
        contacts[index].mobile = contacts[index - 1].mobile


def _address_part(text: str) -> str:
    for umlaut, letters in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss")):
        text = text.lower().replace(umlaut, letters)
    plain = "".join(c if c.isascii() and (c.isalnum() or c in ".-") else "-" for c in search_key(text))
    return "-".join(part for part in plain.split("-") if part).strip(".-")[:50] or "kontakt"


def _domain(firm: str) -> str:
    """A domain of a company's own; names under .example are nobody's."""
    return f"{_address_part(firm).replace('.', '')}.example"
