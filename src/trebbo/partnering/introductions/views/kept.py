"""Pages of kept asks: mine, a new one, one with its shortlist, and refining it."""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from trebbo.kernel.access import Viewer, signed_in, viewer_of
from trebbo.kernel.errors import Refusal
from trebbo.kernel.pages import THEIRS, Difference, add_refusal, key_of, paginate
from trebbo.partnering.introductions import actions
from trebbo.partnering.introductions.choices import AskLanguage, DropReason, Facet
from trebbo.partnering.introductions.forms import NeedForm, NewAskForm
from trebbo.partnering.introductions.models import Ask
from trebbo.partnering.introductions.queries import Question, kept, preferences
from trebbo.partnering.introductions.queries.ideas import idea_of_ask
from trebbo.partnering.introductions.queries.introductions import introductions_of
from trebbo.sharing.ideas.actions import note_idea_reading

MOST_TOLD = 5
Act = Callable[[Viewer, int, QueryDict], str]


@signed_in
@require_GET
def my_asks(request: HttpRequest) -> HttpResponse:
    """My asks, and those that are shared with my office."""
    page = paginate(kept.my_asks(viewer=viewer_of(request)), request)
    return render(request, "introductions/my_asks.html", {"page_obj": page})


@signed_in
@require_http_methods(["GET", "POST"])
def ask_new(request: HttpRequest) -> HttpResponse:
    """Keep the question that was asked, or a need that is written or pasted here."""
    viewer = viewer_of(request)
    typed = request.POST if request.method == "POST" else request.GET
    wishes = kept.wishes_of(Question.from_address(typed))
    slug = typed.get(kept.ASKER, "")
    askers = kept.possible_askers(slug, viewer=viewer)
    chosen = next((str(one.pk) for one in askers if one.slug == slug), "")
    choices = [(str(one.pk), one.title) for one in askers]
    if request.method == "POST":
        sent = request.POST.copy()
        sent.setdefault("asker", chosen)
        form = NewAskForm(sent, askers=choices)
        if form.is_valid() and (ask := _keep(request, form, wishes)):
            return redirect(ask)
    else:
        initial = {"q": request.GET.get("q", ""), "asker": chosen}
        form = NewAskForm(initial=initial, askers=choices)
    context = {
        "form": form,
        "groups": kept.wishes_in_words(kept.filters_of(wishes), viewer=viewer),
        "extras": [words for _name, _value, words in kept.extras_of(wishes, viewer=viewer)],
        "pairs": kept.pairs_of(wishes),
    }
    status = 400 if form.errors else 200
    return render(request, "introductions/ask_new.html", context, status=status)


@signed_in
@require_http_methods(["GET", "POST"])
def kept_ask(request: HttpRequest, ask_id: int) -> HttpResponse:
    """One ask: its need, whom it is shared with, its shortlist, and what can be done with it."""
    viewer = viewer_of(request)
    page = _page(ask_id, viewer)
    if request.method == "POST":
        act = ACTS.get(request.POST.get("do", ""))
        if act is None:
            raise Http404
        try:
            messages.success(request, act(viewer, ask_id, request.POST))
        except Refusal as refusal:
            return _show(request, page, refusal)
        return redirect(page.ask)
    return _show(request, page)


