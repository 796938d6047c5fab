"""Addresses of the area; the mailbox is there in the demonstration only."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, path

from trebbo.outlets.notifications import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("account/mail/", views.my_mail, name="my_mail"),
    path("mail/", views.mail, name="mail"),
    path("mail/confirm/<str:token>/", views.confirm_by_mail, name="confirm_by_mail"),
    path("mail/stop/<str:token>/", views.stop_mail, name="stop_mail"),
    path("mail/<int:key>/send-again/", views.send_mail_again, name="send_mail_again"),
    path("mail/<int:key>/arrived/", views.mark_mail_arrived, name="mark_mail_arrived"),
]
if settings.DEMO:
    urlpatterns += [
        path("mailbox/", views.mailbox, name="mailbox"),
        path("mailbox/<int:key>/", views.mailbox_message, name="mailbox_message"),
        path("mailbox/<int:key>/formatted/", views.mailbox_html, name="mailbox_html"),
    ]
