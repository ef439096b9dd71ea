"""What the receiver takes is read off the payload that it would be sent."""

from dataclasses import replace

import pytest

from pdm.adapters.cmms_maximo import MaximoReceiver
from pdm.adapters.cmms_sap import SapReceiver
from pdm.adapters.gate import gate
from pdm.adapters.http import Transport
from pdm.readings.registry import register
from pdm.testing.builders import NOON, an_asset
from pdm.testing.plants import a_plant
from pdm.views.coverage import coverage

KEY = "hunter2-hunter2"
LONG = "P-" + "9" * 30


def sap(**given):
    transport = Transport("https://sap.example", gate(("sap.example",)), "SAP", ())
    return SapReceiver(transport, user="u", secret=KEY, zone="UTC", given=given)


def maximo():
    transport = Transport("https://mx.example", gate(("mx.example",)), "Maximo", ())
    return MaximoReceiver(transport, secret=KEY, zone="UTC", given={"site": "BEDFORD"})


def shares(tmp_path, receiver):
    plant = replace(a_plant(tmp_path), receiver=receiver)
    register(plant.history, [an_asset("P-101"), an_asset(LONG)], [], now=NOON)
    return {one.what.split(" at the ")[0].split(" that the ")[0]: one for one in coverage(plant)}


@pytest.mark.parametrize(
    ("receiver", "assets", "modes", "priorities"),
    [
        (sap(), 2, 0, 0),
        (sap(send="priority", items="yes"), 2, 4, 4),
        (maximo(), 1, 0, 4),
    ],
)
def test_what_has_a_field_of_its_own_at_the_receiver(tmp_path, receiver, assets, modes, priorities):
    found = shares(tmp_path, receiver)

    assert (found["assets"].covered, found["assets"].total) == (assets, 2)
    assert (found["failure modes with a field"].covered, found["failure modes with a field"].total) == (modes, 4)
    assert (found["priorities with a field"].covered, found["priorities with a field"].total) == (priorities, 4)


def test_every_gap_is_named(tmp_path):
    found = shares(tmp_path, maximo())

    assert LONG in found["assets"].gaps[0]
    assert "pump/seal_leak: in the text only" in found["failure modes with a field"].gaps
