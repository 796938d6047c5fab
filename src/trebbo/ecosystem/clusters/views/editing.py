"""Editing a cluster's or a value chain's page, also when two people do so at once."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from trebbo.ecosystem.clusters import actions, queries
from trebbo.ecosystem.clusters.forms import ClusterForm, ValueChainForm
from trebbo.ecosystem.clusters.models import Cluster, ValueChain
from trebbo.ecosystem.clusters.policies import manage_cluster, manage_value_chain
from trebbo.ecosystem.organisations.actions import ProfileConflict, WordsRefused
from trebbo.kernel.access import signed_in, viewer_of
from trebbo.kernel.pages import THEIRS, Difference, add_refusal


@signed_in
@require_http_methods(["GET", "POST"])
def cluster_edit(request: HttpRequest, slug: str) -> HttpResponse:
    """The office edits its cluster's page."""
    viewer = viewer_of(request)
    try:
        cluster = queries.visible_clusters(viewer=viewer).get(slug=slug)
    except Cluster.DoesNotExist as error:
        raise Http404 from error
    manage_cluster.demand(viewer, cluster, _("Only the office of the cluster can change its page."))
    present = {name: getattr(cluster, name) for name in actions.CLUSTER_FIELDS}
    form, version = _asked(request, ClusterForm, present, cluster.version)
    context: dict[str, Any] = {"subject": cluster, "heading": cluster.title, "cluster": cluster}
    if request.method == "POST" and form.is_valid():
        try:
            actions.edit_cluster(actor=viewer, cluster=cluster, version=version, **_changed(form))
        except ProfileConflict as conflict:
            theirs = {name: other.after for name, other in conflict.others.items()}
            context["differences"] = _differences(form, theirs)
            context["by"] = ", ".join(conflict.by)
            version = conflict.version
        except (actions.ClusterRefused, WordsRefused) as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("The page is saved."))
            return redirect("cluster", slug)
    return _page(request, form, version, context)


@signed_in
@require_http_methods(["GET", "POST"])
def value_chain_edit(request: HttpRequest, slug: str) -> HttpResponse:
    """The office or the chair edits a value chain's page."""
    viewer = viewer_of(request)
    visible = queries.visible_clusters(viewer=viewer).order_by()
    try:
        chain = ValueChain.objects.select_related("cluster").get(slug=slug, cluster__in=visible)
    except ValueChain.DoesNotExist as error:
        raise Http404 from error
    manage_value_chain.demand(
        viewer, chain, _("Only the office or the chair can change the value chain.")
    )
    present = {name: getattr(chain, name) for name in actions.CHAIN_FIELDS}
    form, version = _asked(request, ValueChainForm, present, chain.version)
    context = {"subject": chain, "heading": chain.name, "cluster": chain.cluster, "chain": chain}
    if request.method == "POST" and form.is_valid():
        try:
            actions.edit_value_chain(
                actor=viewer, value_chain=chain, version=version, **_changed(form)
            )
        except actions.ValueChainChanged as conflict:
            context["differences"] = _differences(form, conflict.present)
            version = conflict.version
        except actions.ValueChainRefused as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("The page is saved."))
            return redirect("value_chain", slug)
    return _page(request, form, version, context)


def _asked(
    request: HttpRequest, kind: type[forms.Form], present: dict[str, Any], version: int
) -> tuple[forms.Form, int]:
    """The form as typed, or with the present values, and the version that the person saw.

    Where the person chose to take what somebody else wrote, that stands in its place.
    """
    if request.method != "POST":
        return kind(initial=present), version
    typed = request.POST.copy()
    _take_theirs(typed, present)
    seen = typed.get("version", "")
    return kind(typed, initial=present), int(seen) if seen.isdigit() else 0


def _take_theirs(typed: QueryDict, present: Mapping[str, Any]) -> None:
    for name, value in present.items():
        if typed.get(f"{THEIRS}{name}"):
            words = "" if value is None else str(value)
            typed[name] = typed[f"initial-{name}"] = words


def _changed(form: forms.Form) -> dict[str, Any]:
    """Only what the person changed, so that it disturbs nobody who changed something else."""
    return {name: form.cleaned_data[name] for name in form.changed_data}


def _differences(form: forms.Form, theirs: Mapping[str, Any]) -> list[Difference]:
    found = []
    for name, value in theirs.items():
        if name not in form.fields or name not in form.changed_data:
            continue
        mine, other = form.cleaned_data[name], "" if value is None else str(value)
        mine = "" if mine is None else str(mine)
        if mine != other:
            found.append(Difference(name, str(form.fields[name].label), other, mine))
    return found


def _page(
    request: HttpRequest, form: forms.Form, version: int, context: Mapping[str, Any]
) -> HttpResponse:
    status = 409 if "differences" in context else 400 if form.errors else 200
    shown = {**context, "form": form, "version": version}
    return render(request, "clusters/edit.html", shown, status=status)
