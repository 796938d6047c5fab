"""Addresses of the asks."""

from django.urls import URLPattern, URLResolver, path

from trebbo.partnering.introductions import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("ask/", views.ask, name="ask"),
    path("asks/", views.my_asks, name="my_asks"),
    path("asks/new/", views.ask_new, name="ask_new"),
    path("asks/floors/", views.ask_floors, name="ask_floors"),
    path("asks/ranking/", views.ask_ranking, name="ask_ranking"),
    path("asks/preferences/<slug:slug>/", views.ask_preferences, name="ask_preferences"),
    path("asks/<int:ask_id>/", views.kept_ask, name="kept_ask"),
    path("asks/<int:ask_id>/dossier.<slug:ending>", views.ask_dossier, name="ask_dossier"),
    path("asks/<int:ask_id>/edit/", views.ask_edit, name="ask_edit"),
    path("asks/<int:ask_id>/readers/", views.ask_readers, name="ask_readers"),
    path("needs/", views.needs, name="needs"),
    path("needs/<int:ask_id>/", views.need, name="need"),
    path("introductions/silence/", views.my_silence, name="my_silence"),
    path("asks/<int:ask_id>/introduce/<slug:slug>/", views.introduce, name="introduce"),
    path("ideas/<int:idea_id>/find/", views.ask_from_idea, name="ask_from_idea"),
    path("answers/<int:answer_id>/introduce/", views.introduce_answer, name="introduce_answer"),
    path("introductions/<int:introduction_id>/", views.introduction, name="introduction"),
    path(
        "introductions/<int:introduction_id>/edit/",
        views.introduction_edit,
        name="introduction_edit",
    ),
    path("introductions/consent/<str:token>/", views.consent_by_mail, name="consent_by_mail"),
    path("introductions/answer/<str:token>/", views.answer_by_mail, name="answer_by_mail"),
    path("introductions/outcome/<str:token>/", views.outcome_by_mail, name="outcome_by_mail"),
]
