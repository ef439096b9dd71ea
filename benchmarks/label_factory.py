"""How well item and mechanism are suggested from work-order texts, measured on public data with honest splits.

    python benchmarks/label_factory.py --data DIR [--json]

DIR holds `work_orders_excavators/` and `work_orders_maintie/`.

Excavators (5,485 orders of five machines): the rules' MajorSystem is the item and their FM the mechanism. Rows for which the rules name
several are left out. By machine: each excavator in turn is held out whole. By time: learnt from the first 70 % of the days, tested on the
rest. Texts that were heard in training, word for word, are left out of both tests.
Sample: 200 texts drawn by their hash and labelled by hand (label_factory_sample.csv holds hashes and labels, not the texts); a model
that has seen none of them, and the rules themselves, are held against the hand's labels. Once the threshold comes from codes, as in
the first two protocols, and once from 160 other texts whose item a person checked (label_factory_checked.csv), as a plant would
confirm them: the lowest probability from which on nine in ten checked suggestions were right on machines held out.
MaintIE (1,076 annotated texts): entities by a gazetteer of the training half's phrases, longest match first, most frequent class; micro-F1
over exact spans on the other half, split by the hash of the text.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pandas as pd

from pdm.learning.metrics import binomial_interval
from pdm.learning.text_labels import train_text_labels
from pdm.records.text_model import NOTHING, TextModel, accuracy_by_coverage, words

SAMPLE = Path(__file__).with_name("label_factory_sample.csv")
CHECKED = Path(__file__).with_name("label_factory_checked.csv")
FIELDS = {"item": "MajorSystem", "mechanism": "FM"}


def orders(data: Path) -> pd.DataFrame:
    """One row per order: text, asset, day, item and mechanism by the rules; None where they name several."""
    raw = pd.read_csv(data / "work_orders_excavators" / "excavators-cleaned.csv.gz", dtype=str)
    table = pd.DataFrame(
        {"text": raw["OriginalShorttext"].fillna(""), "asset": raw["Asset"], "day": raw["BscStartDate"]}
    )
    for field, column in FIELDS.items():
        said = raw[column].fillna("").str.casefold()
        table[field] = said.where(~said.str.contains("_"), None)
    table["key"] = [" ".join(words(text)) for text in table["text"]]
    table["hash"] = [hashlib.sha256(text.encode()).hexdigest()[:16] for text in table["text"]]
    return table.sort_values(["day", "asset", "hash"], ignore_index=True)


def learnt(table: pd.DataFrame, field: str) -> TextModel:
    checked = table["checked"].tolist() if "checked" in table else ()
    texts, answers, groups = (table[name].tolist() for name in ("text", field, "asset"))
    return train_text_labels(field, texts, answers, groups=groups, checked=checked)


def judged(model: TextModel, tested: pd.DataFrame, field: str, seen: set[str]) -> pd.DataFrame:
    """Suggestion and truth of every text that was not heard; an answer that the model never learnt counts as nothing known."""
    fresh = tested[~tested["key"].isin(seen)].drop_duplicates("key")
    found = [model.suggest(text) for text in fresh["text"]]
    truth = fresh[field].where(fresh[field].isin(model.answers), NOTHING)
    return pd.DataFrame(
        {
            "truth": truth.to_numpy(),
            "answer": [one.answer for one in found],
            "probability": [one.probability for one in found],
            "sure": [one.sure for one in found],
        }
    )


def figures(rows: pd.DataFrame) -> dict[str, Any]:
    """Agreement of all answers, of the suggestions that were made, and by coverage."""
    right = rows["answer"] == rows["truth"]
    sure, known = rows["sure"], rows["truth"] != NOTHING
    low, high = binomial_interval(int(right[sure].sum()), int(sure.sum()))
    return {
        "texts": len(rows),
        "agreement": round(float(right.mean()), 3),
        "most_frequent_answer": round(float(rows["truth"].value_counts(normalize=True).iloc[0]), 3),
        "suggested_share": round(float(sure.mean()), 3),
        "suggestions_right": round(float(right[sure].mean()), 3) if sure.any() else None,
        "suggestions_right_95": [round(low, 3), round(high, 3)],
        "found_of_named": round(float((right & sure & known).sum() / max(int(known.sum()), 1)), 3),
        "accuracy_by_coverage": accuracy_by_coverage(rows["probability"].tolist(), right.tolist()),
    }


def by_machine(table: pd.DataFrame, field: str) -> dict[str, Any]:
    table = table[table[field].notna()]
    parts = []
    for asset in sorted(table["asset"].unique()):
        train, test = table[table["asset"] != asset], table[table["asset"] == asset]
        parts.append(judged(learnt(train, field), test, field, set(train["key"])))
    return figures(pd.concat(parts, ignore_index=True))


def by_time(table: pd.DataFrame, field: str) -> dict[str, Any]:
    table = table[table[field].notna()].reset_index(drop=True)
    day = table["day"].iloc[int(0.7 * len(table))]
    train, test = table[table["day"] < day], table[table["day"] >= day]
    return {"from": day} | figures(judged(learnt(train, field), test, field, set(train["key"])))


def with_checked(table: pd.DataFrame) -> pd.DataFrame:
    """The orders with the items that a person checked in place of the rules'; every order of a checked text counts once."""
    said = pd.read_csv(CHECKED, dtype=str, keep_default_na=False).set_index("text_sha256_16")["item"]
    mine = table["hash"].isin(said.index)
    once = ~(mine & table.duplicated("hash"))
    return table.assign(item=table["hash"].map(said).where(mine, table["item"]), checked=mine)[once]


