"""The only place that builds adapters from settings: one function that hands out a whole `Plant`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pdm import settings as plant_settings
from pdm.adapters.cmms_csv import CsvReceiver
from pdm.adapters.console import SilentProgress
from pdm.adapters.dask import DaskExecutor
from pdm.adapters.delta import DeltaHistory
from pdm.adapters.sql import migrate, sql_unit_of_work
from pdm.catalogue import load_catalogue
from pdm.clock import Clock, SystemClock
from pdm.errors import NotFound
from pdm.extraction.executor import Threads
from pdm.ports import Notifier, Plant, Progress, Receiver, Tracker
from pdm.settings import Settings
from pdm.workspace import Workspace


def build_plant(
    home: Path | str | None = None,
    *,
    clock: Clock | None = None,
    progress: Progress | None = None,
    **overrides: Any,
) -> Plant:
    """The plant in `home` (default: `PDM_HOME`), ready for any operation.

    Raises:
        NotFound: the folder is no plant.
        SettingsError, DefinitionError: its settings or definitions cannot be read.
    """
    settings = plant_settings.load(home, **overrides)
    workspace = Workspace(settings.home)
    if not workspace.settings_file.is_file():
        raise NotFound(f"{settings.home} is no plant", hint=f"make one: plantpdm init {settings.home}")
    receiver = build_receiver(settings, workspace, clock or SystemClock())
    url = database_url(settings, workspace)
    migrate(url)
    return Plant(
        settings=settings,
        workspace=workspace,
        catalogue=load_catalogue(workspace),
        clock=clock or SystemClock(),
        history=DeltaHistory(workspace.history),
        unit_of_work=sql_unit_of_work(url),
        tracker=lambda: _tracker(settings, workspace),
        executor=DaskExecutor(settings.dask_address) if settings.dask_address else Threads(settings.threads),
        progress=progress or SilentProgress(),
        receiver=receiver,
        notifier=build_notifier(settings),
    )


def build_notifier(settings: Settings) -> Notifier | None:
    """Who tells people; None when the settings name nobody.

    Raises:
        SettingsError: an address is malformed or not permitted.
        MissingExtra: addresses without the library that understands them.
    """
    if not settings.notify_urls and settings.heartbeat_url is None:
        return None
    from pdm.adapters.apprise import AppriseNotifier

    heartbeat = settings.heartbeat_url.get_secret_value() if settings.heartbeat_url else None
    urls = [url.get_secret_value() for url in settings.notify_urls]
    return AppriseNotifier(urls, allowed=settings.notify_hosts, heartbeat=heartbeat)


def build_receiver(settings: Settings, workspace: Workspace, clock: Clock) -> Receiver:
    """Who takes the work requests of this plant.

    Raises:
        SettingsError: an address, a secret, an option or the list of hosts is missing or malformed.
    """
    if settings.receiver == "csv":
        return CsvReceiver(workspace.home / "outgoing")
    from pdm.adapters import receivers

    return receivers.connect(settings, clock)


def database_url(settings: Settings, workspace: Workspace) -> str:
    """Where alerts, work and audit are kept: the configured database, else SQLite in the home folder."""
    if settings.database_url is not None:
        return settings.database_url.get_secret_value()
    return f"sqlite:///{workspace.database}"


def _tracker(settings: Settings, workspace: Workspace) -> Tracker:
    """MLflow takes seconds to import: only training asks for it."""
    from pdm.adapters.mlflow import MlflowTracker

    return MlflowTracker(settings.tracking_uri or f"sqlite:///{workspace.tracking / 'mlflow.db'}", workspace.tracking)
