"""The walk W1–W16, as people do it: the demo's own processes, a real browser, real mail, the simulated Zoom's pages.

The whole in Japanese on a desktop and in English on a telephone; setting an interview, writing of it and joining it
(a date that is agreed) also the other way round. The names of the steps are those of the requirements;
the words that are pressed are the words that stand there."""

import re

import jaconv
import pytest
from playwright.sync_api import expect

from mensetsu.web import dates
from tests.browser.walking import SCREENS, Walk, once_in_each_language
from tests.ical import readers

pytestmark = pytest.mark.browser


@once_in_each_language
def test_w1_to_w3_link_the_zoom_account_one_owns(walk: Walk) -> None:
    page = walk.person("aoki")

    walk.open_zoom_settings(page)
    page.get_by_role("button", name=walk.t("Zoomと連携", "Connect Zoom")).click()
    walk.authorize_at_zoom(page, "kenji@sample.example.jp")

    expect(page).to_have_url(re.compile(r"/settings/zoom/"))
    own = page.locator("#own")
    expect(own).to_contain_text(walk.t("連携済み", "Connected"))
    expect(own).to_contain_text("kenji@sample.example.jp")


@once_in_each_language
def test_w4_ask_the_zoom_administrator_first_where_the_account_needs_it(walk: Walk) -> None:
    page = walk.person("endo")
    walk.open_zoom_settings(page)
    page.get_by_role("button", name=walk.t("Zoomと連携", "Connect Zoom")).click()
    walk.sign_in_at_zoom(page, "saiyo@approval.example.jp")

    page.get_by_role("button", name=re.compile("事前承認をとる|Request pre-approval")).click()
    expect(page.get_by_text(re.compile("リクエスト済み|^Requested"))).to_be_visible()

    # Back by hand: Zoom tells us nothing, so the person does.
    page.goto(walk.running.url + "/settings/zoom/")
    page.get_by_role(
        "button", name=walk.t("「管理者の承認が必要です」と表示されたとき", "When Zoom says")
    ).click()
    expect(page.locator("#own")).to_contain_text(walk.t("承認待ち", "Awaiting approval"))

    admin = walk.visitor("zoom-admin")
    admin.goto(walk.running.zoom_url + "/marketplace/requests")
    walk.sign_in_at_zoom(admin, "zoom-admin@approval.example.jp")
    admin.get_by_role("button", name=re.compile("Pre Approve")).click()

    page.get_by_role("button", name=walk.t("もう一度連携", "Connect again")).click()
    page.get_by_role("button", name=re.compile("^(Authorize|許可)$")).click()
    expect(page.locator("#own")).to_contain_text(walk.t("連携済み", "Connected"))
    expect(page.locator("#own")).to_contain_text("saiyo@approval.example.jp")


@once_in_each_language
def test_w5_the_browsers_language_does_not_matter_after_login(walk: Walk) -> None:
    context = walk.browser.new_context(locale="fr-FR", viewport=SCREENS[walk.screen])
    context.add_cookies(walk.person("baba").context.cookies())
    page = context.new_page()

    page.goto(walk.running.url + "/candidates/")

    expect(page.get_by_role("heading", level=1)).to_have_text(walk.t("応募者", "Applicants"))
    context.close()


def test_w6_find_the_applicant_from_the_menu(walk: Walk) -> None:
    page = walk.person("baba")
    page.goto(walk.running.url)
    page.get_by_role("link", name=walk.t("応募者", "Applicants"), exact=True).click()

    typed = (
        jaconv.kata2hira(walk.applicant.family_kana)
        if walk.language == "ja"
        else walk.applicant.family.lower()
    )
    page.locator("input[name=q]").fill(typed)
    page.get_by_role("button", name=walk.t("検索", "Search"), exact=True).click()
    expect(page.get_by_role("status").filter(has_text=re.compile(r"\d"))).to_be_visible()
    page.get_by_role("link", name=f"{walk.applicant.family} {walk.applicant.given}").or_(
        page.get_by_role("link", name=walk.applicant.romaji)
    ).first.click()

    page.get_by_role("link", name=walk.t("面接を設定する", "Set an interview")).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(walk.t("面接の設定", "interview"))


