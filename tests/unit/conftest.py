"""An operator for gateways to talk to."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.operator import Operator


@pytest.fixture
def operator(tmp_path: Path) -> Iterator[Operator]:
    made = Operator(tmp_path)
    yield made
    made.close()
