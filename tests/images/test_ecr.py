"""What keeps AWS from answering is named with what to do about it."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import (  # pyright: ignore[reportMissingTypeStubs]
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
)

from workshop.images.ecr import Ecr
from workshop.images.failure import ImagesFailure


@pytest.mark.parametrize(
    ("error", "fix"),
    [
        (NoCredentialsError(), "Unable to locate credentials: log in to AWS"),
        (EndpointConnectionError(endpoint_url="https://api.ecr"), "make it reachable from here"),
        (ClientError({"Error": {"Code": "AccessDenied"}}, "x"), "see the rights in docs/images.md"),
    ],
)
def test_no_answer_names_what_to_do(error: Exception, fix: str) -> None:
    class Client:
        def get_authorization_token(self) -> object:
            raise error

    client: Any = Client()
    with pytest.raises(ImagesFailure, match=f"^ecr:GetAuthorizationToken in us-east-2: .*{fix}"):
        Ecr("123456789012", "us-east-2", client).password()
