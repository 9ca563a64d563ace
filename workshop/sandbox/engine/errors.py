"""What can stop a run, each with one message for the person who started it."""

from __future__ import annotations


class EngineError(Exception):
    """The run can't go on; the message says what is wrong and what to do."""


class StateError(EngineError):
    """The state on disk can't be read, written or understood; nothing was changed because of it."""


class Locked(EngineError):
    """Another run holds this stack."""


class Interrupted(EngineError):
    """Someone asked to stop; the step under way was finished and recorded."""


class Unsupported(EngineError):
    """The program asks for something that only the real Pulumi CLI does."""

    def __init__(self, feature: str, where: str) -> None:
        super().__init__(
            f"{where}: the sandbox's engine does not support {feature}: leave it out, "
            "or run this program with the pulumi command"
        )


class StepFailed(EngineError):
    """A provider, a hook or a check refused one resource."""

    def __init__(self, urn: str, action: str, reason: str) -> None:
        kind, name = urn.split("::", 3)[2].rpartition("$")[2], urn.split("::", 3)[3]
        super().__init__(f"{kind} {name}: {action} failed: {reason}")


class PolicyViolated(EngineError):
    """A mandatory policy stopped the run; the violations themselves are in the outcome."""
