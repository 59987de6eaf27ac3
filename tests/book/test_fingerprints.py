"""What decides whether chapters are executed, and what only makes their pages anew."""

from pathlib import Path

import pytest
import yaml
from bookext.state import fingerprints
from bookext.state.seals import break_seal, is_sealed, set_seal

EXECUTE = [
    "src/nnbook/dropout.py",
    "src/nnbook/lab/figures.py",
    "book/_ext/bookext/state/kernels.py",
    "data/tinymnist.npz",
    "requirements.lock",
]
SHOW = [
    "_config.yml",
    "_toc.yml",
    "benchmarks/results.json",
    "book/prose/zh_CN.toml",
    "book/references.bib",
    "book/_ext/bookext/__init__.py",
    "book/_ext/bookext/truth/claims.py",
    "book/_ext/bookext/words/zh_CN.po",
    "book/_ext/bookext/site/security_policy.py",
    "book/_ext/bookext/site/sw.js",
    "book/redirects.toml",
    "book/_locale/zh_CN/LC_MESSAGES/sphinx.po",
    "book/_static/chinese/pagefind.js",
    "book/_templates/sidebar/search.html",
]
NOTHING = [
    "README.md",
    "data/make_tinymnist.py",
    "book/dropout.md",
    "book/_ext/bookext/site/__pycache__/search.cpython-311.pyc",
    "book/_locale/zh_CN/LC_MESSAGES/sphinx.mo",
    "tests/test_dropout.py",
]


CONFIG = Path(__file__).parents[2] / "_config.yml"
SETTINGS = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))["sphinx"]["config"]


def of_results(root):
    return fingerprints.of_results(root, SETTINGS["book_results_from"])


def of_presentation(root):
    return fingerprints.of_presentation(root, SETTINGS["book_presentation_from"])


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.setattr(fingerprints, "EXTENSION", tmp_path / "book/_ext/bookext")
    for name in (*EXECUTE, *SHOW, *NOTHING):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("old")
    return tmp_path


@pytest.mark.parametrize("file", [*EXECUTE, *SHOW, *NOTHING])
def test_each_file_counts_where_it_should(root, file):
    results = of_results(root)
    presentation = of_presentation(root)
    (root / file).write_text("new")
    assert (of_results(root) != results) == (file in EXECUTE)
    if file not in EXECUTE:
        assert (of_presentation(root) != presentation) == (file in SHOW)


def test_a_file_that_is_new_gone_or_renamed_counts(root):
    seen = {of_results(root)}
    (root / "src/nnbook/new.py").write_text("old")
    seen.add(of_results(root))
    (root / "src/nnbook/new.py").rename(root / "src/nnbook/renamed.py")
    seen.add(of_results(root))
    assert len(seen) == 3
    (root / "src/nnbook/renamed.py").unlink()
    assert of_results(root) in seen


def test_the_fingerprint_of_a_page_depends_on_all_three(root):
    def page(results="a", presentation="b"):
        return fingerprints.of_page(
            root, "book/dropout", results=results, presentation=presentation
        )

    seen = {page(), page(results="b"), page(presentation="a")}
    (root / "book/dropout.md").write_text("new")
    seen.add(page())
    (root / "book/dropout.md").rename(root / "book/dropout.ipynb")  # whatever its format
    assert len(seen | {page()}) == 5


def test_a_seal_is_broken_by_any_change_another_state_or_on_purpose(root):
    (root / "src" / "seal").write_text("no seal of this folder")
    assert not is_sealed(root, "src/**/*")
    set_seal(root, "src/**/*", "state")
    assert is_sealed(root, "src/**/*", "state")
    assert not is_sealed(root, "src/**/*", "another")
    (root / "src/nnbook/dropout.py").write_text("new")
    assert not is_sealed(root, "src/**/*", "state")
    set_seal(root, "src/**/*", "state")
    break_seal(root)
    assert not is_sealed(root, "src/**/*", "state")
