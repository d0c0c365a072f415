"""Whom a row of a table stands for. Asks no database.

The first of these that applies, always comparing without case:

1. **E-mail**, if it is unique: no other row of the file and not more than one contact has it. The contact that has it
   is the one, whatever else the row says of it.
2. **Mobile number and full name**: the same valid number (in its normalised form), the same first and last name.
3. **Names and company**: the same full name and the same company, or both without company. Here a contact with another
   e-mail address is another person, if the row's own address is unique.

Nobody found: the row makes a new contact, if it has a name or a unique e-mail address (else it is rejected: nobody).
More than one found in step 2 or 3: the row is rejected as ambiguous. Being found several times in step 1 is not
ambiguous: the address is only shared ("info@..."), and the next steps decide.

Contacts that earlier rows of the file have made or changed are found like all others. A row is rejected (same_contact)
if it would take from its contact a name, company, e-mail address or mobile number by which another row of the file
finds contacts. So whoever a row can find once can be found by it for ever, and importing a file again never creates
anybody: a row that made or found a contact, or was ambiguous, finds at least the same ones.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from smsapp.contacts.data import ContactData, is_email
from smsapp.contacts.importing.reading import said_in
from smsapp.contacts.numbers import normalise
from smsapp.contacts.tables import Row
from smsapp.folding import digits_of, fold

AMBIGUOUS_MOBILE = "ambiguous_mobile"
AMBIGUOUS_NAME = "ambiguous_name"
NOBODY = "nobody"
SAME_CONTACT = "same_contact"
_IDENTIFYING = frozenset(("email", "first_name", "last_name", "company", "mobile"))
_DIGITS = 4


class Identity(NamedTuple):
    """By what a person is recognised, folded; "" where it is not known. `mobile` is in E.164 form."""

    email: str
    name: str
    mobile: str
    company: str

    @classmethod
    def of(cls, data: ContactData) -> "Identity":
        return cls(
            email_key(data.email), name_key(data.first_name, data.last_name), e164(data.mobile), fold(data.company)
        )


def email_key(email: str) -> str:
    return fold(email)


def name_key(first_name: str, last_name: str) -> str:
    """The full name, folded; one blank between words."""
    return fold(" ".join(f"{first_name} {last_name}".split()))


def e164(raw: str) -> str:
    return normalise(raw).e164 or "" if raw else ""


class RowKeys(NamedTuple):
    """What of a row the whole file must be known for: folded, and the last digits of the mobile number."""

    email: str
    name: str
    company: str
    digits: str


class Keys:
    """How many rows of the file use each key, in 40 bytes a row. Hashes are compared, which is enough for counting."""

    def __init__(self, rows: Iterable[RowKeys]) -> None:
        emails, names, companies, mobiles = array("q"), array("q"), array("q"), array("q")
        for row in rows:
            emails.append(hash(row.email) if row.email else 0)
            names.append(hash(row.name) if row.name else 0)
            companies.append(hash((row.name, row.company)) if row.name else 0)
            mobiles.append(hash((row.name, row.digits)) if row.name and row.digits else 0)
        self._emails = _ordered(emails)
        with_address = (key for key, email in zip(companies, emails, strict=True) if _count(self._emails, email) == 1)
        self._without_email = _ordered(with_address)
        self._names, self._companies, self._mobiles = map(_ordered, (names, companies, mobiles))

    def emails(self, key: str) -> int:
        """How many rows have this e-mail address."""
        return _count(self._emails, hash(key)) if key else 0

    def names(self, key: str) -> int:
        """How many rows have this full name."""
        return _count(self._names, hash(key)) if key else 0

    def others_reach(self, who: Identity, row: Identity) -> bool:
        """Whether any row but this one could stand for this contact."""
        emails = self.emails(who.email) - (who.email == row.email)
        names = self.names(who.name) - (who.name == row.name)
        return emails > 0 or names > 0

    def others_lose(self, before: Identity, after: Identity, row: Identity) -> bool:
        """Whether a change of this contact by this row would hide the contact from another row."""
        return self._lose_email(before, after, row) or (bool(before.name) and self._lose_name(before, after, row))

    def _lose_email(self, before: Identity, after: Identity, row: Identity) -> bool:
        return before.email not in (after.email, row.email) and self.emails(before.email) == 1

    def _lose_name(self, before: Identity, after: Identity, row: Identity) -> bool:
        """By names and company, rows with an address of their own find only contacts that have no address yet."""
        company, mobile = (before.name, before.company), (before.name, last_digits(before.mobile))
        same_company = company == (row.name, row.company)
        if company != (after.name, after.company) and _count(self._companies, hash(company)) > same_company:
            return True
        if after.email and not before.email:
            own = same_company and self.emails(row.email) == 1
            if _count(self._without_email, hash(company)) > own:
                return True
        if not before.mobile or (before.name, before.mobile) == (after.name, after.mobile):
            return False
        return _count(self._mobiles, hash(mobile)) > (mobile == (row.name, last_digits(row.mobile)))


def _ordered(hashes: Iterable[int]) -> Sequence[int]:
    return array("q", sorted(key for key in hashes if key))


def _count(hashes: Sequence[int], key: int) -> int:
    return bisect_right(hashes, key) - bisect_left(hashes, key)


class Index:
    """Contacts by identity: those that some row of the file could stand for. Keys are kept as their hashes."""

    def __init__(self) -> None:
        self._contacts: dict[int, tuple[int, ...]] = {}

    def add(self, contact: int, who: Identity) -> None:
        for key in _hashes(who):
            self._contacts[key] = (*self._contacts.get(key, ()), contact)

    def remove(self, contact: int, who: Identity) -> None:
        for key in _hashes(who):
            self._contacts[key] = tuple(each for each in self._contacts.get(key, ()) if each != contact)

    def with_email(self, who: Identity) -> tuple[int, ...]:
        return self._found(_by_email(who))

    def with_mobile(self, who: Identity) -> tuple[int, ...]:
        return self._found(_by_mobile(who))

    def with_company(self, who: Identity) -> tuple[int, ...]:
        return self._found(_by_company(who))

    def all_for(self, who: Identity) -> set[int]:
        """Every contact that any step could find."""
        return {contact for key in _hashes(who) for contact in self._found(key)}

    def _found(self, key: int | None) -> tuple[int, ...]:
        return () if key is None else self._contacts.get(key, ())


def _by_email(who: Identity) -> int | None:
    return hash((1, who.email)) if who.email else None


def _by_mobile(who: Identity) -> int | None:
    return hash((2, who.name, who.mobile)) if who.name and who.mobile else None


def _by_company(who: Identity) -> int | None:
    return hash((3, who.name, who.company)) if who.name else None


def _hashes(who: Identity) -> list[int]:
    keys = (_by_email(who), _by_mobile(who), _by_company(who))
    return [key for key in keys if key is not None]


class Match(NamedTuple):
    """The contact found, or none (a new one), or the `reason` of the rejection and who came into question."""

    contact: int | None = None
    reason: str | None = None
    candidates: tuple[int, ...] = ()


def find(who: Identity, keys: Keys, index: Index, states: Mapping[int, ContactData]) -> Match:
    """Whom a row stands for; `states` has all candidates that still exist."""
    unique = keys.emails(who.email) == 1
    sharing = [contact for contact in index.with_email(who) if contact in states] if unique else []
    personal = unique and len(sharing) <= 1
    if personal and sharing:
        return Match(sharing[0])
    if found := [contact for contact in index.with_mobile(who) if contact in states]:
        return _one_of(found, AMBIGUOUS_MOBILE)
    found = [contact for contact in index.with_company(who) if contact in states]
    if found := [contact for contact in found if not (personal and states[contact].email)]:
        return _one_of(found, AMBIGUOUS_NAME)
    return Match() if who.name or personal else Match(reason=NOBODY)


def _one_of(found: Sequence[int], reason: str) -> Match:
    return Match(found[0]) if len(found) == 1 else Match(None, reason, tuple(found))


def identifying(mapping: Mapping[int, str], row: Row) -> RowKeys:
    """What a row is recognised by, whatever else is wrong with it."""
    cells, said = row.cells, dict[str, str]()
    for index, column in mapping.items():
        if column in _IDENTIFYING and index < len(cells) and (cell := cells[index]):
            said[column] = said_in(cell)
    email = said.get("email", "")
    return RowKeys(
        email_key(email) if is_email(email) else "",
        name_key(said.get("first_name", ""), said.get("last_name", "")),
        fold(said.get("company", "")),
        last_digits(said.get("mobile", "")),
    )


def last_digits(mobile: str) -> str:
    """The same for all writings of a number, and cheap; that other numbers may have them, too, does no harm."""
    digits = digits_of(mobile)[-_DIGITS:]
    return digits if digits.isascii() else "".join(str(int(digit)) for digit in digits)
