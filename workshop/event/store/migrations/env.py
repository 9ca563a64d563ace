"""Runs the migrations in the transaction that the store opened."""

from alembic import context

from workshop.event.store.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
context.run_migrations()
