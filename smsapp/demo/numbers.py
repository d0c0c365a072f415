"""Phone numbers that belong to nobody, in the ways people write them.

Germany: the numbers that the Bundesnetzagentur keeps free for films and books (Mitteilung 148/2021): single mobile
numbers, (0)176 040690xx, (0)171 39200xx, and a thousand fixed lines in each of five cities. Those with one digit more
than (0)171 39200xx can be nobody's either, since the network stops reading at the seven digits of that area; there
are a thousand of them. Finland: Traficom has given 047 and 048 to no operator. Sweden: PTS keeps 070-1740605 to
-1740699 free. Austria and Switzerland keep none, so nobody here has a number of theirs.
"""

from collections.abc import Callable
from random import Random
from typing import Final

_SINGLE_MOBILES: Final = (
    *("15228817386", "15228895456", "15254599371", "1729925904", "1729968532", "1729973185"),
    *("1729973186", "1729980752", "1749091317", "1749464308"),
)
_FIXED_LINES: Final = {"Hamburg": "4066969", "Berlin": "3023125", "Köln": "2214710", "München": "8999998"}
_ELSEWHERE: Final = "6990009"  # Frankfurt am Main


class Numbers:
    """Gives out each number once, as digits of E.164 without the plus."""

    def __init__(self, dice: Random) -> None:
        self._dice = dice
        short = [f"{prefix}{n:02}" for prefix in ("17139200", "176040690") for n in range(100)]
        german = [*_SINGLE_MOBILES, *short, *(f"17139200{n:03}" for n in range(1000))]
        self._german = [f"49{number}" for number in german]
        self._finnish = [f"358{area}{n:07}" for area in (47, 48) for n in range(2_000_000, 2_000_900, 7)]
        self._swedish = [f"46701740{n}" for n in range(605, 700)]
        self._fixed = {prefix: list(range(1000)) for prefix in (*_FIXED_LINES.values(), _ELSEWHERE)}
        for pool in (self._german, self._finnish, self._swedish, *self._fixed.values()):
            dice.shuffle(pool)  # type: ignore[arg-type]

    def mobile(self, country: str) -> str:
        """A mobile number of this country; a German one where the country keeps none free."""
        pools = {"FI": self._finnish, "SE": self._swedish}
        return pools.get(country, self._german).pop()

    def fixed_line(self, city: str) -> str:
        """A fixed line of this city, or of Frankfurt."""
        prefix = _FIXED_LINES.get(city, _ELSEWHERE)
        return f"49{prefix}{self._fixed[prefix].pop():03}"

    def written(self, digits: str) -> str:
        """The number with its country code, as one of many people would type it."""
        return self._dice.choices(_WAYS, weights=(10, 4, 3, 2, 1))[0](*_split(digits))

    def without_country_code(self, digits: str) -> str:
        """The number as people write it for their neighbours."""
        _, area, rest = _split(digits)
        return f"0{area} {rest}"


def _split(digits: str) -> tuple[str, str, str]:
    """Country code, area, rest."""
    country = "358" if digits.startswith("358") else digits[:2]
    national = digits.removeprefix(country)
    length = 3 if country == "49" and national.startswith(("1", "2")) else 2
    return country, national[:length], national[length:]


def _spaced(country: str, area: str, rest: str) -> str:
    return f"+{country} {area} {rest}"


def _plain(country: str, area: str, rest: str) -> str:
    return f"+{country}{area}{rest}"


def _two_zeros(country: str, area: str, rest: str) -> str:
    return f"00{country} {area} {rest}"


def _trunk_zero(country: str, area: str, rest: str) -> str:
    return f"+{country} (0){area} / {rest[:3]}-{rest[3:]}"


def _grouped(country: str, area: str, rest: str) -> str:
    return f"+{country} {area} {rest[:3]} {rest[3:]}"


_WAYS: Final[tuple[Callable[[str, str, str], str], ...]] = (_spaced, _grouped, _plain, _two_zeros, _trunk_zero)
