"""What people had in Coder before the event."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.event.sandbox_event import event_of, workshop_in
from workshop.model.settings.section import given

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.mark.slow
def test_a_workspace_that_its_person_had_before_is_left_alone(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'event.db'}"
    with (
        workshop_in(tmp_path / "sandbox") as paths,
        event_of(paths, "owner", 1, url, starts_in=2 * HOUR) as event,
        event.keeper() as keeper,
    ):
        coder = event.systems.coder
        template = given(coder.template(given(coder.organization("coder")).id, "docker"))
        account = given(event.store.records.seats()[0].email)
        owner = coder.create_user(
            "owner", account, login_type="github", organization_id=given(coder.organization("coder")).id
        )
        own = coder.create_workspace(owner.username, "workshop-01", template_id=template.id)
        keeper.once()
        event.move(90 * MINUTE)
        for _ in range(8):
            keeper.once()
            event.move(MINUTE)
        record = event.store.records.seats()[0]
        assert (record.workspace_id, record.problem[:25]) == (None, "its person had a workspac")
        assert given(coder.workspace(own.id)).latest_build.transition == "start"
