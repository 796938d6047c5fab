"""Addresses of the demonstration's personas."""

from django.urls import URLPattern, URLResolver, path

from trebbo.demo import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.personas, name="personas"),
    path("<slug:key>/", views.become, name="become"),
]
