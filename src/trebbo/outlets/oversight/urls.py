"""Addresses of the area: the audit trail under each language, the health of the service outside."""

from django.urls import URLPattern, URLResolver, path

from trebbo.outlets.oversight import views

urlpatterns: list[URLPattern | URLResolver] = [path("audit/", views.audit, name="audit")]

machine_addresses: list[URLPattern | URLResolver] = [path("healthz", views.healthz, name="healthz")]
