"""Many believable contacts, quickly: nobody's numbers, and all that real lists suffer from."""

from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

from sqlalchemy import insert, update

from smsapp.audiences.models import Audience
from smsapp.contacts.models import Block, Company, Contact, DataRevision, PhoneNumber
from smsapp.extensions import db_write
from smsapp.folding import search_key
from smsapp.text.greeting import letter_greeting
from tests import factories

CHUNK = 5_000
CONTACTS_PER_COMPANY = 12

FIRST_NAMES = (
    "Anna",
    "Bernd",
    "Christine",
    "Elif",
    "Friedrich",
    "Gabriele",
    "Hans-Jürgen",
    "Jörg",
    "Lukas",
    "Jo",
    "Al",
)
ODD_FIRST_NAMES = ("Noël", "Paweł", "Tuğba", "Zoë", "Maximilian Alexander")
LAST_NAMES = ("Alt", "Busch", "Çelik", "Großkopf", "Hansen", "Krüger", "Löwenstein-Wertheim", "Müller", "Ostermann")
ODD_LAST_NAMES = ("İnce", "Nowicki", "Şahin", "Yılmaz", "von der Osten-Sacken")
TRADES = ("Handel", "Gastronomie", "Bau", "Logistik", "Beratung", "Metallverarbeitung")
FORMS = ("GmbH", "AG", "KG", "OHG", "e.K.", "& Söhne", "& Co. KG")
CITIES = ("Hamburg", "Lübeck", "Kiel", "Bremen", "Wien", "Zürich", "Helsinki")


def fill(contacts: int, seed: int = 1) -> int:
    """Companies, contacts, numbers, a few blocks, and an audience of everybody; returns the audience's id."""
    dice = Random(seed)
    companies = max(1, contacts // CONTACTS_PER_COMPANY)
    with db_write() as session:
        _insert(session, Company, (_company(dice, each) for each in range(1, companies + 1)))
        _insert(session, Contact, (_contact(dice, each, companies) for each in range(1, contacts + 1)))
        _insert(session, PhoneNumber, _numbers(dice, contacts))
        _insert(session, Block, ({"e164": _e164(each)} for each in range(5, contacts, 997)))
        audience = Audience(name=f"{contacts} contacts", tree=factories.EVERYBODY, active=True)
        session.add(audience)
        session.execute(update(DataRevision).values(value=DataRevision.value + 1))
        session.flush()
        return audience.id


def _insert(session: Any, model: Any, rows: Iterator[dict[str, Any]]) -> None:
    chunk: list[dict[str, Any]] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == CHUNK:
            session.execute(insert(model), chunk)
            chunk = []
    if chunk:
        session.execute(insert(model), chunk)


def _company(dice: Random, number: int) -> dict[str, Any]:
    name = f"{_name(dice, LAST_NAMES, ODD_LAST_NAMES)} {dice.choice(TRADES)} {dice.choice(FORMS)}"
    city = dice.choice(CITIES)
    return {
        "id": number,
        "name": name,
        "city": city,
        "industry": dice.choice(TRADES),
        "search_key": search_key(name, city),
    }


def _name(dice: Random, usual: Sequence[str], odd: Sequence[str]) -> str:
    """One name in twenty is odd: long, or with letters that make an SMS dearer."""
    return dice.choice(odd if dice.random() < 0.05 else usual)


def _contact(dice: Random, number: int, companies: int) -> dict[str, Any]:
    first = "" if dice.random() < 0.03 else _name(dice, FIRST_NAMES, ODD_FIRST_NAMES)
    last, salutation = _name(dice, LAST_NAMES, ODD_LAST_NAMES), dice.choice(("ms", "mr", ""))
    return {
        "id": number,
        "salutation": salutation,
        "first_name": first,
        "last_name": last,
        "company_id": dice.randint(1, companies) if dice.random() < 0.95 else None,
        "email": f"kontakt{number}@example.org",
        "language": "de",
        "city": dice.choice(CITIES),
        "country": "DE",
        "no_sms": dice.random() < 0.01,
        "letter_greeting": letter_greeting(salutation, first, last, "de"),
        "search_key": search_key(last, first),
    }


def _numbers(dice: Random, contacts: int) -> Iterator[dict[str, Any]]:
    """Of the mobile numbers 4 % are missing, 3 % lack the country code, 1 % are no mobiles, 2 % are twins."""
    order = list(range(1, contacts + 1))
    dice.shuffle(order)
    for contact, serial in enumerate(order, start=1):
        chance = dice.random()
        if chance < 0.04:
            continue
        e164 = _e164(serial if chance > 0.1 else max(1, serial // 2))
        found = {
            "e164": e164,
            "kind": "fixed_line" if 0.07 < chance < 0.08 else "mobile",
            "country": "DE",
            "problem": None,
        }
        if chance < 0.07:
            found = {"e164": None, "kind": None, "country": None, "problem": "no_country_code"}
        yield {"contact_id": contact, "field": "mobile", "raw": e164.replace("+49", "0", 1), **found}


def _e164(serial: int) -> str:
    return f"+49171{serial:07d}"
