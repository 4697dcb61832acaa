"""The ids of what a call opens: what was left behind is known by how they begin."""

import uuid

LEG_PREFIX = "mv-leg-"


def bridge_prefix(app: str) -> str:
    """How the ids of an application's bridges begin; ``~`` is in no application's name."""
    return f"mv-bridge-{app}~"


def new_ids(app: str) -> tuple[str, str]:
    """Ids for the media leg and the bridge of a new call; never twice the same."""
    token = uuid.uuid4().hex[:12]
    return LEG_PREFIX + token, bridge_prefix(app) + token