def by_hand(table: pd.DataFrame, field: str) -> dict[str, Any]:
    """The sample: model and rules against the hand's labels."""
    hand = pd.read_csv(SAMPLE, dtype=str, keep_default_na=False).set_index("text_sha256_16")
    texts = table.drop_duplicates("hash").set_index("hash").loc[hand.index]
    train = table[table[field].notna() & ~table["key"].isin(texts["key"])]
    test = texts.assign(**{field: hand[field]})
    rules = texts[field].fillna("several")
    rows = judged(learnt(train, field), test, field, set())
    return figures(rows) | {
        "rules_agree": round(float((rules == hand[field]).mean()), 3),
        "named_by_hand": int((hand[field] != "").sum()),
    }


def entities(data: Path) -> dict[str, Any]:
    """Exact spans of MaintIE's entities, five top classes and all leaf classes."""
    with gzip.open(data / "work_orders_maintie" / "gold_release.json.gz", "rt", encoding="utf-8") as file:
        gold = json.load(file)
    half = [int(hashlib.sha256(one["text"].encode()).hexdigest(), 16) % 2 for one in gold]
    train = [one for one, side in zip(gold, half, strict=True) if side == 0]
    heard = {one["text"] for one in train}
    test = [one for one, side in zip(gold, half, strict=True) if side == 1 and one["text"] not in heard]
    results: dict[str, Any] = {"train": len(train), "test": len(test)}
    for name, cut in (("top_5", 1), ("leaf", 99)):
        phrases: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
        words_seen: Counter[tuple[str, ...]] = Counter()
        for one in train:
            tokens = [token.casefold() for token in one["tokens"]]
            for entity in one["entities"]:
                kind = "/".join(entity["type"].split("/")[:cut])
                phrases[tuple(tokens[entity["start"] : entity["end"]])][kind] += 1
            for length in range(1, 6):
                words_seen.update(tuple(tokens[at : at + length]) for at in range(len(tokens) - length + 1))
        # A phrase that is mostly no entity where it stands is none.
        known = {key: found for key, found in phrases.items() if found.total() >= 0.5 * words_seen[key]}
        right = said = there = 0
        for one in test:
            found = set(_matches([token.casefold() for token in one["tokens"]], known))
            truth = {
                (entity["start"], entity["end"], "/".join(entity["type"].split("/")[:cut]))
                for entity in one["entities"]
            }
            right, said, there = right + len(found & truth), said + len(found), there + len(truth)
        precision, recall = right / said, right / there
        results[name] = {
            "precision": round(precision, 3),
            "recall": round(recall, 3),
            "micro_f1": round(2 * precision * recall / (precision + recall), 3),
            "entities": there,
        }
    return results


def _matches(tokens: list[str], known: dict[tuple[str, ...], Counter[str]]) -> list[tuple[int, int, str]]:
    found, at = [], 0
    while at < len(tokens):
        for length in range(5, 0, -1):
            kinds = known.get(tuple(tokens[at : at + length]))
            if kinds and at + length <= len(tokens):
                found.append((at, at + length, kinds.most_common(1)[0][0]))
                at += length
                break
        else:
            at += 1
    return found


def main() -> None:
    """Print a table, or one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--data", type=Path, required=True, help="folder with work_orders_excavators/ and work_orders_maintie/"
    )
    parser.add_argument("--json", action="store_true", help="one JSON line")
    given = parser.parse_args()
    table = orders(given.data)
    results: dict[str, Any] = {"orders": len(table), "distinct_texts": int(table["key"].nunique())}
    for field in FIELDS:
        results[field] = {
            "by_machine": by_machine(table, field),
            "by_time": by_time(table, field),
            "by_hand": by_hand(table, field),
        }
    results["item"]["by_hand_checked"] = by_hand(with_checked(table), "item")
    results["maintie"] = entities(given.data)
    if given.json:
        print(json.dumps(results))
        return
    print(f"{results['orders']} orders, {results['distinct_texts']} distinct texts")
    for field in FIELDS:
        for protocol, found in results[field].items():
            print(f"\n{field}, {protocol}")
            for name, value in found.items():
                if name != "accuracy_by_coverage":
                    print(f"  {name:<22} {value}")
            for row in found["accuracy_by_coverage"]:
                print(
                    f"  surest {row['coverage']:>4.0%}: right {row['accuracy']:.1%} (from probability {row['threshold']:.2f})"
                )
    print(f"\nMaintIE {results['maintie']}")


if __name__ == "__main__":
    main()