def test_w7_and_w8_set_the_interview_and_read_what_was_done(walk: Walk) -> None:
    page = walk.person("baba")

    page.locator("#id_date").fill(walk.day.isoformat())
    page.locator("#id_start").select_option("10:00")
    page.get_by_label(walk.t("土井 大", "Dai Doi")).check()
    host = page.locator("#id_host option", has_text="採用チーム用Zoom")
    page.locator("#id_host").select_option(host.get_attribute("value"))
    expect(page.get_by_text(dates.day(walk.day, language=walk.language)).first).to_be_visible()
    page.get_by_role("button", name=walk.t("面接設定完了", "Set the interview")).click()

    expect(page.get_by_role("heading", level=1)).to_contain_text(
        walk.t("面接を登録しました", "The interview has been set")
    )
    walk.interview_url = re.sub(r"saved/.*", "", page.url)
    expect(page.locator("#url-state")).to_contain_text(
        walk.t("Zoomのミーティングを作成しました", "The Zoom meeting has been made"), timeout=30_000
    )
    page.get_by_role("button", name=walk.t("あとで送る", "Send later")).click()
    # "Later" is remembered on the home page.
    page.goto(walk.running.url)
    name = walk.t(f"{walk.applicant.family} {walk.applicant.given}", walk.applicant.romaji)
    line = page.locator("li, tr", has_text=name).filter(
        has_text=walk.t("日程確定メールが未送信", "confirmation email has not been sent")
    )
    expect(line.first).to_be_visible()


def test_w9_the_hosts_own_zoom_lists_the_meeting(walk: Walk) -> None:
    zoom = walk.visitor("recruit-at-zoom")
    zoom.goto(walk.running.zoom_url + "/meeting")
    walk.sign_in_at_zoom(zoom, "recruit@sample.example.jp")

    # The topic says company and step, never the applicant's name: Zoom shows it to everybody in the account.
    card = zoom.locator("li.card", has_text=f"{walk.day.isoformat()} 10:00:00")
    expect(card).to_have_count(1)
    expect(card).to_contain_text("60")
    expect(card).not_to_contain_text(walk.applicant.family)


def test_w10_write_the_mail(walk: Walk) -> None:
    page = walk.person("baba")
    page.goto(walk.interview_url)
    page.get_by_role("link", name=walk.t("メールを作成", "Write the email")).first.click()

    body = page.locator("#id_body")
    expect(body).to_have_value(re.compile(r"\{\{(ZoomミーティングURL|zoom_join_url)\}\}"))
    preview = page.locator(".preview").first
    expect(preview).to_contain_text("/j/")
    page.get_by_role("button", name=walk.t("メールを送信", "Send the email")).click()
    confirm = page.get_by_role("button", name=walk.t("この内容で送信", "Send as shown"))
    if confirm.count():
        confirm.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(walk.t("メールを送信しました", "Email sent"))


@once_in_each_language
def test_w11_templates_and_tags_can_be_read_in_the_product(walk: Walk) -> None:
    page = walk.person("aoki")
    page.goto(walk.running.url + "/settings/")

    page.locator("main").get_by_role("link", name=walk.t("タグ一覧", "All tags")).click()
    expect(page.locator("main")).to_contain_text("{{ZoomミーティングURL}}")
    expect(page.locator("main")).to_contain_text("{{Zoom meeting URL}}")

    page.goto(walk.running.url + "/settings/")
    page.get_by_role("link", name=walk.t("メールテンプレート", "Mail templates")).first.click()
    expect(page.locator("main")).to_contain_text(walk.t("日程確定", "Confirmation"))


@once_in_each_language
def test_w14_unlinking_goes_through_where_nothing_depends_on_it(walk: Walk) -> None:
    page = walk.person("aoki")
    page.goto(walk.running.url + "/settings/zoom/")

    page.locator("#own").get_by_role("link", name=walk.t("解除", "Disconnect")).click()
    page.get_by_role("button", name=walk.t("解除", "Disconnect")).click()

    expect(page.locator("#own")).to_contain_text(walk.t("未連携", "Not connected"))


def test_w10_the_mail_is_in_the_mailbox_with_its_calendar_file(walk: Walk) -> None:
    letter = walk.running.letter(walk.applicant.email, walk.t("日程確定のご案内", "your online interview"))
    assert f"{walk.running.zoom_url}/j/" in letter["text"]
    assert f"{walk.running.url}/j/" in letter["text"]
    assert "{{" not in letter["text"]
    assert "zak=" not in letter["text"]
    assert letter["attachments"][0]["name"] == "invite.ics"
    [event] = readers.understood(letter["attachments"][0]["text"])["events"]
    assert event["starts_at"].startswith(f"{walk.day.isoformat()}T01:00")


def test_the_applicant_joins_from_the_mail_on_a_telephone(walk: Walk) -> None:
    letter = walk.running.letter(walk.applicant.email, walk.t("日程確定のご案内", "your online interview"))
    address = re.search(rf"{re.escape(walk.running.url)}/j/\S+", letter["text"])
    assert address
    page = walk.visitor("applicant")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(address.group())

    expect(page.locator("main")).to_contain_text(dates.day(walk.day, language=walk.language))
    page.get_by_role("button", name=walk.t("Zoomで参加", "Join on Zoom")).click()

    expect(page).to_have_url(re.compile(rf"{re.escape(walk.running.zoom_url)}/j/"))
    page.locator("input[name=uname]").fill("Applicant")
    page.locator("main form.card button").click()


