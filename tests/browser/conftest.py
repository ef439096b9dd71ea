"""A real Chromium on the real pages: one browser, one running service with a seeded plant, and one to change."""

import importlib.util
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def load(path: Path):
    spec = importlib.util.spec_from_file_location(path.stem + "_for_pages", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def browser():
    """Headless Chromium, or a skip that says what is missing."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="needs the extra 'dev' (playwright)")
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine: install the package `chromium`")
    if not (ROOT / "serving" / "static" / "manifest.json").is_file():
        pytest.skip("the web assets are not built: `npm ci && npm run build` in serving/web, or `make test`")
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def axe():
    """The source of axe-core, or a skip that says what is missing."""
    file = ROOT / "serving" / "web" / "node_modules" / "axe-core" / "axe.min.js"
    if not file.is_file():
        pytest.skip("axe-core is not installed: `npm ci` in serving/web")
    return file.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def seed():
    return load(Path(__file__).parent / "seeded_plant.py")


@pytest.fixture(scope="session")
def served():
    """The real service on a loopback port."""
    create_app = load(ROOT / "serving" / "main.py").create_app
    run = load(Path(__file__).parent / "live.py").served
    return lambda plant: run(create_app(plant))


@pytest.fixture(scope="session")
def steady_plant(seed, tmp_path_factory):
    return seed.seeded_plant(tmp_path_factory.mktemp("browser"))


@pytest.fixture(scope="session")
def steady(served, steady_plant):
    """Address of a service whose plant nobody changes."""
    with served(steady_plant) as address:
        yield address


@pytest.fixture(scope="session")
def asked_plant(seed, tmp_path_factory):
    """A plant in which operations is asked something, and cases of earlier weeks have verdicts."""
    return seed.asking_plant(tmp_path_factory.mktemp("asked"))


@pytest.fixture(scope="session")
def asked(served, asked_plant):
    """Address of its service; nobody changes it."""
    with served(asked_plant) as address:
        yield address


@pytest.fixture
def asking(served, seed, asked_plant, tmp_path):
    """Address of a service with a plant of that kind of one's own."""
    with served(seed.copied(asked_plant, tmp_path)) as address:
        yield address


@pytest.fixture
def changing(served, seed, steady_plant, tmp_path):
    """Address of a service with a plant of one's own."""
    with served(seed.copied(steady_plant, tmp_path)) as address:
        yield address


@pytest.fixture
def watched(browser):
    """A function that opens a page and keeps what the console said, what failed and who was asked."""
    opened = []

    def open_page(address, **options):
        context = browser.new_context(viewport={"width": 1280, "height": 900}, **options)
        page = context.new_page()
        page.said, page.asked = [], []
        page.on("console", lambda message: page.said.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: page.said.append(f"error: {error}"))
        page.on("request", lambda request: page.asked.append(request.url))
        page.goto(address)
        page.wait_for_selector("html[data-ready]", state="attached")
        opened.append(context)
        return page

    yield open_page
    for context in opened:
        context.close()


@pytest.fixture
def tab_to():
    """A function that presses Tab until an element of this kind has the focus."""

    def press(page, tag, text, name=None):
        for _ in range(80):
            page.keyboard.press("Tab")
            found = page.evaluate(
                "() => { const e = document.activeElement; return [e.tagName.toLowerCase(), e.textContent.trim(), e.name ?? ''] }"
            )
            if found[0] == tag and (not text or found[1] == text) and (name is None or found[2] == name):
                return
        raise AssertionError(f"no {tag} {text!r} within 80 steps")

    return press


@pytest.fixture
def grave(axe):
    """What axe finds serious or critical on a page with everything unfolded."""

    def look(page):
        for summary in page.query_selector_all("details:not([open]) > summary"):
            summary.click()
        found = page.evaluate(axe + "; axe.run().then(result => result.violations)")
        return [(item["id"], item["nodes"][0]["html"]) for item in found if item["impact"] in ("serious", "critical")]

    return look
