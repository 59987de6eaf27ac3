"""Changes of the code, which a reader must see, and changes that a build must refuse."""

import gzip
import hashlib
import json
import re
import shutil
from pathlib import Path

from change import CHAPTER, DROPOUT, LAB, LAYER, OTHER, WORDS, Change, code, lab, same
from serial import upgrade
from smallbook import BuiltBook


def evidence(book: BuiltBook) -> list[Path]:
    return sorted((book.root / "data" / "evidence").glob("published-*.gz"))


def written_in(book: BuiltBook) -> None:
    (path, *_) = evidence(book)
    text = gzip.decompress(path.read_bytes()).decode()
    path.write_bytes(gzip.compress(re.sub(r"\[0\.\d", "[0.1", text, count=1).encode()))


def forged(book: BuiltBook) -> None:
    """Change every accuracy of every arm, and put the checksum right."""
    for path in evidence(book):
        content = json.loads(gzip.decompress(path.read_bytes()))
        del content["sha256"]
        for row in content["results"]:
            row[-1][content["names"].index("accuracy")] += 0.25
        seal = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
        path.write_bytes(gzip.compress(json.dumps(content | {"sha256": seal}).encode()))


def copied(book: BuiltBook) -> None:
    one, other, *_ = evidence(book)
    shutil.copy(one, other)


def removed(book: BuiltBook) -> None:
    evidence(book)[0].unlink()


EVIDENCE = [
    Change("a number in the evidence", edit=written_in, fails="not what `make evidence` wrote"),
    Change("an arm over another", edit=copied, fails="another arm than its name says"),
    same("forged evidence", edit=forged, executes=True, trains=True),
    same("evidence that is gone", edit=removed, executes=True, trains=True),
    Change(
        "draft",
        environment=(("BOOK_EVIDENCE", "draft"),),
        shows="这是草稿",
        executes=True,
    ),
    Change(
        "no such evidence", environment=(("BOOK_EVIDENCE", "few"),), fails="is draft or not set"
    ),
]

CHANGES = [
    code(
        "flipped mask",
        DROPOUT,
        "draws > self.dropout_rate if",
        "draws < self.dropout_rate if",
        fails="do not show 'below'",
    ),
    code("mask of scaled draws", DROPOUT, "draws > self", "0.9 * draws > self"),
    code("default rate", DROPOUT, "rate: float = 0.2", "rate: float = 0.3", shows=">0.3</span>"),
    code("loss factor", "src/nnbook/loss.py", "2.0 * float", "1.0 * float"),
    code(
        "slope of ReLU",
        "src/nnbook/activation.py",
        "receive(gradient * positive",
        "receive(0.5 * gradient * positive",
    ),
    code("init", LAYER, "np.sqrt(6 / fan)", "np.sqrt(3 / fan)"),
    code("sign of a step", "src/nnbook/parameter.py", "grad, lr, out", "grad, -lr, out"),
    code("learning rate", "src/nnbook/optimizer.py", "self.lr, out", "self.lr / 2, out"),
    code("divisor", "src/nnbook/mnist.py", "/ 255.0", "/ 256.0"),
    code(
        "order of data",
        "src/nnbook/dataset.py",
        "start = index % count *",
        "start = -~index % count *",
    ),
    code("probe", f"{LAB}/probes.py", "DELETIONS = 10", "DELETIONS = 11"),
    code("setting of a run", f"{LAB}/studies.py", '"lr": 0.02', '"lr": 0.03'),
    lab(
        "docstring",
        DROPOUT,
        "Make a random part",
        "Take a random part",
        page="words.html",
        shows="Take a random part",
    ),
    code(
        "halved steps",
        f"{LAB}/__init__.py",
        "\n__all__ =",
        "\nimport nnbook.optimizer as o\n\nscaled = o.scaled_gradient\n"
        "o.scaled_gradient = lambda weight, lr, out: scaled(weight, lr / 2, out)\n__all__ =",
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
        'SITE.get(path), "no-cache")',
        'SITE.get(path), "reload")',
        page="sw.js",
        shows='SITE.get(path), "reload")',
    ),
    *EVIDENCE,
    Change("lock", "requirements.lock", "\nnumpy==", "\nnumpy==9", fails="the lock has ==9"),
    Change("upgraded NumPy", edit=upgrade, fails="numpy is 99.0, the lock has"),
    Change("term that is linked", WORDS, "\n丢弃率\n", "\n丢失率\n", fails="丢弃率"),
    Change("target that is linked", OTHER, "fig-plain", "fig-plane", fails="fig-plain"),
    Change("error not asked for", CHAPTER, ":tags: [raises-exception]\n", "", fails="asked for"),
    Change("cell switched off", CHAPTER, "[hide-input]", "[skip-execution]", fails="not executed"),
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
]
