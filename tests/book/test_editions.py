"""A book in two languages: one build, the same numbers, and no sentence that lags behind."""

import os
import re
import shutil
import time

import pytest
from babel.messages.pofile import read_po
from bookext.language import catalogues, editions
from filelock import FileLock
from project import INDEX, make, translate

BASE = "https://example.org/book/"
HAN = re.compile(r"[\u3400-\u9fff]")
WORDS = {
    "封面": "Cover",
    "默认的丢弃率是 {glue:text}`rate`，见[](other.md)。": (
        "By default it is {glue:text}`rate`, see [](other.md)."
    ),
    "另一章": "Another chapter",
    "文字。": "Text.",
}
# What a page says in another language: the links to it, and the names of places.
OTHER = re.compile(r'<a class="language".*?</a>|<span id="[^"]*"></span>')
MARK = str.maketrans({"，": ",", "。": ".", "：": ":", "；": ";", "（": "(", "）": ")", "、": ","})


def build(project, languages=""):
    return project.build(BOOK_LANGUAGES=languages)


def pages(project):
    """Each page of the site, with its text and when it was written."""
    found = project.site.rglob("*.html")
    site = project.site.resolve()
    return {
        path.resolve().relative_to(site).as_posix(): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in found
    }


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    project = make(tmp_path_factory.mktemp("editions"))
    translate(project, WORDS)
    code, output = build(project)
    assert code == 0, output
    shutil.copytree(project.root, project.root.with_name("kept"), symlinks=True)
    return project


@pytest.fixture
def project(built):
    """The project as it was after its first build."""
    shutil.rmtree(built.root)
    shutil.copytree(built.root.with_name("kept"), built.root, symlinks=True)
    return built


def test_both_editions_say_the_same_in_their_own_words(project):
    chinese, english = project.page("index"), project.page("en/index")
    assert "默认的丢弃率是 <span" in chinese
    assert "By default it is <span" in english
    assert re.search(r'<html [^>]*lang="en"', english)
    assert 'href="en/index.html">English</a>' in chinese
    assert 'href="../index.html">中文</a>' in english
    assert HAN.findall(OTHER.sub("", english)) == []
    # A place keeps its name in the first language beside its own.
    assert '<span id="封面"></span>' in english
    assert "# Cover" in (project.site / "en/notebooks/index.md").read_text(encoding="utf-8")


def test_an_edition_is_what_the_sources_are(project):
    code, output = build(project)
    assert (code, "Executing notebook" in output) == (0, False), output
    before = pages(project)
    path = catalogues.path_of(project.root, "en", "other")
    path.write_text(path.read_text("utf-8").replace("Text.", "Words."), encoding="utf-8")
    code, output = build(project)
    assert code == 0, output
    after = pages(project)
    changed = {name for name in after if after[name][0] != before[name][0]}
    assert changed == {"en/other.html"}
    assert "<p>Words.</p>" in project.page("en/other")


def test_a_changed_sentence_is_not_published_with_its_old_translation(project):
    before = pages(project)
    project.write("other", "# 另一章\n\n文字改了。\n")
    for _again in range(2):
        code, output = build(project)
        assert code == 1
        assert "book/other.md:3: not translated: “文字改了。”" in output
        assert pages(project) == before
    translate(project, {"文字改了。": "The text has changed."})
    code, output = build(project)
    assert code == 0, output
    assert "文字改了" in project.page("other")
    assert "The text has changed." in project.page("en/other")


def test_a_fault_of_an_edition_names_the_line_and_keeps_the_site(project):
    before = pages(project)
    path = catalogues.path_of(project.root, "en", "other")
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"Text."', '"It took 31% of it."'), encoding="utf-8")
    code, output = build(project)
    assert code == 1
    assert "book/other.md:3: WARNING: a percentage typed by hand" in output
    path.write_bytes(text.encode("utf-16"))
    code, output = build(project)
    assert code == 1
    assert "other.po cannot be read as a catalogue" in output
    assert pages(project) == before


def test_one_language_is_built_if_told_and_the_page_says_so(project):
    code, output = build(project, "zh")
    assert code == 0, output
    assert not (project.site / "en").exists()
    assert '<span class="language">这次没有构建：English</span>' in project.page("index")
    code, output = build(project, "fr")
    assert code == 1
    assert "the languages of this book are zh_CN, en" in output


def test_an_edition_ends_with_the_build_that_waits_for_it(project):
    folder = project.root / "_build/editions/en"
    shutil.rmtree(folder)
    with project.start(BOOK_LANGUAGES="") as process:
        while not list(folder.glob("_build/sites/*")):
            assert process.poll() is None
            time.sleep(0.05)
        process.kill()
    with FileLock(folder / "_build/.lock", timeout=60):
        assert not (folder / "_build/html/index.html").exists()


