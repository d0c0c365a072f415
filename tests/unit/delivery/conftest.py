"""What tests of sending begin with."""

import pytest
from flask import Flask

from tests import factories
from tests.sending import simulate


@pytest.fixture
def ready_to_send(app: Flask) -> None:
    """The module is set up, and the simulator takes and delivers everything at once."""
    factories.settings()
    simulate()
