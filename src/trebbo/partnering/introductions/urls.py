"""Addresses of the asks."""

from django.urls import URLPattern, URLResolver, path

from trebbo.partnering.introductions import views

urlpatterns: list[URLPattern | URLResolver] = [path("ask/", views.ask, name="ask")]
