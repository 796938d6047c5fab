"""Pages of the site: the entrance, the office's day, and what came of requests."""

from trebbo.outlets.site.views.entrance import directory, directory_export, gallery, home
from trebbo.outlets.site.views.requests import my_requests, requests_of
from trebbo.outlets.site.views.today import today, today_contact, today_list

__all__ = [
    "directory",
    "directory_export",
    "gallery",
    "home",
    "my_requests",
    "requests_of",
    "today",
    "today_contact",
    "today_list",
]
