"""What is fetched from an address that somebody gave, and what never is."""

import time

import pytest

from tests.serving import PUBLIC, Answer, serving
from trebbo.kernel import fetching
from trebbo.kernel.fetching import FetchRefused, checked_address, fetch, is_public

HOME = "http://calendar.example/"
NOT_PUBLIC = [
    *("127.0.0.1", "127.9.9.9", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254"),
    *("100.64.0.1", "0.0.0.0", "255.255.255.255", "224.0.0.1", "192.0.0.8", "198.18.0.1"),
    *("192.0.2.1", "192.88.99.1", "240.0.0.1"),
    *("::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "fec0::1", "ff02::1"),
    *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:93.184.215.14", "::127.0.0.1"),
    *(
        "64:ff9b::7f00:1",
        "64:ff9b::5db8:d70e",
        "2002:7f00:1::",
        "2001:0:4136:e378::",
        "2001:db8::1",
    ),
    *("nonsense", "", "1.2.3", "2130706433"),
]


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_addresses_that_are_not_of_the_public_internet(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", [PUBLIC, "8.8.8.8", "2606:4700::1111", "2a00:1450:4002::1"])
def test_addresses_of_the_public_internet(address: str) -> None:
    assert is_public(address)


def test_what_stands_at_an_address_comes_from_the_address_that_was_checked() -> None:
    with serving({"/a?b=c": Answer(b"hello")}) as network:
        got = fetch(f"{HOME}a?b=c", most_bytes=100, network=network)
    assert (got.content, got.address) == (b"hello", f"{HOME}a?b=c")
    assert network.called == [PUBLIC]
    [asked] = network.asked
    assert (asked["host"], asked["accept-encoding"]) == ("calendar.example", "identity")
    assert "cookie" not in asked


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "10.0.0.1", "0"),
        *("[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[fe80::1]", "100.64.0.1"),
        "169.254.169.254",
    ],
)
def test_a_number_that_is_no_public_address_is_never_called(host: str) -> None:
    with serving({"/": Answer(b"secret")}) as network:
        with pytest.raises(FetchRefused):
            fetch(f"http://{host}:8080/", most_bytes=100, network=network)
        assert (network.called, network.asked) == ([], [])


@pytest.mark.parametrize("found", [["10.0.0.1"], [PUBLIC, "127.0.0.1"], ["::ffff:10.0.0.1"], []])
def test_a_name_for_an_address_that_is_not_public_is_never_called(found: list[str]) -> None:
    with serving({"/": Answer(b"secret")}) as network:
        network.names["inside.example"] = found
        with pytest.raises(FetchRefused):
            fetch("https://inside.example/", most_bytes=100, network=network)
        assert (network.called, network.asked) == ([], [])


def test_a_redirect_is_followed_where_it_leads_to_a_public_address() -> None:
    further = Answer(status=302, headers={"Location": "/there"})
    with serving({"/": further, "/there": Answer(b"hello")}) as network:
        got = fetch(HOME, most_bytes=100, network=network)
    assert (got.content, got.address) == (b"hello", f"{HOME}there")


@pytest.mark.parametrize(
    "leads",
    [
        *("http://127.0.0.1:8080/there", "http://inside.example/there", "http://[::1]/there"),
        *(
            "file:///etc/passwd",
            "ftp://calendar.example/",
            "http://2130706433/there",
            "//10.0.0.1/",
        ),
        *("gopher://calendar.example/", "http://calendar.example:22/", "http://[::ffff:a00:1]/"),
    ],
)
def test_a_redirect_to_anything_else_is_refused(leads: str) -> None:
    answers = {"/": Answer(status=302, headers={"Location": leads}), "/there": Answer(b"secret")}
    with serving(answers) as network:
        network.names["inside.example"] = ["192.168.0.7"]
        with pytest.raises(FetchRefused):
            fetch(HOME, most_bytes=100, network=network)
        assert [one["path"] for one in network.asked] == ["/"]


def test_redirects_come_to_an_end() -> None:
    with serving({"/": Answer(status=301, headers={"Location": "/"})}) as network:
        with pytest.raises(FetchRefused):
            fetch(HOME, most_bytes=100, network=network)
        assert len(network.asked) == fetching.MOST_REDIRECTS + 1


@pytest.mark.parametrize("headers", [{}, {"Content-Length": "50000000"}])
def test_what_is_too_large_is_not_read_to_its_end(headers: dict[str, str]) -> None:
    with (
        serving({"/": Answer(b"x" * 50_000_000, headers=headers)}) as network,
        pytest.raises(FetchRefused),
    ):
        fetch(HOME, most_bytes=5_000_000, network=network)


def test_what_comes_too_slowly_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "SECONDS", 0.4)
    began = time.monotonic()
    with serving({"/": Answer(b"x" * 100, drip=0.05)}) as network, pytest.raises(FetchRefused):
        fetch(HOME, most_bytes=1000, network=network)
    assert time.monotonic() - began < 3


def test_less_than_was_announced_is_nothing() -> None:
    with (
        serving({"/": Answer(b"half", headers={"Content-Length": "8"})}) as network,
        pytest.raises(FetchRefused),
    ):
        fetch(HOME, most_bytes=100, network=network)


@pytest.mark.parametrize("status", [204, 401, 404, 410, 500, 304])
def test_no_success_is_refused(status: int) -> None:
    with serving({"/": Answer(status=status)}) as network, pytest.raises(FetchRefused):
        fetch(HOME, most_bytes=100, network=network)


def test_an_answer_that_is_not_encrypted_where_it_should_be() -> None:
    with serving({"/": Answer(b"hello")}) as network, pytest.raises(FetchRefused):
        fetch("https://calendar.example/", most_bytes=100, network=network)


def test_nobody_has_the_name() -> None:
    with serving({}) as network, pytest.raises(FetchRefused):
        fetch("https://nobody.example/", most_bytes=100, network=network)


@pytest.mark.parametrize(
    "typed",
    [
        *(
            "",
            "calendar",
            "/a",
            "//calendar.example",
            "ftp://calendar.example",
            "file:///etc/passwd",
        ),
        *(
            "https://",
            "https://:80/",
            "https://a:b@calendar.example/",
            "https://me@calendar.example",
        ),
        *("https://calendar.example:22/", "https://calendar.example:99999/", "https://[::1/"),
        *("https://a b/", "https://a\nb/", "javascript:alert(1)", "https://" + "a" * 3000),
        f"https://{'ü' * 80}.example/",
    ],
)
def test_what_is_no_address_of_the_web(typed: str) -> None:
    with pytest.raises(FetchRefused):
        checked_address(typed)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" webcal://calendar.example/a.ics ", "https://calendar.example/a.ics"),
        ("HTTPS://Calendar.Example", "https://calendar.example/"),
        ("http://calendar.example:8080/a?b=c#d", "http://calendar.example:8080/a?b=c"),
        ("https://città.example/è", "https://xn--citt-3na.example/%C3%A8"),
    ],
)
def test_addresses_as_they_are_kept(typed: str, kept: str) -> None:
    assert checked_address(typed) == kept
