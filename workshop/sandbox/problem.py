"""What keeps the sandbox from working, reported to people in one message."""


class SandboxProblem(Exception):
    """The sandbox can't run or won't: the message says why and what to do."""
