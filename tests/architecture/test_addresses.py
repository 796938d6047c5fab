"""Every address says who may open it."""

from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver

ALLOWED = {"public", "signed in", "office"}

# Pages of libraries guard themselves; the list is exact, so that a new one is looked at first.
OF_LIBRARIES = {
    "account_change_password",
    "account_confirm_email",
    "account_confirm_login_code",
    "account_email",
    "account_email_verification_sent",
    "account_inactive",
    "account_login",
    "account_logout",
    "account_reauthenticate",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "account_set_password",
    "account_signup",
    "mfa_activate_totp",
    "mfa_authenticate",
    "mfa_deactivate_totp",
    "mfa_download_recovery_codes",
    "mfa_generate_recovery_codes",
    "mfa_index",
    "mfa_reauthenticate",
    "mfa_view_recovery_codes",
    "openid_connect_callback",
    "openid_connect_login",
    "set_language",
    "social/connections/",
    "social/login/cancelled/",
    "social/login/error/",
    "social/signup/",
    "socialaccount_connections",
    "socialaccount_login_cancelled",
    "socialaccount_login_error",
    "socialaccount_signup",
}


def _addresses(resolver: URLResolver) -> Iterator[URLPattern]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from _addresses(entry)
        else:
            yield entry


def test_every_address_says_who_may_open_it() -> None:
    """A view without a mark is of a library, and its name is in the list."""
    addresses = list(_addresses(get_resolver()))
    unmarked = {
        pattern.name or str(pattern.pattern)
        for pattern in addresses
        if not hasattr(pattern.callback, "access")
    }
    assert unmarked == OF_LIBRARIES
    marks = {getattr(pattern.callback, "access", "public") for pattern in addresses}
    assert marks <= ALLOWED


def test_names_of_addresses_are_unique() -> None:
    """Two addresses of one name would hide each other."""
    names = [pattern.name for pattern in _addresses(get_resolver()) if pattern.name]
    assert sorted(names) == sorted(set(names))
