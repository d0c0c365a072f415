"""A cheaper wording of a composed text, offered where it saves something; nothing is ever changed unasked."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from smsapp.campaigns.order import Order
from smsapp.campaigns.summary import Figures, figures
from smsapp.text.billing import MAX_CHARACTERS
from smsapp.text.insert import Edit
from smsapp.text.plainer import Replacement, plainer, replaced
from smsapp.text.segments import utf16_units


@dataclass(frozen=True, slots=True)
class Cheaper:
    """What could be replaced in `text`, and the figures of the send then."""

    text: str
    replacements: list[Replacement]
    figures: Figures

    @property
    def pieces(self) -> Iterator[tuple[str, str, str]]:
        """The text as a visible difference: what stays, then what goes and what comes; the last only stays."""
        end = 0
        for each in self.replacements:
            yield self.text[end : each.start], each.old, each.new
            end = each.end
        yield self.text[end:], "", ""

    @property
    def edits(self) -> list[Edit]:
        """The replacements as the browser makes them."""
        return [
            Edit(each.new, utf16_units(self.text[: each.start]), utf16_units(self.text[: each.end]))
            for each in self.replacements
        ]


def cheaper(order: Order, found: Figures) -> Cheaper | None:
    """The plainer wording that costs less: fewer messages, or as many for texts with fewer parts."""
    replacements = plainer(order.text)
    text = replaced(order.text, replacements)
    if not replacements or len(text) > MAX_CHARACTERS:
        return None
    then = figures(replace(order, text=text))
    is_cheaper = _costs(then) < _costs(found) and then.recipients >= found.recipients
    return Cheaper(order.text, replacements, then) if is_cheaper else None


def _costs(found: Figures) -> tuple[int, int]:
    return found.messages, found.more_parts
