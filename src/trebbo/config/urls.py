"""All addresses: pages under /it/ and /en/, machine addresses at the root."""

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.urls import URLPattern, URLResolver, include, path

from trebbo.outlets.oversight.urls import machine_addresses

urlpatterns: list[URLPattern | URLResolver] = [
    *machine_addresses,
    path("i18n/", include("django.conf.urls.i18n")),
]

pages: list[URLPattern | URLResolver] = [
    path("", include("trebbo.outlets.site.urls")),
    path("", include("trebbo.outlets.maps.urls")),
    path("", include("trebbo.outlets.oversight.urls")),
    path("", include("trebbo.outlets.notifications.urls")),
    path("", include("trebbo.partnering.introductions.urls")),
    path("", include("trebbo.sharing.ideas.urls")),
    path("", include("trebbo.sharing.resources.urls")),
    path("", include("trebbo.sharing.skills.urls")),
    path("", include("trebbo.ecosystem.evidence.urls")),
    path("", include("trebbo.ecosystem.clusters.urls")),
    path("", include("trebbo.ecosystem.organisations.urls")),
    path("", include("trebbo.ecosystem.vocabularies.urls")),
    path("account/", include("trebbo.ecosystem.accounts.urls")),
    path("account/", include("allauth.urls")),
]
if settings.DEMO:
    pages.append(path("demo/", include("trebbo.demo.urls")))

urlpatterns += i18n_patterns(*pages)
