"""Changes of a small book in two languages, after which neither may lag behind the other."""

from change import CHAPTER, LAB, Change
from smallbook import BuiltBook

GLOSSARY, EN = "book/glossary.md", "book/_locale/en"
ENGLISH, ENGLISH_LAB = f"{EN}/index.po", f"{EN}/lab.po"
INK = "平均墨色 {glue:text}`ink`"


def rename(book: BuiltBook) -> None:
    """Call a published number otherwise, in both languages."""
    book.replace(CHAPTER, 'glue("ink"', 'glue("tint"')
    for file in (CHAPTER, ENGLISH):
        book.replace(file, INK, INK.replace("ink", "tint"))
    book.replace(ENGLISH, "ink {glue:text}`ink`", "ink {glue:text}`tint`")


TRANSLATED = [
    Change("sentence", CHAPTER, INK, f"约 {INK}", fails="not translated: “约 平均墨色 {glue"),
    Change("translation alone", ENGLISH, '"ink ', '"mean ink ', page="en/index.html"),
    Change("number, in both", edit=rename, page="en/zledger.html", shows="tint", executes=True),
    Change(
        "number of a translation",
        ENGLISH,
        "ink {glue:text}`ink`",
        "ink {glue:text}`loss`",
        fails="the translation of “平均墨色 {glue:text}`ink`。” leaves out {glue:text} ink",
    ),
    Change(
        "name of a claim",
        ENGLISH,
        "is lower <heavy-costs>",
        "is lower <light-costs>",
        fails="leaves out {claim} heavy-costs",
    ),
    Change("term", GLOSSARY, "掩码（mask）", "掩码（stencil）", fails="has not “stencil” for 掩码"),
    Change(
        "format",
        f"{LAB}/formats.py",
        "（95% 置信区间 {near} 至 {far}）",
        "（95% 置信区间 {near} 到 {far}）",
        fails="not translated: “（95% 置信区间 {near} 到 {far}）”",
    ),
    Change(
        "format of a translation",
        ENGLISH_LAB,
        '" (95% CI {near} to {far})"',
        '" (95% CI of {near} to {far})"',
        page="en/index.html",
        shows="(95% CI of",
    ),
]
