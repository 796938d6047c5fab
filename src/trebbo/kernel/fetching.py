"""Fetches what people give an address of, and nothing that is not on the public internet.

Whoever gives an address chooses where the server calls. So the address that a name stands for is
checked, the connection goes to that very address, and every redirect is checked again
(OWASP, Server Side Request Forgery Prevention).
"""

import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import SplitResult, urljoin, urlsplit, urlunsplit

from django.utils.encoding import iri_to_uri
from django.utils.translation import gettext as _

from trebbo.kernel.errors import Refusal

SECONDS = 20
"""How long a fetch takes at most, with all its redirects."""
MOST_REDIRECTS = 3
LONGEST_ADDRESS = 2_000
PIECE = 64 * 1024
SCHEMES = {"https": "https", "webcal": "https", "webcals": "https", "http": "http"}
PORTS = {"https": 443, "http": 80}
REDIRECTS = (301, 302, 303, 307, 308)
BAD_PORT = 1024
"""Below it only the ports of the web are called."""
UNICAST = ipaddress.IPv6Network("2000::/3")
NOT_GLOBAL = tuple(
    ipaddress.ip_network(block)
    for block in (
        *("192.0.0.0/24", "192.88.99.0/24", "100.64.0.0/10"),
        *("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"),
    )
)
"""Special purposes (IANA) and tunnels to IPv4, which the library takes for global."""


class FetchRefused(Refusal):
    """The address cannot be fetched, or may not be."""


class Network(Protocol):
    """Names to addresses, and connections to addresses."""

    def addresses(self, host: str, port: int) -> list[str]:
        """The addresses of a host; raises OSError where there are none."""

    def connect(self, address: str, port: int, seconds: float) -> socket.socket:
        """A connection to an address that was checked; raises OSError."""


class Internet:
    """The network that the machine is in."""

    def addresses(self, host: str, port: int) -> list[str]:
        """What the system's resolver says, also of numbers that stand for an address."""
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        return list(dict.fromkeys(str(one[4][0]) for one in found))

    def connect(self, address: str, port: int, seconds: float) -> socket.socket:
        """A connection to the address itself: no name is looked up again."""
        return socket.create_connection((address, port), timeout=seconds)


INTERNET = Internet()


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came, and from where in the end."""

    content: bytes
    address: str


def checked_address(typed: str) -> str:
    """The address as it will be fetched: http or https, with a host, no name and password.

    Refuses anything else in words. A host that is not public is refused when it is fetched, as what
    a name stands for can change.
    """
    parts = _split(typed.strip())
    whole = urlunsplit((parts.scheme, parts.netloc, parts.path or "/", parts.query, ""))
    return str(iri_to_uri(whole))


def fetch(address: str, *, most_bytes: int, network: Network = INTERNET) -> Fetched:
    """What stands at an address, of at most `most_bytes`, within SECONDS.

    Refuses, in words: other schemes than http, https and webcal; hosts with any address that is not
    public; more than MOST_REDIRECTS redirects, or one from https to http; answers that are no
    success, too large or too slow. The words hold no figures, so that they can be kept in one
    language and told in another.
    """
    deadline = time.monotonic() + SECONDS
    present = checked_address(address)
    for _count in range(MOST_REDIRECTS + 1):
        content, further = _visit(present, most_bytes, deadline, network)
        if not further:
            return Fetched(content, present)
        onward = checked_address(urljoin(present, further))
        if present.startswith("https:") and not onward.startswith("https:"):
            raise FetchRefused(_("The address leads on to one without encryption."))
        present = onward
    raise FetchRefused(_("The address leads on to another too many times."))


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet, by itself and by what is inside it."""
    try:
        known = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if known.is_multicast or known.is_reserved or known.is_private or not known.is_global:
        return False
    if isinstance(known, ipaddress.IPv6Address) and known not in UNICAST:
        return False
    return not any(known.version == block.version and known in block for block in NOT_GLOBAL)


def _split(address: str) -> SplitResult:
    wrong = FetchRefused(_("This is not a web address: write it like https://www.example.it."))
    if len(address) > LONGEST_ADDRESS or not address.isprintable() or " " in address:
        raise wrong
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError as error:
        raise wrong from error
    if parts.scheme not in SCHEMES or not parts.hostname:
        raise wrong
    if parts.username is not None or parts.password is not None:
        raise FetchRefused(_("The address must not hold a name or password."))
    if port is not None and port < BAD_PORT and port not in PORTS.values():
        raise FetchRefused(_("This port of the address is not one of the web."))
    try:
        host = parts.hostname if parts.hostname.isascii() else _idna(parts.hostname)
    except UnicodeError as error:
        raise wrong from error
    named = f"[{host}]" if ":" in host else host
    netloc = named if port is None else f"{named}:{port}"
    return parts._replace(scheme=SCHEMES[parts.scheme], netloc=netloc)


