"""Serves the door until it is told to end."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

import uvicorn

from workshop.event.door.app import door_app
from workshop.event.store.database import engine_at
from workshop.model.event.door import DoorRequest

_KEPT_SECONDS: Final = 75
"""Longer than load balancers keep a connection, 60: they would send a request into one that is just being closed."""


def serve(request: DoorRequest, url: str) -> None:
    """Raises ImportError for a database whose driver is not installed. The database itself may be away, and come back.

    Nothing is logged of a request: links are in addresses.
    """
    engine = engine_at(url)
    try:
        uvicorn.run(
            door_app(request, engine, lambda: datetime.now(UTC)),
            host="127.0.0.1" if request.is_loopback else "0.0.0.0",  # noqa: S104 - in its Pod
            port=request.port,
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=_KEPT_SECONDS,
        )
    finally:
        engine.dispose()
