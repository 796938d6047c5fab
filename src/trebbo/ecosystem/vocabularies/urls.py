"""Addresses of the vocabularies."""

from django.urls import URLPattern, URLResolver, path

from trebbo.ecosystem.vocabularies import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("vocabularies/", views.vocabularies, name="vocabularies"),
    path("vocabularies/labels/", views.labels, name="labels"),
    path("vocabularies/labels/<int:concept_id>/", views.choose_label, name="choose_label"),
    path("vocabularies/<slug:slug>/", views.vocabulary, name="vocabulary"),
]
