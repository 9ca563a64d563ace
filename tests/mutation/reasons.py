"""Why a mutant survives that no test can or should notice, by file, source line and fault."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

REASONS: Final[Mapping[tuple[str, str, str], str]] = {
    ("workshop/model/plan/sizing.py", "if users >= 30:", "GtE to Gt"): "at 30 both bands give 15",
    ("workshop/model/plan/sizing.py", "if users >= 30:", "30 plus 1"): "at 30 both bands give 15",
    (
        "workshop/model/comparison.py",
        "if after.plan is None or after.settings is None:",
        "Or to And",
    ): "a version has both or neither",
    (
        "workshop/model/comparison.py",
        "known = judge_settings(before.settings, before.plan) if before.plan and before.settings else ()",
        "And to Or",
    ): "a version has both or neither",
    (
        "workshop/model/settings/file/yaml.py",
        'if text[0] not in "+-.0123456789":',
        "text '+-.0123456789'",
    ): "a text that begins with ~ is no number either",
    (
        "workshop/model/settings/file/yaml.py",
        "if not _INTEGER.fullmatch(text) or len(text) > 70:  # 70: sign, 0b and 64 digits; longer never fits",
        "Gt to GtE",
    ): "nothing of 70 characters fits",
    (
        "workshop/model/settings/file/yaml.py",
        "if not _INTEGER.fullmatch(text) or len(text) > 70:  # 70: sign, 0b and 64 digits; longer never fits",
        "70 plus 1",
    ): "nothing of 71 characters fits",
    (
        "workshop/model/rules/observations/adoption.py",
        "is_ours: bool = False",
        "False turned",
    ): "only what is there is asked whose it is, and says so",
    (
        "workshop/model/rules/observations/patch_targets.py",
        '_NOT_OBSERVED: Final = Assumed(source="Deployment", reason="not observed")',
        "text 'Deployment'",
    ): "of what is not known its finding tells the reason only",
    (
        "workshop/model/rules/observations/rotation_targets.py",
        '_NOT_OBSERVED: Final = Assumed(source="CronJob", reason="not observed")',
        "text 'CronJob'",
    ): "of what is not known its finding tells the reason only",
    (
        "workshop/model/zones/types.py",
        'called = unicodedata.name(letter, "a letter without a name")',
        "text 'a letter without a name'",
    ): "which letters have no name depends on Python's version",
    (
        "workshop/model/settings/file/yaml.py",
        "if isinstance(value, float) and value.is_integer() and abs(value) < 1e21:",
        "1e+21 plus 1",
    ): "one more than 1e21 is the same float",
    (
        "workshop/model/settings/file/yaml.py",
        'sign, digits = (text[0], text[1:]) if text[0] in "+-" else ("", text)',
        "text '+-'",
    ): "no number begins with ~",
    (
        "policies/pack/crossguard.py",
        "if read is None or read[0] is not seen:",
        "0 plus 1",
    ): "it is read once more, to the same end",
    (
        "policies/dns_records.py",
        'target = content.text().rstrip(".").lower()',
        "text '.'",
    ): "no name ends with ~",
    (
        "policies/dns_records.py",
        'value = name.text().rstrip(".").lower()',
        "text '.'",
    ): "no name ends with ~",
    (
        "policies/pack/exemptions.py",
        'return _EXEMPTIONS.validate_python(yaml.safe_load(file.read_text(encoding="utf-8")) or ())',
        "text 'utf-8'",
    ): "Python takes ~utf-8 for utf-8",
    (
        "policies/pack/pages.py",
        '(FOLDER / name).write_text(text, encoding="utf-8")',
        "text 'utf-8'",
    ): "Python takes ~utf-8 for utf-8",
    (
        "policies/framework/reading.py",
        "args: tuple[object, ...] = field(init=False, default=())",
        "False turned",
    ): "nobody names the arguments of an exception",
    (
        "policies/replica_floor.py",
        "hosted = [region.provisioners.get(organization.name, 0) for region in plan.regions.values()]",
        "0 plus 1",
    ): "the most of all regions is taken, and one hosts them",
}
