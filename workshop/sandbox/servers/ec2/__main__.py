"""Serves an account on a port of 127.0.0.1: python -m workshop.sandbox.servers.ec2 ACCOUNT.json PORT."""

from __future__ import annotations

import sys
from pathlib import Path

from werkzeug.serving import make_server

from workshop.sandbox.servers.ec2.account import Account
from workshop.sandbox.servers.ec2.application import Ec2


def main(file: Path, port: int) -> None:
    """Serves until it is told to end."""
    account = Account.model_validate_json(file.read_text(encoding="utf-8"))
    make_server("127.0.0.1", port, Ec2(account), threaded=True).serve_forever()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
