"""Changes of a small book that a reader must see, or that a build must refuse."""

import re

import numpy as np
from change import CHAPTER, DROPOUT, LAB, LAYER, OTHER, PO, WORDS, Change, code, lab
from smallbook import CHAPTERS, INDEX, BuiltBook


def split_otherwise(book: BuiltBook) -> None:
    path = book.root / "data/tinymnist.npz"
    arrays = dict(np.load(path))
    order = np.random.RandomState(1).permutation(5000)
    for kind in "xy":
        both = np.concatenate([arrays[f"{kind}_train"], arrays[f"{kind}_test"]])[order]
        arrays[f"{kind}_train"], arrays[f"{kind}_test"] = both[:4000], both[4000:]
    np.savez_compressed(path, **arrays)


def remove_other(book: BuiltBook) -> None:
    (book.root / OTHER).unlink()
    book.replace(CHAPTER, "见[](other.md)，", "")
    book.write("words", CHAPTERS["words"].replace("{numref}`fig-plain`", "别处"))


def reorder(book: BuiltBook) -> None:
    book.replace(
        "_toc.yml", "  - file: book/other\n  - file: book/words\n", "  - file: book/other\n"
    )
    book.replace("_toc.yml", "chapters:\n", "chapters:\n  - file: book/words\n")


def publish_nothing(book: BuiltBook) -> None:
    text = re.sub(r"```{code-cell}.*?```\n", "", INDEX, flags=re.S)
    text = re.sub(r"\{claim\}`(.*?) <.*?>`", r"\1", text)
    text = re.sub(r"\{(glue:text|numref)\}`.*?`", "它", text)
    (book.root / CHAPTER).write_text(text, encoding="utf-8")


def figure_before(book: BuiltBook) -> None:
    book.write("notes", "# 新的一章\n\n文字。\n")
    book.replace(
        OTHER,
        "```{figure}",
        "```{figure} ../images/dropout.png\n:alt: 又\n\n又一张。\n```\n\n```{figure}",
    )
    (book.root / "book/notes.md").unlink()
    book.write("other", (book.root / OTHER).read_text(encoding="utf-8"))


def upgrade(book: BuiltBook) -> None:
    info = book.root / "src" / "numpy-99.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: numpy\nVersion: 99.0\n")


def remove_icon(book: BuiltBook) -> None:
    book.replace("_config.yml", "    html_favicon: book/_static/favicon.svg\n", "")
    (book.root / "book/_static/favicon.svg").unlink()


