"""Addresses of challenges and project ideas."""

from django.urls import path

from trebbo.sharing.ideas import views

urlpatterns = [
    path("ideas/", views.ideas, name="ideas"),
    path("ideas/mine/", views.my_ideas, name="my_ideas"),
    path("ideas/new/", views.idea_new, name="idea_new"),
    path("ideas/<int:idea_id>/", views.idea, name="idea"),
    path("ideas/<int:idea_id>/edit/", views.idea_edit, name="idea_edit"),
    path("ideas/<int:idea_id>/readers/", views.idea_readers, name="idea_readers"),
    path("ideas/<int:idea_id>/answer/", views.answer_new, name="answer_new"),
    path("ideas/<int:idea_id>/answers/", views.answers, name="answers"),
    path("ideas/<int:idea_id>/files/", views.idea_files, name="idea_files"),
    path("answers/<int:answer_id>/", views.answer, name="answer"),
    path("answers/<int:answer_id>/edit/", views.answer_edit, name="answer_edit"),
    path("answers/<int:answer_id>/files/", views.answer_files, name="answer_files"),
    path("ideas/files/<int:file_id>/", views.file, name="idea_file"),
    path("clusters/<slug:slug>/ideas/", views.ideas_pipeline, name="ideas_pipeline"),
    path("clusters/<slug:slug>/ideas.xlsx", views.ideas_spreadsheet, name="ideas_spreadsheet"),
    path("clusters/<slug:slug>/readiness/", views.readiness_scale, name="readiness_scale"),
]
