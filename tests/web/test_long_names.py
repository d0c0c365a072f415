"""A name of one very long word leaves the other columns of a list their place."""

import pytest
from flask.testing import FlaskClient

from tests import factories
from tests.web.checker import CheckedClient

LONG = "Donaudampfschifffahrtsgesellschaft"
BREAKS = "Donaudampfsc<wbr>hifffahrtsge<wbr>sellschaft"


@pytest.fixture
def pages(admin: FlaskClient) -> CheckedClient:
    company = factories.company(LONG, industry=LONG, city=LONG)
    factories.contact(LONG, LONG, mobile="+49 171 5550101", company=company, city=LONG)
    factories.audience(LONG, description=LONG)
    factories.block("+491715550101", LONG)
    factories.user(name=LONG)
    factories.campaign(1, name=LONG, audience_name=LONG, user_name=LONG)
    return CheckedClient(admin)


@pytest.mark.parametrize(
    ("path", "times"),
    [
        ("/contacts/", 4),
        ("/companies/", 3),
        ("/block-list/", 3),
        ("/audiences/", 2),
        ("/users/", 1),
        ("/campaigns/", 3),
    ],
)
def test_it_may_break_in_the_list(pages: CheckedClient, path: str, times: int) -> None:
    assert pages.get(path).text.count(BREAKS) == times
