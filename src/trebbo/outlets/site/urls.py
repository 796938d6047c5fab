"""Addresses of the site."""

from django.urls import URLPattern, URLResolver, path

from trebbo.outlets.site import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.home, name="home"),
    path("directory/", views.directory, name="directory"),
    path("directory/export/", views.directory_export, name="directory_export"),
    path("gallery/", views.gallery, name="gallery"),
]
