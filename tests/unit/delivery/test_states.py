"""The state machine: the design's moves and no others, and what they mean for quota."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from smsapp.delivery.outcomes import MAX_ATTEMPTS, back_off, outcome, settling
from smsapp.delivery.states import (
    CAMPAIGN_MOVES,
    FINAL,
    MOVES,
    NOT_HANDED_OVER,
    RESERVED,
    CampaignState,
    Effect,
    State,
    WrongMove,
    campaign_states_before,
    check,
    quota_effect,
    receipt_moves,
)
from smsapp.gateways.base import Accepted, AcceptedInPart, RefusedForGood, RefusedForNow, Result, Unknown

DESIGN = """
    queued -> claimed cancelled suppressed expired
    claimed -> submitting queued cancelled suppressed
    submitting -> accepted undelivered rejected unknown queued cancelled expired
    accepted -> delivered undelivered expired no_receipt
    no_receipt -> delivered undelivered expired
    unknown -> accepted delivered undelivered expired rejected queued
    delivered ->
    undelivered ->
    expired ->
    rejected ->
    cancelled ->
    suppressed ->
"""

states = st.sampled_from(State)
results = st.sampled_from(
    [Accepted("r"), AcceptedInPart("r", "c"), RefusedForNow("c"), RefusedForGood("c"), Unknown("c")]
)


def test_the_moves_are_the_designs() -> None:
    lines = (line.split(" ->") for line in DESIGN.strip().splitlines())
    assert {before.strip(): set(after.split()) for before, after in lines} == {s: set(to) for s, to in MOVES.items()}


@given(states, states)
def test_any_other_move_is_refused(before: State, after: State) -> None:
    if after in MOVES[before]:
        check(before, after)
    else:
        with pytest.raises(WrongMove):
            check(before, after)


@pytest.mark.parametrize(
    ("before", "after", "effect"),
    [
        ("queued", "claimed", "none"),
        ("queued", "cancelled", "return"),
        ("queued", "suppressed", "return"),
        ("queued", "expired", "return"),
        ("claimed", "cancelled", "return"),
        ("claimed", "suppressed", "return"),
        ("submitting", "accepted", "charge"),
        ("submitting", "undelivered", "charge"),
        ("submitting", "rejected", "return"),
        ("submitting", "cancelled", "return"),
        ("submitting", "expired", "return"),
        ("submitting", "unknown", "none"),
        ("submitting", "queued", "none"),
        ("unknown", "accepted", "charge"),
        ("unknown", "delivered", "charge"),
        ("unknown", "undelivered", "charge"),
        ("unknown", "expired", "charge"),
        ("unknown", "rejected", "return"),
        ("unknown", "queued", "none"),
    ],
)
def test_what_a_move_does_to_the_quota(before: str, after: str, effect: str) -> None:
    assert quota_effect(State(before), State(after)) is Effect(effect)


def test_no_receipt_of_something_taken_moves_quota() -> None:
    for before in (State.ACCEPTED, State.NO_RECEIPT):
        assert {quota_effect(before, after) for after in MOVES[before]} == {Effect.NONE}


def test_final_states_hold_no_quota_and_are_not_waiting() -> None:
    assert not FINAL & (RESERVED | NOT_HANDED_OVER)
    assert set(State) - FINAL == RESERVED | {State.ACCEPTED}


@given(states, states)
def test_a_receipt_moves_only_forward(before: State, said: State) -> None:
    if receipt_moves(before, said):
        check(before, said)
        assert said in FINAL or (before, said) == (State.UNKNOWN, State.ACCEPTED)
        assert before not in NOT_HANDED_OVER


@pytest.mark.parametrize("before", [State.DELIVERED, State.UNDELIVERED, State.EXPIRED])
def test_the_first_final_word_stands(before: State) -> None:
    assert not any(receipt_moves(before, said) for said in State)


def test_nobody_sends_twice_without_a_person() -> None:
    """From `submitting` back to the queue only when surely not taken; from `unknown` only by a decision."""
    handed_over_again = [before for before in State if State.QUEUED in MOVES[before]]
    assert handed_over_again == [State.CLAIMED, State.SUBMITTING, State.UNKNOWN]
    for result in (Accepted("r"), AcceptedInPart("r", "c"), RefusedForGood("c"), Unknown("c")):
        assert outcome(result, 1, cancelled=False).state is not State.QUEUED
        late = settling(result)
        assert late is None or late.state is not State.QUEUED


@given(results, st.integers(1, 2 * MAX_ATTEMPTS), st.booleans())
def test_every_answer_leads_where_a_hand_over_may_go(result: Result, attempt: int, cancelled: bool) -> None:
    found = outcome(result, attempt, cancelled)
    check(State.SUBMITTING, found.state)
    assert (found.wait is not None) == (found.state is State.QUEUED)
    assert (found.gateway_ref is not None) == (quota_effect(State.SUBMITTING, found.state) is Effect.CHARGE)


def test_refused_for_now_is_tried_again_but_not_for_ever_and_not_after_a_cancel() -> None:
    busy = RefusedForNow("throttled")
    assert outcome(busy, 1, cancelled=False).state is State.QUEUED
    assert outcome(busy, MAX_ATTEMPTS, cancelled=False).state is State.EXPIRED
    assert outcome(busy, 1, cancelled=True).state is State.CANCELLED


def test_waiting_grows_and_is_bounded() -> None:
    seconds = [back_off(attempt).total_seconds() for attempt in range(1, MAX_ATTEMPTS)]
    assert seconds[:4] == [5, 10, 20, 40]
    assert max(seconds) == 600
    assert 20 * 3600 < sum(seconds) < 30 * 3600


@given(st.sampled_from(CampaignState))
def test_a_campaign_comes_from_where_it_may_go(after: CampaignState) -> None:
    before = campaign_states_before(after)
    assert before == {state for state in CampaignState if after in CAMPAIGN_MOVES[state]}


class Walk(RuleBasedStateMachine):
    """Deliveries walk at random; their quota always adds up, whichever way they take."""

    deliveries: Bundle[list[State]] = Bundle("deliveries")

    @initialize()
    def begin(self) -> None:
        self.all: list[list[State]] = []
        self.reserved = self.spent = self.returned = 0

    @rule(target=deliveries)
    def add(self) -> list[State]:
        self.all.append([State.QUEUED])
        self.reserved += 1
        return self.all[-1]

    @rule(walk=deliveries, data=st.data())
    def move(self, walk: list[State], data: st.DataObject) -> None:
        if not MOVES[walk[-1]]:
            return
        after = data.draw(st.sampled_from(sorted(MOVES[walk[-1]])))
        effect = quota_effect(walk[-1], after)
        self.reserved -= effect is not Effect.NONE
        self.spent += effect is Effect.CHARGE
        self.returned += effect is Effect.GIVE_BACK
        walk.append(after)

    @invariant()
    def reserved_is_what_holds_quota(self) -> None:
        assert self.reserved == sum(walk[-1] in RESERVED for walk in self.all)
        assert self.reserved + self.spent + self.returned == len(self.all)

    @invariant()
    def spent_is_what_was_taken(self) -> None:
        sure = {State.ACCEPTED, State.DELIVERED, State.UNDELIVERED, State.NO_RECEIPT}
        either = sum(walk[-1] is State.EXPIRED for walk in self.all)
        taken = sum(walk[-1] in sure for walk in self.all)
        assert taken <= self.spent <= taken + either


TestWalk = Walk.TestCase
