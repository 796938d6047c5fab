"""Addresses of the area; all others under account/ belong to django-allauth."""

from django.urls import URLPattern, URLResolver, path

from trebbo.ecosystem.accounts import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.my_account, name="my_account"),
    path("invite/<slug:slug>/", views.invite, name="invite"),
    path("invitations/<int:key>/revoke/", views.revoke_invitation, name="revoke_invitation"),
    path("invitations/<str:token>/", views.invitation, name="invitation"),
    path("mandates/<int:key>/end/", views.end_mandate, name="end_mandate"),
]
