"""The page about features says what the kernels do."""

import re
import runpy
import warnings
from pathlib import Path

from pdm.extraction.features_page import features_page

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from tsfresh.feature_extraction.settings import ComprehensiveFCParameters


def test_the_example_of_the_page_runs(tmp_path):
    (block,) = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    script = tmp_path / "example.py"
    script.write_text(block, encoding="utf-8")

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        names = runpy.run_path(str(script))

    assert "table" in names


PAGE = Path(__file__).parents[2] / "docs" / "features.md"


def test_the_page_is_what_the_kernels_say():
    written = PAGE.read_text(encoding="utf-8")

    assert written == features_page(ComprehensiveFCParameters()), (
        "write it anew: python -m pdm.extraction.features_page > docs/features.md"
    )
    assert all(f"| `{name}` |" in written for name in ComprehensiveFCParameters())
