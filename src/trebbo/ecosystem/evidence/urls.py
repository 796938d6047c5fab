"""Addresses of the area."""

from django.urls import URLPattern, URLResolver, path

from trebbo.ecosystem.evidence import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("evidence/imports/", views.imports, name="imports"),
    path("evidence/imports/<int:import_id>/", views.import_, name="import"),
    path(
        "evidence/imports/<int:import_id>/progress/",
        views.import_progress,
        name="import_progress",
    ),
    path("evidence/imports/<int:import_id>/stop/", views.import_stop, name="import_stop"),
    path("evidence/imports/<int:import_id>/resume/", views.import_resume, name="import_resume"),
    path("evidence/imports/<int:import_id>/forget/", views.import_forget, name="import_forget"),
    path("evidence/imports/<int:import_id>/report/", views.import_report, name="import_report"),
    path("evidence/links/", views.links, name="links"),
    path("evidence/links/<int:link_id>/decide/", views.link_decide, name="link_decide"),
    path("evidence/links/<int:link_id>/split/", views.link_split, name="link_split"),
    path("evidence/bodies/<slug:scheme>/<str:key>/", views.body, name="body"),
    path(
        "evidence/bodies/<slug:scheme>/<str:key>/register/",
        views.body_register,
        name="body_register",
    ),
    path("evidence/projects/<int:project_id>/", views.funded_project, name="funded_project"),
    path("profiles/<slug:slug>/evidence/", views.profile_evidence, name="profile_evidence"),
    path(
        "profiles/<slug:slug>/evidence/projects/<int:participation_id>/",
        views.participation_say,
        name="participation_say",
    ),
    path(
        "profiles/<slug:slug>/evidence/fields/<int:concept_id>/",
        views.field_say,
        name="field_say",
    ),
    path("clusters/<slug:slug>/evidence/", views.cluster_evidence, name="cluster_evidence"),
]
