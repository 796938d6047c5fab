"""Addresses of the site."""

from django.urls import URLPattern, URLResolver, path

from trebbo.outlets.site import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.home, name="home"),
    path("directory/", views.directory, name="directory"),
    path("directory/export/", views.directory_export, name="directory_export"),
    path("today/", views.today, name="today"),
    path("today/contact/<slug:slug>/", views.today_contact, name="today_contact"),
    path("today/<slug:name>/", views.today_list, name="today_list"),
    path("requests/", views.my_requests, name="my_requests"),
    path("requests/<slug:slug>/", views.requests_of, name="requests_of"),
    path("gallery/", views.gallery, name="gallery"),
]
