"""Write a report as a page for people and as JSON for machines, side by side."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def write_both(folder: Path, name: str, document: Mapping[str, Any], page: str) -> Path:
    """`<name>.html` and `<name>.json` in `folder`; the path of the page."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(document, indent=1), encoding="utf-8")
    file = folder / f"{name}.html"
    file.write_text(page, encoding="utf-8")
    return file
