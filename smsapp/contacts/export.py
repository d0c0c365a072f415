"""Tables that people download: CSV that Excel opens as it is, and that no spreadsheet takes for formulas. Pure."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO

_CHUNK = 1 << 15
_FORMULA = re.compile("'*(?:[\\s\u200b\ufeff]*[=+\\-@＝＋－＠﹦﹢﹣﹫]|[\t\r\n])")


def csv_safe(value: str) -> str:
    """The cell with an apostrophe before it where a spreadsheet could take it for a formula.

    Phone numbers get it, too: without it Excel turns +491711234567 into 4,91711E+11. Our own import takes it off
    (csv_plain), and so that nothing is lost a value that already begins like that gets a second one.
    """
    return "'" + value if _FORMULA.match(value) else value


def csv_plain(cell: str) -> str:
    """What csv_safe was given; a cell that it never touched comes back unchanged."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def write_csv(rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """The rows as a CSV file in chunks: byte order mark, semicolons, CRLF; None is an empty cell.

    Texts go through csv_safe. Numbers and dates are written by str(): they are no formulas.
    """
    buffer = StringIO(newline="")
    buffer.write("\ufeff")
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
    for row in rows:
        writer.writerow([csv_safe(value) if isinstance(value, str) else value for value in row])
        if buffer.tell() >= _CHUNK:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()
