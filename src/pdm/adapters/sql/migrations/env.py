"""Alembic's entry: runs the revisions on the connection that `pdm.adapters.sql.migrate` hands over."""

from __future__ import annotations

from alembic import context

from pdm.adapters.sql.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
