"""Reports of servers about mail that came back, in the forms that they have."""

import pytest

from trebbo.outlets.notifications.importers import Report, read_report

REPORT = b"""\
From: MAILER-DAEMON@mx.example
To: trebbo@trebbo.example
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

I'm sorry to have to inform you.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; reader@trebbo.example
Action: %s
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 no such
 mailbox

--b
%s

--b--
"""
WHOLE = b"""Content-Type: message/rfc822

From: trebbo@trebbo.example
Message-ID: <abc@trebbo.example>
Subject: Hello

Words"""
HEADERS = b"""Content-Type: text/rfc822-headers

From: trebbo@trebbo.example
Message-ID: <abc@trebbo.example>"""


@pytest.mark.parametrize("original", [WHOLE, HEADERS])
@pytest.mark.parametrize("ending", [b"\n", b"\r\n"])
def test_a_report(original: bytes, ending: bytes) -> None:
    """The mail's own Message-ID, and the words of the server."""
    content = (REPORT % (b"Failed", original)).replace(b"\n", ending)
    words = "5.1.1 smtp; 550 5.1.1 no such mailbox"
    assert read_report(content) == Report("<abc@trebbo.example>", words)


@pytest.mark.parametrize(
    "content",
    [
        REPORT % (b"delayed", WHOLE),
        REPORT % (b"failed", b"Content-Type: text/plain\n\nnothing of the mail"),
        b"Subject: Out of office\n\nI am away.",
        b"",
        b"\xff\x00\xfe",
    ],
)
def test_what_is_no_report(content: bytes) -> None:
    """One that only says that it takes long, one without the mail, other mail, no mail at all."""
    assert read_report(content) is None
