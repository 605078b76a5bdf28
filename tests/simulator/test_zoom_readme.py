"""The simulator's README names every fixture, fault, mode and control route as they are."""

from pathlib import Path

from simulator.zoom import control, faults, fixtures, world
from tests.simulator.talking import Zoom

README = (Path(control.__file__).parent / "README.md").read_text(encoding="utf-8")


def test_every_person_company_and_app_is_listed(sim: Zoom) -> None:
    state = sim.control("state")

    for user in state["users"]:
        assert f"| {user['email']} | `{user['id']}` | {user['display_name']} | {user['type']}" in README
    for account in sim.world.store.all("SELECT * FROM account"):
        assert f"| {account['name']} | `{account['id']}` | {account['plan']} |" in README
    for app in sim.world.store.all("SELECT * FROM app"):
        for name in ("client_id", "client_secret", "secret_token"):
            assert f"`{app[name]}`" in README
    assert len(state["users"]) == sum(len(people) for people in fixtures.PEOPLE.values())


def test_every_fault_and_mode_is_listed() -> None:
    for kind in faults.KINDS:
        assert f"`{kind}`" in README
    for name, values in world.MODES.items():
        row = next(line for line in README.splitlines() if line.startswith(f"| `{name}` |"))
        assert all(f"`{value}`" in row for value in values)


def test_every_control_route_is_listed(sim: Zoom) -> None:
    rules = [rule.rule for rule in sim.app.url_map.iter_rules() if rule.rule.startswith("/sim/api/")]

    names = {rule.removeprefix("/sim/api/").split("/")[0] for rule in rules}

    assert len(names) >= 12
    for name in names:
        assert any(f"{method} {name}" in README for method in ("GET", "POST", "DELETE")), name
