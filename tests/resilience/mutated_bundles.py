"""1,500 damaged bundles: none may kill the process that scores, and none may answer in the place of the model that was promoted.

    python tests/resilience/mutated_bundles.py [--cases 1500] [--seed 1]

A bundle is put in charge, then damaged in one of the ways below, and the question that every round of scoring asks is asked: who
answers? A worker process asks it, batch by batch, as the service would; one JSON line says what came of it.

* as a disk, a copy or a thief would: bits flipped, files cut, emptied, removed, exchanged, filled with other bytes or huge numbers,
  fields of the manifest changed, the signature of another key. Every one of these has to be refused, and the last good bundle answers.
* signed anew in place, with the plant's own key and all hashes put right, as somebody with access to the key could: refused, since
  the promoted version is the hash of everything that decides an answer (author and date do not).
* signed anew under its own version and promoted: damage that came before the signature. It must not kill anything, and whatever
  answers must give the golden answers; how many of these could not be told from another model is counted.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np

from pdm.testing.damage import DAMAGES

MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"
IN_PLACE, ANEW = ("disk", "signed in place"), "signed under its own version"
BATCH = 100


def field_changed(document, chance):
    """One value somewhere in the manifest is another one; every other time in the watch list or the ages."""
    plain = json.loads(document)
    node, path = plain, []
    if chance.random() < 0.5:
        node = plain[("watch", "age")[int(chance.integers(2))]]
    while isinstance(node, (dict, list)) and node:
        key = list(node)[int(chance.integers(len(node)))] if isinstance(node, dict) else int(chance.integers(len(node)))
        path.append((node, key))
        node = node[key]
    parent, key = path[-1]
    values = [None, -1, 10**400, 1e308, "", "x" * 1000, [], {}, True, [[[]]], "../../etc/passwd", -0.5]
    parent[key] = values[int(chance.integers(len(values)))]
    return json.dumps(plain).encode()


def signed(folder, document, key):
    """Put a manifest in place with hashes, version and signature put right."""
    from pdm.registry.manifest import content_version

    plain = json.loads(document)
    if isinstance(plain.get("files"), dict):
        for file in plain["files"]:
            if (folder / str(file)).is_file():
                plain["files"][file] = hashlib.sha256((folder / file).read_bytes()).hexdigest()
    plain["version"] = content_version(plain)
    document = json.dumps(plain).encode()
    (folder / MANIFEST).write_bytes(document)
    (folder / SIGNATURE).write_bytes(key.sign(document))
    return str(plain["version"])


def damage(folder, chance, key):
    """Damage a bundle in one way; what was done, and the version under which it is signed anew (or none)."""
    way = int(chance.integers(10))
    files = sorted(path.name for path in folder.iterdir())
    if way < 4:
        file = files[int(chance.integers(len(files)))]
        kind = DAMAGES[int(chance.integers(len(DAMAGES)))]
        content = (folder / file).read_bytes()
        changed = kind(content, chance)
        (folder / file).write_bytes(changed if changed != content else changed + b" ")
        return "disk", f"{kind.__name__} {file}", ""
    if way == 4:
        return "disk", *_rearranged(folder, files, chance)
    document = (folder / MANIFEST).read_bytes()
    if way == 5:
        (folder / MANIFEST).write_bytes(field_changed(document, chance))
        return "disk", "field of the manifest", ""
    if way in (6, 8):
        document = field_changed(document, chance)
        done = "field of the manifest"
    else:
        texts = [file for file in files if file.endswith(".txt")]
        file = texts[int(chance.integers(len(texts)))]
        kind = DAMAGES[int(chance.integers(len(DAMAGES)))]
        (folder / file).write_bytes(kind((folder / file).read_bytes(), chance))
        done = f"{kind.__name__} {file}"
    return (ANEW if way >= 8 else IN_PLACE[1]), done, signed(folder, document, key)


def _rearranged(folder, files, chance):
    """Files exchanged, removed, or signed by a stranger."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    choice = int(chance.integers(3))
    if choice == 0:
        one, other = chance.choice(len(files), 2, replace=False)
        first, second = (folder / files[one]).read_bytes(), (folder / files[other]).read_bytes()
        (folder / files[one]).write_bytes(second)
        (folder / files[other]).write_bytes(first)
        return f"exchanged {files[one]} and {files[other]}", ""
    if choice == 1:
        file = files[int(chance.integers(len(files)))]
        (folder / file).unlink()
        return f"removed {file}", ""
    document = (folder / MANIFEST).read_bytes()
    (folder / SIGNATURE).write_bytes(Ed25519PrivateKey.generate().sign(document))
    return "signed by a stranger", ""


