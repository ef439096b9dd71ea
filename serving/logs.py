"""Log lines as JSON, one per line, with tracebacks but without the values of local variables: those hold plants and secrets."""

from __future__ import annotations

import structlog


def configure_logs() -> None:
    """Set structlog up, unless whoever embeds the service has done so."""
    if structlog.is_configured():
        return
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        cache_logger_on_first_use=False,
    )
