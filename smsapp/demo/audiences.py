"""The audiences of the sample CRM."""

from typing import Any, Final, NamedTuple


class SampleAudience(NamedTuple):
    """A name, a description, and the conditions as `audiences.conditions` keeps them."""

    name: str
    description: str
    tree: dict[str, Any]


def _row(field: str, operator: str, value: object) -> dict[str, Any]:
    return {"field": field, "operator": operator, "value": value}


def _all(*children: dict[str, Any]) -> dict[str, Any]:
    return {"match": "all", "children": list(children)}


_NEWSLETTER: Final = _row("newsletter", "is", True)

AUDIENCES: Final = (
    SampleAudience(
        "Stammkunden Hamburg",
        "VIP-Kontakte bei Hamburger Firmen, die von uns lesen wollen oder zu Handel und Gastronomie gehören.",
        _all(
            _row("company_city", "is", "Hamburg"),
            _row("labels", "has", "VIP"),
            {
                "match": "any",
                "children": [_NEWSLETTER, _row("company_industry", "one_of", ["Handel", "Gastronomie"])],
            },
        ),
    ),
    SampleAudience("Alle mit Newsletter", "Alle Kontakte, die den Newsletter beziehen.", _all(_NEWSLETTER)),
    SampleAudience("Finnland", "Kontakte bei Firmen in Finnland.", _all(_row("company_country", "is", "FI"))),
    SampleAudience("VIP", "Alle Kontakte mit dem Stichwort VIP.", _all(_row("labels", "has", "VIP"))),
)
