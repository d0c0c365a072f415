"""The pages of imports, and a queue that tests work off by hand."""

import io

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from smsapp.contacts.importing import service
from tests.web.checker import CheckedClient
from tests.web.imports.importing import TABLE, Upload


@pytest.fixture(autouse=True)
def woken(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """The jobs that were asked for: the queue is elsewhere, the tests work them off by hand."""
    jobs: list[tuple[str, int]] = []

    def wake(_queue: str, function: str, *ids: int, timeout: int = 0) -> bool:
        jobs.append((function.rpartition(".")[2], *ids))
        return True

    monkeypatch.setattr(service, "wake", wake)
    return jobs


@pytest.fixture
def pages(editor: FlaskClient) -> CheckedClient:
    return CheckedClient(editor)


@pytest.fixture
def upload(pages: CheckedClient) -> Upload:
    def send(content: str | bytes = TABLE, name: str = "kontakte.csv", encoding: str = "cp1252") -> TestResponse:
        data = content.encode(encoding) if isinstance(content, str) else content
        return pages.post("/imports/", data={"file": (io.BytesIO(data), name)}, content_type="multipart/form-data")

    return send
