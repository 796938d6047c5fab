"""One's own mail and the way out of it, the offices' look at the mail, the demonstration's box."""

from typing import Any

from csp.decorators import csp
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from trebbo.kernel.access import office, public, signed_in, viewer_of
from trebbo.kernel.errors import Refusal
from trebbo.kernel.pages import paginate
from trebbo.outlets.notifications import actions, queries
from trebbo.outlets.notifications.choices import Topic
from trebbo.outlets.notifications.forms import BounceForm, MailPreferenceForm
from trebbo.outlets.notifications.models import OutgoingMail

# A message may carry styles of its own; it fetches nothing, and runs nothing.
OF_A_MESSAGE = {
    "default-src": ["'none'"],
    "style-src": ["'unsafe-inline'"],
    "img-src": ["data:"],
    "frame-ancestors": ["'self'"],
    "form-action": ["'none'"],
    "base-uri": ["'none'"],
}


@signed_in
def my_mail(request: HttpRequest) -> HttpResponse:
    """How often one wants mail, and about what."""
    viewer = viewer_of(request)
    known = queries.my_preference(viewer=viewer)
    wanted = [topic for topic in Topic.values if topic not in known.topics_off]
    initial = {"frequency": known.frequency, "topics": wanted}
    form = MailPreferenceForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        off = set(Topic.values) - set(form.cleaned_data["topics"])
        frequency = form.cleaned_data["frequency"]
        actions.set_mail_preference(actor=viewer, frequency=frequency, topics_off=off)
        messages.success(request, _("Your choice is saved, and holds from now on."))
        return redirect("my_mail")
    return render(request, "notifications/my_mail.html", {"form": form})


@csrf_exempt  # the link itself proves whose it is; mail programs send the form (RFC 8058)
@require_http_methods(["GET", "HEAD", "POST"])
@public
@never_cache
def stop_mail(request: HttpRequest, token: str) -> HttpResponse:
    """Asks for one press, and stops all mail to whom the link was written."""
    viewer = viewer_of(request)
    if request.method == "POST":
        actions.stop_mail(actor=viewer, token=token)
    link = actions.read_opt_out(actor=viewer, token=token)
    return render(request, "notifications/stop_mail.html", {"link": link})


@require_http_methods(["GET", "HEAD", "POST"])
@public
@never_cache
def confirm_by_mail(request: HttpRequest, token: str) -> HttpResponse:
    """Asks for one press, and confirms a profile as the person to whom the link was written."""
    viewer = viewer_of(request)
    if request.method == "POST":
        link = actions.confirm_by_mail(actor=viewer, token=token)
    else:
        link = actions.read_confirmation(actor=viewer, token=token)
    return render(request, "notifications/confirm_by_mail.html", {"link": link})


@office
def mail(request: HttpRequest) -> HttpResponse:
    """How the mail stands; for the agency of the installation also which, to whom, what next."""
    viewer = viewer_of(request)
    manages = queries.may_see_mails(viewer=viewer)
    form = BounceForm(request.POST or None, request.FILES or None) if manages else None
    if request.method == "POST" and form is not None and form.is_valid():
        report = form.cleaned_data["report"]
        try:
            actions.record_bounce(actor=viewer, message_id=report.message_id, words=report.words)
        except Refusal as refusal:
            form.add_error("report", refusal.message)
        else:
            messages.success(request, _("It is noted that the message came back."))
            return redirect("mail")
    state = request.GET.get("state", "")
    context: dict[str, Any] = {
        "standings": queries.standings(viewer=viewer),
        "oldest_due_at": queries.oldest_due_at(viewer=viewer),
        "manages": manages,
        "form": form,
        "state": state,
    }
    if manages:
        context["page"] = paginate(queries.mails(viewer=viewer, state=state), request)
    return render(request, "notifications/mail.html", context)


@require_POST
@office
def send_mail_again(request: HttpRequest, key: int) -> HttpResponse:
    """Put a mail back among those that wait."""
    actions.send_again(actor=viewer_of(request), mail_id=key)
    messages.success(request, _("The message is sent again."))
    return redirect("mail")


@require_POST
@office
def mark_mail_arrived(request: HttpRequest, key: int) -> HttpResponse:
    """Say that an uncertain mail has arrived."""
    actions.mark_arrived(actor=viewer_of(request), mail_id=key)
    messages.success(request, _("It is noted that the message arrived."))
    return redirect("mail")


@require_safe
@public
def mailbox(request: HttpRequest) -> HttpResponse:
    """All mail of the demonstration: what would have reached people."""
    _only_in_the_demonstration()
    page = paginate(queries.mailbox(viewer=viewer_of(request)), request)
    return render(request, "notifications/mailbox.html", {"page": page})


@require_safe
@public
def mailbox_message(request: HttpRequest, key: int) -> HttpResponse:
    """One message of the demonstration, as its receiver would see it."""
    shown = _of_the_mailbox(request, key)
    context = {"mail": shown, "text": _leading_here(request, shown.text)}
    return render(request, "notifications/mailbox_message.html", context)


@xframe_options_sameorigin
@csp(OF_A_MESSAGE)  # type: ignore[arg-type]
@require_safe
@public
def mailbox_html(request: HttpRequest, key: int) -> HttpResponse:
    """The formatted part of a message, for a frame; its links open in the whole window."""
    html = _leading_here(request, _of_the_mailbox(request, key).html)
    return HttpResponse(html.replace("<head>", '<head><base target="_top">', 1))


def _only_in_the_demonstration() -> None:
    if not settings.DEMO:
        raise Http404


def _of_the_mailbox(request: HttpRequest, key: int) -> OutgoingMail:
    _only_in_the_demonstration()
    return get_object_or_404(queries.mailbox(viewer=viewer_of(request)), pk=key)


def _leading_here(request: HttpRequest, body: str) -> str:
    """The links lead to where the demonstration is looked at, whatever its settings say."""
    return body.replace(settings.SITE_ADDRESS, request.build_absolute_uri("/").rstrip("/"))
