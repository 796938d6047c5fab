"""Pages of needs that are open to others: the list, one need, and who may read an ask."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from trebbo.ecosystem.clusters.actions import Opening
from trebbo.kernel.access import Viewer, public, signed_in, viewer_of
from trebbo.kernel.errors import NotAllowed, Refusal
from trebbo.kernel.pages import add_refusal, key_of, paginate
from trebbo.partnering.introductions import actions
from trebbo.partnering.introductions.forms import CircleForm, ReaderForm
from trebbo.partnering.introductions.queries import needs as queries


@require_safe
@public
def needs(request: HttpRequest) -> HttpResponse:
    """The needs that the network opens to the viewer."""
    page = paginate(queries.visible_needs(viewer=viewer_of(request)), request)
    return render(request, "introductions/needs.html", {"page_obj": page})


@require_safe
@public
def need(request: HttpRequest, ask_id: int) -> HttpResponse:
    """One need: its text, and that it was read is written down; or its teaser alone."""
    viewer = viewer_of(request)
    ask = queries.visible_need(ask_id, viewer=viewer)
    if ask is None:
        raise Http404
    shows_text = bool(vars(ask)["shows_text"])
    if shows_text:
        actions.note_reading(actor=viewer, ask=ask)
    return render(request, "introductions/need.html", {"ask": ask, "shows_text": shows_text})


@signed_in
@require_http_methods(["GET", "POST"])
def ask_readers(request: HttpRequest, ask_id: int) -> HttpResponse:
    """Who may read an ask, by circle and by name, and who had its text before them."""
    viewer = viewer_of(request)
    readers = queries.readers_of(ask_id, viewer=viewer)
    if readers is None:
        raise Http404
    do = request.POST.get("do", "") if request.method == "POST" else ""
    forms = _forms(request, do, readers)
    form = forms.get(do)
    status = 200
    if do and (form is None or form.is_valid()):
        try:
            messages.success(request, _act(viewer, readers.ask.pk, do, form, request))
        except Refusal as refusal:
            if form is None or isinstance(refusal, NotAllowed):
                raise
            add_refusal(form, refusal)
            status = refusal.status
        else:
            return redirect("ask_readers", ask_id)
    elif form is not None:
        status = 400
    page = paginate(readers.readings, request)
    context = {"readers": readers, "ask": readers.ask, "page_obj": page, **forms}
    return render(request, "introductions/ask_readers.html", context, status=status)


def _forms(request: HttpRequest, do: str, readers: queries.Readers) -> dict[str, Any]:
    ask = readers.ask
    initial = {
        "circle": ask.circle,
        "teaser": ask.teaser,
        "teaser_circle": ask.teaser_circle,
        "network": str(ask.network_id or ""),
        "cluster": str(ask.cluster_id or ""),
        "chain": str(ask.value_chain_id or ""),
    }
    return {
        "opening": CircleForm(
            request.POST if do == "opening" else None,
            initial=initial,
            networks=readers.networks,
            clusters=readers.clusters,
            chains=readers.chains,
        ),
        "naming": ReaderForm(request.POST if do == "naming" else None),
    }


def _act(viewer: Viewer, ask_id: int, do: str, form: Any, request: HttpRequest) -> str:
    typed = form.cleaned_data if form else {}
    if do == "opening":
        actions.set_circle(
            actor=viewer,
            ask_id=ask_id,
            version=key_of(request.POST.get("version", "")),
            opening=Opening(
                circle=typed["circle"],
                teaser=typed["teaser"],
                teaser_circle=typed["teaser_circle"],
                network_id=key_of(typed["network"]),
                cluster_id=key_of(typed["cluster"]),
                value_chain_id=key_of(typed["chain"]),
            ),
        )
        return _("Saved: it holds from now on.")
    if do == "naming":
        reader = actions.name_reader(actor=viewer, ask_id=ask_id, email=typed["email"])
        return _("%(name)s may read it now.") % {"name": reader.person}
    if do == "remove":
        reader_id = key_of(request.POST.get("reader", ""))
        actions.remove_reader(actor=viewer, ask_id=ask_id, reader_id=reader_id)
        return _("This person may no longer read it.")
    raise Http404
