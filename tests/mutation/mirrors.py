"""Which tests judge the mutants of which file."""

from __future__ import annotations

SETTINGS = ("model/settings/test_every_message", "model/settings/test_sections", "model/settings/test_messages")
RULES = ("model/rules/test_every_finding", "model/rules/test_rules")
RULES_OF_THE_WINDOW = (
    "model/window/test_every_finding",
    "model/rules/test_every_finding",
    "model/rules/test_live_rules",
)
REFUSALS = (*RULES, "model/rules/test_live_rules", "model/test_findings")
ZONES = (
    "model/zones/test_every_finding",
    "model/zones/test_changes",
    "model/zones/test_lost_zones",
    "model/zones/test_shadowing",
    "model/zones/test_guards",
    "model/zones/test_addresses",
    "model/zones/test_reading",
    "dns/test_bad_changes",
)
READ_FILES = ("observe/test_files",)
OF_CLIENTS = ("rotation/test_clients", "rotation/test_entry_points")
OF_CODER = (
    "checks/coder/test_coder",
    "checks/coder/test_coder_kinds",
    "checks/coder/test_proxies",
    "checks/test_words",
)
OF_ENTRY_POINTS = ("rotation/test_entry_points", "rotation/test_waiting")
REPORTS = ("model/report/test_report", "cli/render/report/test_report")
MIRRORS = {
    **{
        f"workshop/model/report/{name}.py": REPORTS
        for name in (
            *("advice", "history", "incidents", "metric", "metrics", "money", "names", "people", "section"),
            *("starts", "states", "timeline", "times", "work"),
        )
    },
    "workshop/model/report/actions.py": ("model/report/test_months",),
    "workshop/model/preflight/runbook.py": ("model/preflight/test_checklist",),
    **{f"workshop/rotation/{name}.py": OF_ENTRY_POINTS for name in ("copies", "issue", "resume", "revoke")},
    **{f"workshop/model/rules/observations/{name}.py": ZONES for name in ("zone_changes", "zone_neighbours")},
    **{f"workshop/model/rules/settings/{name}.py": ZONES for name in ("zone_lock", "zone_shadowing", "zone_targets")},
    "workshop/rotation/cluster.py": OF_CLIENTS,
    "workshop/rotation/failure.py": OF_CLIENTS,
    "workshop/rotation/litellm.py": OF_CLIENTS,
    "workshop/rotation/stored_key.py": OF_CLIENTS,
    "workshop/checks/check.py": ("checks/test_run", "checks/test_words", "checks/coder/test_coder"),
    "workshop/checks/clients.py": ("checks/test_identity", "checks/test_litellm"),
    "workshop/checks/coder/api.py": OF_CODER,
    "workshop/checks/aws/workspace_images.py": ("checks/aws/test_zones_and_images",),
    "workshop/checks/aws/zones.py": ("checks/aws/test_zones_and_images",),
    "workshop/checks/coder/licence.py": OF_CODER,
    "workshop/checks/coder/provisioners.py": OF_CODER,
    "workshop/checks/coder/proxies.py": OF_CODER,
    "workshop/checks/site.py": ("checks/test_service", "checks/test_words"),
    "workshop/checks/coder/templates.py": OF_CODER,
    "workshop/observe/config.py": READ_FILES,
    "workshop/observe/look_up.py": READ_FILES,
    "workshop/observe/preflight.py": READ_FILES,
    "workshop/observe/project.py": READ_FILES,
    "workshop/observe/sandbox_credentials.py": READ_FILES,
    "workshop/observe/zone_files.py": READ_FILES,
    "workshop/program/deletion.py": ("program/test_deletion",),
    "policies/disruption_window.py": ("policies/test_disruption_window", "policies/resources/test_window_holds"),
    "policies/resources/images.py": ("policies/resources/test_images", "policies/test_image_pinned"),
    "policies/least_privilege.py": ("policies/test_least_privilege", "policies/test_least_privilege_in_clusters"),
    "policies/density.py": ("policies/test_density", "policies/resources/test_kubelet"),
    "policies/storage_headroom.py": ("policies/test_storage_headroom", "policies/resources/test_kubelet"),
    "policies/resources/kubelet.py": ("policies/resources/test_kubelet", "policies/karpenter/test_same_as_karpenter"),
    "policies/resources/contents.py": ("policies/resources/test_contents",),
    "policies/framework/patches.py": ("policies/framework/test_patches",),
    "policies/dns_records.py": ("policies/test_dns_records", "policies/test_dns_records_addresses"),
    "policies/zone_spread.py": ("policies/test_zone_spread",),
    "policies/pack/exemptions.py": ("policies/pack/test_exemptions",),
    "policies/judged_kinds.py": ("policies/test_judged_kinds",),
    "policies/resources/iam_rights.py": ("policies/test_least_privilege", "policies/test_keeper_rights"),
    "policies/resources/cluster_rights.py": ("policies/test_least_privilege_in_clusters",),
    "policies/resources/instance_labels.py": ("policies/resources/test_node_pools",),
    "policies/resources/clusters.py": ("policies/test_node_requirements", "policies/test_image_parity"),
    "policies/resources/taints.py": ("policies/test_node_requirements",),
    "policies/framework/reading.py": ("policies/framework/test_reading", "policies/framework/test_quantities"),
    "policies/pack/crossguard.py": ("policies/pack/test_crossguard", "policies/pack/test_resulting_objects"),
    "policies/release_safety.py": ("policies/test_release_safety", "policies/pack/test_resulting_objects"),
    "policies/resources/node_classes.py": (
        "policies/resources/test_node_classes",
        "policies/test_ephemeral_device",
        "policies/test_storage_headroom",
        "policies/test_density",
    ),
    "policies/node_requirements.py": (
        "policies/test_node_requirements",
        "policies/test_node_requirements_together",
        "policies/resources/test_node_pools",
    ),
    "policies/resources/node_pools.py": (
        "policies/karpenter/test_same_as_karpenter",
        "policies/test_node_requirements_together",
        "policies/test_node_requirements",
        "policies/resources/test_node_pools",
    ),
    "policies/framework/policy.py": (
        "policies/pack/test_crossguard",
        "policies/test_storage_headroom",
        "policies/test_node_requirements",
        "policies/test_replica_floor",
    ),
    "policies/resources/pool_cost.py": (
        "policies/resources/test_pool_cost",
        "policies/test_spend_ceiling",
        "policies/test_spend_estimate",
    ),
    "policies/resources/pool_limits.py": ("policies/test_node_requirements", "policies/test_users_ceiling"),
    "policies/resources/workspaces.py": ("policies/test_storage_headroom", "policies/test_density"),
    "workshop/model/credentials.py": ("policies/test_credentials_in_clear",),
    "workshop/model/plan/cost.py": ("model/plan/test_plan", "model/rules/test_every_finding"),
    "workshop/model/settings/types.py": SETTINGS,
    "workshop/model/instances.py": ("model/plan/test_nodes", "model/settings/test_every_message", "model/test_frozen"),
    "workshop/model/settings/commands.py": ("model/settings/test_every_message", "model/rules/test_rules"),
    "workshop/model/plan/nodes.py": ("model/plan/test_plan", "model/rules/test_every_finding", "model/plan/test_nodes"),
    "workshop/model/outcome.py": ("model/test_outcome", "model/test_findings"),
    "workshop/model/window/overrides.py": ("model/window/test_every_finding", "model/window/test_overrides"),
    "workshop/model/preflight/record.py": (
        "model/preflight/test_record",
        "model/rules/test_every_finding",
        "model/test_frozen",
    ),
    "workshop/model/preflight/checklist.py": ("model/preflight/test_checklist", "model/test_frozen"),
    "workshop/model/rotation.py": ("model/test_rotation", "model/test_frozen"),
    "workshop/model/rules/__init__.py": (*REFUSALS, "model/window/test_every_finding"),
    "workshop/model/rules/observations/adoption.py": (*RULES, "model/rules/test_adoption"),
    "workshop/event/mail/entry.py": ("event/mail/test_texts",),
    "workshop/event/mail/message.py": ("event/mail/test_texts",),
    "workshop/event/store/outbox.py": ("event/store/test_invitations", "event/mail/test_sender"),
    "workshop/model/event/inviting.py": ("cli/event/test_invite",),
    "workshop/model/event/mail/facts.py": ("event/mail/test_texts",),
    "workshop/model/event/people.py": ("event/store/test_invitations",),
    "workshop/model/event/roster/export.py": ("model/event/roster/test_read",),
    "workshop/model/event/roster/person.py": ("model/event/roster/test_read",),
    "workshop/model/event/roster/problems.py": ("model/event/roster/test_read",),
    "workshop/model/event/roster/table.py": ("model/event/roster/test_read",),
    "workshop/model/rules/observations/event_kept.py": ("model/rules/test_event_pools",),
    "workshop/model/rules/observations/event_stopped.py": ("model/rules/test_event_pools",),
    "workshop/model/rules/observations/image_change.py": (
        "model/rules/test_every_finding",
        "model/rules/test_live_rules",
    ),
    "workshop/model/rules/observations/rollout_strategy.py": ("model/rules/test_rollout_strategy",),
    "workshop/model/rules/observations/live_nodes.py": RULES_OF_THE_WINDOW,
    "workshop/model/rules/observations/scale_down.py": RULES_OF_THE_WINDOW,
    "workshop/model/settings/errors.py": SETTINGS,
    "workshop/model/settings/file/adoption.py": ("model/settings/file/test_adoption", "model/settings/file/test_edit"),
    "workshop/model/settings/file/yaml.py": ("model/settings/file/test_yaml",),
    "workshop/model/settings/regions.py": SETTINGS,
    "workshop/model/window/phases.py": ("model/window/test_phases",),
    "workshop/model/rules/observations/window_over.py": ("model/window/test_window_over",),
    "workshop/model/settings/file/edit.py": ("model/settings/file/test_adoption", "model/settings/file/test_edit"),
    "workshop/model/settings/config.py": ("model/settings/test_config", "model/settings/test_messages"),
    "workshop/model/plan/storage.py": (
        "model/plan/test_plan",
        "model/rules/test_every_finding",
        "model/plan/test_nodes",
    ),
    "workshop/model/plan/workloads.py": REFUSALS,
    "workshop/model/plan/event.py": ("model/plan/test_event",),
    "workshop/model/plan/arrival.py": ("model/plan/test_arrival",),
    "workshop/model/rules/settings/arrival_wait.py": ("model/rules/test_arrival",),
    "workshop/model/settings/arrival.py": SETTINGS,
    "workshop/model/rules/settings/event_budget.py": ("model/rules/test_event",),
    "workshop/model/rules/settings/event_seats.py": ("model/rules/test_event",),
    "workshop/model/rules/settings/join_host.py": ("model/rules/test_event",),
    "workshop/model/rules/settings/event_times.py": ("model/rules/test_event",),
    "workshop/model/settings/event.py": SETTINGS,
    "workshop/model/rules/settings/load_balancers.py": ("model/rules/test_load_balancers",),
    "workshop/model/rules/observations/region_balancers.py": ("model/rules/test_load_balancers",),
    "workshop/model/places.py": ("model/rules/test_load_balancers",),
    "workshop/model/rules/settings/zone_names.py": (*ZONES, "dns/test_any_input"),
    "workshop/model/zones/file.py": (*ZONES, "model/test_frozen", "dns/test_stacks"),
    **{
        f"workshop/model/zones/{name}.py": ZONES
        for name in ("addresses", "changes", "guards", "plan", "types", "wildcards")
    },
    "workshop/model/zones/drift.py": ("model/zones/test_drift",),
    "workshop/model/zones/read.py": (*ZONES, "dns/test_stacks"),
    "workshop/dns/importing.py": ("dns/test_importing",),
    "workshop/dns/bind.py": ("dns/test_exchange", "dns/test_any_input"),
    "workshop/dns/check.py": ("dns/test_flattening", "dns/test_certificates", "dns/test_any_input"),
}
"""Files whose tests have other names: what several policies share is tested through them, the model by subject. The
tests that notice a fault most quickly stand first."""
OF_FOLDERS = {
    "components": ("components/test_declared",),
    "workshop/model/event": ("model/event/test_decisions", "model/event/test_seat_steps", "model/event/test_attacks"),
    "workshop/model/event/board": ("model/event/board/test_compose", "model/event/board/test_needs"),
    "workshop/model/event/mail": ("model/event/mail/test_due", "model/event/mail/test_sending"),
    "workshop/model/event/roster": ("model/event/roster/test_read", "model/event/roster/test_registrations"),
    "workshop/model/monitoring": ("model/monitoring/test_rules",),
    "workshop/model/report": ("model/report/test_report", "model/report/test_feedback", "model/report/test_months"),
    "workshop/model/rules": RULES,
    "workshop/model/settings": SETTINGS,
    "workshop/model/zones": ZONES,
    "workshop/program": ("program/test_wiring", "program/test_order"),
    "workshop/rotation": OF_ENTRY_POINTS,
}
"""What judges the files of a folder, and of those below it, that have no test of their own."""
KEYWORDS = {
    "workshop/rotation/check.py": "check",
    "workshop/rotation/copies.py": "copy or verify or rotate",
    "workshop/rotation/issue.py": "issue",
    "workshop/rotation/resume.py": "resume",
}
"""Which tests of those: each entry point's own. A component's file is judged by its own examples."""
LEFT_OUT = {
    "policies/__init__.py": "empty",
    "policies/__main__.py": "runs in a process of its own (test_process.py)",
    "policies/pack/stack.py": "runs in a process of its own (test_process.py)",
    "policies/pack/testing.py": "the harness: a fault in it fails every test",
    "policies/resources/well_known_labels.py": "a list of names",
    "workshop/model/__init__.py": "only says what the package is for",
    "workshop/observe/clock.py": "reads the clock",
    "workshop/observe/providers.py": "types only",
}
PACKAGES = (
    "workshop/model",
    "policies",
    "components",
    "workshop/observe",
    "workshop/program",
    "workshop/rotation",
    "workshop/checks",
)
