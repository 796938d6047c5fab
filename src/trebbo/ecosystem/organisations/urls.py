"""Addresses of the area."""

from django.urls import URLPattern, URLResolver, path

from trebbo.ecosystem.organisations import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("organisations/new/", views.organisation_new, name="organisation_new"),
    path("organisations/<slug:slug>/", views.organisation, name="organisation"),
    path("organisations/<slug:slug>/units/new/", views.unit_new, name="unit_new"),
    path("units/<slug:slug>/", views.unit, name="unit"),
    path("technopoles/", views.technopoles, name="technopoles"),
    path("technopoles/new/", views.technopole_new, name="technopole_new"),
    path("technopoles/<slug:slug>/", views.technopole, name="technopole"),
    path("profiles/<slug:slug>/edit/", views.profile_edit, name="profile_edit"),
    path("profiles/<slug:slug>/confirm/", views.profile_confirm, name="profile_confirm"),
    path("profiles/<slug:slug>/history/", views.profile_history, name="profile_history"),
]
