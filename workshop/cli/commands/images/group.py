"""`workshop images`: from their source to the clusters, by digest."""

from __future__ import annotations

from typing import ClassVar

import typer

from workshop.cli.lazy import Commands, LazyGroup


class _Images(LazyGroup):
    lazy_commands: ClassVar[Commands] = {
        "check": ("workshop.cli.commands.images.check:check", "Show where sources moved on, and what could be pinned."),
        "mirror": ("workshop.cli.commands.images.mirror:mirror", "Copy every image to every region, by digest."),
        "prune": ("workshop.cli.commands.images.prune:prune", "Delete old copies that nothing pins."),
        "regctl": (
            "workshop.cli.commands.images.regctl:show",
            "Show where regctl is; build it where it is missing.",
        ),
        "promote": ("workshop.cli.commands.images.promote:promote", "Pin a build in the stack's file, for review."),
        "rollback": ("workshop.cli.commands.images.rollback:rollback", "Go back to the build that ran before."),
    }


app = typer.Typer(cls=_Images, add_completion=False, no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def images() -> None:
    """Images, from where they are published to the clusters, by digest."""
