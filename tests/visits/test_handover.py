"""A portfolio changes hands on a day: nothing is lost, doubled, rewritten or left between."""

from datetime import date

import pytest

from app.accounts.roles import Role
from tests import make
from tests.visits.town import go_to, open_town

pytestmark = pytest.mark.usefixtures("app")
D = date.fromisoformat


def test_smoke(client_for, frozen_clock):
    town = open_town()
    town.generate()
    new = make.actor(Role.LIAISON)
    c = client_for(town.clerk)
    for u in [
        "/handovers",
        "/handovers/new",
        f"/handovers/new?giver={town.liaison_id}&seat=liaison",
        f"/handovers/preview?giver={town.liaison_id}&seat=liaison&successor={new.user_id}&from_on=2026-09-22&reason=退休&target={town.target}",
    ]:
        r = c.get(u)
        print(u, r.status_code)
        assert r.status_code == 200, r.text
    import re

    seen = re.search(r'name="seen"[^>]*value="([0-9a-f]+)"', r.text).group(1)
    r = c.post(
        f"/handovers?giver={town.liaison_id}&seat=liaison&successor={new.user_id}&from_on=2026-09-21&reason=退休&target={town.target}",
        data={"seen": seen, "idempotency_key": "0" * 32},
    )
    assert r.status_code == 409, r.text
    r = c.post(
        f"/handovers?giver={town.liaison_id}&seat=liaison&successor={new.user_id}&from_on=2026-09-22&reason=退休&target={town.target}",
        data={"seen": seen, "idempotency_key": "0" * 32},
    )
    assert r.status_code == 303, r.text
    for p in ("", "/undo"):
        q = c.get(r.location + p)
        assert q.status_code == 200, q.text
    from app.visits import jobs

    go_to(frozen_clock, "2026-09-22", "00:00")
    jobs.carry_out_handovers()
    print([(t.linkage_id, t.state) for t in town.tasks()])
    assert c.get(r.location).status_code == 200
    assert c.get("/handovers").status_code == 200
