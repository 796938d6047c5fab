"""Addresses of the vocabularies."""

from django.urls import URLPattern, URLResolver, path

from trebbo.ecosystem.vocabularies import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("vocabularies/", views.vocabularies, name="vocabularies"),
    path("vocabularies/labels/", views.labels, name="labels"),
    path("vocabularies/labels/<int:concept_id>/", views.choose_label, name="choose_label"),
    path("vocabularies/words/", views.words, name="words"),
    path("vocabularies/words/new/", views.words_new, name="words_new"),
    path("vocabularies/words/upload/", views.words_upload, name="words_upload"),
    path("vocabularies/words/upload/confirm/", views.words_confirm, name="words_confirm"),
    path("vocabularies/words/download/", views.words_download, name="words_download"),
    path("vocabularies/words/<int:pair_id>/", views.words_change, name="words_change"),
    path("vocabularies/words/<int:pair_id>/remove/", views.words_remove, name="words_remove"),
    path("vocabularies/words/<int:pair_id>/again/", views.words_again, name="words_again"),
    path("vocabularies/<slug:slug>/", views.vocabulary, name="vocabulary"),
]
