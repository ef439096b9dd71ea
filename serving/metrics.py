"""Figures for Prometheus: requests by route, and the state of the platform as `pdm.views.health` tells it."""

from __future__ import annotations

import time

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pdm.views.health import Health


class Metrics:
    """One registry per application, so that two applications in one process do not meet."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        labels = ("method", "route", "status")
        self.requests = Counter("plantpdm_http_requests", "Requests answered.", labels, registry=self.registry)
        self.seconds = Histogram(
            "plantpdm_http_seconds",
            "Seconds until the answer was complete.",
            ("method", "route"),
            registry=self.registry,
        )
        self.alerts = Gauge("plantpdm_open_alerts", "Alerts that wait for people.", registry=self.registry)
        self.problems = Gauge("plantpdm_problems", "Things that have stopped.", registry=self.registry)
        self.audit = Gauge("plantpdm_audit_entries", "Length of the audit chain.", registry=self.registry)
        self.outbox = Gauge("plantpdm_outbox_waiting", "Messages that have not left yet.", registry=self.registry)
        self.scored = Gauge(
            "plantpdm_scored_age_seconds", "Age of the newest assessment; -1 before the first.", registry=self.registry
        )
        self.stale = Gauge(
            "plantpdm_stale_assets", "Assets without fresh readings.", ("asset_class",), registry=self.registry
        )

    def exposition(self, state: Health) -> bytes:
        """The text that Prometheus reads."""
        self.alerts.set(state.open_alerts)
        self.problems.set(len(state.problems))
        self.audit.set(state.audit_entries)
        self.outbox.set(state.outbox_waiting)
        self.scored.set((state.now - state.scored_at).total_seconds() if state.scored_at else -1)
        for item in state.classes:
            self.stale.labels(item.asset_class).set(item.stale)
        return generate_latest(self.registry)


class CountRequests:
    """Counts every answer under its route, never under its address: an address may name an asset."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        started = time.perf_counter()
        status = 500

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            return await self.app(scope, receive, noting)
        finally:
            route = getattr(scope.get("route"), "path", "other")
            self.metrics.requests.labels(scope["method"], route, str(status)).inc()
            self.metrics.seconds.labels(scope["method"], route).observe(time.perf_counter() - started)