def test_w13_the_interviewer_starts_the_meeting(walk: Walk) -> None:
    page = walk.person("doi")
    page.goto(walk.running.url)
    expect(page.get_by_role("heading", level=1)).to_have_text(walk.t("今日の面接", "Today's interviews"))
    number = walk.interview_url.rstrip("/").rsplit("/", 1)[1]
    page.goto(f"{walk.running.url}/interviews/?day={walk.day.isoformat()}")

    with page.context.expect_page() as opened:
        page.locator(f"#interview-{number}").get_by_role(
            "button", name=walk.t("WEB面接開始", "Start the online interview")
        ).click()
    room = opened.value
    room.wait_for_load_state()

    # Zoom wants the browser signed in as the host, as the real one does.
    signing_in = room.get_by_role("button", name="recruit@sample.example.jp")
    if signing_in.count():
        signing_in.click()
    expect(room).to_have_url(re.compile(re.escape(walk.running.zoom_url)))
    expect(room.locator("main")).to_contain_text("Applicant")
    assert "zak=" not in page.content()
    running = [m for m in walk.running.zoom("state")["meetings"] if m["status"] == "started"]
    assert len(running) == 1
    room.close()


@once_in_each_language
def test_w15_unlinking_is_refused_until_the_hosts_are_changed_in_one_step(walk: Walk) -> None:
    page = walk.person("baba")
    page.goto(walk.running.url + "/settings/zoom/")
    card = page.locator("section.card", has_text="採用チーム用Zoom")
    card.get_by_role("link", name=walk.t("解除", "Disconnect")).click()

    expect(page.get_by_role("heading", level=1)).to_contain_text(
        walk.t("解除できません", "cannot be disconnected")
    )
    refused_at = page.url
    page.locator("#id_host").select_option("auto")
    page.get_by_role("button", name=walk.t("まとめて変更", "together")).click()
    # The page asks again until all have moved and have their new links.
    expect(page.locator("#rehosting:not([hx-get])").get_by_role("status")).to_contain_text(
        walk.t("主催者を変更しました", "Changed the host of"), timeout=60_000
    )

    page.goto(refused_at)
    page.get_by_role("button", name=walk.t("解除", "Disconnect")).click()
    expect(page.locator("section.card", has_text="recruit@sample.example.jp")).to_have_count(0)


@once_in_each_language
def test_the_mail_sent_before_still_leads_to_the_meeting_on_the_new_host(walk: Walk) -> None:
    # Another window: the one at Zoom waits for its host and goes on by itself.
    page = walk.visitor("applicant-again")
    letter = walk.running.letters(walk.applicant.email)[-1]
    address = re.search(rf"{re.escape(walk.running.url)}/j/\S+", letter["text"])
    assert address
    page.goto(address.group())
    page.get_by_role("button", name=walk.t("Zoomで参加", "Join on Zoom")).click()

    expect(page).to_have_url(re.compile(rf"{re.escape(walk.running.zoom_url)}/j/"))
    old_number = re.search(rf"{re.escape(walk.running.zoom_url)}/j/(\d+)", letter["text"])
    assert old_number
    assert old_number.group(1) not in page.url


@once_in_each_language
def test_w16_an_uninstall_at_zoom_unlinks_by_itself_and_recruiters_are_told(walk: Walk) -> None:
    zoom = walk.visitor("recruit2-at-zoom")
    zoom.goto(walk.running.zoom_url + "/user/installed")
    walk.sign_in_at_zoom(zoom, "recruit2@sample.example.jp")
    zoom.get_by_role("button", name=re.compile("^(アンインストール|Uninstall)$")).click()

    walk.running.letter("baba@sample.example.jp", "Zoom")
    page = walk.person("baba")
    page.goto(walk.running.url + "/settings/zoom/")
    card = page.locator("section.card", has_text=re.compile("採用サブ用Zoom"))
    expect(card.first).to_contain_text(walk.t("要再連携", "Reconnect needed"))
    page.goto(walk.running.url)
    expect(page.locator("main")).to_contain_text(walk.t("再連携", "econnect"))


@once_in_each_language
def test_another_company_sees_nothing_of_it(walk: Walk) -> None:
    page = walk.visitor("chiba")
    walk.log_in(page, "chiba@tonari.example.jp")

    answer = page.goto(walk.interview_url)

    assert answer is not None
    assert answer.status == 404
