"""What people do on an idea's page: each button with its action and the words that follow."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from trebbo.kernel.access import Viewer
from trebbo.kernel.pages import key_of
from trebbo.sharing.ideas import actions
from trebbo.sharing.ideas.models import Idea

Typed = dict[str, Any]
Act = Callable[[Viewer, Idea, HttpRequest, Typed], str]


def _version(request: HttpRequest) -> int:
    return key_of(request.POST.get("version", ""))


def _accept(viewer: Viewer, idea: Idea, request: HttpRequest, _typed: Typed) -> str:
    terms_version = key_of(request.POST.get("terms", ""))
    actions.accept_terms(actor=viewer, idea_id=idea.pk, terms_version=terms_version)
    return _("You accepted the terms. Who keeps the idea sees it.")


def _discard(viewer: Viewer, idea: Idea, request: HttpRequest, _typed: Typed) -> str:
    actions.discard_idea(actor=viewer, idea_id=idea.pk, version=_version(request))
    return _("The draft is thrown away.")


def _submit(viewer: Viewer, idea: Idea, request: HttpRequest, _typed: Typed) -> str:
    actions.submit_idea(actor=viewer, idea_id=idea.pk, version=_version(request))
    return _("The office reads it now, and tells you.")


def _return(viewer: Viewer, idea: Idea, request: HttpRequest, typed: Typed) -> str:
    version = _version(request)
    actions.return_idea(actor=viewer, idea_id=idea.pk, version=version, note=typed["note"])
    return _("It is back with who wrote it.")


def _publish(viewer: Viewer, idea: Idea, request: HttpRequest, _typed: Typed) -> str:
    actions.publish_idea(actor=viewer, idea_id=idea.pk, version=_version(request))
    return _("It is published to its circle.")


def _advance(viewer: Viewer, idea: Idea, request: HttpRequest, typed: Typed) -> str:
    actions.advance_idea(
        actor=viewer,
        idea_id=idea.pk,
        version=_version(request),
        state=request.POST.get("state", ""),
        note=typed["note"],
    )
    return _("Saved.")


def _close(viewer: Viewer, idea: Idea, request: HttpRequest, typed: Typed) -> str:
    actions.close_idea(actor=viewer, idea_id=idea.pk, version=_version(request), **typed)
    return _("The idea is closed.")


def _renew(viewer: Viewer, idea: Idea, request: HttpRequest, _typed: Typed) -> str:
    actions.renew_idea(actor=viewer, idea_id=idea.pk, version=_version(request))
    return _("The idea is renewed.")


def _official(viewer: Viewer, idea: Idea, request: HttpRequest, typed: Typed) -> str:
    text, version = typed["official_answer"], _version(request)
    actions.answer_officially(actor=viewer, idea_id=idea.pk, version=version, text=text)
    return _("The official answer is published.")


def _comment(viewer: Viewer, idea: Idea, request: HttpRequest, typed: Typed) -> str:
    actions.post_comment(
        actor=viewer,
        idea_id=idea.pk,
        text=typed["text"],
        quotes_id=key_of(request.POST.get("quotes", "")),
        mention_ids=tuple(typed.get("mentions", ())),
    )
    return _("Your words are in the discussion.")


def _hide(viewer: Viewer, _idea: Idea, request: HttpRequest, _typed: Typed) -> str:
    actions.hide_comment(actor=viewer, comment_id=key_of(request.POST.get("comment", "")))
    return _("The comment is taken out.")


def _follow(viewer: Viewer, idea: Idea, _request: HttpRequest, _typed: Typed) -> str:
    actions.follow_idea(actor=viewer, idea_id=idea.pk)
    return _("You will hear what happens to it.")


def _unfollow(viewer: Viewer, idea: Idea, _request: HttpRequest, _typed: Typed) -> str:
    actions.unfollow_idea(actor=viewer, idea_id=idea.pk)
    return _("You no longer follow it.")


def _endorse(viewer: Viewer, idea: Idea, request: HttpRequest, typed: Typed) -> str:
    chain = key_of(request.POST.get("value_chain", ""))
    actions.endorse_idea(actor=viewer, idea_id=idea.pk, value_chain_id=chain, note=typed["note"])
    return _("The value chain stands behind it.")


def _withdraw_endorsement(viewer: Viewer, _idea: Idea, request: HttpRequest, _t: Typed) -> str:
    key = key_of(request.POST.get("endorsement", ""))
    actions.withdraw_endorsement(actor=viewer, endorsement_id=key)
    return _("The endorsement is withdrawn.")


def _declare(viewer: Viewer, idea: Idea, _request: HttpRequest, typed: Typed) -> str:
    actions.declare_conflict(actor=viewer, idea_id=idea.pk, **typed)
    return _("Your declaration is kept.")


def _readiness(viewer: Viewer, idea: Idea, request: HttpRequest, typed: Typed) -> str:
    actions.set_readiness(
        actor=viewer,
        idea_id=idea.pk,
        version=_version(request),
        level_id=key_of(typed["level"]) or None,
        note=typed["note"],
    )
    return _("Saved.")


ACTS: dict[str, Act] = {
    "accept": _accept,
    "discard": _discard,
    "submit": _submit,
    "return": _return,
    "publish": _publish,
    "advance": _advance,
    "close": _close,
    "renew": _renew,
    "official": _official,
    "comment": _comment,
    "hide": _hide,
    "follow": _follow,
    "unfollow": _unfollow,
    "endorse": _endorse,
    "withdraw_endorsement": _withdraw_endorsement,
    "declare": _declare,
    "readiness": _readiness,
}
