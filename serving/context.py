"""What every route may ask for: the plant, the templates, the name of the person acting."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any
from urllib.parse import unquote

from fastapi import Depends, Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

import pdm
from pdm.ports import Plant
from pdm.views import words
from serving.charts import chart_data
from serving.metrics import Metrics
from serving.sessions import Sessions
from serving.web_assets import WebAssets

TEMPLATES = Path(__file__).parent / "templates"
WHO_COOKIE = "who"


class Context:
    """One per application; holds no state of a request."""

    def __init__(self, plant: Plant, static: Path) -> None:
        self.plant = plant
        self.metrics = Metrics()
        self.sessions = Sessions(plant.settings.access_token, plant.clock)
        self.templates = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            finalize=_unbroken,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.templates.globals |= {
            "plant_name": plant.settings.plant_name,
            "zone": plant.settings.time_zone,
            "version": pdm.__version__,
            "web": WebAssets(static),
            "words": words,
            "signed_in": plant.settings.access_token is not None,
            "chart_data": chart_data,
        }

    def page(self, request: Request, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
        """A rendered page."""
        text = self.templates.get_template(template).render(
            who=who_of(request), path=request.url.path, done=request.query_params.get("done", ""), **values
        )
        return HTMLResponse(text, status_code=status)


def _unbroken(value: Any) -> Any:
    """A number never parts from its percent sign at the end of a line."""
    return value.replace(" %", "\u00a0%") if isinstance(value, str) else value


def context_of(request: Request) -> Context:
    """The application's context."""
    context: Context = request.app.state.context
    return context


def plant_of(request: Request) -> Plant:
    """The plant that this service serves."""
    return context_of(request).plant


def who_of(request: Request) -> str:
    """The name in the `who` cookie: an honest self-description until there are accounts."""
    return unquote(request.cookies.get(WHO_COOKIE, "")).strip()


ThePlant = Annotated[Plant, Depends(plant_of)]
TheContext = Annotated[Context, Depends(context_of)]
