"""The admin for a WSGI server: ``gunicorn wsgi:app``."""

import sys

from bot.errors import SettingError
from webadmin import create_app
from webadmin.stopping import stop_with_signals

_APP_LOAD_ERROR = 4
"""With this exit status gunicorn's master stops too, instead of starting workers for ever."""

try:
    app = create_app()
except SettingError as error:
    print(error, file=sys.stderr)
    sys.exit(_APP_LOAD_ERROR)
stop_with_signals(app)
