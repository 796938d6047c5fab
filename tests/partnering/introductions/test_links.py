"""Nothing but the right link, at the right time, once, does anything."""

import string
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories.organisations import NOW
from tests.partnering.introductions.meeting_place import Place, link_of, token_of
from trebbo.kernel import signed_links
from trebbo.kernel.access import visitor
from trebbo.kernel.errors import Refusal
from trebbo.partnering.introductions import actions
from trebbo.partnering.introductions.choices import LinkPurpose
from trebbo.partnering.introductions.models import AnswerLink, Introduction, IntroductionStep

pytestmark = pytest.mark.django_db
URL_SAFE = string.ascii_letters + string.digits + "-_:."


def act_with(token: str, purpose: str, moment: timedelta) -> None:
    """Try all that a link of this purpose can do."""
    actor = visitor(NOW + moment)
    acts = {
        LinkPurpose.CONSENT: [
            lambda: actions.consent_to_introduction(actor=actor, token=token),
            lambda: actions.withdraw_introduction(actor=actor, token=token),
        ],
        LinkPurpose.ANSWER: [
            lambda: actions.accept_introduction(actor=actor, token=token),
            lambda: actions.decline_introduction(actor=actor, token=token, reason="other"),
            lambda: actions.pass_on_introduction(
                actor=actor, token=token, name="B", email="b@lab.example"
            ),
        ],
        LinkPurpose.OUTCOME: [
            lambda: actions.record_meeting(actor=actor, token=token),
            lambda: actions.record_outcome(actor=actor, token=token, outcome="idea"),
        ],
    }
    for act in acts[LinkPurpose(purpose)]:
        with pytest.raises(Refusal):
            act()


def everything() -> tuple[list[object], ...]:
    """All that an answer would change."""
    return tuple(
        list(model.objects.order_by("pk").values_list())  # type: ignore[attr-defined]
        for model in (Introduction, IntroductionStep, AnswerLink)
    )


@settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_no_altered_foreign_expired_or_replayed_link_does_anything(data: st.DataObject) -> None:
    """Whatever is done to a link's token, its purpose or its time: refused, and nothing changes."""
    place = Place()
    one = data.draw(st.sampled_from([place.proposed, place.asked]))()
    link, token = link_of(one), token_of(one)
    spoiled = data.draw(
        st.sampled_from(["letter", "cut", "noise", "foreign key", "other purpose", "late", "used"])
    )
    moment, purpose = timedelta(hours=1), link.purpose
    if spoiled == "letter":
        at = data.draw(st.integers(0, len(token) - 1))
        letter = data.draw(st.sampled_from(URL_SAFE))
        spoiled_token = token[:at] + letter + token[at + 1 :]
        if spoiled_token == token or not _differs(spoiled_token, token, purpose):
            return
        token = spoiled_token
    elif spoiled == "cut":
        token = token[: data.draw(st.integers(0, len(token) - 1))]
    elif spoiled == "noise":
        token = data.draw(st.text(URL_SAFE, max_size=120))
    elif spoiled == "foreign key":
        key = data.draw(st.one_of(st.uuids().map(str), st.integers(), st.none(), st.text()))
        token = signed_links.sign(f"introduction.{purpose}", key)
    elif spoiled == "other purpose":
        purpose = data.draw(st.sampled_from([one for one in LinkPurpose if one != purpose]))
        if data.draw(st.booleans()):  # signed anew for it, by whoever had the site's secret
            token = signed_links.sign(f"introduction.{purpose}", str(link.key))
    elif spoiled == "late":
        moment = link.expires_at - NOW + timedelta(days=data.draw(st.integers(0, 400)))
    else:
        use = {
            LinkPurpose.CONSENT: actions.consent_to_introduction,
            LinkPurpose.ANSWER: actions.accept_introduction,
        }[LinkPurpose(purpose)]
        use(actor=visitor(NOW), token=token)  # type: ignore[operator]
    before = everything()
    act_with(token, purpose, moment)
    assert everything() == before


def _differs(token: str, known: str, purpose: str) -> bool:
    """Whether a token says something else: base64 has several spellings of its last letter."""
    try:
        seconds = 10**9
        value = signed_links.read(f"introduction.{purpose}", token, max_age_seconds=seconds)
    except Refusal:
        return True
    return bool(
        value != signed_links.read(f"introduction.{purpose}", known, max_age_seconds=seconds)
    )
