import importlib
import pkgutil

import pytest
from pydantic import BaseModel


def models_with_examples():
    """Every model of the API that shows an example, found automatically."""
    import serving.api

    for module in pkgutil.iter_modules(serving.api.__path__):
        for value in vars(importlib.import_module(f"serving.api.{module.name}")).values():
            if isinstance(value, type) and issubclass(value, BaseModel):
                extra = value.model_config.get("json_schema_extra") or {}
                for example in extra.get("examples", []) if isinstance(extra, dict) else []:
                    yield value, example


@pytest.fixture(scope="module")
def schema(reader):
    return reader.get("/v1/openapi.json").json()


def operations(schema):
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            yield f"{method} {path}", operation


def test_every_example_is_what_its_model_accepts(create_app, steady_plant):
    create_app(steady_plant)
    shown = list(models_with_examples())

    for model, example in shown:
        model.model_validate(example)
    assert len(shown) >= 15


def test_every_operation_says_what_it_does_and_how_it_refuses(schema):
    found = list(operations(schema))

    for name, operation in found:
        assert operation["description"], name
        assert operation["tags"], name
        assert {"400", "401", "404", "409", "413", "422", "503"} <= set(operation["responses"]), name
        for status, answer in operation["responses"].items():
            if status.startswith("4"):
                assert "application/problem+json" in answer["content"], (name, status)
    assert len(found) >= 28


def test_every_parameter_and_body_is_described(schema):
    for name, operation in operations(schema):
        for parameter in operation.get("parameters", []):
            assert parameter.get("description"), f"{name}: {parameter['name']}"


def test_the_pages_are_no_part_of_the_api(schema):
    assert all(path.startswith("/v1/") for path in schema["paths"])


def test_every_reference_leads_somewhere(schema):
    def references(value):
        if isinstance(value, dict):
            if isinstance(value.get("$ref"), str):
                yield value["$ref"]
            for inner in value.values():
                yield from references(inner)
        elif isinstance(value, list):
            for inner in value:
                yield from references(inner)

    for reference in set(references(schema)):
        target = schema
        for part in reference.removeprefix("#/").split("/"):
            target = target[part]


def test_the_house_rule_holds_and_the_room_imports_no_adapter():
    import ast
    from pathlib import Path

    import serving

    for file in Path(serving.__file__).parent.glob("**/*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            assert not [name for name in names if name.startswith(("pdm.adapters", "pdm.testing"))], file
