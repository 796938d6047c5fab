"""Addresses of the area."""

from django.urls import URLPattern, URLResolver, path

from trebbo.ecosystem.clusters import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("networks/<slug:slug>/", views.network, name="network"),
    path("clusters/<slug:slug>/", views.cluster, name="cluster"),
    path("clusters/<slug:slug>/edit/", views.cluster_edit, name="cluster_edit"),
    path("clusters/<slug:slug>/members/", views.cluster_members, name="cluster_members"),
    path("value-chains/<slug:slug>/", views.value_chain, name="value_chain"),
    path("value-chains/<slug:slug>/edit/", views.value_chain_edit, name="value_chain_edit"),
    path("specialisations/", views.specialisations, name="specialisations"),
    path("specialisations/<slug:slug>/", views.specialisation, name="specialisation"),
]
