"""Cases gather what belongs together."""

from datetime import timedelta

import pytest

from pdm.alerts.alert import AlertState
from pdm.alerts.cases import close, gather, settled
from pdm.errors import IllegalTransition
from pdm.testing.builders import NOON, a_case, an_alert


def test_a_second_alert_joins_the_open_case():
    case, first = gather(None, an_alert(), mode_title="Bearing wear", now=NOON)
    same, second = gather(case, an_alert(mode="seal_leak"), mode_title="Leaking seal", now=NOON)

    assert same == case
    assert first.case_id == second.case_id == case.id


def test_a_case_is_settled_when_no_alert_is_open():
    assert settled([an_alert(state=AlertState.CLOSED)])
    assert not settled([an_alert(), an_alert(state=AlertState.CLOSED)])


def test_a_case_closes_once():
    closed = close(a_case(), now=NOON + timedelta(days=1))

    assert closed.state == "closed"
    with pytest.raises(IllegalTransition, match="closed already"):
        close(closed, now=NOON)