CHANGES = [
    code(
        "flipped mask",
        DROPOUT,
        "draws > self.dropout_rate if",
        "draws < self.dropout_rate if",
        fails="do not show 'below'",
    ),
    Change(
        "comment in a cell that only notebooks show",
        CHAPTER,
        "import numpy as np",
        "import numpy as np  # why",
        page="notebooks/index.ipynb",
        shows="import numpy as np  # why",
        executes=True,
    ),
    code("mask of scaled draws", DROPOUT, "draws > self", "0.9 * draws > self"),
    code("default rate", DROPOUT, "rate: float = 0.2", "rate: float = 0.3", shows=">0.3</span>"),
    code("loss factor", "src/nnbook/loss.py", "2.0 * float", "1.0 * float"),
    code("slope of ReLU", "src/nnbook/activation.py", "np.sign(kept)", "0.5"),
    code("init", LAYER, "np.sqrt(6 / fan)", "np.sqrt(3 / fan)"),
    code("sign of a step", "src/nnbook/optimizer.py", "grad, self.lr", "grad, -self.lr"),
    code("learning rate", "src/nnbook/optimizer.py", "left * self.lr,", "left * self.lr / 2,"),
    code("divisor", "src/nnbook/mnist.py", "/ 255.0", "/ 256.0"),
    code(
        "order of data",
        "src/nnbook/dataset.py",
        "start = index % count *",
        "start = -~index % count *",
    ),
    Change("split of data", edit=split_otherwise, executes=True, trains=True),
    code("probe", f"{LAB}/probes.py", "DELETIONS = 10", "DELETIONS = 11"),
    code("setting of a run", f"{LAB}/studies.py", '"lr": 0.02', '"lr": 0.03'),
    code(
        "docstring",
        DROPOUT,
        "Make a random part",
        "Take a random part",
        page="words.html",
        shows="Take a random part",
    ),
    code("shown source", DROPOUT, 'f"rate={', 'f"share={', shows="share="),
    lab("format", f"{LAB}/formats.py", "{100 * share:.2f}%", "{100 * share:.1f}%"),
    lab("colour", f"{LAB}/drawing.py", "#b3202c", "#b30000", shows="#b30000"),
    lab("alt text", f"{LAB}/diagrams.py", "右图按丢弃率", "右图以丢弃率", shows="右图以丢弃率"),
    lab("quantile", f"{LAB}/statistics.py", "LEVEL = 0.95", "LEVEL = 0.99"),
    lab(
        "clearance",
        f"{LAB}/claims.py",
        "CLEARANCE = 0.1",
        "CLEARANCE = 9.1",
        fails="do not show 'below'",
    ),
    Change(
        "ledger",
        "book/_ext/bookext/truth/ledger.py",
        '_("Sentence"), _("Evidence")',
        '"原话", _("Evidence")',
        page="zledger.html",
        shows="原话",
    ),
    Change(
        "check of claims",
        "book/_ext/bookext/truth/claims.py",
        'not claim["holds"]',
        'claim["holds"]',
        fails="rests on the claim heavy-costs, which does not hold",
    ),
    Change(
        "security policy",
        "book/_ext/bookext/site/security_policy.py",
        "form-action 'self'",
        "form-action 'none'",
        shows="form-action 'none'",
    ),
    Change(
        "service worker",
        "book/_ext/bookext/site/sw.js",
        'cache: "no-cache" }));',
        'cache: "reload" }));',
        page="sw.js",
        shows='cache: "reload" }));',
    ),
    lab("cell", CHAPTER, "MUCH = 1.0", "MUCH = 2.0", shows=">0.4</span>"),
    Change("lock", "requirements.lock", "\nnumpy==", "\nnumpy==9", fails="the lock has ==9"),
    Change("upgraded NumPy", edit=upgrade, fails="numpy is 99.0, the lock has"),
    Change(
        "upgraded NumPy, let pass",
        edit=upgrade,
        executes=True,
        environment=(("BOOK_ANY_ENVIRONMENT", "1"),),
        page="",
    ),
    Change("claimed words", CHAPTER, "准确率会降低", "准确率就降低", shows="准确率就降低"),
    Change(
        "claimed words, ledger",
        CHAPTER,
        "丢弃得太多",
        "丢得太多",
        page="zledger.html",
        shows="丢得太多",
    ),
    Change("prose", OTHER, "文字。", "字文。", page="other.html", shows="字文。"),
    Change("prose, search", OTHER, "文字。", "字文 xyzzy。", page="pagefind/pagefind-entry.json"),
    Change("title", OTHER, "# 另一章", "# 新名字", shows="新名字"),
    Change(
        "redirect",
        "book/redirects.toml",
        "# Where addresses lead",
        '"old.html" = "other.html"\n# Where addresses lead',
        page="old.html",
        shows="url=other.html",
    ),
    Change("removed chapter", edit=remove_other, page="words.html"),
    Change("order of chapters", edit=reorder),
    Change("nothing published any more", edit=publish_nothing, page="zledger.html", executes=True),
    Change("figure before another", edit=figure_before, page="words.html"),
    Change(
        "citation",
        OTHER,
        "文字。",
        "文字 {cite:p}`hinton2012`。",
        page="words.html",
        shows="Improving",
    ),
    Change(
        "definition", WORDS, "被丢弃的概率", "消失的概率", page="words.html", shows="消失的概率"
    ),
    Change("term that is linked", WORDS, "\n丢弃率\n", "\n丢失率\n", fails="丢弃率"),
    Change("target that is linked", OTHER, "fig-plain", "fig-plane", fails="fig-plain"),
    Change(
        "caption of a cell",
        CHAPTER,
        "一次真实的掩码",
        "一回真实的掩码",
        shows="一回真实的掩码",
        executes=True,
    ),
    Change("fold of a cell", CHAPTER, "tags: [hide-input]", "tags: [hide-output]", executes=True),
    Change("error not asked for", CHAPTER, ":tags: [raises-exception]\n", "", fails="asked for"),
    Change("cell switched off", CHAPTER, "[hide-input]", "[skip-execution]", fails="not executed"),
    Change(
        "reference",
        "book/references.bib",
        "{Dropout: A Simple",
        "{Dropout: One Simple",
        page="words.html",
        shows="one simple way",
    ),
    Change(
        "word of comparison",
        "book/_ext/bookext/words/zh_CN.toml",
        "words = [",
        'words = ["默认",',
        fails="compares (默认)",
    ),
    Change(
        "word of the extension",
        "book/_ext/bookext/words/zh_CN.po",
        'msgstr "句子"',
        'msgstr "原话"',
        page="zledger.html",
        shows="原话",
    ),
    Change(
        "term of the book",
        "book/prose/zh_CN.toml",
        "[terms]",
        '[terms]\n"默认的" = "预设的"',
        fails="says 默认的: this book writes 预设的",
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
        "setting of the book",
        "_config.yml",
        "    html_title: 丢弃层",
        "    html_title: 随机层",
        shows="随机层",
    ),
]
