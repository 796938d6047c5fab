"""Pages of bodies known from open data, and of funded projects."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from trebbo.ecosystem.evidence import actions, queries
from trebbo.ecosystem.evidence.forms import RegisterBodyForm
from trebbo.ecosystem.evidence.queries.bodies import BodyPage
from trebbo.ecosystem.organisations.models import Organisation
from trebbo.ecosystem.organisations.policies import invite_to_profile
from trebbo.kernel.access import Viewer, office, public, viewer_of
from trebbo.kernel.countries import country_name
from trebbo.kernel.errors import Refusal
from trebbo.kernel.pages import paginate


@public
@require_GET
def body(request: HttpRequest, scheme: str, key: str) -> HttpResponse:
    """A body as open data knows it, in the registry or not."""
    page = _page(scheme, key, viewer_of(request))
    context = {
        "page": page,
        "body": page.body,
        "country": country_name(page.body.country),
        "page_obj": paginate(page.projects, request),
    }
    return render(request, "evidence/body.html", context)


@office
@require_http_methods(["GET", "POST"])
def body_register(request: HttpRequest, scheme: str, key: str) -> HttpResponse:
    """Add a body known only from open data to the registry, then invite its people."""
    viewer = viewer_of(request)
    page = _page(scheme, key, viewer)
    if not page.may_register:
        messages.info(request, _("It is in the registry already."))
        return redirect(page.body.get_absolute_url())
    form = RegisterBodyForm(request.POST or None, initial=_proposed(page, viewer), viewer=viewer)
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        values["municipality_id"] = values.pop("municipality") or None
        try:
            organisation = actions.register_body(actor=viewer, body_id=page.body.pk, **values)
        except actions.BodyRefused as refusal:
            messages.error(request, refusal.message)
            return redirect(page.body.get_absolute_url())
        except Refusal as refusal:
            _show(form, refusal)
        else:
            return redirect(_next_step(request, organisation, viewer))
    context = {"page": page, "body": page.body, "form": form}
    status = 400 if form.is_bound else 200
    return render(request, "evidence/body_register.html", context, status=status)


@public
@require_GET
def funded_project(request: HttpRequest, project_id: int) -> HttpResponse:
    """A funded project as its official record says, with who takes part."""
    page = queries.project_page(project_id, viewer=viewer_of(request))
    if page is None:
        raise Http404
    return render(request, "evidence/funded_project.html", {"page": page, "project": page.project})


def _page(scheme: str, key: str, viewer: Viewer) -> BodyPage:
    page = queries.body_page(scheme, key, viewer=viewer)
    if page is None:
        raise Http404
    return page


def _proposed(page: BodyPage, viewer: Viewer) -> dict[str, Any]:
    """What open data suggests for the form; nothing of it is taken over unseen."""
    known = page.body
    return {
        "name": queries.proposed_name(known.name, viewer=viewer),
        "acronym": known.short_name[:60],
        "municipality": queries.municipality_named(known.town, viewer=viewer)
        if known.country == "IT"
        else "",
        "website": known.website,
        "vat_number": known.vat_number,
        "tax_code": known.tax_code,
    }


def _next_step(request: HttpRequest, organisation: Organisation, viewer: Viewer) -> str:
    """To the invitation of its people, or first to the cluster to which it shall belong."""
    if invite_to_profile.allows(viewer, organisation.profile_ptr):
        messages.success(request, _("It is in the registry. Now invite its people."))
        return reverse("invite", args=[organisation.slug])
    cluster = queries.cluster_of_office(viewer=viewer)
    if cluster is None:
        messages.success(request, _("It is in the registry."))
        return organisation.get_absolute_url()
    messages.success(
        request,
        _(
            "It is in the registry. Add it to your cluster, as a candidate or as a member: "
            "then you can invite its people."
        ),
    )
    return f"{reverse('cluster_members', args=[cluster.slug])}?add={organisation.slug}"


def _show(form: RegisterBodyForm, refusal: Refusal) -> None:
    known = {name: words for name, words in refusal.fields.items() if name in form.fields}
    for name, words in known.items():
        form.add_error(name, words)
    if not known:
        form.add_error(None, refusal.message)
