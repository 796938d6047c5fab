"""The pages of the ledger: of one resource, of all that one may read, and the ceiling."""

from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from trebbo.kernel.access import Viewer, office, signed_in, viewer_of
from trebbo.kernel.errors import NotAllowed, Refusal
from trebbo.kernel.pages import key_of
from trebbo.sharing.resources import actions, policies, queries
from trebbo.sharing.resources.actions.ledger import FIRST_YEAR, LAST_YEAR
from trebbo.sharing.resources.forms import CapacityForm, CeilingForm, OwnUseForm, VoidForm
from trebbo.sharing.resources.queries.ledger_pages import LedgerPage
from trebbo.sharing.resources.views.links import tell


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def resource_use(request: HttpRequest, resource_id: int) -> HttpResponse:
    """The hours of a year, each record, and what its owner may write."""
    viewer = viewer_of(request)
    year = _year(request, viewer)
    page = queries.ledger_page(resource_id, year, viewer=viewer)
    if page is None:
        raise Http404
    do = request.POST.get("do", "") if request.method == "POST" else ""
    forms = _forms(request, page, do)
    if not do:
        return _show(request, page, forms)
    form = forms.get(do)
    if form is None:
        raise Http404
    if not form.is_valid():
        return _show(request, page, forms, status=400)
    try:
        words = _act(viewer, page, do, form, request)
    except NotAllowed:
        raise
    except Refusal as refusal:
        tell(form, refusal)
        return _show(request, page, forms, status=refusal.status)
    messages.success(request, words)
    return redirect(f"{reverse('resource_use', args=[resource_id])}?year={year}")


@require_safe
@signed_in
def resources_use(request: HttpRequest) -> HttpResponse:
    """The ledgers of all resources that the viewer looks after, how near each is to its ceiling."""
    viewer = viewer_of(request)
    year, everything = _year(request, viewer), "all" in request.GET
    number = request.GET.get("page")
    page = queries.ledgers_shown(year, number, viewer=viewer, publicly_funded=not everything)
    context = {
        "page_obj": page,
        "year": year,
        "years": range(viewer.today.year, viewer.today.year - 5, -1),
        "everything": everything,
        "sees_ceiling": viewer.is_office,
    }
    return render(request, "resources/resources_use.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@office
def use_ceilings(request: HttpRequest) -> HttpResponse:
    """The ceilings of economic use, each from its day on; the agency states them."""
    viewer, status = viewer_of(request), 200
    form = CeilingForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                actions.set_ceiling(actor=viewer, **form.cleaned_data)
            except NotAllowed:
                raise
            except Refusal as refusal:
                tell(form, refusal)
                status = refusal.status
            else:
                messages.success(request, _("Saved."))
                return redirect("use_ceilings")
    context = {
        "ceilings": queries.ceilings(viewer=viewer),
        "form": form,
        "may_state": policies.set_ceiling(viewer),
    }
    return render(request, "resources/use_ceilings.html", context, status=status)


def _year(request: HttpRequest, viewer: Viewer) -> int:
    asked = key_of(request.GET.get("year", ""))
    return asked if FIRST_YEAR <= asked <= LAST_YEAR else viewer.today.year


def _forms(request: HttpRequest, page: LedgerPage, do: str) -> dict[str, Form]:
    def sent(name: str) -> Any:
        return request.POST if do == name else None

    capacity = page.ledger.capacity
    stated = {"hours": capacity.hours, "reason": capacity.reason} if capacity else {}
    forms: dict[str, Form] = {}
    if page.may_record:
        zone = page.ledger.resource.timezone
        forms["own"] = OwnUseForm(sent("own"), prefix="own", zone=zone)
        forms["void"] = VoidForm(sent("void"), prefix="void")
    if page.may_state:
        forms["capacity"] = CapacityForm(sent("capacity"), prefix="capacity", initial=stated)
    return forms


def _act(viewer: Viewer, page: LedgerPage, do: str, form: Form, request: HttpRequest) -> str:
    typed, resource = form.cleaned_data, page.ledger.resource
    if do == "capacity":
        actions.set_capacity(actor=viewer, resource_id=resource.pk, year=page.ledger.year, **typed)
        return _("Saved.")
    if do == "void":
        use_id = key_of(request.POST.get("use", ""))
        if use_id not in {row.record.use.pk for row in page.records}:
            raise Http404
        actions.void_use(actor=viewer, use_id=use_id, reason=typed["reason"])
        return _("The record is struck out. Record the use as it was.")
    actions.record_own_use(
        actor=viewer,
        resource_id=resource.pk,
        starts_at=typed["starts_at"],
        ends_at=typed["ends_at"],
        is_economic=typed["is_economic"] == "yes",
        note=typed["note"],
    )
    return _("The use is in the ledger.")


def _show(
    request: HttpRequest, page: LedgerPage, forms: dict[str, Form], status: int = 200
) -> HttpResponse:
    context = {
        "page": page,
        "ledger": page.ledger,
        "resource": page.ledger.resource,
        "forms": forms,
        "standing": [row for row in page.records if row.record.counts],
        "striking": key_of(request.POST.get("use", "")),
    }
    return render(request, "resources/resource_use.html", context, status=status)
