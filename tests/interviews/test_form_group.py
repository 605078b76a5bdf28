"""The template group of the form: preselected by the stage, until somebody chooses by hand."""

from typing import Any

import pytest
from django.utils import timezone

from mensetsu.interviews.models import Interview
from mensetsu.mail import grouping, groups, samples
from tests import story
from tests.interviews import automatic, desk
from tests.interviews.desk import path, soup

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(people: Any) -> Any:
    """The first stage has the group 一次, its job has 営業; the last stage has none of its own, nor has the company."""
    found = desk.furnish(people)
    samples.install_samples(found.company, timezone.now())
    found.standard = groups.default_of(found.company.pk)
    found.final = found.job.stages.get(name="最終面接")
    found.of_stage, found.of_job = (automatic.second_group(found, name) for name in ("一次", "営業"))
    use(found, found.of_stage, stages=[found.stage])
    use(found, found.of_job, jobs=[found.job])
    return found


@pytest.fixture
def baba(world: Any, client_of: Any) -> Any:
    return client_of(world.baba)


def use(world: Any, group: Any, *, everywhere: bool = False, jobs: Any = (), stages: Any = ()) -> None:
    grouping.use_for(
        group, is_everywhere=everywhere, jobs=jobs, stages=stages, by=world.aoki, now=timezone.now()
    )


def shown(answer: Any) -> dict[str, str]:
    """What the part of the page about the group says, as the browser would send it back."""
    part = soup(answer).find(id="group-news")
    chosen = part.find(id="id_group").find("option", selected=True)
    return {
        "tells": part.find("input", attrs={"name": "tells", "checked": True})["value"],
        "group": (chosen or part.find(id="id_group").find("option"))["value"],
        "usual": part.find("input", attrs={"name": "usual"}).get("value", ""),
    }


def why(answer: Any) -> str:
    return soup(answer).find(id="group-news").find("p", role="status").get_text()


def by_phone(world: Any, **wished: str) -> dict[str, Any]:
    phone = {"way": "phone", "service": "", "host": ""}
    return desk.form(world, story.tomorrow_at(14, days=9), **{**phone, **wished})


def check(world: Any, baba: Any, **wished: str) -> Any:
    return baba.post(f"/candidates/{world.sato.pk}/interviews/check/", by_phone(world, **wished))


def test_the_page_says_which_group_and_why(world, baba) -> None:
    page = baba.get(path(world))

    assert shown(page)["group"] == str(world.of_stage.pk)
    assert why(page) == (
        "選考ステップ「一次面接」の設定により「一次」を選択しています。手動で選ぶまでは、選考ステップに合わせて変わります。"
    )


def test_another_stage_switches_an_untouched_choice(world, baba) -> None:
    first = shown(baba.get(path(world)))

    answer = check(world, baba, **first, stage=str(world.final.pk))

    assert shown(answer)["group"] == str(world.of_job.pk)
    assert why(answer).startswith("職種「営業」の設定により「営業」を選択しています。")
    back = check(world, baba, **shown(answer))
    assert shown(back) == first


def test_a_stage_without_any_group_leaves_the_writing_to_the_recruiter_and_back(world, baba) -> None:
    use(world, world.of_job)
    first = shown(baba.get(path(world)))

    answer = check(world, baba, **first, stage=str(world.final.pk))

    assert shown(answer)["tells"] == "self"
    assert why(answer).startswith("この選考ステップにはグループの設定がないため")
    back = shown(check(world, baba, **shown(answer)))
    assert (back["tells"], back["group"]) == ("auto", str(world.of_stage.pk))


def test_the_companys_group_is_named_as_such(world, baba) -> None:
    use(world, world.of_job, everywhere=True)

    answer = check(world, baba, **shown(baba.get(path(world))), stage=str(world.final.pk))

    assert why(answer).startswith("会社全体の設定により「営業」を選択しています。")


