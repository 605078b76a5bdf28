"""What stands in deploy/ and can be looked at without its programs."""

import re
from pathlib import Path

from django.conf import settings

DEPLOY = Path(settings.BASE_DIR) / "deploy"


def test_every_variable_that_compose_fills_in_is_named_at_its_head() -> None:
    text = (DEPLOY / "compose.yaml").read_text()
    head, _, body = text.partition("\nx-mensetsu:")

    used = set(re.findall(r"\$\{(\w+)", body))
    assert used == {"MENSETSU_HOST", "POSTGRES_PASSWORD"}
    assert [name for name in used if f"#   {name} " not in head] == []


def test_the_unit_of_a_web_node_makes_its_static_files_before_it_starts() -> None:
    lines = (DEPLOY / "mensetsu-web.service").read_text().splitlines()

    before = next(
        n for n, line in enumerate(lines) if line.startswith("ExecStartPre=") and "collectstatic" in line
    )
    assert before < next(n for n, line in enumerate(lines) if line.startswith("ExecStart="))


def test_caddy_asks_a_node_under_the_name_of_the_site() -> None:
    """Under its address every question would be answered with 400 (MENSETSU_ALLOWED_HOSTS)."""
    text = (DEPLOY / "Caddyfile").read_text()

    name = re.search(r"^(\S+) \{$", text, re.MULTILINE)
    assert name is not None
    assert re.search(rf"health_headers \{{\s+Host {re.escape(name[1])}\s", text)
