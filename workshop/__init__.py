"""ai.coder.com's workshop preparation: one number of users in, infrastructure that holds out."""

from typing import Final

__version__: Final = "0.1.0"
