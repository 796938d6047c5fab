"""The WSGI application that the production server runs."""

import logging
import os
import threading

from django.core.wsgi import get_wsgi_application

from trebbo.kernel import charts


def _warm_up() -> None:
    try:
        charts.warm_up()
    except Exception:
        logging.getLogger(__name__).exception("The charts could not be made ready.")


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trebbo.config.settings")
application = get_wsgi_application()
threading.Thread(target=_warm_up, name="warm-up", daemon=True).start()
