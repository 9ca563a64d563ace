"""Imported once, before anything is forked: what the command, the program and the server import anyway."""

import os
from importlib import import_module

from workshop.sandbox.engine.lazy.packages import lazy_packages

os.environ["MOTO_ACCOUNT_ID"] = "123456789012"  # moto reads it when it is imported
for _name in (
    "boto3",
    "cloudflare",
    "httpx",
    "moto.ecr",
    "moto.moto_server.werkzeug_app",
    "workshop.cli.main",
    "workshop.cli.backends.sandbox",
    "workshop.cli.render.text",
    "workshop.observe.stack",
    "workshop.sandbox.engine.run",
    "workshop.sandbox.providers.aws.provider",
    "workshop.sandbox.providers.cloudflare.provider",
    "workshop.sandbox.providers.kubernetes.provider",
    "workshop.sandbox.servers.__main__",
):
    import_module(_name)
with lazy_packages():  # as the engine imports them
    for _name in (
        "workshop.program.exports",
        "workshop.program.stack",
        "workshop.observe.config",
        "workshop.observe.providers",
    ):
        import_module(_name)
