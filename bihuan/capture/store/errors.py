"""What can go wrong with the store, in words an operator can act on."""


class StoreError(Exception):
    """The event store cannot do what was asked."""


class StoreOwned(StoreError):
    """Another process owns the index; the message names it and says what to do."""

    def __init__(self, *, path: str, owner: str) -> None:
        super().__init__(
            f"The event index {path} is in use by process {owner}. "
            "Ask that server over its API, or stop it and try again."
        )
        self.path = path
        self.owner = owner


class StoreNotReady(StoreError):
    """The index is being opened or rebuilt; try again in a moment."""


class LogDamaged(StoreError):
    """A group in the log does not match its checksum."""

    def __init__(self, *, seq: int) -> None:
        super().__init__(f"Group {seq} of the event log is damaged: its checksum does not match.")
        self.seq = seq


class SealedDamaged(StoreError):
    """Sealed files are not what was written; the message names them."""

    def __init__(self, *, names: list[str]) -> None:
        super().__init__(
            f"Sealed files of events are damaged or missing: {', '.join(names)}. Restore them from a backup."
        )
        self.names = names


class Cancelled(Exception):
    """Whoever asked does not want the answer any more."""


class CannotCompute(ValueError):
    """The rows do not bear what is asked of them: a pattern that is none, a number too large."""
