"""Where callers who want a person are handed over to."""

from dataclasses import dataclass


@dataclass(frozen=True)
class TransferTarget:
    """A place in the dialplan of the Asterisk that the caller is on."""

    context: str
    extension: str
    priority: int

    def as_fields(self) -> dict[str, str]:
        """The place as ARI's ``continue`` takes it."""
        return {
            "context": self.context,
            "extension": self.extension,
            "priority": str(self.priority),
        }
