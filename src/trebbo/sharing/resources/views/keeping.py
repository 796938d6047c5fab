"""Pages on which a body looks after its resources: the list, adding, changing, withdrawing."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from trebbo.ecosystem.organisations.choices import Visibility
from trebbo.ecosystem.organisations.models import Profile
from trebbo.kernel import sheets
from trebbo.kernel.access import Viewer, signed_in, viewer_of
from trebbo.kernel.errors import NotAllowed, Refusal
from trebbo.kernel.pages import Difference, add_refusal, key_of, show_sheet
from trebbo.sharing.resources import actions, queries
from trebbo.sharing.resources.actions.catalogue import present_resource
from trebbo.sharing.resources.choices import Operation, QuotaPeriod, ResourceKind
from trebbo.sharing.resources.forms.catalogue import ResourceForm, WithdrawForm
from trebbo.sharing.resources.models import Resource
from trebbo.sharing.resources.views.resource import shown_resource

LISTS = {
    "kind": ResourceKind,
    "visibility": Visibility,
    "operation": Operation,
    "quota_period": QuotaPeriod,
}
DAYS = {"commissioned_date", "decommissioned_date"}
MANY = {"field_ids", "booked_with_ids"}
CHOSEN = ("municipality_id", "operator_id", "project_id", "qualification_id")


def kept_resource(resource_id: int, viewer: Viewer) -> Resource:
    """The resource at this address, if the viewer looks after it."""
    resource = shown_resource(resource_id, viewer)
    if not vars(resource)["may_edit"]:
        raise PermissionDenied
    return resource


def owner_at(slug: str, viewer: Viewer) -> Profile:
    """The profile at this address, if the viewer may put resources of it into the catalogue."""
    profile = queries.profile_of_resources(slug, viewer=viewer)
    if profile is None:
        raise Http404
    if not vars(profile)["may_offer"]:
        raise PermissionDenied
    return profile


@require_safe
@signed_in
def profile_resources(request: HttpRequest, slug: str) -> HttpResponse:
    """What a body has in the catalogue, for who looks after it."""
    viewer = viewer_of(request)
    profile = owner_at(slug, viewer)
    rows = list(queries.resources_of(profile, viewer=viewer))
    context = {
        "profile": profile,
        "offered": [row for row in rows if row.withdrawn_at is None],
        "withdrawn": [row for row in rows if row.withdrawn_at is not None],
    }
    return render(request, "resources/profile_resources.html", context)


@signed_in
@require_http_methods(["GET", "POST"])
def resource_new(request: HttpRequest, slug: str) -> HttpResponse:
    """Put a resource into the catalogue."""
    viewer = viewer_of(request)
    profile = owner_at(slug, viewer)
    typed = request.POST if request.method == "POST" else None
    form = _form(profile, viewer, typed, {})
    if typed is not None and "find" not in typed and form.is_valid():
        try:
            resource = actions.add_resource(actor=viewer, profile_id=profile.pk, **_typed(form))
        except Refusal as refusal:
            tell(form, refusal)
        else:
            messages.success(
                request, _("“%(name)s” is in the catalogue.") % {"name": resource.name}
            )
            return redirect("resource_prices", resource.pk)
    return _show(request, {"profile": profile, "form": form})


@signed_in
@require_http_methods(["GET", "POST"])
def resource_edit(request: HttpRequest, resource_id: int) -> HttpResponse:
    """Change what the catalogue says; who saves second is shown what the other changed."""
    viewer = viewer_of(request)
    resource = kept_resource(resource_id, viewer)
    profile, present = resource.profile, present_resource(resource)
    context: dict[str, Any] = {"profile": profile, "resource": resource, "here": "edit"}
    context |= {"version": resource.version, "withdraw": WithdrawForm()}
    if request.method != "POST":
        context["form"] = _form(profile, viewer, None, present, resource)
        return _show(request, context | {"seen": sheets.marks(present)})
    typed = request.POST
    form = _form(profile, viewer, typed, {}, resource)
    context |= {
        "form": form,
        "version": key_of(typed.get("version", "")),
        "seen": {name: typed.get(f"seen-{name}", "") for name in present},
    }
    if "find" in typed or not form.is_valid():
        return _show(request, context)
    changes = sheets.changed(typed, sheets.taken(typed, _typed(form), present))
    try:
        try:
            _save(viewer, resource_id, context["version"], changes)
        except actions.ResourceChanged as conflict:
            compared = _compared(conflict, changes, typed, viewer, resource)
            if compared["differences"]:
                return _show(request, context | compared)
            # What the two changed does not meet: both hold.
            _save(viewer, resource_id, conflict.version, changes)
    except Refusal as refusal:
        tell(form, refusal)
        return _show(request, context)
    messages.success(request, _("Saved."))
    return redirect("resource", resource_id)


@signed_in
@require_POST
def resource_withdraw(request: HttpRequest, resource_id: int) -> HttpResponse:
    """Take a resource out of the catalogue, or put it back."""
    viewer = viewer_of(request)
    resource = kept_resource(resource_id, viewer)
    form = WithdrawForm(request.POST)
    form.is_valid()
    if "restore" in request.POST:
        actions.restore_resource(actor=viewer, resource_id=resource.pk)
        messages.success(request, _("It is in the catalogue again."))
        return redirect("resource", resource_id)
    try:
        actions.withdraw_resource(actor=viewer, resource_id=resource.pk, **form.cleaned_data)
    except actions.ResourceRefused as refusal:
        add_refusal(form, refusal)
        present = present_resource(resource)
        context = {
            "profile": resource.profile,
            "resource": resource,
            "here": "edit",
            "version": resource.version,
            "withdraw": form,
            "form": _form(resource.profile, viewer, None, present, resource),
            "seen": sheets.marks(present),
        }
        return render(request, "resources/resource_edit.html", context, status=refusal.status)
    messages.success(request, _("It is out of the catalogue; its history stays."))
    return redirect("profile_resources", resource.profile.slug)


def tell(form: Any, refusal: Refusal) -> None:
    """Say a refusal in the form; where none was sent, and to who may not, on a page of its own."""
    if isinstance(refusal, NotAllowed) or not form.is_bound:
        raise refusal
    add_refusal(form, refusal)


def _save(viewer: Viewer, resource_id: int, version: int, changes: dict[str, Any]) -> None:
    actions.change_resource(actor=viewer, resource_id=resource_id, version=version, **changes)


def _compared(
    conflict: actions.ResourceChanged,
    changes: dict[str, Any],
    typed: QueryDict,
    viewer: Viewer,
    resource: Resource,
) -> dict[str, Any]:
    theirs = conflict.present
    form = _form(resource.profile, viewer, None, {**theirs, **changes}, resource)
    labels: dict[str, str | Promise] = {
        name: str(field.label or "") for name, field in ResourceForm.base_fields.items()
    }

    def told(name: str, value: Any) -> str:
        return _told(name, value, form, viewer)

    differences: list[Difference] = sheets.differences(typed, changes, theirs, labels, told)
    return {
        "form": form,
        "seen": sheets.marks(theirs),
        "version": conflict.version,
        "clash": True,
        "differences": differences,
    }


def _show(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    return show_sheet(request, "resources/resource_edit.html", context)


def _form(
    profile: Profile,
    viewer: Viewer,
    typed: QueryDict | None,
    initial: dict[str, Any],
    resource: Resource | None = None,
) -> ResourceForm:
    chosen = typed.getlist("field_ids") if typed is not None else initial.get("field_ids", ())
    words = typed.get("words", "") if typed is not None else ""
    choices = queries.resource_choices(
        profile, viewer=viewer, fields=chosen, words=words, resource=resource
    )
    return ResourceForm(typed, initial=initial, **choices)


def _typed(form: ResourceForm) -> dict[str, Any]:
    """What the action is told: only what stood in the form."""
    said = {name: value for name, value in form.cleaned_data.items() if name != "words"}
    for name in MANY:
        said[name] = tuple(sorted(said.get(name, ())))
    return said


def _told(name: str, value: Any, form: ResourceForm, viewer: Viewer) -> str:
    if value in (None, "", ()):
        return ""
    if name == "booked_with_ids":
        return "; ".join(queries.names_of(value, viewer=viewer))
    if name in MANY or name in CHOSEN:
        keys = {str(key) for key in (value if name in MANY else [value])}
        field: Any = form.fields.get(name)
        offered = field.choices if field else []
        return "; ".join(str(label) for key, label in offered if str(key) in keys)
    return _plainly(name, value)


def _plainly(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if name in LISTS:
        return str(LISTS[name](value).label)
    return date_format(value, "SHORT_DATE_FORMAT") if name in DAYS else str(value)