@signed_in
@require_http_methods(["GET", "POST"])
def ask_edit(request: HttpRequest, ask_id: int) -> HttpResponse:
    """Refine the need and its wishes, also when two people do so at once."""
    viewer = viewer_of(request)
    page = _page(ask_id, viewer)
    if not page.may_edit:
        raise PermissionDenied
    typed = _typed(request, page.ask)
    form = NeedForm(typed, initial=_shown(page.ask))
    version = key_of(typed.get("version", "")) if typed is not None else page.ask.version
    differences: list[Difference] = []
    changes: dict[str, Any] = {}
    clash = False
    if typed is not None and form.is_valid():
        changes = _changes(typed, form, page.ask)
        try:
            actions.change_ask(actor=viewer, ask_id=ask_id, version=version, **changes)
        except actions.AskChanged as conflict:
            differences = _differences(changes, conflict.present, viewer)
            clash, version = True, conflict.version
            page = _page(ask_id, viewer)
            form = NeedForm(initial=_shown(page.ask) | _renamed(changes))
        except actions.AskRefused as refusal:
            _add_errors(form, refusal)
        else:
            messages.success(request, _("The ask is saved. Run it again to see what changes."))
            return redirect(page.ask)
    wishes = page.ask.wishes if typed is None else _wishes(typed, page.ask)
    if clash:
        wishes = changes.get("wishes", page.ask.wishes)
    context = {
        "page": page,
        "ask": page.ask,
        "form": form,
        "version": version,
        "seen": _seen(page.ask),
        "clash": clash,
        "differences": differences,
        "extras": [
            (*extra, extra[:2] in kept.pairs_of(wishes))
            for extra in kept.extras_of(page.ask.wishes, viewer=viewer)
        ],
        "groups": kept.wishes_to_choose(page.ask, kept.filters_of(wishes), viewer=viewer),
    }
    status = 409 if clash else 400 if form.errors else 200
    return render(request, "introductions/ask_edit.html", context, status=status)


def _page(ask_id: int, viewer: Viewer) -> kept.KeptAsk:
    page = kept.kept_ask(ask_id, viewer=viewer)
    if page is None:
        raise Http404
    return page


def _show(request: HttpRequest, page: kept.KeptAsk, refusal: Refusal | None = None) -> HttpResponse:
    """The page of an ask; after a refusal with what was typed, which is not lost."""
    viewer = viewer_of(request)
    if refusal:
        page = _page(page.ask.pk, viewer)
    if page.ask.idea is not None:
        note_idea_reading(actor=viewer, idea=page.ask.idea)
    standing = kept.standing_of(page.ask, viewer=viewer)
    words = request.GET.get("find", "")
    on_list = [row.entry.profile_id for row in (*standing.rows, *standing.dropped)]
    without = [pk for pk in (*on_list, page.ask.asker_id) if pk]
    may_add = page.may_edit_shortlist and page.ask.closed_at is None
    context = {
        "page": page,
        "ask": page.ask,
        "standing": standing,
        "idea": idea_of_ask(page.ask, viewer=viewer),
        "introductions": introductions_of(page.ask, viewer=viewer),
        "reasons": DropReason,
        "find": words,
        "named": (
            preferences.profiles_named(words, viewer=viewer, without=without)
            if may_add and words.strip()
            else ()
        ),
        "may_judge": may_add,
        "brokers": (
            kept.brokers(page.shares, viewer=viewer)
            if page.may_edit and page.ask.closed_at is None
            else ()
        ),
        "refusal": refusal,
        "typed_note": request.POST.get("note", "") if refusal else "",
        "typed_entry": key_of(request.POST.get("entry", "")) if refusal else 0,
    }
    status = refusal.status if refusal else 200
    return render(request, "introductions/kept_ask.html", context, status=status)


def _keep(request: HttpRequest, form: Form, wishes: Mapping[str, Any]) -> Ask | None:
    """The ask, kept and answered for the first time; None where the form says what is wrong."""
    viewer, typed = viewer_of(request), form.cleaned_data
    try:
        ask = actions.keep_ask(
            actor=viewer,
            text=typed["q"],
            wishes=wishes,
            language=typed["language"],
            asker_id=int(typed["asker"]) if typed["asker"] else None,
        )
    except actions.AskRefused as refusal:
        _add_errors(form, refusal)
        return None
    messages.success(request, _("The ask is kept."))
    try:
        actions.rerun_ask(actor=viewer, ask_id=ask.pk)
    except Refusal as refusal:
        messages.warning(request, refusal.message)
    return ask


