"""Addresses of the maps."""

from django.urls import URLPattern, URLResolver, path

from trebbo.outlets.maps import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("map/", views.map_page, name="map"),
    path("map/data/", views.map_data, name="map_data"),
    path("map/list/", views.map_list, name="map_list"),
    path("map/outlines/", views.map_outlines, name="map_outlines"),
]
