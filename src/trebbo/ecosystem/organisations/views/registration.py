"""Pages that add organisations, units and Technopoles."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from trebbo.ecosystem.organisations import actions, queries
from trebbo.ecosystem.organisations.choices import ProfileType
from trebbo.ecosystem.organisations.forms import (
    NewOrganisationForm,
    NewTechnopoleForm,
    NewUnitForm,
)
from trebbo.ecosystem.organisations.policies import may_register_technopole
from trebbo.kernel.access import office, viewer_of
from trebbo.kernel.errors import Refusal


@office
def organisation_new(request: HttpRequest) -> HttpResponse:
    """Add an organisation."""
    viewer = viewer_of(request)
    form = NewOrganisationForm(request.POST or None, viewer=viewer)
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        values["municipality_id"] = values.pop("municipality") or None
        try:
            organisation = actions.register_organisation(actor=viewer, **values)
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, _("The organisation is in the registry."))
            return redirect(organisation.get_absolute_url())
    return render(request, "organisations/organisation_new.html", {"form": form})


@office
def unit_new(request: HttpRequest, slug: str) -> HttpResponse:
    """Add a unit of an organisation."""
    viewer = viewer_of(request)
    owners = queries.visible_profiles(viewer=viewer).filter(type=ProfileType.ORGANISATION)
    owner = get_object_or_404(owners, slug=slug)
    form = NewUnitForm(request.POST or None, viewer=viewer)
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        technopole = values.pop("technopole")
        try:
            unit = actions.register_unit(
                actor=viewer,
                organisation_id=owner.pk,
                technopole_id=int(technopole) if technopole else None,
                **values,
            )
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, _("The unit is in the registry."))
            return redirect(unit.get_absolute_url())
    return render(request, "organisations/unit_new.html", {"form": form, "profile": owner})


@office
def technopole_new(request: HttpRequest) -> HttpResponse:
    """Add a Technopole; for the agency."""
    viewer = viewer_of(request)
    if not may_register_technopole(viewer):
        raise PermissionDenied
    form = NewTechnopoleForm(request.POST or None, viewer=viewer)
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        manager = values.pop("manager")
        try:
            technopole = actions.register_technopole(
                actor=viewer,
                manager_id=manager.pk if manager else None,
                municipality_id=values.pop("municipality") or None,
                **values,
            )
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, _("The Technopole is in the registry."))
            return redirect(technopole.get_absolute_url())
    return render(request, "organisations/technopole_new.html", {"form": form})


def show_refusal(form: Form, refusal: Refusal) -> None:
    """Put a refusal's words beside the fields that they are about, or on top of the form."""
    known = {name: words for name, words in refusal.fields.items() if name in form.fields}
    for name, words in known.items():
        form.add_error(name, words)
    if not known:
        form.add_error(None, refusal.message)