@pytest.mark.everything
def test_a_third_language_is_a_folder_and_a_line_and_finds_what_escapes(project):
    project.replace("_config.yml", "      en: English\n", "      en: English\n      eo: Marked\n")
    (project.root / "book/prose/eo.toml").write_text(
        (project.root / "book/prose/en.toml").read_text("utf-8"), encoding="utf-8"
    )

    def marked(message):
        letters = (f"{chr(0x100 + ord(each) % 80)}" for each in HAN.findall(message))
        return HAN.sub(lambda _: next(letters), message.translate(MARK))

    translate(project, marked, "eo")
    code, output = build(project)
    assert code == 0, output
    for path in sorted((project.site / "eo").rglob("*")):
        ours = path.name != "copybutton.js"  # it brings its words in all languages
        if ours and path.suffix in {".html", ".js", ".md", ".ipynb"}:
            text = OTHER.sub("", path.read_text(encoding="utf-8"))
            text = re.sub(r"//.*", "", text) if path.suffix == ".js" else text
            assert HAN.findall(text) == [], path


def test_sources_of_an_edition_that_stay_the_same_are_not_touched(tmp_path):
    (tmp_path / "book").mkdir()
    project = make(tmp_path / "book")
    translate(project, WORDS)
    folder = tmp_path / "edition"
    editions.write(project.root, "en", folder)
    os.utime(folder / "book/index.md", (1, 1))
    (folder / "book/gone.md").write_text("gone", encoding="utf-8")
    editions.write(project.root, "en", folder)
    assert (folder / "book/index.md").stat().st_mtime == 1
    assert not (folder / "book/gone.md").exists()
    text = (folder / "book/index.md").read_text(encoding="utf-8")
    assert text.count("\n") == INDEX.count("\n")
    assert "language: en" in (folder / "_config.yml").read_text(encoding="utf-8")


def test_every_catalogue_of_the_book_can_be_read():
    for path in sorted((catalogues.Path(__file__).parents[2] / catalogues.FOLDER).glob("*/*.po")):
        with path.open("rb") as file:
            assert len(read_po(file, abort_invalid=True)) > 0


def test_a_published_site_is_compared_in_all_languages(project):
    same = project.check_site(project.site, BOOK_LANGUAGES="")
    assert same.returncode == 0, same.stdout + same.stderr
    assert "0 of 4 pages differ" in same.stdout

    path = catalogues.path_of(project.root, "en", "other")
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("Text.", "Words."), encoding="utf-8")
    other = project.check_site(project.site, BOOK_LANGUAGES="")
    assert other.returncode == 1
    assert re.findall(r"^(\S+) +other: ", other.stdout, re.MULTILINE) == ["en/other.html"]

    for damaged in (text.replace('"Text."', '""'), text.replace('"Text."', '"Text.')):
        path.write_text(damaged, encoding="utf-8")
        none = project.check_site(project.site, BOOK_LANGUAGES="")
        assert none.returncode == 1
        assert re.search(r"^en/ +no edition comes of these catalogues", none.stdout, re.MULTILINE)
    chinese = project.check_site(project.site, BOOK_LANGUAGES="zh")
    assert (chinese.returncode, "0 of 2 pages" in chinese.stdout) == (0, True), chinese.stdout


def test_search_engines_are_told_of_both_editions(project):
    code, output = project.build(BOOK_LANGUAGES="", BOOK_BASE_URL=BASE)
    assert code == 0, output
    for name, file in (("index", ""), ("other", "other.html")):
        both = [("zh-CN", f"{BASE}{file}"), ("en", f"{BASE}en/{file}")]
        for (_, address), folder in zip(both, ("", "en/"), strict=True):
            page = project.page(f"{folder}{name}")
            found = re.findall(r'<link rel="alternate" hreflang="([^"]*)" href="([^"]*)">', page)
            assert found == both
            assert f'<link rel="canonical" href="{address}">' in page
    robots = (project.site / "robots.txt").read_text(encoding="ascii")
    assert re.findall("Sitemap: (.*)", robots) == [f"{BASE}sitemap.xml", f"{BASE}en/sitemap.xml"]
    english = (project.site / "en/sitemap.xml").read_text(encoding="utf-8")
    assert f"<loc>{BASE}en/other.html</loc>" in english
    assert leads_to_the_english_cover(project, "/book/en/index.html")


def leads_to_the_english_cover(project, cover):
    """Whether the page for what is not there does, and names no translation of itself."""
    lost = project.page("404")
    link = re.search(rf'<a [^>]*href="{cover}">English</a>', lost)
    return bool(link) and 'hreflang="en" href=' not in lost.partition("</head>")[0]


def test_where_nothing_is_one_comes_to_both_covers(project):
    assert leads_to_the_english_cover(project, "en/index.html")
