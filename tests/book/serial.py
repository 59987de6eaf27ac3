"""Changes that are made one upon the other, with a build after each of them.

What has all pages made anew comes first, so that it cannot repair what a later one leaves behind.
"""

import re

import numpy as np
from change import CHAPTER, OTHER, PO, WORDS, Change, lab
from smallbook import CHAPTERS, BuiltBook


def split_otherwise(book: BuiltBook) -> None:
    path = book.root / "data/tinymnist.npz"
    arrays = dict(np.load(path))
    order = np.random.RandomState(1).permutation(5000)
    for kind in "xy":
        both = np.concatenate([arrays[f"{kind}_train"], arrays[f"{kind}_test"]])[order]
        arrays[f"{kind}_train"], arrays[f"{kind}_test"] = both[:4000], both[4000:]
    np.savez_compressed(path, **arrays)


def upgrade(book: BuiltBook) -> None:
    info = book.root / "src" / "numpy-99.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: numpy\nVersion: 99.0\n")


def remove_other(book: BuiltBook) -> None:
    (book.root / OTHER).unlink()
    book.replace(CHAPTER, "见[](other.md)，", "")
    book.write("words", CHAPTERS["words"].replace("{numref}`fig-plain`", "别处"))


def publish_nothing(book: BuiltBook) -> None:
    text = re.sub(
        r"```{code-cell}.*?```\n", "", (book.root / CHAPTER).read_text(encoding="utf-8"), flags=re.S
    )
    text = re.sub(r"\{claim\}`(.*?) <.*?>`", r"\1", text)
    text = re.sub(r"\{(glue:text|numref)\}`.*?`", "它", text)
    (book.root / CHAPTER).write_text(text, encoding="utf-8")


def remove_icon(book: BuiltBook) -> None:
    book.replace("_config.yml", "    html_favicon: book/_static/favicon.svg\n", "")
    (book.root / "book/_static/favicon.svg").unlink()


def figure_before(book: BuiltBook) -> None:
    book.write("notes", "# 新的一章\n\n文字。\n")
    book.replace(
        OTHER,
        "```{figure}",
        "```{figure} ../images/dropout.png\n:alt: 又\n\n又一张。\n```\n\n```{figure}",
    )
    (book.root / "book/notes.md").unlink()
    book.write("other", (book.root / OTHER).read_text(encoding="utf-8"))


def reorder(book: BuiltBook) -> None:
    book.replace(
        "_toc.yml", "  - file: book/other\n  - file: book/words\n", "  - file: book/other\n"
    )
    book.replace("_toc.yml", "chapters:\n", "chapters:\n  - file: book/words\n")


EXECUTED = [
    Change("split of data", edit=split_otherwise, executes=True, trains=True),
    Change(
        "comment in a cell that only notebooks show",
        CHAPTER,
        "import numpy as np",
        "import numpy as np  # why",
        page="notebooks/index.ipynb",
        shows="import numpy as np  # why",
        executes=True,
    ),
    lab("cell", CHAPTER, "MUCH = 1.0", "MUCH = 2.0", shows=">0.4</span>"),
    Change(
        "caption of a cell",
        CHAPTER,
        "一次真实的掩码",
        "一回真实的掩码",
        shows="一回真实的掩码",
        executes=True,
    ),
    Change("fold of a cell", CHAPTER, "tags: [hide-input]", "tags: [hide-output]", executes=True),
    Change(
        "upgraded NumPy, let pass",
        edit=upgrade,
        executes=True,
        environment=(("BOOK_ANY_ENVIRONMENT", "1"),),
        page="",
    ),
    Change("removed chapter", edit=remove_other, page="words.html"),
    Change("nothing published any more", edit=publish_nothing, page="zledger.html", executes=True),
]
RENDERED = [
    Change(
        "setting of the book",
        "_config.yml",
        "    html_title: 丢弃层",
        "    html_title: 随机层",
        shows="随机层",
    ),
    Change(
        "template",
        "book/_templates/page.html",
        "<span>{{ _('Next') }}",
        "<span>往下读",
        shows="往下读",
    ),
    Change("label", PO, 'msgstr "这一节的链接"', 'msgstr "本节的链接啊"', shows="本节的链接啊"),
    Change(
        "css",
        "book/_static/book.css",
        "--fig-red: #b3202c",
        "--fig-red: #b3000c",
        page="_static/book.css",
        shows="#b3000c",
    ),
    Change("static file", edit=remove_icon, page="_static/favicon.svg"),
    Change(
        "reference",
        "book/references.bib",
        "{Dropout: A Simple",
        "{Dropout: One Simple",
        page="words.html",
        shows="one simple way",
    ),
    Change(
        "redirect",
        "book/redirects.toml",
        "# Where addresses lead",
        '"old.html" = "other.html"\n# Where addresses lead',
        page="old.html",
        shows="url=other.html",
    ),
    Change(  # the anchors of the others are counted on
        "work that nobody cites",
        "book/references.bib",
        "@article{srivastava2014",
        "@misc{nobody1999, title = {None}}\n\n@article{srivastava2014",
        page="words.html",
    ),
    Change("title", OTHER, "# 另一章", "# 新名字", shows="新名字"),
    Change("claimed words", CHAPTER, "准确率会降低", "准确率就降低", shows="准确率就降低"),
    Change(
        "claimed words, ledger",
        CHAPTER,
        "丢弃得太多",
        "丢得太多",
        page="zledger.html",
        shows="丢得太多",
    ),
    Change(
        "definition", WORDS, "被丢弃的概率", "消失的概率", page="words.html", shows="消失的概率"
    ),
    Change("prose", OTHER, "文字。", "字文。", page="other.html", shows="字文。"),
    Change("prose, search", OTHER, "字文。", "字文 xyzzy。", page="pagefind/pagefind-entry.json"),
    Change(
        "citation",
        OTHER,
        "xyzzy。",
        "xyzzy {cite:p}`hinton2012`。",
        page="words.html",
        shows="Improving",
    ),
    Change("figure before another", edit=figure_before, page="words.html"),
    Change("order of chapters", edit=reorder),
]