def _rerun(viewer: Viewer, ask_id: int, typed: QueryDict) -> str:
    done = actions.rerun_ask(actor=viewer, ask_id=ask_id)
    came = [entry.name for entry in done.new]
    left = [profile.title for profile in done.fell_out]
    told = [_("The ask was run again.")]
    if came:
        told.append(_("New: %(names)s.") % {"names": _some(came)})
    if left:
        told.append(_("No longer there: %(names)s.") % {"names": _some(left)})
    if not (came or left):
        told.append(_("Nobody came in, nobody left."))
    return " ".join(told)


def _move(viewer: Viewer, ask_id: int, typed: QueryDict) -> str:
    to = typed.get("to", "")
    entry = actions.move_entry(
        actor=viewer,
        ask_id=ask_id,
        entry_id=key_of(typed.get("entry", "")),
        to=to if to in ("up", "down") else key_of(to),  # type: ignore[arg-type]
        version=key_of(typed.get("version", "")),
    )
    return _("Now in place %(place)s.") % {"place": entry.position}


def _drop(viewer: Viewer, ask_id: int, typed: QueryDict) -> str:
    actions.drop_entry(
        actor=viewer,
        ask_id=ask_id,
        entry_id=key_of(typed.get("entry", "")),
        reason=typed.get("reason", ""),
    )
    return _("Dropped from the list.")


def _restore(viewer: Viewer, ask_id: int, typed: QueryDict) -> str:
    entry_id = key_of(typed.get("entry", ""))
    entry = actions.restore_entry(actor=viewer, ask_id=ask_id, entry_id=entry_id)
    return _("Back on the list, in place %(place)s.") % {"place": entry.position}


def _add(viewer: Viewer, ask_id: int, typed: QueryDict) -> str:
    profile_id = key_of(typed.get("profile", ""))
    entry = actions.add_entry(actor=viewer, ask_id=ask_id, profile_id=profile_id)
    return _("%(name)s is on the list.") % {"name": entry.name}


def _annotate(viewer: Viewer, ask_id: int, typed: QueryDict) -> str:
    actions.annotate_entry(
        actor=viewer,
        ask_id=ask_id,
        entry_id=key_of(typed.get("entry", "")),
        note=typed.get("note", ""),
        seen=typed.get("seen", ""),
    )
    return _("The note is saved.")


def _share(viewer: Viewer, ask_id: int, typed: QueryDict) -> str:
    kind, _dash, key = typed.get("broker", "").partition("-")
    share = actions.share_ask(
        actor=viewer,
        ask_id=ask_id,
        cluster_id=key_of(key) if kind == "cluster" else None,
        network_id=key_of(key) if kind == "network" else None,
    )
    return _("Shared with %(name)s.") % {"name": share}


def _unshare(viewer: Viewer, ask_id: int, typed: QueryDict) -> str:
    share_id = key_of(typed.get("share", ""))
    actions.unshare_ask(actor=viewer, ask_id=ask_id, share_id=share_id)
    return _("No longer shared.")


def _close(viewer: Viewer, ask_id: int, typed: QueryDict) -> str:
    actions.close_ask(actor=viewer, ask_id=ask_id)
    return _("The ask is closed.")


ACTS: dict[str, Act] = {
    "rerun": _rerun,
    "move": _move,
    "drop": _drop,
    "restore": _restore,
    "add": _add,
    "annotate": _annotate,
    "share": _share,
    "unshare": _unshare,
    "close": _close,
}


def _some(names: list[str]) -> str:
    more = len(names) - MOST_TOLD
    told = ", ".join(names[:MOST_TOLD])
    return _("%(names)s and %(more)s more") % {"names": told, "more": more} if more > 0 else told


def _shown(ask: Ask) -> dict[str, Any]:
    return {"q": ask.text, "language": ask.language}


def _renamed(changes: Mapping[str, Any]) -> dict[str, Any]:
    names = {"text": "q", "language": "language"}
    return {names[name]: value for name, value in changes.items() if name in names}


def _seen(ask: Ask) -> dict[str, str]:
    """A mark of each field as it is shown, by which it is known later whether it was changed."""
    return {
        "text": _mark(ask.text),
        "language": _mark(ask.language),
        "wishes": _mark(_flat(ask.wishes)),
    }


