"""What a send comes to, whether planned for good or counted for the popup."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """`histogram` is billed messages -> recipients, `skips` reason -> contacts, `countries` country -> recipients.

    `dearer` counts recipients by (messages billed, parts carried) where the network carries more than is billed;
    `shortest` and `longest` are characters of the texts after replacing the tags (0: nobody).
    """

    contacts: int
    recipients: int
    messages: int
    histogram: dict[int, int]
    skips: dict[str, int]
    dearer: dict[tuple[int, int], int]
    shortest: int
    longest: int
    countries: dict[str, int]

    @property
    def more_parts(self) -> int:
        """How many recipients get more parts than are billed."""
        return sum(self.dearer.values())

    @property
    def skipped(self) -> int:
        """How many contacts get nothing."""
        return self.contacts - self.recipients
