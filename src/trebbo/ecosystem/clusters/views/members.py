"""The office's page of a cluster's members: add, change, end."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from trebbo.ecosystem.clusters import actions, queries
from trebbo.ecosystem.clusters.choices import STATE_CHANGES, MembershipState
from trebbo.ecosystem.clusters.forms import (
    AddMemberForm,
    ChangeStateForm,
    EndMembershipForm,
    FindMemberForm,
)
from trebbo.ecosystem.clusters.models import Cluster, Membership
from trebbo.ecosystem.clusters.policies import manage_cluster
from trebbo.ecosystem.organisations.models import Profile
from trebbo.ecosystem.organisations.policies import view_profile
from trebbo.kernel.access import Viewer, office, viewer_of
from trebbo.kernel.pages import add_refusal, paginate


@office
@require_http_methods(["GET", "POST"])
def cluster_members(request: HttpRequest, slug: str) -> HttpResponse:
    """All memberships of a cluster, with what its office can do about each."""
    viewer = viewer_of(request)
    try:
        cluster = queries.visible_clusters(viewer=viewer).get(slug=slug)
    except Cluster.DoesNotExist as error:
        raise Http404 from error
    manage_cluster.demand(
        viewer, cluster, _("Only the office of the cluster can change its members.")
    )
    context: dict[str, Any] = {"cluster": cluster, "find_form": FindMemberForm(None)}
    if "add" in request.GET:
        done = _add(request, cluster, viewer, context)
    elif "membership" in request.GET:
        done = _change(request, cluster, viewer, context)
    else:
        done = None
        _find(request, cluster, viewer, context)
    if done:
        return done
    rows = queries.memberships_of(cluster, viewer=viewer)
    context["page_obj"] = paginate(rows, request)
    failed = any(isinstance(v, forms.Form) and v.is_bound and v.errors for v in context.values())
    status = 400 if failed and request.method == "POST" else 200
    return render(request, "clusters/cluster_members.html", context, status=status)


def _find(request: HttpRequest, cluster: Cluster, viewer: Viewer, context: dict[str, Any]) -> None:
    if "find" not in request.GET:
        return
    form = FindMemberForm(request.GET)
    context["find_form"] = form
    if form.is_valid():
        words = form.cleaned_data["find"]
        context["found"] = list(queries.possible_members(words, cluster, viewer=viewer))


def _add(
    request: HttpRequest, cluster: Cluster, viewer: Viewer, context: dict[str, Any]
) -> HttpResponse | None:
    visible = view_profile.filter(viewer, Profile.objects.all())
    profile = get_object_or_404(visible, slug=request.GET["add"])
    form = AddMemberForm(request.POST if request.method == "POST" else None)
    context |= {"adding": profile, "add_form": form}
    if not form.is_bound or not form.is_valid():
        return None
    typed = form.cleaned_data
    state, valid_until = typed.pop("state"), typed.pop("valid_until")
    try:
        if state == MembershipState.CANDIDATE:
            if valid_until:
                form.add_error("valid_until", _("A candidature has no end: leave this blank."))
                return None
            actions.propose_candidate(actor=viewer, cluster=cluster, profile=profile, **typed)
        else:
            actions.admit_member(
                actor=viewer, cluster=cluster, profile=profile, valid_until=valid_until, **typed
            )
    except actions.FactRefused as refusal:
        add_refusal(form, refusal)
        return None
    messages.success(request, _("%(name)s is in the list.") % {"name": profile.title})
    return redirect("cluster_members", cluster.slug)


def _change(
    request: HttpRequest, cluster: Cluster, viewer: Viewer, context: dict[str, Any]
) -> HttpResponse | None:
    key = request.GET["membership"]
    rows = queries.memberships_of(cluster, viewer=viewer)
    membership = get_object_or_404(rows, pk=key if key.isdigit() else 0)
    states = STATE_CHANGES.get(membership.state, ()) if not membership.valid_until else ()
    ending = "end" in request.POST
    posted = request.POST if request.method == "POST" else None
    change_form = ChangeStateForm(posted if not ending else None, states=states)
    end_form = EndMembershipForm(posted if ending else None)
    context |= {"changing": membership, "change_form": change_form, "end_form": end_form}
    context["can_change"], context["can_end"] = bool(states), membership.valid_until is None
    form: forms.Form = end_form if ending else change_form
    if not form.is_bound or not form.is_valid():
        return None
    try:
        _apply(viewer, membership, form, ending=ending)
    except actions.FactRefused as refusal:
        add_refusal(form, refusal)
        return None
    messages.success(request, _("The membership is changed."))
    return redirect(reverse("cluster_members", args=[cluster.slug]))


def _apply(viewer: Viewer, membership: Membership, form: forms.Form, *, ending: bool) -> None:
    typed = form.cleaned_data
    if ending:
        actions.end_membership(
            actor=viewer, membership=membership, on=typed["valid_until"], state=typed["ending"]
        )
    else:
        actions.change_membership_state(
            actor=viewer, membership=membership, state=typed["state"], on=typed["on"]
        )
