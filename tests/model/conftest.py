"""Property tests of the model are judged by what they find, never by how long a busy machine takes."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

from workshop.model.settings.stack import Settings

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(autouse=True, scope="package")
def _schema_made_once() -> Iterator[None]:
    """Nearly all the time that a message about a wrong setting takes goes into its schema."""
    schema = Settings.model_json_schema()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Settings, "model_json_schema", lambda: schema)
        yield
