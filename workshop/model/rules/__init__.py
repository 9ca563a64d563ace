"""The model's rules: what is checked before anything is registered. One rule a file; judgement.py applies them all.

A rule takes settings and plan, and observations where it needs them, and yields findings. It judges only what the
stack's scope needs. An observation that it needs and that was not made is a finding too: unknown means no.
"""
