"""Every call, and every refusal that a real Coder 2.25.1 answered it with. A new record is a line here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.event.coder import test_newer_records as newer
from tests.event.coder.replay import RECORDS, Case, look, name, outcome, steps
from workshop.event.coder.client import Coder
from workshop.event.coder.users import LoginType, User
from workshop.event.coder.workspaces import Workspace

ORGANIZATION = "e29f84cd-b298-49ae-88c4-24bd2aa88ee9"
NOWHERE = "11111111-1111-1111-1111-111111111111"
TEMPLATE, WEB_VERSION = "fd0df2fa-bfe0-45a6-ba1d-c8d0951fe574", "8c54d57f-2071-4215-845c-313432a4fef2"
ADAS, BOBS = "ae65c268-7bf6-4fac-9b6f-13a24af6ade4", "146ceecf-844e-4355-a5cb-b755800544b7"
RUNNING, STOPPED = "421-workspace-running-agent-connected", "504-workspace-stopped"
HOUR = timedelta(hours=1)


def make(
    username: str, email: str = "", *, name: str = "", login_type: LoginType = "none", organization: str = ORGANIZATION
) -> Callable[[Coder], User]:
    address = email or f"{username}@example.test"
    return lambda coder: coder.create_user(
        username, address, name=name, login_type=login_type, organization_id=organization
    )


def create(
    owner: str, name: str = "lab", template: str = TEMPLATE, ttl: timedelta | None = None, **parameters: str
) -> Callable[[Coder], Workspace]:
    given = parameters or {"challenge": "web", "cpu": "4"}
    return lambda coder: coder.create_workspace(owner, name, template_id=template, parameters=given, ttl=ttl)


def extend(then: str, workspace: str = ADAS) -> Callable[[Coder], None]:
    return lambda coder: coder.extend(workspace, datetime.fromisoformat(then))


CASES: dict[Case, Callable[[Coder], object]] = {
    "020-no-token-401": lambda coder: coder.user("me"),
    "021-bad-token-401": lambda coder: coder.user("me"),
    "193-suspended-me": lambda coder: coder.user("me"),
    "213-application-connect-me": lambda coder: coder.user("me"),
    "023-me": lambda coder: coder.user("me"),
    # accounts
    "121-user-ada-before-login": lambda coder: coder.user("ada"),
    "122-user-ada-after-login": lambda coder: coder.user("ada"),
    "152-user-by-id": lambda coder: coder.user("74e5e8be-bd1f-4c31-b5e6-2abc8d11ff11"),
    "153-user-unknown-name": lambda coder: coder.user("nobody"),
    "154-user-unknown-id": lambda coder: coder.user(NOWHERE),
    "155-user-other-as-member": lambda coder: coder.user("bob"),
    "156-user-by-email": lambda coder: coder.user("ada@example.test"),
    "171-deleted-user-404": lambda coder: coder.user("zoe"),
    "140-users-list": lambda coder: [one.username for one in coder.users()],
    "142-users-q-status-dormant": lambda coder: [one.username for one in coder.users("status:dormant")],
    "144-users-q-text": lambda coder: coder.users("ada"),
    "145-users-q-bad": lambda coder: coder.users("nonsense:1"),
    "148-users-as-member": lambda coder: coder.users(),
    "214-application-connect-users": lambda coder: coder.users(),
    "101-create-user-login-type-none-201": make("nona", name="None Login"),
    "102-create-user-login-type-github-201": make("gita", name="Git Hub", login_type="github"),
    "103-create-user-login-type-oidc-unconfigured-400": make("oida", login_type="oidc"),
    "109-create-user-weak-password-400": make("weak", login_type="password"),
    "110-create-user-bad-username-400": make("Ada Lovelace!", "nonsense"),
    "114-create-user-unknown-organization-404": make("yves", "y@example.test", organization=NOWHERE),
    "115-create-user-organization-not-uuid-400": make("yves", "y@example.test", organization="coder"),
    "117-create-user-long-username-400": make("a" * 33),
    "118-create-user-dashes": make("a--b"),
    "157-create-user-as-member-403": make("zoe", "z@example.test"),
    "158-create-user-as-template-admin-403": make("zoe", "z@example.test"),
    "170-delete-user-200": lambda coder: coder.delete_user("zoe"),
    "173-delete-self": lambda coder: coder.delete_user("me"),
    "174-delete-as-member": lambda coder: coder.delete_user("bob"),
    "513-delete-user-with-workspace": lambda coder: coder.delete_user("ada"),
    # organizations
    "031-organization-by-name": lambda coder: coder.organization("coder"),
    "033-organization-unknown": lambda coder: coder.organization("nowhere"),
    "179-members": lambda coder: coder.members(ORGANIZATION),
    "180-members-as-member": lambda coder: coder.members(ORGANIZATION),
    "182-member-add-existing": lambda coder: coder.add_member(ORGANIZATION, "ada"),
    "191-member-add-201": lambda coder: coder.add_member(ORGANIZATION, "zoe"),
    "609-put-member-roles-org-template-admin": lambda coder: coder.set_member_roles(
        ORGANIZATION, "tadm", ["organization-template-admin"]
    ),
    "620-00-get-entitlements": lambda coder: sorted(coder.entitlements()),
    # templates
    "311-rich-parameters": lambda coder: coder.rich_parameters(WEB_VERSION),
    "323-template-by-name": lambda coder: coder.template(ORGANIZATION, "web"),
    "324-template-unknown-name-404": lambda coder: coder.template(ORGANIZATION, "nowhere"),
    # workspaces
    "440-workspaces": lambda coder: coder.workspaces(),
    "441-workspaces-q-14": lambda coder: coder.workspaces("nonsense:1"),
    "447-workspaces-as-user-admin": lambda coder: coder.workspaces(),
    "417-workspace-while-building": lambda coder: coder.workspace(ADAS),
    "420-workspace-running-agent-connecting": lambda coder: coder.workspace(ADAS),
    RUNNING: lambda coder: coder.workspace(ADAS),
    STOPPED: lambda coder: coder.workspace(ADAS),
    "512-workspace-after-cancel": lambda coder: coder.workspace(ADAS),
    "518-deleted-workspace-410": lambda coder: coder.workspace(BOBS),
    "448-workspace-of-other-as-member": lambda coder: coder.workspace(ADAS),
    "449-workspace-unknown-404": lambda coder: coder.workspace(NOWHERE),
    "450-workspace-not-uuid": lambda coder: coder.workspace("lab"),
    "521-deleted-by-name": lambda coder: coder.workspace_of("bob", "lab"),
    "412-create-for-ada-201": create("ada", ttl=timedelta(milliseconds=7201234)),
    "197-create-workspace-for-dormant-user": create("gita", "gitlab", challenge="web"),
    "400-create-missing-parameter": lambda coder: coder.create_workspace(
        "ada", "lab", template_id=TEMPLATE, ttl=2 * HOUR
    ),
    "401-create-bad-parameter": create("ada", challenge="nonsense", cpu="99"),
    "402-create-unknown-parameter": create("ada", "lab-unk", ttl=HOUR / 60, challenge="web", cpu="4", nosuch="1"),
    "403-create-bad-name-400": create("ada", "My Lab!"),
    "405-create-ttl-too-long": create("ada", ttl=timedelta(days=31)),
    "406-create-template-unknown": create("ada", template=NOWHERE),
    "408-create-user-unknown": create("nobody"),
    "409-create-for-other-as-member": create("bob"),
    "410-create-for-other-as-template-admin": create("bob", "labta"),
    "411-create-for-other-as-user-admin": create("bob", "labua"),
    # builds
    (RUNNING, "503-build-stop-201"): lambda coder: coder.build(ADAS, "stop"),
    ("417-workspace-while-building", "416-build-while-building-409"): lambda coder: coder.build(ADAS, "stop"),
    (RUNNING, "501-build-as-template-admin"): lambda coder: coder.build(ADAS, "stop"),
    (RUNNING, "502-build-as-other-member"): lambda coder: coder.build(ADAS, "stop"),
    (STOPPED, "507-start-immutable-parameter"): lambda coder: coder.build(
        ADAS, "start", parameters={"challenge": "data"}
    ),
    (STOPPED, "508-start-with-parameters-201"): lambda coder: coder.build(
        ADAS, "start", parameters={"cpu": "2", "reset": "true"}
    ),
    (look("519-deleted-workspace-include"),): lambda coder: coder.build(BOBS, "delete"),
    (look("413-create-for-bob-in-org-201"), "517-delete-201"): lambda coder: coder.build(BOBS, "delete"),
    (look("519-deleted-workspace-include"), "490-start-dormant"): lambda coder: coder.build(BOBS, "start"),
    "511-cancel-as-owner": lambda coder: coder.cancel_build("225f4af4-91b5-44d5-a010-c9edf66c351a"),
    "423-agent-logs": lambda coder: coder.agent_log("8c7e0788-f62e-4ad8-91d6-1333c7618551"),
    "427-build-logs": lambda coder: coder.build_log("bde9ea62-51e2-4cd2-a95e-0e951f0f7e2c"),
    # how long they run
    ("460-extend-200", look(RUNNING, deadline="2026-12-01T02:43:14Z")): extend("2026-12-01T02:43:14Z"),
    "415-extend-while-building-409": extend("2030-01-01T00:00:00Z"),
    "461-extend-too-soon": extend("2026-11-29T20:53:14Z"),
    "466-extend-as-template-admin": extend("2026-11-29T23:43:14Z"),
    "467-extend-as-other-member": extend("2026-11-29T23:43:14Z"),
    "478-extend-after-manual-409": extend("2026-11-30T01:43:14Z"),
    "505-extend-stopped-409": extend("2026-11-29T23:43:14Z"),
    "620-11-get-regions": lambda coder: coder.regions(),
    # provisioners
    "419-daemons-busy": lambda coder: coder.provisioners(ORGANIZATION),
    "600-provisionerdaemons-as-owner": lambda coder: coder.provisioners_by_status(ORGANIZATION),
    "600-provisionerdaemons-as-tadm": lambda coder: coder.provisioners(ORGANIZATION),
    # tokens
    "216-tokens-list": lambda coder: coder.tokens(),
}


ELSEWHERE = {
    "107-create-user-duplicate-username-409",
    "108-create-user-duplicate-email-409",
    "184-authcheck",
    "414-create-again-409",
    "519-deleted-workspace-include",
}
"""What other tests play."""

NOT_ASKED = {"413-create-for-bob-in-org-201", "801-429-api"}
"""Of routes that the client does not use; their answers are what others would be."""


@pytest.mark.parametrize("case", CASES, ids=name)
def test_a_call_is_made_and_read_as_a_real_coder_takes_and_answers_it(case: Case, snapshot: SnapshotAssertion) -> None:
    assert outcome(case, CASES[case]) == snapshot


def test_every_record_is_played() -> None:
    played = {step for case in CASES | newer.CASES for step in steps(case) if isinstance(step, str)}
    assert played | ELSEWHERE | NOT_ASKED == {file.stem for file in RECORDS.iterdir()}
