"""The bundled script and stylesheet by their hashed names, from the manifest that Vite writes."""

from __future__ import annotations

import json
from pathlib import Path

ENTRY = "src/main.js"


class WebAssets:
    """script and styles: addresses under /static; `missing` when nobody has built them, which pages then say."""

    def __init__(self, folder: Path) -> None:
        manifest = folder / "manifest.json"
        self.missing = not manifest.is_file()
        entry = {} if self.missing else json.loads(manifest.read_text(encoding="utf-8"))[ENTRY]
        self.script = f"/static/{entry['file']}" if entry else ""
        self.styles = tuple(f"/static/{file}" for file in entry.get("css", ()))
