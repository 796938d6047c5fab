"""A process of its own that sends what waits, run after run, until somebody ends it."""

import sys
from datetime import timedelta

if __name__ == "__main__":
    import django

    django.setup()
    from trebbo.kernel.access import installation
    from trebbo.outlets.notifications.actions import send_waiting

    lease = timedelta(seconds=float(sys.argv[1]))
    while True:
        send_waiting(actor=installation(), limit=1_000, lease=lease)
