"""Addresses of the vocabularies."""

from django.urls import URLPattern, URLResolver, path

from trebbo.ecosystem.vocabularies import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("vocabularies/", views.vocabularies, name="vocabularies"),
    path("vocabularies/<slug:slug>/", views.vocabulary, name="vocabulary"),
]