def write_two(home):
    """A plant with two bundles of a made-up pump: the promoted one, and the one before it. Their versions and the probe rows."""
    import lightgbm
    import pandas as pd

    from pdm.extraction import extraction_version
    from pdm.learning.model import Model, TargetModel
    from pdm.registry.bundle import write_bundle
    from pdm.registry.keys import plant_key
    from pdm.testing.plants import a_catalogue
    from pdm.workspace import Workspace

    random = np.random.default_rng(5)
    watch, age = beside()
    names = tuple(f"vibration__f{number}" for number in range(4))
    matrix = random.normal(size=(400, 4)).astype(np.float32)
    catalogue, workspace = a_catalogue(), Workspace(home)
    asset_class, definition = catalogue.asset_class("pump"), catalogue.model("pump")
    versions = []
    for seed in (1, 2):
        label = (matrix[:, 0] + 0.3 * random.normal(size=400) > 0.4).astype(float)
        data = lightgbm.Dataset(matrix, label, feature_name=[f"f{number}" for number in range(4)])
        parameters = {"objective": "binary", "num_threads": 1, "verbosity": -1, "num_leaves": 6, "seed": seed}
        text = lightgbm.train(parameters, data, 5 + seed).model_to_string()
        targets = tuple(TargetModel(target, {"probability": text}) for target in definition.targets)
        manifest = write_bundle(
            workspace.bundles,
            Model("pump", names, "h", targets, {"seed": seed}, watch=watch, age=age),
            feature_set=asset_class.feature_set,
            asset_class=asset_class,
            definition=definition,
            extraction_version=extraction_version(),
            data_versions={"readings_pump": seed},
            golden=pd.DataFrame(matrix, columns=list(names)),
            key=plant_key(workspace),
            created_by="resilience",
        )
        versions.append(manifest.version)
    return versions, matrix


def beside():
    """The documents of a watch list, with trees among its expected values, and of ages."""
    import pandas as pd

    from pdm.catalogue import Axis
    from pdm.learning.age import fit_ages
    from pdm.learning.watch import learn_watch
    from pdm.readings.registry import LIFE_COLUMNS
    from pdm.testing.machines import A_FAN, A_FAN_MODEL, fan_readings

    learnt = learn_watch(fan_readings(3, 45), A_FAN, A_FAN_MODEL, learner="lightgbm")
    lives = pd.DataFrame({name: [""] * 9 for name in LIFE_COLUMNS})
    ends = 1000.0 + 20.0 * np.arange(9)
    lives = lives.assign(
        asset=[f"F-{n}" for n in range(9)],
        maintainable_item="bearing",
        start=0.0,
        end=ends,
        ended_by="failure",
        failure_mode="bearing_wear",
    )
    return learnt.document(), fit_ages(lives, A_FAN_MODEL, Axis("usage", 1.0, "h", 24.0)).document()


def score(bundle, readings):
    """What a round of scoring asks of the watch list and of the ages: whether it got an answer, or a sentence."""
    from datetime import UTC, datetime

    from pdm.learning.watch import watch_rows
    from pdm.operations._helpers import ask_helper
    from pdm.scoring.aging import aged
    from pdm.scoring.watching import watched
    from pdm.testing.machines import A_FAN, A_FAN_MODEL

    def watch():
        rows = watch_rows(bundle.watch.expected, readings, A_FAN)
        return watched(bundle.watch, rows, A_FAN, end=float(A_FAN.axis.positions(readings["time"]).max()), restored={})

    problems = []
    if bundle.watch is not None:
        ask_helper("watch list", bundle, watch, problems)
    if bundle.age is not None:
        aged(bundle.age, {"bearing": 900.0}, A_FAN_MODEL, A_FAN.axis, now=datetime(2025, 6, 1, tzinfo=UTC))
    return not problems


def ask(home, numbers, seed, *, quick=False):
    """Damage, ask, note; one JSON line per case on standard output. This process plays the service."""
    from pdm.registry.golden import answers
    from pdm.registry.in_charge import in_charge
    from pdm.registry.keys import plant_key, public_key
    from pdm.registry.shelf import Aliases, BundleShelf
    from pdm.testing.machines import fan_readings
    from pdm.testing.taster import taste_in_forks
    from pdm.workspace import Workspace

    if quick:
        taste_in_forks()
    workspace = Workspace(home)
    shelf, key = BundleShelf(workspace.bundles), plant_key(workspace)
    truth = json.loads((home / "truth.json").read_text())
    matrix = np.array(truth["matrix"], dtype=np.float32)
    former, promoted = truth["versions"]
    rack = workspace.bundles / "pump"
    readings = fan_readings(3, 12)
    for number in numbers:
        print(json.dumps({"case": number}), flush=True)
        chance = np.random.default_rng([seed, number])
        shutil.rmtree(rack / promoted, ignore_errors=True)
        shutil.copytree(home / "whole", rack / promoted)
        way, done, anew = damage(rack / promoted, chance, key)
        if way == ANEW:
            (rack / promoted).rename(rack / anew)
        shelf.restore("pump", Aliases(anew if way == ANEW else promoted, None, (former,)))
        found = in_charge(shelf, "pump", public_key(workspace), threads=1)
        if way == ANEW:
            shutil.rmtree(rack / anew)
        who = found.bundle.version if found.bundle else "nobody"
        again = answers(found.bundle.predictor.predict(matrix)) if found.bundle else {}
        same = {name: np.array_equal(values, np.array(truth["answers"][name])) for name, values in again.items()}
        note = {
            "done": number,
            "way": way,
            "damage": done,
            "refused": who == former and bool(found.problems),
            "entered": who not in (former, "nobody"),
            "itself": who == promoted,
            "answers": bool(same) and all(same.values()),
            "nobody": who == "nobody",
            "scored": who in (former, "nobody") or score(found.bundle, readings),
        }
        print(json.dumps(note), flush=True)


