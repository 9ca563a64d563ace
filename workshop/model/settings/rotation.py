"""How ai.coder.com rotates LiteLLM's key, and what holds the rotation while a window is open."""

from __future__ import annotations

from pydantic import Field

from workshop.model.settings.section import Section
from workshop.model.settings.types import HttpsUrl, ImageDigest, Name, SecretName, Text


class Rotation(Section):
    """Names as in the modules litellm-generate-key and litellm-rotate-key of coder/ai.coder.com at 6a071df."""

    image: ImageDigest | None = Field(
        default=None, description="image of workshop.rotation, by digest (docs/rotation.md says how it is built)"
    )
    litellm_url: HttpsUrl | None = Field(default=None, description="where LiteLLM answers, as every cluster reaches it")
    cron_job: Name = Field(default="rotate-key", description="name of every CronJob that rotates the key")
    secret: Name = Field(default="litellm", description="Secret in each workspace namespace that holds the key")
    secret_key: Text = Field(default="token", description="key of that Secret")
    master_secret: Text = Field(default="litellm.env", description="Secret beside LiteLLM that holds its master key")
    master_secret_key: Text = Field(default="master", description="key of that Secret")
    user: Text = Field(default="robot_user.ai", description="LiteLLM user whose key it is: that of the rotated ones")
    stored_as: SecretName = Field(
        default="ai-coder-workshop/litellm-key", description="secret in AWS Secrets Manager that holds the window's key"
    )
    permissions_boundary: Text | None = Field(
        default=None, description="IAM policy of the account that bounds the roles of the Jobs (docs/rotation.md)"
    )
