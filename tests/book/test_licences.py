"""Every file of a site has an owner, and every owner a licence in its own files."""

from importlib.metadata import distribution

import pytest
from bookext.site import editor, licences
from bookext.site.licences import FILE, Owner
from project import make


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    root = tmp_path_factory.mktemp("licences") / "project"
    root.mkdir()
    project = make(root)
    project.write("index", "# 封面\n\n文字。\n")
    return project


def test_the_page_names_the_owners_and_a_stray_file_fails(small):
    code, said = small.build()
    assert code == 0, said[-3000:]
    page = small.page("licences")
    for name in ("furo", "Sphinx", "sphinx-copybutton", "pagefind_bin_extended", "Pygments"):
        assert f"<h2>{name} {distribution(name).version}</h2>" in page
    assert '<pre lang="en" tabindex="0">MIT License' in page
    assert "normalize.css v" in page, "a bundled part is named by a comment alone"
    assert "Pyodide" not in page, "this site runs nothing"
    assert 'href="licences.html"' in small.page("other")

    config = "    html_static_path: [book/_static]\n"
    small.replace("_config.yml", config, f"{config}    html_extra_path: [data]\n")
    code, said = small.build()
    assert code != 0
    assert "make_tinymnist.py is in the site, and nobody is known to own it" in said


def test_each_package_of_the_editor_brings_its_own_licence():
    found = editor.licences()
    assert list(found) == list(editor.LOCK["packages"])
    for name, file in found.items():
        assert file.package == f"npm:{name}@{editor.LOCK['packages'][name]['version']}"
        assert file.address.endswith(f"{file.package.removeprefix('npm:')}/LICENSE")
        assert file.member == "LICENSE"


@pytest.mark.parametrize(
    ("path", "counts"),
    [
        ("a-1.dist-info/licenses/AUTHORS", True),
        ("a-1.dist-info/LICENSE.rst", True),
        ("numpy/random/LICENSE.md", True),
        ("furo/static/furo.js.LICENSE.txt", True),
        ("COPYING", True),
        ("pkg/_licence.py", False),
        ("pkg/licensed.txt", False),
    ],
)
def test_a_licence_is_known_by_its_name(path, counts):
    assert bool(FILE.search(path)) == counts


def test_a_text_that_is_kept_here_counts_for_one_version():
    assert Owner("Pyodide", "0.27.7").file.is_file()
    assert not Owner("Pyodide", "0.27.8").file.is_file()
    assert not [path for path in licences.KEPT.iterdir() if not path.read_text().strip()]


def test_comments_name_further_authors(tmp_path):
    script = tmp_path / "a.js"
    script.write_text("/*! b 1.0, MIT Licence */ x /* y */ /* Copyright C */")
    assert licences.notices(script) == "/*! b 1.0, MIT Licence */\n\n/* Copyright C */"