@pytest.mark.parametrize("choice", ["other", "self"])
def test_what_somebody_chose_by_hand_stays_through_every_stage(world, baba, choice: str) -> None:
    first = shown(baba.get(path(world)))
    by_hand = {"group": str(world.standard.pk)} if choice == "other" else {"tells": "self"}
    chosen = shown(check(world, baba, **{**first, **by_hand}))

    answer = check(world, baba, **chosen, stage=str(world.final.pk))

    assert {**shown(answer), **by_hand} == shown(answer)
    assert why(answer) == "手動で選択しています。選考ステップを変えてもこのままです。"


def test_a_choice_by_hand_that_happens_to_be_another_stages_group_does_not_move_on(world, baba) -> None:
    first = shown(baba.get(path(world)))
    chosen = shown(check(world, baba, **{**first, "group": str(world.of_job.pk)}))

    there = shown(check(world, baba, **chosen, stage=str(world.final.pk)))
    back = shown(check(world, baba, **there))

    assert back["group"] == str(world.of_job.pk)


def test_without_javascript_an_untouched_choice_follows_the_stage_that_is_sent(world, baba) -> None:
    first = shown(baba.get(path(world)))

    baba.post(path(world), by_phone(world, **first, stage=str(world.final.pk)))

    assert Interview.objects.get().template_group == world.of_job


def test_without_javascript_a_choice_by_hand_is_kept(world, baba) -> None:
    first = shown(baba.get(path(world)))

    baba.post(path(world), by_phone(world, **{**first, "group": str(world.standard.pk)},
                                    stage=str(world.final.pk)))  # fmt: skip

    assert Interview.objects.get().template_group == world.standard


def test_a_stage_that_is_none_of_the_choices_is_refused_with_the_groups_of_the_job(world, baba) -> None:
    first = shown(baba.get(path(world)))
    foreign = story.job(world.other).stages.first()

    answer = baba.post(path(world), by_phone(world, **first, stage=str(foreign.pk)))

    assert answer.status_code == 422
    assert shown(answer)["group"] == str(world.of_job.pk)


def test_the_fragment_equals_the_same_part_of_the_page(world, baba) -> None:
    values = {**shown(baba.get(path(world))), "stage": str(world.final.pk)}

    page = soup(baba.post(path(world), by_phone(world, **values, act="show"))).find(id="group-news")
    fragment = soup(check(world, baba, **values)).find(id="group-news")

    assert fragment["hx-swap-oob"] == "true"
    del fragment["hx-swap-oob"]
    assert str(fragment) == str(page)


# Changing an interview


def set_with(world: Any, group: Any) -> Interview:
    return desk.schedule(
        world,
        starts_at=story.tomorrow_at(14, days=9),
        way="phone",
        service="",
        host=None,
        template_group=group,
    )


def change(world: Any, baba: Any, made: Interview, **wished: str) -> Any:
    return baba.post(f"/interviews/{made.pk}/change/", by_phone(world, version=str(made.version), **wished))


def test_an_interview_with_its_stages_group_follows_the_stage(world, baba) -> None:
    made = set_with(world, world.of_stage)
    first = shown(baba.get(f"/interviews/{made.pk}/change/"))

    change(world, baba, made, **first, stage=str(world.final.pk))

    made.refresh_from_db()
    assert (made.stage, made.template_group) == (world.final, world.of_job)


@pytest.mark.parametrize("group", ["standard", None])
def test_an_interview_with_a_choice_of_its_own_keeps_it(world, baba, group: str | None) -> None:
    wanted = getattr(world, group) if group else None
    made = set_with(world, wanted)
    page = baba.get(f"/interviews/{made.pk}/change/")
    assert why(page) == "手動で選択しています。選考ステップを変えてもこのままです。"

    change(world, baba, made, **shown(page), stage=str(world.final.pk))

    made.refresh_from_db()
    assert (made.stage, made.template_group) == (world.final, wanted)


def test_an_interview_whose_group_was_retired_shows_the_standard_group_that_speaks_for_it(
    world, baba
) -> None:
    made = set_with(world, world.of_job)
    grouping.retire_group(world.of_job, by=world.aoki, now=timezone.now())

    page = baba.get(f"/interviews/{made.pk}/change/")

    assert (shown(page)["tells"], shown(page)["group"]) == ("auto", str(world.standard.pk))
