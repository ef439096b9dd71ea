"""A seeded plant, once to look at and once more to change, and the service in front of it."""

import importlib.util
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).resolve().parents[2]


def load(path: Path):
    spec = importlib.util.spec_from_file_location(path.stem + "_for_tests", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def live():
    """`with live(app) as client`: an HTTP client of the real service on a loopback port."""
    served = load(ROOT / "tests" / "browser" / "live.py").served

    @contextmanager
    def client_of(app):
        with served(app) as address, httpx.Client(base_url=address, timeout=60) as client:
            yield client

    return client_of


@pytest.fixture(scope="session")
def seed():
    return load(ROOT / "tests" / "browser" / "seeded_plant.py")


@pytest.fixture(scope="session")
def create_app():
    """The factory, loaded the way uvicorn does: as a file, not as a package."""
    return load(ROOT / "serving" / "main.py").create_app


@pytest.fixture(scope="session")
def steady_plant(seed, tmp_path_factory):
    return seed.seeded_plant(tmp_path_factory.mktemp("steady"))


@pytest.fixture(scope="session")
def reader(live, create_app, steady_plant):
    """A client of the plant that nobody changes."""
    with live(create_app(steady_plant)) as client:
        yield client


@pytest.fixture
def plant(seed, steady_plant, tmp_path):
    return seed.copied(steady_plant, tmp_path)


@pytest.fixture
def client(live, create_app, plant):
    """A client of a plant of one's own."""
    with live(create_app(plant)) as client:
        yield client


@pytest.fixture
def empty_client(live, create_app, seed, tmp_path):
    with live(create_app(seed.empty_plant(tmp_path))) as client:
        yield client


@pytest.fixture
def guarded(live, create_app, seed, steady_plant, tmp_path):
    """A client of a plant with an access token."""
    plant = seed.copied(steady_plant, tmp_path, access_token="a-long-secret")  # noqa: S106  a token of this test
    with live(create_app(plant)) as client:
        yield client


@pytest.fixture
def alert_id(client):
    return client.get("/v1/alerts", params={"asset": "P-101"}).json()["items"][0]["id"]


@pytest.fixture
def ours():
    """The header by which a browser says that a form of ours was sent."""
    return lambda client: {"origin": str(client.base_url).rstrip("/")}
