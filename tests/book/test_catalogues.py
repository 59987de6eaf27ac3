"""The gate: a translation that is missing, old, bound otherwise or damaged is named."""

import pytest
from babel.messages.catalog import Catalog
from bookext.language import catalogues

CHAPTER = "# 掩码\n\n低了 {glue:text}`cost`。\n\n- 丢弃层\n"
WORDS = {
    "掩码": "Masks",
    "低了 {glue:text}`cost`。": "{glue:text}`cost` lower.",
    "丢弃层": "dropout",
}
GLOSSARY = "# 术语表\n\n```{glossary}\n丢弃层（dropout layer）\n  一个层。\n```\n"
TERMS = '"dropout" = "dropout layer"\n'


@pytest.fixture
def root(tmp_path):
    for name, text in {
        "_config.yml": "title: book\n",
        "_toc.yml": "root: book/index\n",
        "book/masks.md": CHAPTER,
        "book/_locale/en/terms.toml": TERMS,
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    translate(tmp_path, WORDS)
    return tmp_path


def path(root, name="masks"):
    return catalogues.path_of(root, "en", name)


def translate(root, words, name="masks"):
    catalogues.update(root, "en")
    catalogue = catalogues.read(path(root, name), "en")
    for message, translation in words.items():
        catalogue[message].string = translation
        catalogue[message].flags.discard("fuzzy")
    catalogues.write(path(root, name), catalogue)


def complaints(root):
    return list(catalogues.complaints(root, "en"))


def write(root, text, name="masks"):
    (root / f"book/{name}.md").write_text(text, encoding="utf-8")


def test_a_translated_book_passes(root):
    assert complaints(root) == []
    assert catalogues.translations(catalogues.read(path(root), "en")) == WORDS


def test_a_new_sentence_is_named_where_it_stands(root):
    write(root, f"{CHAPTER}\n新的。\n")
    said = "book/masks.md:7: not translated: “新的。” (book/_locale/en/masks.po)"
    assert complaints(root) == [said]
    assert catalogues.update(root, "en") == {"masks": 1}
    assert complaints(root) == [said]


def test_a_changed_sentence_keeps_its_old_translation_as_fuzzy(root):
    write(root, CHAPTER.replace("低了", "一共低了"))
    assert [each.partition(": “")[0] for each in complaints(root)] == [
        "book/masks.md:3: not translated",
        "book/_locale/en/masks.po: no document has this message any more",
    ]
    assert catalogues.update(root, "en") == {"masks": 1}
    (said,) = complaints(root)
    assert said.startswith("book/masks.md:3: changed since it was translated: “一共低了")
    changed = catalogues.read(path(root), "en")["一共低了 {glue:text}`cost`。"]
    assert (changed.fuzzy, changed.string) == (True, "{glue:text}`cost` lower.")


def test_an_update_of_nothing_changes_nothing(root):
    before = path(root).read_bytes()
    assert catalogues.update(root, "en") == {"masks": 0}
    assert path(root).read_bytes() == before


@pytest.mark.parametrize(
    ("translation", "said"),
    [
        ("lower.", "leaves out {glue:text} cost"),
        ("{glue:text}`cost` {glue:text}`gain`", "adds {glue:text} gain"),
        ("{glue:text}`cost lower.", "has a role or code that is not closed"),
    ],
)
def test_another_binding_is_named(root, translation, said):
    translate(root, {"低了 {glue:text}`cost`。": translation})
    assert any(said in each and "book/masks.md:3" in each for each in complaints(root))


def test_a_term_is_that_of_the_glossary(root):
    write(root, GLOSSARY, "glossary")
    translate(
        root,
        {"术语表": "Glossary", "丢弃层（dropout layer）": "dropout layer", "一个层。": "A layer."},
        "glossary",
    )
    assert complaints(root) == []  # “dropout” may stand for it
    (root / "book/_locale/en/terms.toml").unlink()
    (said,) = complaints(root)
    assert said.endswith("has not “dropout layer” for 丢弃层, as the glossary says")


def test_the_catalogue_of_a_chapter_that_is_gone_is_named_and_goes(root):
    (root / "book/masks.md").rename(root / "book/other.md")
    assert "book/_locale/en/masks.po: there is no such chapter any more" in complaints(root)
    catalogues.update(root, "en")
    assert not path(root).exists()


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text.encode("gbk"),
        lambda text: text.replace('msgstr "Masks"', 'msgstr "Masks').encode(),
        lambda text: text.replace("msgid", "msgtd").encode(),
    ],
)
def test_a_damaged_catalogue_is_named(root, damage):
    path(root).write_bytes(damage(path(root).read_text(encoding="utf-8")))
    with pytest.raises(catalogues.DamagedCatalogueError, match=r"masks\.po cannot be read"):
        complaints(root)


def test_a_catalogue_that_is_not_there_is_empty(root):
    path(root).unlink()
    assert len(complaints(root)) == 3
    assert isinstance(catalogues.read(path(root), "en"), Catalog)
