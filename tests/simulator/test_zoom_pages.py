"""Every page of the simulator, in both languages: marked as a simulator, readable, without scripts."""

import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from simulator.zoom import faults, words
from simulator.zoom.dictionary import WORDS
from tests.simulator.talking import HANAKO, KENJI, SAIYO, ZOOM_ADMIN, Zoom

TEMPLATES = Path(words.__file__).parent / "templates"
JAPANESE = re.compile(r"[ぁ-んァ-ヶ一-龠]")


def walk(sim: Zoom) -> dict[str, str]:
    """Each page once, by template: the HTML."""
    pages = {"signin": sim.page("/signin").text}
    pages["refusal"] = sim.page(sim.authorize_path(redirect_uri="https://evil.example/")).text
    sim.sign_in(SAIYO)
    pages["preapproval"] = sim.page(sim.authorize_path()).text
    sim.page(sim.authorize_path(), decision="request")
    pages["preapproval (asked)"] = sim.page(sim.authorize_path()).text
    sim.sign_in(ZOOM_ADMIN)
    pages["preapproval (admin)"] = sim.page(sim.authorize_path()).text
    pages["requests"] = sim.page("/marketplace/requests").text
    pages["permissions"] = sim.page("/marketplace/apps/SimClientId0123456789AB/permissions").text
    sim.sign_in(HANAKO)
    pages["consent"] = sim.page(sim.authorize_path()).text
    sim.control("modes", {"decline": "stay"})
    pages["declined"] = sim.page(sim.authorize_path(), decision="decline").text
    hanako = sim.connect()
    made = [hanako.create(topic=f"Topic {number}") for number in range(3)]
    pages["installed"] = sim.page("/user/installed").text
    pages["meetings"] = sim.page("/meeting").text
    return pages | rooms(sim, made) | panel(sim)


def rooms(sim: Zoom, made: list[dict[str, object]]) -> dict[str, str]:
    doors = [f"/j/{meeting['id']}" for meeting in made]
    pages = {"message": sim.page("/j/1").text, "join (passcode)": sim.page(doors[0], passcode="x").text}
    seat = sim.control(f"meetings/{made[0]['id']}/join", {"name": "Taro"})["participant"]["key"]
    pages["seat (before the host)"] = sim.page(f"{doors[0]}/{seat}").text
    pages["room (not running)"] = sim.page(f"/room/{made[0]['id']}").text
    for meeting in made[:2]:
        sim.page(f"/s/{meeting['id']}")
    pages["busy"] = sim.page(f"/s/{made[2]['id']}").text
    pages["room"] = sim.page(f"/room/{made[0]['id']}").text
    pages["seat (waiting room)"] = sim.page(f"{doors[0]}/{seat}").text
    sim.page(doors[0], passcode=made[0]["password"])
    pages["join (name)"] = sim.page(doors[0]).text
    sim.page(f"{doors[0]}/{seat}", leave="1")
    pages["seat (left)"] = sim.page(f"{doors[0]}/{seat}").text
    sim.sign_in(KENJI)
    pages["not_host"] = sim.page(f"/s/{made[0]['id']}").text
    return pages


def panel(sim: Zoom) -> dict[str, str]:
    for kind in faults.KINDS:
        if kind != "down":
            sim.fault(kind, times=5, match={"path": "/nowhere"})
    return {name: sim.page(path).text for name, path in
            {"panel": "/sim", "log": "/sim/log", "users": "/sim/users"}.items()}  # fmt: skip


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_page_is_marked_whole_and_scriptless(sim: Zoom, language: str) -> None:
    sim.page(f"/signin?lang={language}")
    pages = walk(sim)

    shown = {name.split(" ")[0] for name in pages}
    assert shown == {path.stem for path in TEMPLATES.glob("*.html")} - {"base"}
    banner = {"ja": "Zoom シミュレーター（本物ではありません）", "en": "Zoom simulator (not the real Zoom)"}
    for name, html in pages.items():
        soup = BeautifulSoup(html, "html.parser")
        assert soup.html is not None, name
        assert soup.html["lang"] == language, name
        assert soup.select_one(".banner").get_text() == banner[language], name  # type: ignore[union-attr]
        assert len(soup.select("h1")) == 1, name
        assert soup.select_one('meta[name="viewport"]'), name
        assert not soup.select("script, style, [style], img"), name
        assert not [tag for tag in soup.find_all() if any(key.startswith("on") for key in tag.attrs)], name
        for field in soup.select("input:not([type=hidden]), select, textarea"):
            assert field.find_parent("label"), f"{name}: {field}"


