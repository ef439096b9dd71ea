"""The demo makes its own plant and never deletes what it has not made."""

import pytest

from pdm.cli import demo
from pdm.errors import Conflict


def test_a_folder_with_somebodys_files_is_left_alone_even_with_fresh(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work", encoding="utf-8")

    with pytest.raises(Conflict, match="no demo has made it"):
        demo.new_plant(tmp_path, fresh=True)

    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_real_plant_is_never_replaced_by_a_demo(home):
    with pytest.raises(Conflict, match="no demo has made it"):
        demo.new_plant(home, fresh=True)

    assert (home / "plantpdm.toml").is_file()


def test_an_earlier_demo_plant_is_replaced_only_when_asked(tmp_path):
    demo.new_plant(tmp_path / "a", fresh=False)
    (tmp_path / "a" / "old.txt").write_text("old", encoding="utf-8")

    with pytest.raises(Conflict, match="--fresh"):
        demo.new_plant(tmp_path / "a", fresh=False)
    demo.new_plant(tmp_path / "a", fresh=True)

    assert not (tmp_path / "a" / "old.txt").exists()


def test_the_default_folder_is_replaced_without_asking(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)

    demo.new_plant(demo.DEMO_HOME, fresh=False)
    demo.new_plant(demo.DEMO_HOME, fresh=False)

    assert "replacing the earlier demo plant" in capsys.readouterr().err


def test_what_a_link_in_the_demo_folder_points_to_is_kept(tmp_path):
    demo.new_plant(tmp_path / "a", fresh=False)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "kept.txt").write_text("kept", encoding="utf-8")
    (tmp_path / "a" / "link").symlink_to(tmp_path / "elsewhere")

    demo.new_plant(tmp_path / "a", fresh=True)

    assert (tmp_path / "elsewhere" / "kept.txt").is_file()


@pytest.mark.parametrize(
    ("wrong", "code"),
    [(("--dataset", "nasa"), 3), (("--dataset", "cmapss"), 3), (("--dataset", "azure", "--from", "nowhere"), 4)],
)
def test_a_demo_that_cannot_start_touches_nothing(plantpdm, tmp_path, wrong, code):
    assert plantpdm("demo", "--home", tmp_path / "a", *wrong).code == code
    assert not (tmp_path / "a").exists()
