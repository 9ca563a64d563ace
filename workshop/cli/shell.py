"""Shell commands in messages: found in text that others wrote, and made to fit the stack that the message is about."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from workshop.cli.lazy import program
from workshop.cli.options import SANDBOX
from workshop.model.settings.commands import PROJECT
from workshop.observe.project import VARIABLE
from workshop.sandbox.isolation import is_sandbox_stack

SCRIPT: Final = "scripts/workshop"
"""How the project's own texts call this command."""

_WORD: Final = r"""(?!--)(?:'[^']*'|"(?:\\.|[^"\\])*"|\\.|[^\s'"\\;&|()])+(?<![,;:.])"""
_WORKSHOP: Final = (
    rf"{SCRIPT} (?:(?:plan|preview|gate|preflight|checklist|up|destroy|outputs|status)|"
    rf"event (?:actions list|(?:invite|months) {_WORD}|[a-z]+(?:-[a-z]+)*)|"
    rf"images (?:promote(?: sha256:[0-9a-f]{{64}}| DIGEST)?|[a-z]+)|"
    rf"dns (?:check|drift|lock|schema)|dns (?:import|export) {_WORD}|"
    rf"sandbox (?:clusters )?(?:start|stop|status|reset|build)|diff {_WORD}|--help)(?![\w-])"
)
_VALUED: Final = "users|stack|before|to|format|tick|by|confirm|out|add|image|override"
_FLAGS: Final = rf"(?: --(?:write|yes|json|strict)\b| --(?:{_VALUED}) {_WORD})*"
_PULUMI: Final = (
    rf"pulumi (?:config set(?: --[a-z]+)* {_WORD} {_WORD}|config rm(?: --[a-z]+)* {_WORD}|"
    rf"(?:up|preview|destroy|refresh)(?![\w-]))(?: --stack {_WORD})?"
)
_ONE: Final = rf"(?:{_WORKSHOP}{_FLAGS}|{_PULUMI})"
_OURS: Final = re.compile(rf"(?<![\w/`-]){_ONE}(?: && {_ONE})*")
_OTHERS: Final = (
    r"(?:(?<=: )|(?<=then )|(?<=see ))"
    rf"(?:(?:kubectl|aws|git|export|coder|sudo|brew|chmod|rm|mv)(?: (?:--[\w-]+|{_WORD}))+|"
    rf"pulumi (?:login|stack \w+(?: {_WORD})?))"
)
_COMMAND: Final = re.compile(rf"(?<![\w/`-])(?:{_OURS.pattern}|{_OTHERS})(?=$|[,;.)\n]|: )")

_WITHOUT_STACK: Final = ("sandbox", "diff", "--help", "dns lock", "dns schema")


@dataclass(frozen=True)
class Part:
    """A piece of a message: prose, or a command that stands on a line of its own."""

    text: str
    is_command: bool = False


def parts(message: str) -> Iterator[Part]:
    """The message's prose and commands, in order."""
    end = 0
    for found in _COMMAND.finditer(message):
        yield from _prose(message[end : found.start()])
        yield Part(found[0], is_command=True)
        end = found.end()
    yield from _prose(message[end:])


def _prose(text: str) -> Iterator[Part]:
    for line in text.split("\n"):
        if stripped := line.strip(" ").lstrip(",;.) "):
            yield Part(stripped)


def called() -> str:
    """How this command was called, so that what a message says can be typed: with the project where it was named."""
    name, given = program(), os.environ.get(VARIABLE)
    return f"{name} --project {shlex.quote(given)}" if given and name != SCRIPT else name


def workshop_command(stack: str, *words: str) -> str:
    """One of our own commands, for this stack."""
    return fit(f"{SCRIPT} {' '.join(words)}", stack)


def fit(message: str, stack: str) -> str:
    """The message with commands that work for this stack: they name it, and in the sandbox need no Pulumi CLI."""
    return _OURS.sub(lambda found: _fit_chain(found[0].split(" && "), stack), message)


def _fit_chain(commands: list[str], stack: str) -> str:
    fitted = [_fit_one(command, stack) for command in commands]
    return (" and " if is_sandbox_stack(stack) else " && ").join(fitted)


def _fit_one(command: str, stack: str) -> str:
    if command.startswith(SCRIPT):
        return _with_stack(command, stack).replace(SCRIPT, called(), 1)
    if not is_sandbox_stack(stack):
        return command if " --stack " in command else f"{command} --stack {stack}"
    words = [word for word in shlex.split(command) if not word.startswith("--")]
    if words[1] != "config":
        return _fit_one(f"{SCRIPT} {words[1]}", stack)
    key = words[3] if ":" in words[3] else f"{PROJECT}:{words[3]}"
    if words[2] == "rm":
        return f"remove {key} from Pulumi.{stack}.yaml"
    if key == f"{PROJECT}:users":
        return _fit_one(f"{SCRIPT} up --users {words[4]}", stack)
    value = "" if words[4].startswith("$(") else f" to {words[4]}"
    return f"set {key}{value} in Pulumi.{stack}.yaml"


def _with_stack(command: str, stack: str) -> str:
    rest = command.removeprefix(f"{SCRIPT} ")
    if stack == SANDBOX or " --stack " in command or rest.startswith(_WITHOUT_STACK):
        return command
    return f"{command} --stack {stack}"
