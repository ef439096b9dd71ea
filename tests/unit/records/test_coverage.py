"""Shares with a counterpart, counted by hand."""

from pdm.records.coverage import asset_share, code_shares, mode_share
from pdm.records.mapping import ListMapping
from pdm.records.structure import Node, Structure
from pdm.testing.plants import PUMP_MODES

MODES = {"pump": PUMP_MODES}


def test_an_asset_is_covered_when_a_list_names_it_and_without_a_list_nothing_is_claimed():
    share = asset_share(["P-1", "P-2"], Structure({"100": Node("100", "equipment", asset="P-1")}))
    assert (share.covered, share.total, share.gaps) == (1, 2, ("P-2: on no list",))

    nothing = asset_share(["P-1"], Structure())
    assert nothing.share is None
    assert "import assets" in nothing.note


def test_a_mode_needs_a_code_of_its_own_or_its_item_and_mechanism():
    halves = ListMapping("IW29", parts={"A1": "bearing"}, mechanisms={"D1": "leakage", "D2": ""})
    share = mode_share(MODES, {"sap-iw29": halves})
    assert share.gaps == ("pump/bearing_wear: no damage code means wear", "pump/seal_leak: no part code means seal")

    whole = ListMapping("IW29", parts={"A1": "bearing"}, mechanisms={"D1": "wear"}, modes={"D9": "seal_leak"})
    assert mode_share(MODES, {"sap-iw29": whole}).share == 1.0
    assert mode_share(MODES, {"sap-iw29": ListMapping("IW29")}).share is None


def test_codes_count_when_they_mean_something_that_there_is():
    mapping = ListMapping(
        "IW29",
        kinds={"M1": "repair", "Z9": ""},
        priority={"1": "critical", "2": ""},
        parts={"A1": "bearing", "A2": ""},
        mechanisms={"D1": "wear", "D2": ""},
        modes={"D2": "seal_leak", "D3": "gremlins"},
        classes={"PUMP": "pump", "FAN": "fan", "DESK": ""},
    )
    shares = {one.what: one for one in code_shares({"sap": mapping}, ["pump"], MODES)}

    assert {name: (one.covered, one.total) for name, one in shares.items()} == {
        "sap: kinds": (1, 2),
        "sap: priority": (1, 2),
        "sap: parts": (1, 2),
        "sap: damage codes": (2, 3),
        "sap: classes": (1, 2),
    }
    assert shares["sap: damage codes"].gaps == ("D3: there is no failure mode 'gremlins'",)
