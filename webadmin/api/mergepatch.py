"""JSON Merge Patch (RFC 7396): a part of a JSON object laid over the whole. Pure."""

from collections.abc import Mapping


def merged_json(target: object, patch: object) -> object:
    """``target`` with what ``patch`` says; ``null`` takes a member away (RFC 7396, section 2)."""
    if not isinstance(patch, Mapping):
        return patch
    result = dict(target) if isinstance(target, Mapping) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged_json(result.get(name), value)
    return result
