"""Addresses of the area."""

from django.urls import URLPattern, URLResolver, path

from trebbo.sharing.skills import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("skills/", views.skills, name="skills"),
    path("skills/training/", views.skills_training, name="skills_training"),
    path("skills/import/", views.skills_import, name="skills_import"),
    path("skills/terms/", views.skills_terms, name="skills_terms"),
    path("skills/terms/<int:term_id>/", views.skills_term, name="skills_term"),
    path("profiles/<slug:slug>/skills/", views.profile_skills, name="profile_skills"),
    path("profiles/<slug:slug>/skills/new/", views.competence_new, name="competence_new"),
    path(
        "profiles/<slug:slug>/skills/<int:competence_id>/",
        views.competence_edit,
        name="competence_edit",
    ),
    path(
        "profiles/<slug:slug>/skills/suggestions/<int:suggestion_id>/",
        views.suggestion_decide,
        name="suggestion_decide",
    ),
    path("profiles/<slug:slug>/skills/training/new/", views.training_new, name="training_new"),
    path(
        "profiles/<slug:slug>/skills/training/<int:training_id>/",
        views.training_edit,
        name="training_edit",
    ),
    path("skills/map/", views.skills_maps, name="skills_maps"),
    path("skills/map/<slug:kind>/<slug:slug>/", views.skills_map, name="skills_map"),
    path(
        "skills/map/<slug:kind>/<slug:slug>/map.<slug:ending>",
        views.skills_map_file,
        name="skills_map_file",
    ),
    path(
        "skills/map/<slug:kind>/<slug:slug>/review/",
        views.skills_review,
        name="skills_review",
    ),
    path(
        "skills/map/<slug:kind>/<slug:slug>/review/review.pdf",
        views.skills_review_pdf,
        name="skills_review_pdf",
    ),
]
