"""Show what a work request would look like on its way out, before anybody approves it."""

from __future__ import annotations

from pdm.ports import Payload, Plant
from pdm.work.canonical import canonical_body


def show_payload(plant: Plant, request_id: str) -> Payload:
    """Exactly what the receiver would be sent, without secrets; nothing is sent and nothing changes.

    Raises:
        NotFound: no such request.
        InputError: the receiver could never take it, such as a tag that is too long.
    """
    with plant.unit_of_work() as work:
        request = work.requests.get(request_id)
    return plant.receiver.dry_run(canonical_body(request))