def _mark(text: str) -> str:
    lines = text.replace("\r\n", "\n").strip()
    return hashlib.sha256(lines.encode("utf-8", "replace")).hexdigest()[:16]


def _flat(wishes: Mapping[str, Any]) -> str:
    return "\n".join(f"{name}={value}" for name, value in sorted(kept.pairs_of(wishes)))


def _typed(request: HttpRequest, ask: Ask) -> QueryDict | None:
    """What was sent; where the person chose to take what somebody else wrote, that in its place."""
    if request.method != "POST":
        return None
    typed = request.POST.copy()
    if typed.get(f"{THEIRS}text"):
        typed["q"], typed["seen-text"] = ask.text, _mark(ask.text)
    if typed.get(f"{THEIRS}language"):
        typed["language"], typed["seen-language"] = ask.language, _mark(ask.language)
    if typed.get(f"{THEIRS}wishes"):
        _tick(typed, ask.wishes)
        typed["seen-wishes"] = _mark(_flat(ask.wishes))
    return typed


def _tick(typed: QueryDict, wishes: Mapping[str, Any]) -> None:
    """As if these wishes, and no others, had been ticked."""
    filters = kept.filters_of(wishes)
    for facet in Facet:
        typed.setlist(facet.value, list(filters.get(facet.value, ())))
    pairs = [pair for pair in kept.pairs_of(wishes) if pair[0] not in Facet.values]
    extras = [f"{name}={value}" for name, value in pairs]
    typed.setlist("extra", extras)


def _wishes(typed: QueryDict, ask: Ask) -> kept.Wishes:
    """The facets that are ticked, and of the ask's extras those that still are."""
    ticked: kept.Wishes = {
        facet.value: typed.getlist(facet.value) for facet in Facet if typed.getlist(facet.value)
    }
    left = set(typed.getlist("extra"))
    for name, value in ask.wishes.items():
        if name in Facet.values:
            continue
        several = isinstance(value, list)
        still = [one for one in (value if several else [value]) if f"{name}={one}" in left]
        if still:
            ticked[name] = still if several else still[0]
    return ticked


def _changes(typed: QueryDict, form: Form, ask: Ask) -> dict[str, Any]:
    """Only what the person changed, so that it disturbs nobody who changed something else."""
    text, language = form.cleaned_data["q"], form.cleaned_data["language"]
    wishes = _wishes(typed, ask)
    now = {
        "text": (text, text),
        "language": (language, language),
        "wishes": (_flat(wishes), wishes),
    }
    return {
        name: value
        for name, (shown, value) in now.items()
        if _mark(shown) != typed.get(f"seen-{name}", "")
    }


def _differences(
    changes: Mapping[str, Any], theirs: Mapping[str, Any], viewer: Viewer
) -> list[Difference]:
    """The fields that the person changed, where something else is kept now."""
    labels = {
        "text": _("What you need"),
        "language": _("Written in"),
        "wishes": _("Wishes"),
    }
    told: dict[str, Callable[[Any], str]] = {
        "text": str,
        "language": lambda value: str(AskLanguage(value).label) if value else "",
        "wishes": lambda value: _in_words(value, viewer),
    }
    return [
        Difference(name, labels[name], told[name](theirs[name]), told[name](mine))
        for name, mine in changes.items()
        if mine != theirs[name]
    ]


def _in_words(wishes: Mapping[str, Any], viewer: Viewer) -> str:
    groups = kept.wishes_in_words(kept.filters_of(wishes), viewer=viewer)
    told = [f"{one.label}: {', '.join(value.label for value in one.chosen)}" for one in groups]
    extras = kept.extras_of(wishes, viewer=viewer)
    return "; ".join([*told, *(words for _name, _value, words in extras)])


def _add_errors(form: Form, refusal: Refusal) -> None:
    fields = {"q" if name == "text" else name: words for name, words in refusal.fields.items()}
    add_refusal(form, Refusal(refusal.message, fields))