def run(cases, seed, *, quick=False):
    """All cases in worker processes, a batch each; what came of them. quick: tasted by forks of one warm process."""
    from pdm.registry.bundle import load_bundle
    from pdm.registry.golden import answers
    from pdm.registry.keys import public_key
    from pdm.workspace import Workspace

    started = time.monotonic()
    notes, killed = [], []
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        versions, matrix = write_two(home)
        bundle = load_bundle(home / "bundles" / "pump" / versions[1], public_key(Workspace(home)), threads=1)
        kept = {name: values.tolist() for name, values in answers(bundle.predictor.predict(matrix)).items()}
        (home / "truth.json").write_text(json.dumps({"versions": versions, "matrix": matrix.tolist(), "answers": kept}))
        shutil.copytree(home / "bundles" / "pump" / versions[1], home / "whole")
        waiting = list(range(cases))
        while waiting:
            batch = waiting[:BATCH]
            lines = _worker(home, batch, seed, quick)
            notes += [line for line in lines if "done" in line]
            finished = {line["done"] for line in lines if "done" in line}
            begun = {line["case"] for line in lines if "case" in line}
            killed += sorted(begun - finished)
            waiting = [number for number in waiting if number not in finished | begun]
    return summary(notes, killed, time.monotonic() - started)


def _worker(home, batch, seed, quick):
    program = [
        sys.executable,
        str(Path(__file__).resolve()),
        "--worker",
        str(home),
        "--seed",
        str(seed),
        *(["--quick"] if quick else []),
        "--only",
        *map(str, batch),
    ]
    done = subprocess.run(program, capture_output=True, env=os.environ, text=True, check=False)
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    if not lines:
        raise RuntimeError(f"the worker could not even begin: {done.stderr[-500:]}")
    return lines


def broken(note):
    """Something else than the promoted content answers in its place; who made it and when decides no answer."""
    return note["entered"] and not (note["itself"] and note["answers"])


def summary(notes, killed, seconds):
    """One JSON object: counts by way, and every case that broke the promise."""
    anew = [note for note in notes if note["way"] == ANEW]
    placed = [note for note in notes if note["way"] != ANEW]
    return {
        "cases": len(notes) + len(killed),
        "killed": len(killed),
        "killed_cases": killed[:10],
        "ways": dict(Counter(note["way"] for note in notes)),
        "refused": sum(note["refused"] for note in notes),
        "nobody_answered": sum(note["nobody"] for note in notes),
        "author_or_date_changed_by_the_key_holder": sum(note["itself"] and note["answers"] for note in placed),
        "entered_silently": [note["damage"] for note in placed if broken(note)][:10],
        "entered_in_place": sum(broken(note) for note in placed),
        "signed_anew": len(anew),
        "signed_anew_refused": sum(note["refused"] for note in anew),
        "signed_anew_same_answers": sum(note["entered"] and note["answers"] for note in anew),
        "signed_anew_not_scored": sum(note["entered"] and not note["scored"] for note in anew),
        "signed_anew_other_model": sum(note["entered"] and not note["answers"] for note in anew),
        "seconds": round(seconds, 1),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=1500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--worker", type=Path)
    parser.add_argument("--quick", action="store_true", help="taste by forks of one warm process")
    parser.add_argument("--only", type=int, nargs="*", default=[])
    asked = parser.parse_args()
    if asked.worker:
        ask(asked.worker, asked.only, asked.seed, quick=asked.quick)
        return 0
    found = run(asked.cases, asked.seed, quick=asked.quick)
    print(json.dumps(found))
    return 1 if found["killed"] or found["entered_in_place"] or found["nobody_answered"] else 0


if __name__ == "__main__":
    raise SystemExit(main())
