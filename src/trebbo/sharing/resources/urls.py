"""Addresses of resources and their bookings."""

from django.urls import URLPattern, URLResolver, path

from trebbo.sharing.resources import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("bookings/", views.bookings, name="bookings"),
    path("bookings/answering/", views.bookings_answering, name="bookings_answering"),
    path("bookings/<int:booking_id>/", views.booking, name="booking"),
    path("bookings/answer/<str:token>/", views.booking_by_mail, name="booking_by_mail"),
    path("resources/use/", views.resources_use, name="resources_use"),
    path("resources/use/ceilings/", views.use_ceilings, name="use_ceilings"),
    path("resources/<int:resource_id>/book/", views.resource_book, name="resource_book"),
    path("resources/<int:resource_id>/use/", views.resource_use, name="resource_use"),
    path("calendars/", views.my_feeds, name="my_feeds"),
    path("calendars/<str:token>.ics", views.booking_feed, name="booking_feed"),
    path(
        "resources/<int:resource_id>/calendars/",
        views.resource_calendars,
        name="resource_calendars",
    ),
    path("profiles/<slug:slug>/resources/", views.profile_resources, name="profile_resources"),
    path("profiles/<slug:slug>/resources/new/", views.resource_new, name="resource_new"),
    path(
        "profiles/<slug:slug>/qualifications/",
        views.profile_qualifications,
        name="profile_qualifications",
    ),
    path("resources/", views.resources, name="resources"),
    path("resources/calendar/", views.resources_calendar, name="resources_calendar"),
    path("resources/<int:resource_id>/", views.resource, name="resource"),
    path("resources/<int:resource_id>/edit/", views.resource_edit, name="resource_edit"),
    path("resources/<int:resource_id>/files/", views.resource_files, name="resource_files"),
    path(
        "resources/<int:resource_id>/files/<int:file_id>/",
        views.resource_file,
        name="resource_file",
    ),
    path("resources/<int:resource_id>/hours/", views.resource_hours, name="resource_hours"),
    path("resources/<int:resource_id>/prices/", views.resource_prices, name="resource_prices"),
    path(
        "resources/<int:resource_id>/withdraw/", views.resource_withdraw, name="resource_withdraw"
    ),
    path("resources/exchange/", views.resources_exchange, name="resources_exchange"),
    path("resources/export.<slug:ending>", views.resources_export, name="resources_export"),
    path("resources/template.<slug:ending>", views.resources_template, name="resources_template"),
    path(
        "resources/<int:resource_id>/use/ledger.<slug:ending>",
        views.resource_use_export,
        name="resource_use_export",
    ),
]
