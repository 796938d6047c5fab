"""Pages on which a body keeps prices, opening hours, files and trainings of its resources."""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from trebbo.ecosystem.organisations.models import Profile
from trebbo.kernel.access import Viewer, signed_in, viewer_of
from trebbo.kernel.errors import Refusal
from trebbo.kernel.local_time import local_moment
from trebbo.kernel.pages import key_of, limited
from trebbo.kernel.uploads import LARGEST_FILE
from trebbo.sharing.resources import actions, queries
from trebbo.sharing.resources.actions import values
from trebbo.sharing.resources.actions.hours import Hours, hours_of
from trebbo.sharing.resources.choices import FileKind
from trebbo.sharing.resources.forms.catalogue import (
    BlockForm,
    DocumentForm,
    HoursForm,
    PictureForm,
    PriceForm,
    QualificationForm,
    QualifiedForm,
)
from trebbo.sharing.resources.gateway import day_begins
from trebbo.sharing.resources.models import Resource
from trebbo.sharing.resources.views.keeping import kept_resource, owner_at, tell

FORM_ROOM = 100_000
"""Bytes that a form with a file needs beside the file."""
METHODS = ["GET", "POST"]
Act = Callable[[Viewer, Resource, Any], str]


@signed_in
@require_http_methods(METHODS)
def resource_prices(request: HttpRequest, resource_id: int) -> HttpResponse:
    """What classes of users pay: now, before and from a later day on."""
    viewer = viewer_of(request)
    resource = kept_resource(resource_id, viewer)
    do = request.POST.get("do", "")
    form = PriceForm(request.POST if do == "set" else None)
    status = 200
    if request.method == "POST":
        try:
            if do == "set" and form.is_valid():
                actions.set_price(actor=viewer, resource_id=resource.pk, **form.cleaned_data)
                messages.success(request, _("The price is kept."))
                return redirect("resource_prices", resource_id)
            if do in {"end", "mistake"}:
                key = key_of(request.POST.get("price", ""))
                actions.end_price(actor=viewer, price_id=key, mistake=do == "mistake")
                messages.success(request, _("The price is ended."))
                return redirect("resource_prices", resource_id)
            status = 400
        except Refusal as refusal:
            tell(form, refusal)
            status = refusal.status
    context = _frame(resource, "prices") | {
        "form": form,
        "prices": queries.all_prices(resource, viewer=viewer),
    }
    return render(request, "resources/resource_prices.html", context, status=status)


@signed_in
@require_http_methods(METHODS)
def resource_hours(request: HttpRequest, resource_id: int) -> HttpResponse:
    """The opening hours of the week, and spans in which it is closed."""
    viewer = viewer_of(request)
    resource = kept_resource(resource_id, viewer)
    do = request.POST.get("do", "")
    before = hours_of(resource)
    context = _frame(resource, "hours") | {
        "form": HoursForm(initial=_shown(before)),
        "closing": BlockForm(),
        "seen": _marked(before),
        "round_the_clock": not before,
    }
    if request.method == "POST":
        act = {"hours": _set_hours, "block": _add_block, "open": _remove_block}.get(do)
        if act is None:
            raise Http404
        changed, words = act(viewer, resource, request.POST)
        if words:
            messages.success(request, words)
            return redirect("resource_hours", resource_id)
        context |= changed
    context["blocks"] = list(queries.coming_blocks(resource, viewer=viewer))
    with timezone.override(ZoneInfo(resource.timezone)):
        return render(
            request,
            "resources/resource_hours.html",
            context,
            status=context.pop("status", 200),
        )


Answer = tuple[dict[str, Any], str]
"""What the page shows instead, or the words for what was done."""


def _set_hours(viewer: Viewer, resource: Resource, typed: QueryDict) -> Answer:
    form = HoursForm(typed)
    seen = typed.get("seen", "")
    if not form.is_valid():
        return {"form": form, "seen": seen, "status": 400}, ""
    try:
        actions.set_opening_hours(
            actor=viewer, resource_id=resource.pk, hours=form.hours, before=_read(seen)
        )
    except actions.HoursChanged as conflict:
        form.add_error(None, conflict.message)
        theirs = HoursForm(initial=_shown(conflict.present))
        return {
            "form": form,
            "theirs": theirs,
            "seen": _marked(conflict.present),
            "status": conflict.status,
        }, ""
    except actions.ResourceRefused as refusal:
        for name, words in refusal.fields.items():
            weekday = key_of(name.removeprefix("day_"))
            form.add_error(f"opens_{weekday}_0", words)
        if not refusal.fields:
            form.add_error(None, refusal.message)
        return {"form": form, "seen": seen, "status": refusal.status}, ""
    return {}, _("The opening hours are kept.")


def _add_block(viewer: Viewer, resource: Resource, typed: QueryDict) -> Answer:
    form = BlockForm(typed)
    if not form.is_valid():
        return {"closing": form, "status": 400}, ""
    said = form.cleaned_data
    try:
        starts_at, ends_at = _span(form, ZoneInfo(resource.timezone))
        actions.add_block(
            actor=viewer,
            resource_id=resource.pk,
            kind=said["kind"],
            starts_at=starts_at,
            ends_at=ends_at,
            reason_it=said["reason_it"],
            reason_en=said["reason_en"],
            despite_bookings=said["despite_bookings"],
        )
    except actions.BlockOverBookings as refusal:
        form.add_error("despite_bookings", refusal.message)
        return {"closing": form, "clashes": refusal.bookings, "status": refusal.status}, ""
    except Refusal as refusal:
        fields = {"ends_at": "last_day", "starts_at": "first_day"}
        named = {fields.get(name, name): words for name, words in refusal.fields.items()}
        tell(form, Refusal(refusal.message, named))
        return {"closing": form, "status": refusal.status}, ""
    return {}, _("It is closed for this time.")


