"""A last look at the copies of the window's key in one region, when nothing rotates it any more."""

from __future__ import annotations

from dataclasses import dataclass

from pulumi import ResourceOptions

from components.component import Component
from components.pods import job, pod


@dataclass(frozen=True, kw_only=True)
class RotationVerifiedArgs:
    """As in RotationCopiesArgs, whose account it borrows."""

    window: str
    image: str
    order: str
    namespace: str
    service_account: str


class RotationVerified(Component):
    """Declares the Job that waits for what rotates still and reads every Secret again; `up` fails where one differs.

    Outputs: window (its id).
    """

    def __init__(self, name: str, args: RotationVerifiedArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        job(
            self,
            "verify",
            pod(args.image, "verify", args.order, args.service_account),
            namespace=args.namespace,
            window=args.window,
            opts=self.child_options(),
        )
        self.register_outputs({"window": args.window})
