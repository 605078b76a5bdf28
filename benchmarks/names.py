"""Names as they are distributed in Japan: a few very common families, a long tail, and characters with variants."""

from random import Random

from demo import people

# Households, in ten thousands or so: Sato stands for one person in sixty, Kokubun for one in five thousand.
_COMMON = (
    188,
    180,
    142,
    134,
    108,
    107,
    105,
    104,
    101,
    89,
    83,
    40,
    30,
    63,
    61,
    58,
    55,
    53,
    12,
    47,
    45,
    4,
    3,
    2,
)
_MORE = [
    ("斎藤", "サイトウ", "Saito", 54), ("山口", "ヤマグチ", "Yamaguchi", 64), ("阿部", "アベ", "Abe", 44),
    ("橋本", "ハシモト", "Hashimoto", 45), ("石川", "イシカワ", "Ishikawa", 43), ("前田", "マエダ", "Maeda", 40),
    ("藤田", "フジタ", "Fujita", 39), ("小川", "オガワ", "Ogawa", 38), ("岡田", "オカダ", "Okada", 37),
    ("後藤", "ゴトウ", "Goto", 37), ("長谷川", "ハセガワ", "Hasegawa", 37), ("村上", "ムラカミ", "Murakami", 36),
    ("近藤", "コンドウ", "Kondo", 36), ("石井", "イシイ", "Ishii", 35), ("坂本", "サカモト", "Sakamoto", 33),
    ("遠藤", "エンドウ", "Endo", 33), ("青木", "アオキ", "Aoki", 31), ("藤井", "フジイ", "Fujii", 30),
    ("西村", "ニシムラ", "Nishimura", 30), ("福田", "フクダ", "Fukuda", 30), ("太田", "オオタ", "Ota", 29),
    ("三浦", "ミウラ", "Miura", 29), ("岡本", "オカモト", "Okamoto", 28), ("松田", "マツダ", "Matsuda", 28),
    ("中川", "ナカガワ", "Nakagawa", 28), ("藤原", "フジワラ", "Fujiwara", 28), ("原田", "ハラダ", "Harada", 27),
    ("小野", "オノ", "Ono", 27), ("田村", "タムラ", "Tamura", 27), ("竹内", "タケウチ", "Takeuchi", 26),
    ("金子", "カネコ", "Kaneko", 26), ("和田", "ワダ", "Wada", 25), ("中山", "ナカヤマ", "Nakayama", 25),
    ("上田", "ウエダ", "Ueda", 23), ("森田", "モリタ", "Morita", 23), ("五十嵐", "イガラシ", "Igarashi", 7),
    ("佐々木", "ササキ", "Sasaki", 67), ("勅使河原", "テシガワラ", "Teshigawara", 1), ("𠮷野", "ヨシノ", "Yoshino", 2),
    ("東海林", "ショウジ", "Shoji", 1), ("小鳥遊", "タカナシ", "Takanashi", 1), ("月見里", "ヤマナシ", "Yamanashi", 1),
]  # fmt: skip
_MORE_GIVENS = [
    ("陽菜", "ヒナ", "Hina"), ("悠真", "ユウマ", "Yuma"), ("凛", "リン", "Rin"), ("翼", "ツバサ", "Tsubasa"),
    ("大輔", "ダイスケ", "Daisuke"), ("直樹", "ナオキ", "Naoki"), ("恵子", "ケイコ", "Keiko"),
    ("誠", "マコト", "Makoto"),
    ("由美子", "ユミコ", "Yumiko"), ("彩花", "アヤカ", "Ayaka"), ("達也", "タツヤ", "Tatsuya"), ("愛", "アイ", "Ai"),
    ("亮", "リョウ", "Ryo"), ("智子", "トモコ", "Tomoko"), ("隼人", "ハヤト", "Hayato"), ("千尋", "チヒロ", "Chihiro"),
    ("七海", "ナナミ", "Nanami"), ("颯太", "ソウタ", "Sota"), ("楓", "カエデ", "Kaede"), ("浩", "ヒロシ", "Hiroshi"),
    ("久美子", "クミコ", "Kumiko"), ("優斗", "ユウト", "Yuto"), ("真由美", "マユミ", "Mayumi"),
    ("光", "ヒカル", "Hikaru"),
    ("あかり", "アカリ", "Akari"), ("隆", "タカシ", "Takashi"), ("典子", "ノリコ", "Noriko"),
    ("樹", "イツキ", "Itsuki"),
    ("明日香", "アスカ", "Asuka"), ("裕太", "ユウタ", "Yuta"), ("奈々", "ナナ", "Nana"),
    ("圭介", "ケイスケ", "Keisuke"),
]  # fmt: skip
FAMILIES = [*people.FAMILIES, *[name[:3] for name in _MORE]]
WEIGHTS = [*_COMMON, *[name[3] for name in _MORE]]
GIVENS = [*people.GIVENS, *_MORE_GIVENS]
DOMAINS = ("example.com", "example.net", "mail.example.jp", "univ.example.jp", "keitai.example.ne.jp")


def person(number: int) -> people.Person:
    """The `number`th applicant: the same one on every machine and in every size."""
    dice = Random(number)
    if dice.random() < 0.0002:
        return people.Person(number, *people.HARD[dice.randrange(len(people.HARD))])
    family = dice.choices(FAMILIES, WEIGHTS)[0]
    given = dice.choice(GIVENS)
    return people.Person(
        number,
        family[0],
        given[0],
        family[1],
        given[1],
        f"{given[2]} {family[2]}",
        "en" if number % 40 == 7 else "ja",
    )


def email(one: people.Person) -> str:
    first, _space, last = one.romaji.lower().partition(" ")
    return f"{first}.{last or 'x'}{one.number}@{DOMAINS[one.number % len(DOMAINS)]}".replace(" ", "")


def phone(one: people.Person) -> str:
    return f"0{(7, 8, 9)[one.number % 3]}0-{one.number // 10_000 % 10_000:04d}-{one.number % 10_000:04d}"
