"""python -m workshop.images mirror REQUEST: mirrors images, in the CronJob (docs/images.md).

REQUEST is one of workshop/model/images/mirroring.py, as JSON. Prints in one line what it did, or what is wrong, on
standard output or error. Exit codes: 0 done, 1 failed, 2 called wrongly.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import Any, Final

from workshop.entry_point import handle
from workshop.images.ecr import Ecr
from workshop.images.failure import ImagesFailure
from workshop.images.mirror import Clock, Mirror
from workshop.images.program import regctl
from workshop.images.regctl import Regctl
from workshop.model.images.mirroring import MirrorReport, MirrorRequest

CLOCK: Final = Clock(now=lambda: datetime.now(UTC), wait=time.sleep)


def main(arguments: Sequence[str]) -> int:
    """Handles one request."""
    return handle("workshop.images", COMMANDS, arguments, ImagesFailure)


def _mirror(text: str) -> str:
    request = MirrorRequest.model_validate_json(text)
    with _registries(request) as registries:
        report = mirrored(request, registries)
    if report.failed:
        raise ImagesFailure(report.line())
    return report.line()


def mirrored(
    request: MirrorRequest, registries: Mapping[str, Ecr], clock: Clock = CLOCK, *, is_dry: bool = False
) -> MirrorReport:
    """One run, with passwords that are asked for now. Raises ImagesFailure."""
    passwords: dict[str, str] = {}
    for region, registry in registries.items():
        try:
            passwords[registry.host] = registry.password()
        except ImagesFailure:  # a replica's fails again, and is reported, where it is looked at
            if region == request.home:
                raise
    with Regctl(regctl(), passwords) as copier:
        return Mirror(request, registries, copier, clock).run(is_dry=is_dry)


@contextmanager
def _registries(request: MirrorRequest) -> Generator[Mapping[str, Ecr]]:
    """With the Pod's own role."""
    from boto3.session import Session  # pyright: ignore[reportMissingTypeStubs]

    session: Any = Session()
    with ExitStack() as closing:
        registries: dict[str, Ecr] = {}
        for region in (request.home, *request.replicas):
            client = session.client("ecr", region_name=region)
            closing.callback(client.close)
            registries[region] = Ecr(request.account, region, client)
        yield registries


COMMANDS: Final[Mapping[str, Callable[[str], str]]] = {"mirror": _mirror}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
