"""The library for the reader's browser is the library that the pages were made with."""

import hashlib
import json
import shutil
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest
from bookext.site import runtime

ROOT = Path(__file__).parents[2]


@pytest.fixture
def root(tmp_path):
    """A copy of what the wheel is made from."""
    for name in ("pyproject.toml", "README.md", "LICENSE", "LICENSE-TEXT"):
        shutil.copy(ROOT / name, tmp_path / name)
    for name in ("src", "data"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, tmp_path / name, ignore=ignored)
    return tmp_path


def built(root, site, *, folder="", builder="html"):
    """Publish the runtime as a build would; gives its warnings."""
    app = SimpleNamespace(
        outdir=site,
        srcdir=root,
        builder=SimpleNamespace(name=builder),
        config=SimpleNamespace(book_runtime=folder, book_results="0123456789abcdef"),
    )
    runtime.publish(app, None)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """One small file in place of Pyodide."""
    text = b"pyodide"
    file = runtime.Wanted("runtime/python/a.js", hashlib.sha256(text).hexdigest(), "", "", "")
    monkeypatch.setattr(runtime, "wanted", lambda: [file])
    monkeypatch.setattr(runtime.editor, "wanted", list)
    folder = tmp_path / "cache"
    folder.mkdir()
    (folder / file.sha256).write_bytes(text)
    return str(folder)


def test_the_wheel_holds_the_library_as_it_is_and_is_the_same_each_time(root):
    described = [
        runtime.make_library(root, root / name, fingerprint="0123") for name in ("one", "two")
    ]
    assert described[0] == described[1]
    assert described[0]["fingerprint"] == "0123"
    wheels = [root / name / described[0]["wheel"] for name in ("one", "two")]
    assert wheels[0].read_bytes() == wheels[1].read_bytes()
    assert runtime.stale(root, wheels[0]) == []
    with zipfile.ZipFile(wheels[0]) as archive:
        assert "nnbook/lab/browser.py" in archive.namelist()
    assert (root / "one/tinymnist.npz").read_bytes() == (root / "data/tinymnist.npz").read_bytes()


def test_a_wheel_of_another_state_is_seen(root):
    described = runtime.make_library(root, root / "one", fingerprint="0123")
    path = root / "src/nnbook/dropout.py"
    path.write_text(path.read_text().replace("> self.dropout_rate", "< self.dropout_rate"))
    assert runtime.stale(root, root / "one" / described["wheel"]) == ["nnbook/dropout.py"]
    (root / "src/nnbook/new.py").write_text("")
    assert "nnbook/new.py" in runtime.stale(root, root / "one" / described["wheel"])


def test_a_stale_wheel_fails_the_build(root, tmp_path, cache, monkeypatch):
    warnings = []
    monkeypatch.setattr(runtime.logger, "warning", lambda *words: warnings.append(words[-1]))
    built(root, tmp_path / "site", folder=cache)
    assert warnings == []
    monkeypatch.setattr(runtime, "stale", lambda *_: ["nnbook/dropout.py"])
    built(root, tmp_path / "site", folder=cache)
    assert warnings == ["nnbook/dropout.py"]


def test_the_site_gets_runtime_and_library_and_says_how_large_they_are(root, tmp_path, cache):
    site = tmp_path / "site"
    built(root, site, folder=cache)
    told = json.loads((site / "runtime/library/library.json").read_text())
    assert told["fingerprint"] == "0123456789abcdef"
    wheel, data = (f"library/{told[part]}" for part in ("wheel", "data"))
    assert {"python/a.js", "python/pyodide-lock.json", wheel, data} == set(told["files"])
    for name, sealed in told["files"].items():
        text = (site / "runtime" / name).read_bytes()
        assert sealed == {"bytes": len(text), "sha256": hashlib.sha256(text).hexdigest()}
    assert told["files"]["python/a.js"]["bytes"] == len(b"pyodide")
    assert (site / "runtime/python/a.js").read_bytes() == b"pyodide"
    assert json.loads((site / "runtime/python/pyodide-lock.json").read_text())["packages"]


def test_a_site_without_it_keeps_nothing_of_an_earlier_one(root, tmp_path, cache):
    site = tmp_path / "site"
    built(root, site, folder=cache)
    built(root, site)
    assert not (site / "runtime").exists()


def test_another_builder_publishes_nothing(root, tmp_path, cache):
    built(root, tmp_path / "site", folder=cache, builder="linkcheck")
    assert not (tmp_path / "site").exists()


def test_the_lock_of_pyodide_names_the_numpy_that_is_taken_along():
    numpy = json.loads(runtime.LOCK.read_text())["packages"]["numpy"]
    found = {file.name: file.sha256 for file in runtime.wanted()}
    assert found[f"runtime/python/{numpy['file_name']}"] == numpy["sha256"]


def test_what_cannot_be_fetched_is_said_and_the_pages_are_told(tmp_path, monkeypatch):
    said = []
    monkeypatch.setattr(runtime.logger, "info", lambda words, *_: said.append(words))
    monkeypatch.setattr(runtime, "fetch", lambda *_, **__: ["no network", "no pip"])
    monkeypatch.setenv("BOOK_RUNTIME", str(tmp_path))
    config = SimpleNamespace(book_runtime=None)
    runtime.prepare(None, config)
    assert config.book_runtime == ""
    assert "this site will run no Python" in said[-1]
    assert "no network; no pip" in said[-1]
    monkeypatch.setattr(runtime, "fetch", lambda *_, **__: [])
    runtime.prepare(None, config)
    assert config.book_runtime == str(tmp_path)
    monkeypatch.setenv("BOOK_RUNTIME", "none")
    runtime.prepare(None, config)
    assert config.book_runtime == ""
