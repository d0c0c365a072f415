"""Makes what a test needs, with sensible values for all it does not name. Each returns a fresh object."""

from itertools import count
from typing import Any

from sqlalchemy import insert

from smsapp.accounts.models import User
from smsapp.audiences.models import Audience
from smsapp.contacts.models import Block, Company, Contact, Label, PhoneNumber
from smsapp.contacts.numbers import normalise
from smsapp.contacts.service import data_changed
from smsapp.delivery.models import Campaign, Delivery
from smsapp.extensions import db_write
from smsapp.folding import fold, search_key
from smsapp.gateways.models import GatewayRow
from smsapp.gateways.secret_box import encrypt
from smsapp.quota.models import LedgerEntry, QuotaAccount
from smsapp.quota.service import grant, reserve
from smsapp.settings.models import SenderName, Settings
from smsapp.text.greeting import letter_greeting

EVERYBODY = {"match": "all", "children": []}
_serial = count(1)


def _saved(thing: Any) -> Any:
    with db_write() as session:
        session.add(thing)
        data_changed(session)
    return thing


def user(role: str = "sender", **values: Any) -> User:
    number = next(_serial)
    defaults = {"login": f"user{number}", "name": f"User {number}", "password_hash": f"no password {number}"}
    return _saved(User(**{**defaults, "role": role, "language": "de", "active": True, **values}))


def company(name: str = "Alt & Söhne OHG", **values: Any) -> Company:
    return _saved(Company(name=name, search_key=search_key(name, values.get("city")), **values))


def contact(
    first_name: str = "Anna",
    last_name: str = "Alt",
    mobile: str = "",
    work: str = "",
    home: str = "",
    labels: tuple[str, ...] = (),
    company: Company | None = None,
    **values: Any,
) -> Contact:
    """A contact with the numbers as they were typed; labels by name, made where missing."""
    greeting = letter_greeting(values.get("salutation", ""), first_name, last_name, values.get("language", "de"))
    made = Contact(
        first_name=first_name,
        last_name=last_name,
        company_id=company.id if company else None,
        letter_greeting=greeting,
        search_key=search_key(last_name, first_name, values.get("email")),
        **values,
    )
    for field, raw in (("mobile", mobile), ("work", work), ("home", home)):
        if raw:
            made.numbers.append(phone_number(field, raw))
    with db_write() as session:
        for name in labels:
            found = session.query(Label).filter_by(key=fold(name)).one_or_none()
            made.labels.append(found or Label(name=name, key=fold(name)))
        session.add(made)
        data_changed(session)
    return made


def phone_number(field: str, raw: str) -> PhoneNumber:
    found = normalise(raw)
    return PhoneNumber(
        field=field, raw=raw, e164=found.e164, kind=found.kind, country=found.country, problem=found.problem
    )


def audience(name: str = "Stammkunden", tree: dict[str, Any] | None = None, **values: Any) -> Audience:
    return _saved(Audience(name=name, tree=tree or EVERYBODY, **{"active": True, **values}))


def block(e164: str, reason: str = "Wunsch") -> Block:
    return _saved(Block(e164=e164, reason=reason))


def sender_name(name: str = "KURZPOST", active: bool = True) -> SenderName:
    return _saved(SenderName(name=name, active=active))


def gateway(name: str = "smpp", kind: str = "smpp", password: str | None = "geheim", **values: Any) -> GatewayRow:
    """A gateway that is set up, and may be chosen."""
    return _saved(GatewayRow(name=name, kind=kind, password=encrypt(password) if password else None, **values))


def settings(**values: Any) -> None:
    """Change the settings; the module is on and the operator number set unless said otherwise."""
    with db_write() as session:
        row = session.get_one(Settings, 1)
        for name, value in {"module_on": True, "operator_number": "+358457396000", **values}.items():
            setattr(row, name, value)


def quota(messages: int) -> None:
    """Grant this many messages, in the ledger too."""
    with db_write() as session:
        account = session.get_one(QuotaAccount, 1)
        account.granted += messages
        account.available += messages
        session.add(
            LedgerEntry(
                kind="grant",
                messages=messages,
                available=account.available,
                reserved=account.reserved,
                spent=account.spent,
                reason="test",
            )
        )


def campaign(recipients: int = 3, billed: int = 1, state: str = "sending", **values: Any) -> Campaign:
    """A confirmed send to invented numbers, its messages granted and reserved; all deliveries are queued."""
    number = next(_serial)
    defaults = {
        "send_key": f"send key {number}",
        "name": f"Versand {number}",
        "audience_name": "Stammkunden",
        "user_name": "Anna Meier",
        "text": "Hallo!",
        "sender": "+358457396000",
        "phone_field": "mobile",
        "options": {},
        "rule": "characters_160",
        "digest": "",
        "skipped": 0,
    }
    counts = {"recipients": recipients, "messages": recipients * billed}
    made = Campaign(**{**defaults, **counts, "state": state, **values})
    if recipients:
        grant(recipients * billed, "test", None)
    with db_write() as session:
        session.add(made)
        session.flush()
        if recipients:
            reserve(session, made.messages, made.id, made.user_id)
            session.execute(insert(Delivery), [_recipient(made, index, billed) for index in range(recipients)])
    return made


def _recipient(campaign: Campaign, index: int, billed: int) -> dict[str, Any]:
    return {
        "campaign_id": campaign.id,
        "name": f"Person {index}",
        "number": f"+4917155{index:06}",
        "country": "DE",
        "text": f"{campaign.text} {index}",
        "billed": billed,
        "parts": billed,
        "encoding": "gsm7",
    }
