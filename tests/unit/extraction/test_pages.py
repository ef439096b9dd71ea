"""The examples of the pages about features run as they stand."""

import re
import runpy
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[3] / "docs"
FENCE = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", ["how-to/stream-features.md", "how-to/choose-features.md", "how-to/add-vibration.md"])
def test_the_examples_of_a_page_run_one_after_the_other(page, tmp_path):
    blocks = FENCE.findall((DOCS / page).read_text(encoding="utf-8"))
    script = tmp_path / "page.py"
    script.write_text("\n".join(blocks), encoding="utf-8")

    names = runpy.run_path(str(script))

    assert blocks
    assert "pd" in names
