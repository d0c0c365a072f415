"""The popup's figures: worked out once for conditions, data, field, options and tags; then each key reads one row."""

from dataclasses import dataclass
from datetime import datetime

from smsapp.campaigns.order import Order


@dataclass(frozen=True, slots=True)
class Figures:
    """What the popup shows while the text is typed; equal to what `plan.work_out` would find at `as_of`.

    `shortest` and `longest` are characters after replacing the tags, texts over 480 included (0: nobody).
    `causes` are the characters that make the network carry more parts than are billed, for `more_parts`
    recipients; it may be empty, since long texts alone can do it. `empty` counts contacts, otherwise
    reachable, for whom a used tag's field is empty, whether or not the tag has a substitute.
    """

    contacts: int
    recipients: int
    messages: int
    histogram: dict[int, int]
    skips: dict[str, int]
    more_parts: int
    causes: str
    shortest: int
    longest: int
    empty: dict[str, int]
    as_of: datetime

    @property
    def skipped(self) -> int:
        return self.contacts - self.recipients

    @property
    def too_long(self) -> int:
        return self.skips.get("too_long", 0)


def figures(order: Order) -> Figures:
    """The figures of an order by the stored summary; the first call for new tags or changed data computes it."""
    raise NotImplementedError
