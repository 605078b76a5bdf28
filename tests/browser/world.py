"""What stands in the database when the browser comes: hard people and enough of everything."""

from types import SimpleNamespace

from tests import story


def furnish(people: SimpleNamespace) -> SimpleNamespace:
    """Adds to `people`: `.job`, `.stage`, `.agency`, `.misaki` (an applicant), and applicants who test the layout."""
    people.job = story.job(people.company)
    people.stage = people.job.stages.order_by("position").first()
    people.agency = story.agency(
        people.company, "株式会社ミライ人材キャリアパートナーズ・ジャパン東日本営業本部"
    )
    people.misaki = story.candidate(people.company, family_kana="サトウ", given_kana="ミサキ")
    for family, given, email in (
        ("髙橋", "﨑太郎", "takahashi@example.com"),
        ("長曽我部", "権左衛門之助", "a-very-long-address-of-an-applicant-for-the-layout@example.co.jp"),
        ("Nguyen", "Van An", "an@example.com"),
        ("単名", "", "tanmei@example.com"),
    ):
        story.candidate(people.company, family, given, email=email)
    return people
