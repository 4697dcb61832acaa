"""How gunicorn serves the admin: one process, as many threads as open streams need."""

import sys

from bot.errors import SettingError
from bot.settings import load_settings

try:
    bind = load_settings().admin_bind
except SettingError as error:
    print(error, file=sys.stderr)
    sys.exit(1)

wsgi_app = "wsgi:app"
worker_class = "gthread"
workers = 1  # live pages and limits are kept per process
threads = 32
graceful_timeout = 3  # an open stream must not hold a restart
timeout = 60
control_socket_disable = True  # nothing uses it, and it would be one more door
