"""What people do to a send on its page: undo it, pause and resume it, cancel its rest."""

import pytest
import time_machine

from smsapp.accounts.models import User
from smsapp.campaigns.drafts import load_draft, restore_draft, save_draft
from smsapp.campaigns.order import Composed
from smsapp.clock import now
from smsapp.delivery import claims, sending, service
from smsapp.gateways.base import Accepted
from smsapp.quota.queries import balances
from tests import factories
from tests.sending import campaign_state, handed_over, simulate, states
from tests.web.checker import CheckedClient
from tests.web.sends.looking import do, shown, waiting

pytestmark = pytest.mark.usefixtures("invariants_hold")
ACTIONS = ("undo", "pause", "resume", "cancel-rest")


def test_undone_in_its_window_nothing_is_sent(page: CheckedClient) -> None:
    campaign = waiting(billed=2)
    assert do(page, campaign, "undo") == 303
    assert states(campaign.id) == {"cancelled": 3}
    assert (balances().available, balances().reserved) == (6, 0)
    assert "Undone, nothing was sent" in shown(page, campaign)


def undone_by(user: User, text: str) -> Composed | None:
    """The draft of a user whose send of this text to the only audience is undone."""
    audience_id = factories.audience().id
    options = {"include_fixed_line": True, "leave_empty": ["city"], "allowed_countries": []}
    campaign = waiting(user_id=user.id, audience_id=audience_id, text=text, options=options)
    service.undo(campaign.id, user.id)
    restore_draft(campaign)
    return load_draft(user.id, audience_id)


def test_what_was_undone_is_a_draft_again(page: CheckedClient) -> None:
    draft = undone_by(factories.user(), "Hallo {Ort}")
    assert draft is not None
    assert (draft.text, draft.include_fixed_line, draft.leave_empty) == ("Hallo {Ort}", True, ("city",))


def test_what_was_composed_since_is_kept(page: CheckedClient) -> None:
    user, audience = factories.user(), factories.audience()
    save_draft(user.id, Composed(audience.id, "Neu"))
    campaign = waiting(user_id=user.id, audience_id=audience.id, text="Alt")
    assert do(page, campaign, "undo") == 303
    draft = load_draft(user.id, audience.id)
    assert draft is not None
    assert draft.text == "Neu"


def test_undoing_twice_is_refused_and_changes_nothing(page: CheckedClient) -> None:
    campaign = waiting()
    assert [do(page, campaign, "undo") for _ in range(2)] == [303, 409]
    assert balances().available == 3


def test_after_its_window_a_send_cannot_be_undone(page: CheckedClient) -> None:
    campaign = waiting(seconds=-1)
    service.start_due()
    assert do(page, campaign, "undo") == 409
    assert states(campaign.id) == {"queued": 3}


def test_undo_is_offered_only_in_the_window(page: CheckedClient) -> None:
    assert "/undo" in shown(page, waiting())
    assert "/undo" not in shown(page, factories.campaign())


def test_the_window_says_when_sending_starts(page: CheckedClient) -> None:
    with time_machine.travel(now(), tick=False):
        assert "Sending starts in 28 seconds." in shown(page, waiting(seconds=28))


def test_a_paused_send_hands_nothing_over(page: CheckedClient) -> None:
    simulate()
    campaign = factories.campaign()
    assert do(page, campaign, "pause") == 303
    sending.drain(campaign.id)
    assert handed_over() == []
    assert "This send is paused" in shown(page, campaign)


def test_a_resumed_send_goes_on(page: CheckedClient) -> None:
    simulate()
    campaign = factories.campaign()
    do(page, campaign, "pause")
    assert do(page, campaign, "resume") == 303
    sending.drain(campaign.id)
    assert len(handed_over()) == 3


@pytest.mark.parametrize("action", ["pause", "resume"])
def test_what_was_done_already_is_refused(page: CheckedClient, action: str) -> None:
    campaign = factories.campaign(state={"pause": "sending", "resume": "paused"}[action])
    assert [do(page, campaign, action) for _ in range(2)] == [303, 409]


def test_resumed_in_its_undo_window_it_waits_again(page: CheckedClient) -> None:
    campaign = waiting()
    do(page, campaign, "pause")
    do(page, campaign, "resume")
    assert campaign_state(campaign.id) == "waiting"


def test_nothing_is_resumed_while_the_module_is_off(page: CheckedClient) -> None:
    campaign = factories.campaign(state="paused")
    factories.settings(module_on=False)
    assert do(page, campaign, "resume") == 404
    assert campaign_state(campaign.id) == "paused"


def test_the_rest_can_be_cancelled_while_the_module_is_off(page: CheckedClient) -> None:
    campaign = factories.campaign(state="paused")
    factories.settings(module_on=False)
    assert do(page, campaign, "cancel-rest") == 303
    assert states(campaign.id) == {"cancelled": 3}


def test_cancelling_the_rest_is_asked_first(page: CheckedClient) -> None:
    campaign = factories.campaign()
    url = f"/campaigns/{campaign.id}/cancel-rest"
    for answer in (page.get(url), page.fragment(url)):
        assert "3 SMS have not been handed over yet" in answer.text
    assert states(campaign.id) == {"queued": 3}


def test_what_went_out_is_not_cancelled_with_the_rest(page: CheckedClient) -> None:
    campaign = factories.campaign()
    held = claims.claim(campaign.id, "worker", 1)
    window = claims.begin(campaign.id, "worker", held)
    claims.record(window, {one.reference: Accepted("g") for one in window.deliveries})
    do(page, campaign, "cancel-rest")
    assert "Nothing is left to cancel" in page.fragment(f"/campaigns/{campaign.id}/cancel-rest").text
    assert states(campaign.id) == {"accepted": 1, "cancelled": 2}
    assert (balances().spent, balances().available) == (1, 2)


def test_the_rest_is_cancelled_once(page: CheckedClient) -> None:
    campaign = factories.campaign()
    assert [do(page, campaign, "cancel-rest") for _ in range(2)] == [303, 409]
    assert balances().available == 3


@pytest.mark.parametrize("action", ACTIONS)
def test_a_stale_page_changes_nothing_of_a_send_that_is_over(page: CheckedClient, action: str) -> None:
    simulate()
    campaign = factories.campaign()
    sending.drain(campaign.id)
    service.finish(campaign.id)
    assert do(page, campaign, action) == 409
    assert states(campaign.id) == {"accepted": 3}


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("role", ["viewer", "editor"])
def test_only_who_may_send_may_act(role: str, action: str, request: pytest.FixtureRequest) -> None:
    client = CheckedClient(request.getfixturevalue(role))
    campaign = waiting()
    assert do(client, campaign, action) == 403
    assert f"/campaigns/{campaign.id}/undo" not in shown(client, campaign)


@pytest.mark.parametrize("action", ACTIONS)
def test_a_send_that_does_not_exist_is_not_found(page: CheckedClient, action: str) -> None:
    assert page.post(f"/campaigns/4711/{action}").status_code == 404
    assert page.get("/campaigns/4711").status_code == 404