def _idna(host: str) -> str:
    return host.encode("idna").decode("ascii")


def _visit(
    address: str, most_bytes: int, deadline: float, network: Network
) -> tuple[bytes, str | None]:
    """The content, or the address to which the answer leads on."""
    parts = urlsplit(address)
    try:
        with _connected(parts, deadline, network) as line:
            return _asked(line, parts, most_bytes, deadline)
    except (OSError, http.client.HTTPException, ValueError) as error:
        if time.monotonic() >= deadline:
            raise _too_slow() from error
        raise FetchRefused(_("Nothing answers properly at this address.")) from error


@contextmanager
def _connected(
    parts: SplitResult, deadline: float, network: Network
) -> Iterator[http.client.HTTPConnection]:
    host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
    public = _public_addresses(host, port, network)
    left = _left(deadline)
    plain = network.connect(public[0], port, left)
    secure = parts.scheme == "https"
    with plain if not secure else _wrapped(plain, host) as sock, _ended_at(sock, left):
        if isinstance(sock, ssl.SSLSocket):
            sock.do_handshake()
        line = http.client.HTTPConnection(host, port)
        line.sock = sock
        yield line


def _named(parts: SplitResult) -> str:
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    known = parts.port in (None, PORTS[parts.scheme])
    return f"{host}" if known else f"{host}:{parts.port}"


def _public_addresses(host: str, port: int, network: Network) -> list[str]:
    """The addresses of the host; one that is not public is enough to refuse."""
    try:
        found = network.addresses(host, port)
    except (OSError, UnicodeError) as error:
        raise FetchRefused(_("No host of this name was found.")) from error
    if not found or not all(map(is_public, found)):
        words = _("This address is not on the public internet: it cannot be read from here.")
        raise FetchRefused(words)
    return found


def _wrapped(plain: socket.socket, host: str) -> ssl.SSLSocket:
    context = ssl.create_default_context()
    return context.wrap_socket(plain, server_hostname=host, do_handshake_on_connect=False)


@contextmanager
def _ended_at(sock: socket.socket, seconds: float) -> Iterator[None]:
    """Cut the line when the time is over, however slowly the other side drips."""
    watch = threading.Timer(seconds, _cut, [sock])
    watch.daemon = True
    watch.start()
    try:
        yield
    finally:
        watch.cancel()


def _cut(sock: socket.socket) -> None:
    with suppress(OSError):  # it may have ended by itself
        socket.socket.shutdown(sock, socket.SHUT_RDWR)


def _asked(
    line: http.client.HTTPConnection, parts: SplitResult, most_bytes: int, deadline: float
) -> tuple[bytes, str | None]:
    path = urlunsplit(("", "", parts.path or "/", parts.query, ""))
    headers = {"User-Agent": "Trebbo", "Accept-Encoding": "identity", "Connection": "close"}
    headers["Host"] = _named(parts)
    line.request("GET", path, headers=headers)
    answer = line.getresponse()
    if answer.status in REDIRECTS and (further := answer.getheader("Location")):
        return b"", further
    if answer.status != http.client.OK:
        raise _unsuccessful(answer.status)
    announced = answer.getheader("Content-Length") or ""
    if announced.isdecimal() and int(announced[:20]) > most_bytes:
        raise _too_large()
    content = bytearray()
    while piece := answer.read(PIECE):
        content += piece
        if len(content) > most_bytes:
            raise _too_large()
        _left(deadline)
    _left(deadline)
    if answer.length:  # less came than was announced
        raise http.client.IncompleteRead(bytes(content))
    return bytes(content), None


def _unsuccessful(status: int) -> FetchRefused:
    if status in (401, 403, 407):
        return FetchRefused(_("The address asks for a password, or is not open to everybody."))
    if status in (404, 410):
        return FetchRefused(_("There is nothing at this address any more."))
    return FetchRefused(_("The address answers with an error."))


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise _too_slow()
    return left


def _too_slow() -> FetchRefused:
    return FetchRefused(_("The address takes too long to answer."))


def _too_large() -> FetchRefused:
    return FetchRefused(_("What stands at this address is too large."))
