"""Whatever an app sends, the API answers with a refusal or a success, never with a crash."""

from typing import Any
from urllib.parse import quote

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.zoom import fixtures
from tests.simulator.talking import Zoom

FEW = settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(allow_nan=False), st.text(max_size=30)
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
setting_names = st.sampled_from(
    ["waiting_room", "jbh_time", "approval_type", "audio", "alternative_hosts", "meeting_invitees", "use_pmi"]
)
names = st.sampled_from(
    [
        "topic", "agenda", "type", "start_time", "timezone", "duration", "password", "default_password",
        "schedule_for", "settings", "action", "registrants", "attendees", "ttl", "email", "first_name", "last_name",
    ]
)  # fmt: skip
bodies = st.dictionaries(
    names, values | st.dictionaries(setting_names, values, max_size=4), max_size=6
) | st.fixed_dictionaries({"action": values, "registrants": st.lists(st.dictionaries(st.just("id"), values))})


def statuses(sim: Zoom, calls: list[tuple[str, str, Any]]) -> set[int]:
    app = sim.connect()
    return {app.call(method, path, body).status_code for method, path, body in calls}


@FEW
@given(body=bodies)
def test_no_body_breaks_the_api(sim: Zoom, body: dict[str, Any]) -> None:
    sim.control(f"apps/{fixtures.CLIENT_ID}", {"scopes": fixtures.EVERY_SCOPE})
    sim.control("modes", {"limits": "off"})
    meeting = sim.connect().create(settings={"approval_type": 0})
    path = f"/meetings/{meeting['id']}"

    found = statuses(
        sim,
        [
            ("POST", "/users/me/meetings", body),
            ("PATCH", path, body),
            ("PUT", f"{path}/status", body),
            ("POST", f"{path}/registrants", body),
            ("PUT", f"{path}/registrants/status", body),
            ("POST", f"{path}/invite_links", body),
        ],
    )

    assert found <= {200, 201, 204, 400, 403, 404}


@FEW
@given(
    text=st.text(min_size=1, max_size=40)
    | st.integers(0, 10**40).map(str)
    | st.sampled_from(["²", "１２", "%2F"])
)
def test_no_name_in_the_path_or_query_breaks_it(sim: Zoom, text: str) -> None:
    sim.control(f"apps/{fixtures.CLIENT_ID}", {"scopes": fixtures.EVERY_SCOPE})
    sim.control("modes", {"limits": "off"})
    name = quote(text, safe="")

    found = statuses(
        sim,
        [
            ("GET", f"/meetings/{name}", None),
            ("PUT", f"/meetings/{name}/status", {"action": "recover"}),
            ("GET", f"/past_meetings/{name}", None),
            ("GET", f"/past_meetings/{name}/participants", None),
            ("GET", f"/users/{name}", None),
            ("GET", f"/users/me/meetings?page_size={name}&page_number={name}", None),
            ("GET", f"/users/me/meetings?next_page_token={name}&type={name}", None),
            ("GET", f"/users/me/token?ttl={name}", None),
        ],
    )
    pages = {sim.page(f"/{room}/{name}?pwd={name}&zak={name}").status_code for room in ("j", "s", "room")}
    pages.add(sim.page(sim.authorize_path(redirect_uri=name, code_challenge_method=name)).status_code)
    pages.add(sim.token(grant_type="refresh_token", refresh_token=text).status_code)

    assert found <= {200, 204, 303, 400, 403, 404}
    assert pages <= {303, 400, 403, 404}
