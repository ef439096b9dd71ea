"""How one plant wants the platform to behave: one class, from defaults, `plantpdm.toml` and `PDM_*` variables (the last wins).

Every field has help and a safe default. An unknown key is an error with a suggestion, and a default that would be
unsafe in production refuses to start there.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Iterable, Mapping
from datetime import time
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from pdm.errors import InputError, SettingsError
from pdm.units import duration

FILE_NAME = "plantpdm.toml"
_PREFIX = "PDM_"
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
RECEIVERS = ("csv", "sap", "maximo", "webhook", "mail")


class Settings(BaseSettings):
    """The plant's settings; `help` texts are what `plantpdm doctor` and the docs print."""

    model_config = SettingsConfigDict(env_prefix=_PREFIX, extra="forbid", frozen=True)

    home: Path = Field(Path("plant"), description="The one folder that holds everything of this plant.")
    plant_name: str = Field("Plant", description="The plant's name, as pages and work requests show it.")
    time_zone: str = Field(
        "UTC", description="IANA zone of the plant: people see its times; naive times are never guessed from it."
    )
    production: bool = Field(
        False, description="Refuse to start with defaults that are only good for trying things out."
    )

    host: str = Field(
        "127.0.0.1", description="Address the service listens on; anything but loopback needs `access_token`."
    )
    port: int = Field(8000, ge=0, le=65535, description="Port of the service.")
    access_token: SecretStr | None = Field(None, description="Bearer token that every request must carry, when set.")
    max_upload_mb: int = Field(64, ge=1, description="Largest body that the service accepts, in MiB.")

    database_url: SecretStr | None = Field(
        None, description="SQLAlchemy URL of alerts, work and audit; default: SQLite in the home folder."
    )
    tracking_uri: str | None = Field(None, description="MLflow tracking URI; default: SQLite in the home folder.")

    threads: int = Field(2, ge=1, description="Threads for extraction and for LightGBM.")
    dask_address: str | None = Field(
        None,
        description="Scheduler of a Dask cluster for feature extraction (`tcp://127.0.0.1:8786`); default: threads here.",
    )
    four_eyes: bool = Field(
        False, description="Whether a promotion needs a second name beside the one that approves it."
    )
    score_every: str = Field(
        "1h", description="How often the service scores the fleet when it is asked to (`90min`, `1h`)."
    )
    score_challenger: bool = Field(
        True, description="Whether every round of scoring also asks the challengers, whose answers raise nothing."
    )
    scheduler: str = Field(
        "service", description="Who scores on schedule: `service`, `prefect` or `none`. A lease settles ties."
    )
    stale_after: str = Field(
        "24h", description="Readings older than this are stale: the condition is then unknown, never normal."
    )

    receiver: str = Field("csv", description="Who takes work requests: `csv`, `sap`, `maximo`, `webhook` or `mail`.")
    receiver_url: str | None = Field(
        None, description="Its address: `https://sap.mill.example`, `smtp://mail.mill.example:587`."
    )
    receiver_user: str | None = Field(None, description="Its user name, where it wants one (SAP, mail).")
    receiver_secret: SecretStr | None = Field(
        None, description="Its password (SAP, mail), API key (Maximo) or signing secret (webhook)."
    )
    receiver_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Names, addresses and networks that receivers may have; nothing else is ever called."
    )
    receiver_options: Annotated[dict[str, str], NoDecode] = Field(
        {}, description="Mapping options of the receiver, such as `site`; see how to connect a CMMS."
    )

    base_url: str | None = Field(
        None, description="Address under which people reach the service, for links: `https://pdm.mill.example`."
    )
    notify_urls: Annotated[tuple[SecretStr, ...], NoDecode] = Field(
        (), description="Apprise URLs of who is told about alerts; they are secrets and never logged."
    )
    notify_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Hosts, networks and services (`slack`) that `notify_urls` may name; nothing else is ever called.",
    )
    notify_wait: str = Field("1min", description="How long a group of alerts gathers before people are told.")
    notify_every: str = Field("30min", description="At most one notification per group of alerts in this time.")
    quiet_hours: str = Field(
        "", description="Hours of the plant's clock in which people are left alone, such as `22:00-06:00`."
    )
    quiet_hours_pass: int = Field(
        1, ge=0, le=5, description="Alerts of assets this critical (1 most) pass in quiet hours; 0: none do."
    )
    digest_day: str = Field("mon", description="Day of the weekly digest (`mon` to `sun`); empty: none.")
    heartbeat_every: str = Field(
        "1min", description="How often a heartbeat passes through all stages; twice that without one, and it shows."
    )
    heartbeat_url: SecretStr | None = Field(
        None, description="Apprise URL that gets every heartbeat, so that a watchdog outside notices when none comes."
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003  the signature is pydantic's
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Keep to keywords and environment; the file is merged by `load`, so that a message can name it."""
        return (init_settings, env_settings)

    @field_validator("time_zone")
    @classmethod
    def _zone_exists(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(f"no time zone {value!r}; write an IANA name such as Europe/Berlin") from None
        return value

    @field_validator("scheduler")
    @classmethod
    def _known_scheduler(cls, value: str) -> str:
        if value not in {"service", "prefect", "none"}:
            raise ValueError("write service, prefect or none")
        return value

    @field_validator("receiver")
    @classmethod
    def _known_receiver(cls, value: str) -> str:
        if value not in RECEIVERS:
            raise ValueError(f"write {', '.join(RECEIVERS[:-1])} or {RECEIVERS[-1]}")
        return value

    @field_validator("quiet_hours")
    @classmethod
    def _known_hours(cls, value: str) -> str:
        parts = [part.strip() for part in value.split("-")] if value.strip() else []
        try:
            times = [time.fromisoformat(part) for part in parts]
        except ValueError:
            times = []
        if parts and (len(times) != 2 or times[0] == times[1]):
            raise ValueError(f"{value!r} are no quiet hours; write 22:00-06:00")
        return value

    @field_validator("digest_day")
    @classmethod
    def _known_day(cls, value: str) -> str:
        if value not in ("", *DAYS):
            raise ValueError(f"write one of {', '.join(DAYS)}, or nothing")
        return value

    @field_validator("notify_wait", "notify_every", "heartbeat_every")
    @classmethod
    def _known_duration(cls, value: str) -> str:
        try:
            duration(value)
        except InputError as error:
            raise ValueError(str(error)) from None
        return value

    @field_validator("notify_urls", mode="before")
    @classmethod
    def _urls_from_lines(cls, value: Any) -> Any:
        """A variable of the environment holds them separated by blanks: a URL may hold a comma."""
        return tuple(value.split()) if isinstance(value, str) else value

    @field_validator("receiver_hosts", "notify_hosts", mode="before")
    @classmethod
    def _hosts_from_a_line(cls, value: Any) -> Any:
        """A variable of the environment is one line: `sap.mill.example, 10.20.0.0/16`."""
        return tuple(filter(None, map(str.strip, value.split(",")))) if isinstance(value, str) else value

    @field_validator("receiver_options", mode="before")
    @classmethod
    def _options_from_a_line(cls, value: Any) -> Any:
        """`site=BEDFORD, org=EAGLENA`."""
        if not isinstance(value, str):
            return value
        pairs = [part.partition("=") for part in value.split(",") if part.strip()]
        return {name.strip(): text.strip() for name, _, text in pairs}

    @model_validator(mode="after")
    def _whole_receiver(self) -> Self:
        if self.receiver != "csv" and not self.receiver_url:
            raise ValueError(f"the receiver {self.receiver} needs receiver_url")
        if self.receiver in ("sap", "maximo", "webhook") and self.receiver_secret is None:
            raise ValueError(f"the receiver {self.receiver} needs receiver_secret")
        if self.receiver == "sap" and not self.receiver_user:
            raise ValueError("the receiver sap needs receiver_user")
        return self

    @model_validator(mode="after")
    def _safe_in_production(self) -> Self:
        if not self.loopback and self.access_token is None:
            raise ValueError(f"host {self.host} is reachable from other machines: set access_token")
        if self.production and self.access_token is None:
            raise ValueError("production needs access_token")
        return self

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach the service."""
        if self.host == "localhost":
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False


def load(home: Path | str | None = None, **overrides: Any) -> Settings:
    """The settings of the plant in `home`: keywords over `PDM_*` over `plantpdm.toml` over defaults.

    Raises:
        SettingsError: a key nobody knows (with the nearest known one), a bad value or an unsafe default.
    """
    folder = Path(home or os.environ.get(_PREFIX + "HOME") or Settings.model_fields["home"].default)
    file = folder / FILE_NAME
    from_file = _read(file) if file.is_file() else {}
    _refuse_unknown(from_file, str(file))
    _refuse_unknown(_environment_keys(os.environ), "the environment", prefix=_PREFIX)
    _refuse_unknown(overrides, "the call")
    from_environment = _environment_keys(os.environ)
    merged = {key: value for key, value in from_file.items() if key not in from_environment}
    try:
        return Settings(**{**merged, **overrides, "home": folder})
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "settings"
        raise SettingsError(f"{where}: {first['msg'].removeprefix('Value error, ')}", hint=f"see {file}") from None


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file}: {error}") from None


def _environment_keys(environment: Mapping[str, str]) -> dict[str, str]:
    return {key.removeprefix(_PREFIX).lower(): value for key, value in environment.items() if key.startswith(_PREFIX)}


def _refuse_unknown(given: Iterable[str], where: str, prefix: str = "") -> None:
    known = list(Settings.model_fields)
    for key in given:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            shown = f"{prefix}{key.upper()}" if prefix else key
            hint = f"did you mean {near[0]!r}?" if near else "known: " + ", ".join(known)
            raise SettingsError(f"unknown setting {shown!r} in {where}", hint=hint)
