"""The feed is valid Atom: what a reader subscribes to says what moved, from what to what, and why.

What is asked of a feed and of an entry is from RFC 4287.
"""

import html
import xml.etree.ElementTree as ET
from datetime import datetime

import pytest
from bookext import words
from bookext.site import feed, states
from project import FRONT
from releases import ledger, release
from sphinx import locale


@pytest.fixture(autouse=True)
def in_english(monkeypatch):
    """What is told is told in the words of the code, whatever language other tests ask for."""
    monkeypatch.delitem(locale.translators, ("general", words.CATALOG), raising=False)


ATOM = "{http://www.w3.org/2005/Atom}"
PAGE = "https://example.org/book/results.html"
KEPT = [
    release("1.0.0", ledger(x="1", y="1")),
    release("1.1.0", ledger("three points; six seeds", x="<2>"), day=2, why=["It <rounds>."]),
]


def made(kept, now, date="2027-01-03T04:05:06Z"):
    history = states.of(kept, now, why=["Not yet."], date=date)
    return feed.feed(
        [state for state in history if state.date],
        page=PAGE,
        address="https://example.org/book/feed.xml",
        title="书 & 数",
        author="nnbook contributors",
        language="zh-CN",
    )


def read(text):
    """The feed, after a look at all that Atom asks for."""
    root = ET.fromstring(text)  # noqa: S314
    assert root.tag == f"{ATOM}feed"
    assert root.find(f"{ATOM}author/{ATOM}name").text
    identities, moments = [], []
    for part in (root, *root.iterfind(f"{ATOM}entry")):
        for name in ("title", "id", "updated"):
            (element,) = part.findall(f"{ATOM}{name}")
            assert element.text
        identities.append(part.find(f"{ATOM}id").text)
        moments.append(datetime.fromisoformat(part.find(f"{ATOM}updated").text))
        assert [each for each in part.iterfind(f"{ATOM}link") if each.get("rel") == "alternate"]
    assert all(identity.startswith("https://") for identity in identities)
    assert len(identities) == len(set(identities))
    assert all(moment.tzinfo for moment in moments)
    assert moments[0] == max(moments[1:])
    (own,) = (each for each in root.iterfind(f"{ATOM}link") if each.get("rel") == "self")
    assert own.get("href") == root.find(f"{ATOM}id").text
    return root


def entries(root):
    """By its id, what an entry says: its title and its HTML."""
    return {
        entry.find(f"{ATOM}id").text.partition("#")[2]: (
            entry.find(f"{ATOM}title").text,
            entry.find(f"{ATOM}content").text,
        )
        for entry in root.iterfind(f"{ATOM}entry")
    }


def test_an_entry_says_what_has_moved_from_what_to_what_and_why():
    root = read(made(KEPT, KEPT[-1].ledger))
    found = entries(root)
    assert list(found) == ["release-1.1.0", "release-1.0.0"]
    title, content = found["release-1.1.0"]
    assert title == "1.1.0: 1 numbers and 1 claims moved. 1 went."
    ET.fromstring(f"<div>{content}</div>")  # noqa: S314
    assert '<ul lang="en"><li>It &lt;rounds&gt;.</li></ul>' in content
    number, claim = f'<a href="{PAGE}#number-a.x">', f'<a href="{PAGE}#claim-up">'
    assert f"{number}<code>a.x</code></a>: 1 → &lt;2&gt;</li>" in content
    assert f"{claim}<code>up</code></a>: two points → three points</li>" in content
    assert "<li><code>a.y</code>: 1 → gone</li>" in content  # and leads nowhere
    assert found["release-1.0.0"][1] == "<p>The first version: 2 numbers, 1 claims.</p>"
    assert root.find(f"{ATOM}title").text == "书 & 数: what has moved"


def test_what_is_not_released_has_an_entry_that_stays_as_long_as_nothing_else_moves():
    first = list(entries(read(made(KEPT, ledger(x="3")))))
    later = entries(read(made(KEPT, ledger(x="3"), date="2027-02-01T00:00:00Z")))
    other = list(entries(read(made(KEPT, ledger(x="4")))))
    assert list(later) == first
    assert first[0].startswith("since-")
    assert first[0] != other[0]
    assert first[1:] == other[1:] == ["release-1.1.0", "release-1.0.0"]
    assert "<li>Not yet.</li>" in later[first[0]][1]


def test_what_nobody_can_date_has_no_entry():
    assert list(entries(read(made(KEPT, ledger(x="3"), date="")))) == [
        "release-1.1.0",
        "release-1.0.0",
    ]


def test_the_same_bytes_twice():
    assert made(KEPT, ledger(x="3")) == made(KEPT, ledger(x="3"))


def test_the_day_is_that_of_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1800000000")
    assert feed._day(tmp_path) == "2027-01-15T08:00:00Z"
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    assert feed._day(tmp_path) == ""  # no repository


BASE = "https://example.org/book/"
LINK = f'<link rel="alternate" type="application/atom+xml" title="{{}}" href="{BASE}feed.xml">'


def test_a_site_has_a_feed_once_it_has_an_address_and_a_release(project):
    project.write("index", f"{FRONT}\n# 封面\n\n文字。\n")
    project.write("other", "# 账本\n\n```{ledger}\n```\n\n```{moves}\n```\n")
    path = project.site / "feed.xml"
    assert project.build(BOOK_BASE_URL=BASE)[0] == 0
    assert not path.exists()
    assert "atom+xml" not in project.page("index")

    folder = project.root / "book/releases"
    folder.mkdir()
    (folder / "1.0.0.json").write_text(KEPT[0].text(), encoding="utf-8")
    (project.root / "CHANGELOG.md").write_text(
        "## Unreleased\n\n### Numbers\n\n- They went.\n", encoding="utf-8"
    )
    code, output = project.build(BOOK_BASE_URL=BASE, SOURCE_DATE_EPOCH="1800000000")
    assert code == 0, output
    for page in ("index", "other"):
        assert LINK.format("丢弃层：一本会自己计算的书") in project.page(page)
    assert '<a href="feed.xml">订阅这些变动（Atom）</a>' in project.page("other")
    root = read(path.read_bytes())
    (today, (_title, content)), (first, _first) = entries(root).items()
    assert today.startswith("since-")
    assert "They went." in content
    assert first == "release-1.0.0"
    places = [part.get("href").partition("#")[2] for part in root.iter(f"{ATOM}link")]
    assert [html.escape(each) for each in places if each] == ["moves", "release-1.0.0"]
    for place in filter(None, places):
        assert f'id="{place}"' in project.page("other")
    assert "feed.xml" not in (project.site / "sw.js").read_text("utf-8")

    assert project.build(BOOK_BASE_URL="")[0] == 0
    assert not path.exists()
    assert "atom+xml" not in project.page("index")
    assert "feed.xml" not in project.page("other")
