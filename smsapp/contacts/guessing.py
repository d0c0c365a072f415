"""What an uploaded table seems to hold, by its headings and first rows; a person looks at it before it counts. Pure."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from smsapp.contacts.columns import field_of, is_name, is_phone
from smsapp.contacts.numbers import MOBILE, normalise
from smsapp.contacts.tables import Row


def guess_columns(header: Sequence[str], sample: Sequence[Row]) -> dict[int, str]:
    """Which field each column holds (column index to field key); unknown columns are left out, no field comes twice.

    Headings that name a field go first. A mere "Telefon" is the mobile number where most of its numbers below are
    mobile and no other column claims that; a mere "Name" is the last name where there is a first name.
    """
    found: dict[str, int] = {}
    for index, heading in enumerate(header):
        if field := field_of(heading):
            found.setdefault(field, index)
    for index, heading in enumerate(header):
        if is_name(heading) and "first_name" in found:
            found.setdefault("last_name", index)
        if is_phone(heading):
            found.setdefault("mobile" if _mostly_mobile(index, sample) else "work_phone", index)
    return {found[field]: field for field in sorted(found, key=found.__getitem__)}


def _mostly_mobile(index: int, sample: Sequence[Row]) -> bool:
    numbers = [normalise(row.cells[index]) for row in sample if index < len(row.cells)]
    known = [number.kind for number in numbers if number.kind]
    return 2 * known.count(MOBILE) > len(known)


def is_company_address(mapping: Mapping[int, str], first: Sequence[Row]) -> bool:
    """Whether all people of a company have one address, as in exports where the address is the company's.

    Judged by the companies that occur more than once; three of them at least, else it may be chance.
    """
    columns = {field: index for index, field in mapping.items()}
    places = [columns[field] for field in ("postcode", "city") if field in columns]
    if "company" not in columns or not places:
        return False
    addresses = defaultdict(set)
    people: Counter[str] = Counter()
    for row in first:
        if not row.problem and (company := row.cells[columns["company"]].strip()):
            people[company] += 1
            addresses[company].add(tuple(row.cells[place].strip() for place in places))
    several = [company for company, count in people.items() if count > 1]
    return len(several) >= 3 and all(len(addresses[company]) == 1 and any(*addresses[company]) for company in several)