def test_an_english_page_has_no_japanese_words_of_ours(sim: Zoom) -> None:
    sim.page("/signin?lang=en")
    names = [row["name"] for row in sim.world.store.all("SELECT name FROM account")]
    names += [user["display_name"] for user in sim.control("state")["users"]]

    for name, html in walk(sim).items():
        soup = BeautifulSoup(html, "html.parser")
        ours = soup.select("h1, h2, label > span, legend, summary, nav a, .flash, .error, option, dt")
        for tag in ours:
            text = tag.get_text()
            # Names of people and companies stay as they are.
            for known in names:
                text = text.replace(known, "")
            assert not JAPANESE.search(text), f"{name}: {text}"


def test_the_dictionary_has_what_templates_ask_for_and_nothing_more() -> None:
    sources = [path.read_text(encoding="utf-8") for path in TEMPLATES.glob("*.html")]
    sources += [path.read_text(encoding="utf-8") for path in TEMPLATES.parent.glob("*.py")]
    text = "\n".join(source for source in sources if "WORDS: dict" not in source)
    families = set(re.findall(r't\("(\w+_)" ~', text))

    asked = set(re.findall(r"""\bt\(\s*["'](\w+)["']""", text)) - families
    unknown = asked - set(WORDS)
    named = set(re.findall(r'(?:t|_back)\("(\w+)"|title="(\w+)", text="(\w+)"|t\("(\w+)" if', text))
    named = {word for words_ in named for word in words_ if word}
    named |= set(re.findall(r'else "(\w+)"', text))
    named |= {"ja", "en"}  # the names of the languages, asked for by their code
    named |= {key for key in WORDS if key.startswith("error_")}  # asked for by their status
    unused = {key for key in WORDS if key not in named | asked and not key.startswith(tuple(families))}

    assert unknown == set()
    assert unused == set()
    assert families >= {"fault_", "mode_", "value_", "seat_", "status_", "policy_", "limit_", "state_"}


def test_every_word_has_two_languages() -> None:
    for key, (japanese, english) in WORDS.items():
        assert japanese.strip(), key
        assert english.strip(), key
        if key != "ja":
            assert not JAPANESE.search(english), key


def test_the_language_is_remembered(sim: Zoom) -> None:
    sim.page("/signin?lang=en")

    assert "Which Zoom user do you want to be?" in sim.page("/signin").text
    sim.page("/signin?lang=xx")
    assert "Which Zoom user do you want to be?" in sim.page("/signin").text


def test_switching_the_language_keeps_the_request(sim: Zoom) -> None:
    sim.sign_in(HANAKO)
    soup = BeautifulSoup(sim.page(sim.authorize_path()).text, "html.parser")

    link = soup.select_one('a[hreflang="en"]')

    assert link is not None
    page = sim.page(str(link["href"])).text
    assert "Allow this app to use my shared access permissions" in page
    assert "Authorize" in page


def test_pages_come_with_guarding_headers(sim: Zoom) -> None:
    answer = sim.page("/signin")

    assert answer.headers["Cache-Control"] == "no-store"
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def contrast(first: str, second: str) -> float:
    """The WCAG contrast ratio of two #rrggbb colors."""

    def luminance(color: str) -> float:
        channels = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        red, green, blue = [
            value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels
        ]
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(
    ("front", "back", "least"),
    [
        ("ink", "paper", 4.5), ("ink", "ground", 4.5), ("ink", "banner", 4.5), ("ink", "good", 4.5),
        ("ink", "bad", 4.5), ("ink-soft", "paper", 4.5), ("ink-soft", "ground", 4.5), ("accent", "paper", 4.5),
        ("accent", "ground", 4.5), ("danger", "paper", 4.5), ("danger", "bad", 4.5), ("line", "paper", 3),
    ],
)  # fmt: skip
def test_colors_contrast(front: str, back: str, least: float) -> None:
    css = (TEMPLATES.parent / "static" / "simulator.css").read_text(encoding="utf-8")
    colors = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", css))

    assert contrast(colors[front], colors[back]) >= least


def test_errors_are_pages_too_and_json_where_json_is_read(sim: Zoom) -> None:
    sim.sign_in(HANAKO)

    forbidden = sim.page("/marketplace/requests")
    missing = sim.page("/nowhere")

    assert (forbidden.status_code, missing.status_code) == (403, 404)
    for answer in (forbidden, missing):
        assert "Zoom シミュレーター（本物ではありません）" in answer.text
    assert sim.page("/sim/api/nowhere").json == {"error": "Not Found"}
    assert sim.page("/v2/nowhere").json["code"] == 2300


def test_a_form_posted_after_signing_out_leads_to_a_page_that_opens(sim: Zoom) -> None:
    answer = sim.page("/user/installed/SimClientId0123456789AB/uninstall", go="1")

    assert answer.location == "/signin?next=/meeting"
    assert sim.page("/room/1", decision="end").status_code == 404
