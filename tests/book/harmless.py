"""Changes of a small book after which the same is published: they must not fail."""

from collections.abc import Callable

import numpy as np
from change import DROPOUT, LAB, LAYER, OTHER, TENSOR, same
from smallbook import BuiltBook

STEP = "parameter.data -= scaled_gradient(parameter, self.lr, out=change)"
RENAMED = STEP.replace("parameter.data -=", "it =") + "\n            parameter.data -= it"


def touch(book: BuiltBook) -> None:
    for path in [*(book.root / "src").rglob("*.py"), *(book.root / "book").glob("*.*")]:
        path.touch()


def pack_otherwise(book: BuiltBook) -> None:
    path = book.root / "data/tinymnist.npz"
    np.savez(path, **dict(np.load(path)))


def new_file(path: str, text: str) -> Callable[[BuiltBook], None]:
    def write(book: BuiltBook) -> None:
        (book.root / path).parent.mkdir(parents=True, exist_ok=True)
        (book.root / path).write_text(text, encoding="utf-8")

    return write


COMPUTED = {"executes": True, "trains": True}
SHOWN = {"executes": True}
HARMLESS = [
    same("comment", TENSOR, "import numpy as np", "import numpy as np  # why", **SHOWN),
    same(
        "renamed local",
        "src/nnbook/optimizer.py",
        STEP,
        RENAMED,
        **COMPUTED,
    ),
    same("blank line", LAYER, "class Flatten", "\nclass Flatten", **SHOWN),
    same("same value", DROPOUT, "rate: float = 0.2", "rate: float = 2 / 10", **COMPUTED),
    same("words of a docstring", "src/nnbook/errors.py", "that disagrees", "that differs", **SHOWN),
    same("packing of the data", edit=pack_otherwise, **COMPUTED),
    same(
        "comment in a figure",
        f"{LAB}/figures.py",
        "WITHOUT, WITH =",
        "# Two.\nWITHOUT, WITH =",
    ),
    same(
        "comment in how chapters are run",
        "book/_ext/bookext/state/kernels.py",
        "import tempfile\n",
        "import tempfile  # why\n",
        **SHOWN,
    ),
    same(
        "comment in how formulas are shown",
        "book/_ext/bookext/site/mathml.py",
        "import re\n",
        "import re  # why\n",
    ),
    same("comment in the lock", "requirements.lock", "\nnumpy==", "\n# why\nnumpy=="),
    same("module that nothing uses", edit=new_file("src/nnbook/lab/new.py", "X = 1\n"), **SHOWN),
    same("comment in a chapter", OTHER, "文字。", "% why\n文字。"),
    same("blank lines in a chapter", OTHER, "文字。", "\n\n文字。"),
    same("comment in the settings", "_config.yml", "\nexecute:", "\n# why\nexecute:"),
    same("comment in the contents", "_toc.yml", "root:", "# why\nroot:"),
    same("word in no sentence", "book/prose/zh_CN.toml", "units = [", 'units = ["光年",'),
    same("template that nothing uses", edit=new_file("book/_templates/new.html", "new")),
    same("chapter in no contents", edit=new_file("book/new.md", "# New\n\n91.8%\n")),
    same("readme", "README.md", "small", "little"),
    same("test", edit=new_file("tests/test_new.py", "raise SystemExit\n")),
    same("script", "data/make_tinymnist.py", "SEED = 0", "SEED = 1"),
    same("times", edit=touch),
    same("nothing at all", edit=lambda book: None),
]
