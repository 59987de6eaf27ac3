"""Each page offers itself as Markdown, and as a notebook if it computes."""

import re
import tomllib
from pathlib import Path

import nbformat
from bookext.site import notebooks
from bookext.site.take_away import PACKAGES, interface
from project import FRONT


def test_the_first_cell_installs_what_the_library_and_its_lab_need():
    text = (Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8")
    project = tomllib.loads(text)["project"]
    needed = (*project["dependencies"], *project["optional-dependencies"]["lab"])
    assert set(PACKAGES) == {re.match(r"[\w-]+", each)[0] for each in needed}


def text(project, name):
    return (project.site / "notebooks" / name).read_text(encoding="utf-8")


def test_each_page_leads_to_its_files_and_says_how_large_they_are(project):
    for page, names in {"index": ["index.ipynb", "index.md"], "other": ["other.md"]}.items():
        found = re.findall(
            r'<a href="notebooks/([^"]*)" download>[^<]*</a>（(\d+) KB）', project.page(page)
        )
        assert [name for name, _ in found] == names
        for name, size in found:
            assert round((project.site / "notebooks" / name).stat().st_size / 1000) == int(size)
    assert "把这一章带走" in project.page("index")
    assert "把这一页带走" in project.page("other")
    assert not (project.site / "notebooks/search.md").exists()


def test_a_notebook_holds_numbers_links_code_and_the_fingerprint_of_its_page(project):
    found = nbformat.reads(text(project, "index.ipynb"), as_version=4)
    nbformat.validate(found)
    words = "\n\n".join(cell.source for cell in found.cells)
    assert "默认的丢弃率是 0.2，见[另一章](other.md)。" in words
    assert "`nnbook/dropout.py`：\n\n```python" in words
    fingerprint = re.search(r'class="fingerprint">(\w+)<', project.page("index"))[1]
    assert f"指纹 `{fingerprint}`" in found.cells[0].source
    assert f'STATE = "{notebooks.state(project.root)}"' in found.cells[1].source
    shown = next(cell for cell in found.cells if cell.source.endswith("\n\nDropout(rng=0)"))
    assert shown.outputs[0].data["text/plain"] in project.page("index").replace("&gt;", ">")


def test_none_is_kept_for_reading_offline_unasked(project):
    assert "notebooks/" not in (project.site / "sw.js").read_text(encoding="utf-8")


def test_a_number_that_changes_changes_in_the_notebook_and_what_is_gone_leaves_none(project):
    address = "    html_baseurl: https://project.example/dropout\n"
    project.replace("_config.yml", "    html_theme: furo\n", f"    html_theme: furo\n{address}")
    project.replace("src/nnbook/dropout.py", "rate: float = 0.2", "rate: float = 0.3")
    project.write("new", f"{FRONT}\n# 新的\n\n```{{code-cell}} python3\n1\n```\n")
    project.write("other", "# 另一章\n\n别的。\n")
    assert project.build()[0] == 0
    for name in ("index.ipynb", "index.md"):
        assert "丢弃率是 0.3，见[另一章](https://project.example/dropout/other.html)" in text(
            project, name
        )
    assert "别的。" in text(project, "other.md")
    assert (project.site / "notebooks/new.ipynb").is_file()
    (project.root / "book/new.md").unlink()
    project.write("other", "# 另一章\n\n又是别的。\n")
    assert project.build()[0] == 0
    assert sorted(path.name for path in (project.site / "notebooks").iterdir()) == [
        "index.ipynb",
        "index.md",
        "other.md",
    ]


def test_docstrings_stand_for_the_interface():
    lines = [
        ".. autoclass:: nnbook.Dataset",
        "   :members: train, eval",
        ".. automodule:: nnbook.errors",
    ]
    found = interface([*lines, "   :members:"])
    for name in ("nnbook.Dataset", "nnbook.Dataset.eval", "nnbook.errors.NNBookError"):
        assert f"### `{name}`\n\n```text\n" in found
    assert "nnbook.Dataset.items" not in found
