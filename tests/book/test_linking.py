"""A site links to the whole book of its own fingerprint, and to no other."""

import re
import shutil
import subprocess
import sys

import pytest
from bookext import fresh
from bookext.whole import edition
from project import ROOT, Project

LINK = re.compile(
    r'<a href="(whole/[^"]*)" download>(\w+)</a><span class="pasted-text">（([^）]*)）'
)
DAY, NEXT_DAY = "86400", "172800"


def kept(project):
    """Where the files of the project's state are kept."""
    results, presentation = fresh.of_checkout(project.root)
    made = edition.edition(project.root, results=results, presentation=presentation)
    return edition.folder(project.root / "_build", made.fingerprint)


@pytest.fixture(scope="module")
def book(once_made, tmp_path_factory):
    folder = tmp_path_factory.mktemp("linking") / "project"
    project = Project(shutil.copytree(once_made.kept, folder, symlinks=True))
    code, output = project.build(SOURCE_DATE_EPOCH=DAY)
    assert code == 0, output
    shutil.copytree(ROOT / "tools", project.root / "tools")
    shutil.copytree(project.site.parent, project.root / "built", symlinks=True)
    return project


@pytest.fixture
def project(book, monkeypatch):
    """The project as it was after its first build."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", DAY)
    shutil.rmtree(book.root / "_build")
    shutil.copytree(book.root / "built", book.root / "_build", symlinks=True)
    book.write("other", "# 另一章\n\n文字。\n")
    return book


def build(project, **environment):
    code, output = project.build(**environment)
    assert code == 0, output
    return output


def linked(project, page="index"):
    return LINK.findall(project.page(page))


def test_no_link_without_a_file_and_none_to_a_half_written_one(project):
    assert linked(project) == []
    kept(project).mkdir(parents=True)
    (kept(project) / ".nnbook.epub").write_bytes(b"half")
    build(project)
    assert linked(project) == []
    assert not (project.site / "whole").exists()


def test_every_page_links_to_what_was_made_later_and_nothing_is_executed(project):
    kept(project).mkdir(parents=True)
    (kept(project) / "nnbook.epub").write_bytes(b"e" * 1_250_000)
    output = build(project)
    assert "Executing notebook" not in output
    for page in ("index", "other"):
        assert linked(project, page) == [("whole/nnbook.epub", "EPUB", "1.2 MB，1970-01-02")]
    assert (project.site / "whole/nnbook.epub").read_bytes() == b"e" * 1_250_000
    assert "nnbook.epub" not in (project.site / "sw.js").read_text(encoding="utf-8")
    (kept(project) / "nnbook.pdf").write_bytes(b"p")
    build(project)
    assert [kind for _, kind, _ in linked(project)] == ["PDF", "EPUB"]


@pytest.mark.parametrize("change", ["text", "commit"])
def test_a_file_of_another_state_is_neither_linked_nor_published(project, change):
    folder = kept(project)
    folder.mkdir(parents=True)
    (folder / "nnbook.epub").write_bytes(b"e")
    build(project)
    assert linked(project)
    if change == "text":
        project.write("other", "# 另一章\n\n另一段文字。\n")
    build(project, SOURCE_DATE_EPOCH=DAY if change == "text" else NEXT_DAY)
    for page in ("index", "other"):
        assert linked(project, page) == []
    assert not (project.site / "whole").exists()
    assert (folder / "nnbook.epub").read_bytes() == b"e"
    if change == "text":
        project.write("other", "# 另一章\n\n文字。\n")
        build(project)
        assert linked(project)


def run(project):
    return subprocess.run(
        [sys.executable, "tools/whole.py", "epub"],
        cwd=project.root,
        capture_output=True,
        text=True,
        check=False,
        env=project.environment(),
    )


def test_the_tool_makes_it_of_the_site_and_links_it(project):
    done = run(project)
    assert done.returncode == 0, done.stderr
    assert "The site is made again" in done.stdout
    assert linked(project)[0][:2] == ("whole/nnbook.epub", "EPUB")
    made = (project.site / "whole/nnbook.epub").read_bytes()
    again = run(project)
    assert again.returncode == 0
    assert "The site is made again" not in again.stdout
    shutil.rmtree(kept(project))
    assert run(project).returncode == 0
    assert (project.site / "whole/nnbook.epub").read_bytes() == made


def test_the_tool_makes_nothing_of_a_site_of_another_state(project):
    project.write("other", "# 另一章\n\n另一段文字。\n")
    done = run(project)
    assert done.returncode == 1
    assert "is not of this state: build it again (first: other.html)" in done.stderr
    assert not kept(project).exists()
