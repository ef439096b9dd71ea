"""A changed past is noticed, whatever was changed in it."""

import itertools
import sqlite3
from dataclasses import replace
from datetime import timedelta

import pytest

from pdm.audit.canonical import canonical, plain
from pdm.audit.chain import GENESIS, link, verify
from pdm.audit.entry import AuditEntry
from pdm.errors import InputError, StoreError
from pdm.operations.verify_audit import verify_audit
from pdm.testing.builders import NOON
from pdm.testing.plants import a_plant


def a_chain(length=4):
    chain, seq, previous = [], 0, GENESIS
    for n in range(length):
        entry = AuditEntry(
            NOON + timedelta(minutes=n), "ada", "acknowledge", f"alert:{n}", "seen", {"from": "x", "n": n}
        )
        chain.append(link(entry, seq, previous))
        seq, previous = chain[-1].seq, chain[-1].hash
    return chain


def test_a_whole_chain_has_its_length():
    assert verify(a_chain(4)) == 4
    assert verify([]) == 0


@pytest.mark.parametrize(
    "change",
    [
        {"at": NOON + timedelta(microseconds=1)},
        {"who": "bob"},
        {"verb": "close"},
        {"subject": "alert:9"},
        {"why": ""},
        {"details": {}},
        {"hash": "0" * 64},
        {"previous": "1" * 64},
        {"seq": 7},
    ],
)
def test_a_change_in_any_field_names_the_link(change):
    chain = a_chain()
    chain[1] = replace(chain[1], **change)

    with pytest.raises(StoreError, match="broken at entry 2"):
        verify(chain)


def test_a_changed_entry_with_a_new_hash_breaks_the_next_link():
    chain = a_chain()
    chain[1] = link(replace(chain[1], who="bob"), 1, chain[0].hash)

    with pytest.raises(StoreError, match="broken at entry 3"):
        verify(chain)


def test_removing_inserting_and_reordering_are_noticed():
    chain = a_chain()
    for broken in (chain[1:], chain[:1] + chain[2:], [chain[1], chain[0], *chain[2:]], [chain[0], *chain]):
        with pytest.raises(StoreError, match="broken at entry"):
            verify(broken)


def test_a_cut_off_end_is_noticed_by_the_head():
    chain = a_chain()

    assert verify(chain, head=(4, chain[-1].hash)) == 4
    with pytest.raises(StoreError, match="4 entries were written"):
        verify(chain[:3], head=(4, chain[-1].hash))


TAMPERINGS = {
    "at": ["at || ' '", "'2020-01-01T00:00:00+00:00'", "'yesterday'", "replace(at, '+00:00', '')"],
    "who": ["'mallory'", "''", "upper(who)"],
    "verb": ["'approve'", "verb || '.'"],
    "subject": ["'alert:other'", "''"],
    "why": ["''", "why || ' '"],
    "details": ["'{}'", "'[]'", "'not json'", "replace(details, ':', ': ')", "'{\"n\":99}'"],
    "previous": ["hash", "substr(previous, 2) || 'f'"],
    "hash": ["previous", "substr(hash, 2) || 'f'"],
    "seq": ["seq + 1000"],
}
CHANGES = [
    f"UPDATE audit SET {column} = {value} WHERE seq = :seq" for column, values in TAMPERINGS.items() for value in values
] + ["DELETE FROM audit WHERE seq = :seq"]


def noticed(plant):
    """Whether the chain is said to be broken, and where."""
    try:
        verify_audit(plant)
    except StoreError as error:
        return "broken at entry" in error.message
    return False


def test_every_tampering_with_the_table_is_found(tmp_path):
    plant = a_plant(tmp_path)
    with plant.unit_of_work() as work:
        for n in range(16):
            work.audit.append(AuditEntry(NOON, "ada", "acknowledge", f"alert:{n}", "seen", {"n": n, "state": "x"}))
        work.commit()
    assert verify_audit(plant) == 16
    plant.unit_of_work.close()

    missed = []
    connection = sqlite3.connect(plant.workspace.database, isolation_level=None)
    original = connection.execute("SELECT * FROM audit").fetchall()
    connection.execute("PRAGMA synchronous=OFF")
    for change, seq in itertools.product(CHANGES, range(1, 17)):
        connection.execute(change, {"seq": seq})
        if not noticed(plant):
            missed.append((change, seq))
        connection.execute("BEGIN")
        connection.execute("DELETE FROM audit")
        connection.executemany("INSERT INTO audit VALUES (?,?,?,?,?,?,?,?,?)", original)
        connection.execute("COMMIT")
    connection.close()

    assert len(CHANGES) * 16 >= 368
    assert missed == []
    assert verify_audit(plant) == 16


def test_deleting_every_entry_is_found(tmp_path):
    plant = a_plant(tmp_path)
    with plant.unit_of_work() as work:
        work.audit.append(AuditEntry(NOON, "ada", "acknowledge", "alert:1"))
        work.commit()
    with sqlite3.connect(plant.workspace.database) as connection:
        connection.execute("DELETE FROM audit")

    with pytest.raises(StoreError, match="1 entries were written"):
        verify_audit(plant)


def test_json_has_one_spelling():
    assert canonical({"b": (1, 2.5), "a": float("nan"), "at": NOON}) == canonical(
        {"at": NOON.isoformat(), "a": None, "b": [1, 2.5]}
    )
    assert plain(True) is True


def test_what_is_no_json_is_refused_by_name():
    with pytest.raises(InputError, match="a set cannot"):
        plain({"x": {1, 2}})
