"""Lists whose filter, order and page are in the address."""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from flask import g, request
from sqlalchemy import Select, func, select

from smsapp.extensions import db
from smsapp.listing import known_sort

FAR: Final = 5000


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list, and what a pager needs."""

    items: Sequence[Any]
    number: int
    size: int
    total: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.size))

    @property
    def first(self) -> int:
        return (self.number - 1) * self.size + 1 if self.total else 0

    @property
    def last(self) -> int:
        return min(self.number * self.size, self.total)


def paginate(
    statement: Select[*tuple[Any, ...]],
    size: int = 50,
    scalars: bool = True,
    total: int | None = None,
    key: Any = None,
) -> Page:
    """The page that the URL's `page` names; out of range is brought to the nearest one. `total`: where it is known.

    `key` is the primary key of a long list with wide rows, in an order that no index has; not where conditions decide
    who is in it, which would be worked out twice.
    """
    if total is None:
        total = db.session.scalar(select(func.count()).select_from(statement.order_by(None).subquery())) or 0
    asked = request.args.get("page", 1, type=int)
    number = min(max(asked, 1), max(1, -(-total // size)))
    result = db.session.execute(rows_of_page(statement, key, size, (number - 1) * size))
    return Page(result.scalars().unique().all() if scalars else result.all(), number, size, total)


def rows_of_page(statement: Select[*tuple[Any, ...]], key: Any, size: int, offset: int) -> Select[*tuple[Any, ...]]:
    """Some rows of a list. Their keys are sorted alone where whole rows would take several times as long.

    That is always so on PostgreSQL, and on SQLite far from the beginning: of the first rows it keeps only the best.
    """
    if key is None or (offset < FAR and db.engine.dialect.name == "sqlite"):
        return statement.limit(size).offset(offset)
    keys = statement.with_only_columns(key).limit(size).offset(offset)
    return statement.where(key.in_(keys.correlate(None)))


def asked_sort(orders: Container[str], usual: str) -> str:
    """The order that the address has by the name `sort`, if the list knows it."""
    return known_sort(request.args.get("sort"), orders, usual)


def page_url(**changes: Any) -> str:
    """This list's address with these query arguments changed; None takes one away."""
    path = getattr(g, "list_path", request.path)
    arguments = {**request.args.to_dict(), **changes}
    query = urlencode({name: value for name, value in arguments.items() if value is not None})
    return f"{path}?{query}" if query else path


def list_is_at(path: str) -> None:
    """The list on the page that is made now is to be turned over and sorted there, not where a form was posted."""
    g.list_path = path
