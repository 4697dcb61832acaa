"""What the tests of calls have, for tests that break a part of it."""

from tests.calls.conftest import (  # noqa: F401 - fixtures
    cloud,
    openai_service,
    own_worker,
    phone,
    words,
    yandex,
)