def _remove_block(viewer: Viewer, resource: Resource, typed: QueryDict) -> Answer:
    key = key_of(typed.get("block", ""))
    if queries.coming_blocks(resource, viewer=viewer).filter(pk=key).exists():
        actions.remove_block(actor=viewer, block_id=key)
    return {}, _("It is open again.")


def _span(form: BlockForm, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The moments asked for; an hour that the clock repeats is closed both times."""
    first, last = form.asked
    starts_at = local_moment(first.date(), first.time(), zone, fold=0)
    if last is not None:
        return starts_at, local_moment(last.date(), last.time(), zone, fold=1)
    day = values.day("last_day", form.cleaned_data["last_day"]) or first.date()
    return starts_at, day_begins(day + timedelta(days=1), zone)


def _shown(hours: tuple[Hours, ...]) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for weekday in range(7):
        spans = [one for one in hours if one[0] == weekday]
        for number, (_day, opens, closes) in enumerate(spans):
            shown[f"opens_{weekday}_{number}"] = _clock(opens)
            shown[f"closes_{weekday}_{number}"] = _clock(closes % 1440)
    return shown


def _clock(minute: int) -> time:
    return time(*divmod(minute, 60))


def _marked(hours: tuple[Hours, ...]) -> str:
    return ",".join("-".join(map(str, one)) for one in hours)


def _read(seen: str) -> list[Hours]:
    """The hours that the form was shown with; nonsense is what nobody was shown."""
    found = []
    for one in filter(None, seen.split(",")[:100]):
        parts = [key_of(part) for part in one.split("-")]
        found.append([*parts, 0, 0, 0][:3])
    return [(day, opens, closes) for day, opens, closes in found]


@limited(LARGEST_FILE + FORM_ROOM)
@signed_in
@require_http_methods(METHODS)
def resource_files(request: HttpRequest, resource_id: int) -> HttpResponse:
    """Pictures and documents: added and taken away."""
    viewer = viewer_of(request)
    resource = kept_resource(resource_id, viewer)
    forms: dict[str, Any] = {"picture": PictureForm(), "document": DocumentForm()}
    status, kind = 200, request.POST.get("kind", "")
    files = queries.resource_files(resource, viewer=viewer)
    if "remove" in request.POST:
        key = key_of(request.POST["remove"])
        if key in {one.pk for one in files}:
            actions.remove_resource_file(actor=viewer, file_id=key)
        messages.success(request, _("The file is taken away."))
        return redirect("resource_files", resource_id)
    if request.method == "POST":
        if kind not in FileKind.values:
            raise Http404
        form = (PictureForm if kind == FileKind.PICTURE else DocumentForm)(
            request.POST, request.FILES
        )
        forms[kind], status = form, 400
        if form.is_valid():
            said = form.cleaned_data
            try:
                actions.add_resource_file(
                    actor=viewer,
                    resource_id=resource.pk,
                    kind=kind,
                    upload=said["file"],
                    text_it=said["text_it"],
                    text_en=said["text_en"],
                )
            except Refusal as refusal:
                tell(form, refusal)
                status = refusal.status
            else:
                messages.success(request, _("The file is added."))
                return redirect("resource_files", resource_id)
    context = _frame(resource, "files") | {"forms": forms, "files": files}
    return render(request, "resources/resource_files.html", context, status=status)


@signed_in
@require_http_methods(METHODS)
def profile_qualifications(request: HttpRequest, slug: str) -> HttpResponse:
    """The trainings that an owner demands, and who has them."""
    viewer = viewer_of(request)
    profile = owner_at(slug, viewer)
    do, typed = request.POST.get("do", ""), request.POST
    trainings = queries.qualifications_of(profile, viewer=viewer)
    choices = [(one.pk, one.name) for one in trainings]
    new = QualificationForm(typed if do == "add" else None)
    person = QualifiedForm(typed if do == "qualify" else None, qualifications=choices)
    status = 200
    if request.method == "POST":
        form: Any = new if do == "add" else person
        try:
            words = _qualify(viewer, profile, do, form, typed)
        except Refusal as refusal:
            tell(form, refusal)
            words, status = "", refusal.status
        if words:
            messages.success(request, words)
            return redirect("profile_qualifications", slug)
        status = max(status, 400)
    context = {"profile": profile, "trainings": trainings, "new": new, "person": person}
    context["today"] = viewer.today
    return render(request, "resources/profile_qualifications.html", context, status=status)


def _qualify(viewer: Viewer, profile: Profile, do: str, form: Any, typed: QueryDict) -> str:
    """Do what was asked; what was done in words, or nothing where the form does not fit."""
    if do == "take_back":
        actions.disqualify_person(actor=viewer, qualified_id=key_of(typed.get("held", "")))
        return _("The qualification is taken back.")
    if do not in {"add", "qualify"}:
        raise Http404
    if not form.is_valid():
        return ""
    said = dict(form.cleaned_data)
    if do == "add":
        actions.add_qualification(actor=viewer, profile_id=profile.pk, **said)
        return _("The training is added.")
    key = said.pop("qualification")
    held = actions.qualify_person(actor=viewer, qualification_id=key, **said)
    return _("%(name)s has the training.") % {"name": held.person}


def _frame(resource: Resource, here: str) -> dict[str, Any]:
    return {"resource": resource, "profile": resource.profile, "here": here}
