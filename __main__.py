"""Makes ai.coder.com ready for a workshop, or refuses and says why.

Settings, plan and rules come first, then look-ups and rules again; only then is anything but providers registered.
"""

import pulumi

from workshop.model.findings import Finding, Refused, line
from workshop.model.plan.plan import make_plan
from workshop.model.rules.judgement import advise_on_settings, judge_observations, judge_settings
from workshop.model.settings.errors import SettingsError
from workshop.model.window.phases import meaning, phase_at
from workshop.observe.clock import now
from workshop.observe.config import settings_of_stack, zones_of_project
from workshop.observe.stack import observe_stack
from workshop.program.exports import stack_exports
from workshop.program.providers import make_providers
from workshop.program.stack import declare_stack


def main() -> None:
    """Declares the stack. Raises Refused or SettingsError."""
    settings = settings_of_stack()
    plan = make_plan(settings, zones_of_project(), phase_at(settings.window, now()))
    refuse(judge_settings(settings, plan))
    providers = make_providers(settings)
    observations = observe_stack(settings, plan, providers)
    judgement = judge_observations(settings, plan, observations)
    refuse(judgement.findings)
    for finding in (*advise_on_settings(settings), *judgement.overridden):
        pulumi.log.warn(line(finding))
    pulumi.log.info(meaning(plan.phase, settings.window, settings.users))
    declare_stack(settings, plan, observations, providers)
    for name, figure in stack_exports(plan).items():
        pulumi.export(name, figure)


def refuse(findings: tuple[Finding, ...]) -> None:
    """Raises Refused where there is any finding."""
    if findings:
        raise Refused(findings)


try:
    main()
except (Refused, SettingsError) as error:
    raise pulumi.RunError(str(error)) from error
