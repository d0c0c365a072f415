"""Hypothesis strategies for the tests of texts: any text, and long ones with pairs near every boundary."""

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from smsapp.text.gsm import BASIC, EXTENSION

thorough = settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow])

EMOJI = "😀👨🏽"
FOREIGN = "ŵ`\u200d中\u0308"

any_text = st.text(max_size=200)
gsm_text = st.text(alphabet=BASIC + EXTENSION, max_size=200)


def _runs(alphabet: str, longest: int = 160) -> st.SearchStrategy[str]:
    run = st.builds(lambda character, count: character * count, st.sampled_from(alphabet), st.integers(1, longest))
    return st.lists(run, max_size=9).map("".join)


no_pairs = _runs("aäé\n") | _runs("aäŵ中")
pairs = st.one_of(
    _runs("a€"), _runs("a€", 20), _runs("aŵ😀"), _runs("aŵ😀", 20), _runs("€\f[") | _runs(EMOJI), _runs("aŵ€😀")
)
"""Texts whose length in parts hangs on where their pairs stand."""

markup = st.text(alphabet="{}|aVorname \n", max_size=40)
