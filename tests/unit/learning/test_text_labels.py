"""What texts are about is learnt from coded ones, applied without scikit-learn, and never guessed when it is not known."""

import json
import subprocess
import sys

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from pdm.errors import InputError, TooLittleData
from pdm.learning.text_labels import train_text_labels
from pdm.records.text_model import grams, text_model, vector

PARTS = {
    "bearing": ("bearing worn", "bearing noisy", "brg replaced"),
    "seal": ("seal leaking", "gasket blown", "seal u/s"),
}
SIDES = ("L/H", "RH", "right", "")


def a_training_set(count=300):
    random = np.random.default_rng(5)
    texts, answers, groups = [], [], []
    for _ in range(count):
        part = ("bearing", "seal", "")[random.integers(3)]
        words = PARTS.get(part, ("check lights", "wash machine", "meeting with vendor"))
        texts.append(f"{SIDES[random.integers(4)]} {words[random.integers(3)]} {random.integers(99)}")
        answers.append(part)
        groups.append(f"P-{random.integers(5)}")
    return texts, answers, groups


@pytest.fixture(scope="module")
def model():
    texts, answers, groups = a_training_set()
    return train_text_labels("item", texts, answers, groups=groups)


def test_it_suggests_what_it_has_learnt_and_carries_over_spelling_mistakes(model):
    assert (model.suggest("LH bearing worn out").answer, model.suggest("LH bearing worn out").sure) == ("bearing", True)
    assert model.suggest("bearng worn").answer == "bearing"
    assert model.suggest("gasket blown rhs").answer == "seal"


@pytest.mark.parametrize("text", ["", "zzz qqq", "wash machine", "#!?"])
def test_it_is_not_sure_of_what_it_does_not_know(model, text):
    assert not model.suggest(text).sure


def test_probabilities_add_up_and_equal_those_of_the_teacher(model):
    texts, _, _ = a_training_set()
    own = TfidfVectorizer(analyzer=grams, sublinear_tf=True, min_df=2, max_features=6000).fit(texts)
    for text in texts[:50]:
        columns, values = vector(text, own.vocabulary_, own.idf_)
        theirs = own.transform([text])
        assert np.allclose(theirs[0, columns].toarray()[0], values)
        assert theirs.nnz == len(columns)
        assert model.probabilities(text).sum() == pytest.approx(1.0)


def test_a_document_is_the_same_model(model):
    again = text_model(json.loads(json.dumps(model.document())))

    for text in a_training_set()[0][:50]:
        assert np.allclose(again.probabilities(text), model.probabilities(text), atol=1e-3)
    assert again.threshold == model.threshold


@pytest.mark.parametrize(
    "change",
    [
        {"answers": ["one"]},
        {"idf": [1.0]},
        {"weights": "no"},
        {"version": 2},
        {"bias": [float("nan")] * 3},
        {"answers": []},
    ],
)
def test_a_document_whose_parts_do_not_fit_is_refused(model, change):
    with pytest.raises(InputError):
        text_model({**model.document(), **change})


def test_too_few_coded_texts_teach_nothing():
    with pytest.raises(TooLittleData):
        train_text_labels("item", ["a", "b"] * 20, ["", "seal"] * 10 + [""] * 20, groups=["P-1"] * 40)


def test_chance_answers_are_never_sure():
    random = np.random.default_rng(2)
    texts, _, groups = a_training_set(400)
    answers = [("bearing", "seal", "motor")[n] for n in random.integers(3, size=400)]

    model = train_text_labels("item", texts, answers, groups=groups)

    assert model.facts["suggested_share"] < 0.1
    assert not any(model.suggest(text).sure for text in texts[:20] if model.threshold > 1)


def test_codes_that_are_wrong_in_one_way_are_no_longer_sure_once_people_have_checked_enough():
    texts, said, groups = a_training_set(600)
    codes = ["bearing" if "gasket" in text else answer for text, answer in zip(texts, said, strict=True)]
    heard = "gasket blown"
    # Every third answer was read by a person, who says what the codes do not.
    checked = [number % 3 == 0 for number in range(len(texts))]
    read = [true if by_hand else code for true, code, by_hand in zip(said, codes, checked, strict=True)]

    trusting = train_text_labels("item", texts, codes, groups=groups)
    careful = train_text_labels("item", texts, read, groups=groups, checked=checked)

    assert (trusting.suggest(heard).answer, trusting.suggest(heard).sure) == ("bearing", True)
    assert not careful.suggest(heard).sure
    assert careful.suggest("seal leaking").sure
    assert (trusting.facts["threshold_from"], careful.facts["threshold_from"]) == ("codes", "checked answers")


def test_applying_needs_no_scikit_learn(model, tmp_path):
    file = tmp_path / "item.json"
    file.write_text(json.dumps(model.document()), encoding="utf-8")
    program = (
        "import json, sys; from pdm.records.text_model import text_model; "
        f"m = text_model(json.load(open({str(file)!r}))); print(m.suggest('bearing worn').answer); "
        "assert 'sklearn' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "bearing"
