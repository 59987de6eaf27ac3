"""Each page to take along: as Markdown, and as a notebook if it computes.

`notebooks` makes them; here is what a chapter's text refers to, out of what Sphinx knows, and
where the files stand.
"""

import inspect
import json
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any

from docutils import nodes
from pybtex.backends.plaintext import Backend
from sphinx.application import Sphinx
from sphinx.directives.code import LiteralIncludeReader
from sphinx.environment import BuildEnvironment

from bookext.site import moves, redirects
from bookext.site.html_builder import SOURCE_FOLDER
from bookext.site.notebooks import markdown, notebook, outputs, set_up, state
from bookext.site.plain_markdown import Book, cited, computes, fenced, linked, table
from bookext.state.environment import installed
from bookext.truth import benchmark_tables, ledger
from bookext.truth.source import find
from bookext.words import _

FOLDER = "notebooks"  # in the site
PACKAGES = ("numpy", "matplotlib", "joblib", "threadpoolctl")  # that the library imports


def offer(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: object
) -> None:
    """Write a page's files, now that all that they refer to is known; tell the page of them."""
    if not isinstance(doctree, nodes.document):
        return
    folder, stem = Path(app.outdir, FOLDER), _stem(pagename)
    folder.mkdir(exist_ok=True)
    chapter = _source(app, pagename)
    package = Path(app.srcdir, "src", "nnbook")

    @cache
    def source(name: str) -> tuple[str, str]:
        path, code = find(package, name)
        return path.relative_to(package.parent).as_posix(), code

    given = outputs(doctree)
    about = _about(app, pagename, context["fingerprint"])
    files = {}
    if _computes(app, pagename):
        wheel = f"nnbook-{_version(app)}-py3-none-any.whl"
        address = f"{_base(app)}runtime/library/" if app.config.book_runtime and _base(app) else ""
        first = _set_up(app.srcdir, app.config.book_results, wheel, address)
        book = _book(app, pagename, ".ipynb", source)
        said = f"{about}\n\n{_how_to_run(app, wheel, address)}"
        files[_("Notebook")] = f"{stem}.ipynb", notebook(chapter, book, given, said, first)
    book = _book(app, pagename, ".md", source)
    files["Markdown"] = f"{stem}.md", markdown(chapter, book, given, about)
    for name, text in files.values():
        (folder / name).write_text(text, encoding="utf-8")
    context["take_away"] = [
        (kind, context["pathto"](f"{FOLDER}/{name}", 1), f"{len(text.encode()) / 1000:.0f} KB")
        for kind, (name, text) in files.items()
    ]


def forget(app: Sphinx, exception: Exception | None) -> None:
    """Drop what belongs to no page, or to one that computes no more."""
    if exception is not None:
        return
    kept = {f"{_stem(name)}.md" for name in app.env.found_docs}
    kept |= {f"{_stem(name)}.ipynb" for name in app.env.found_docs if _computes(app, name)}
    for path in Path(app.outdir, FOLDER).glob("*"):
        if path.name not in kept:
            path.unlink()
    for name, text in moved(redirects.of(app), set(kept), _base(app) or "../").items():
        Path(app.outdir, FOLDER, name).write_text(text, encoding="utf-8", newline="\n")


def moved(leads: Mapping[str, str], there: set[str], base: str) -> dict[str, str]:
    """What stands in the files of chapters that have another name now: where they are.

    Args:
        leads: where old addresses lead.
        there: the files of the chapters that are there.
        base: what stands before the address of a page, seen from such a file.

    Example:
        >>> sorted(moved({"old.html": "new.html#a", "new.html#x": "new.html#a"}, set(), "../"))
        ['old.ipynb', 'old.md']
    """
    found: dict[str, str] = {}
    for old, new in leads.items():
        stem, suffix, place = old.partition(".html")
        if suffix and not place:
            link = linked(_("here"), f"{base}{new}")
            text = f"# {_('This page has moved')}\n\n{_('It is now {here}.').format(here=link)}\n"
            cell = {"cell_type": "markdown", "id": "moved", "metadata": {}, "source": text}
            file = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
            found |= {f"{stem}.md": text, f"{stem}.ipynb": json.dumps(file, ensure_ascii=False)}
    return {name: text for name, text in found.items() if name not in there}


def _stem(docname: str) -> str:
    return docname.removeprefix(SOURCE_FOLDER).replace("/", "-")


def _source(app: Sphinx, docname: str) -> str:
    return Path(app.env.doc2path(docname)).read_text(encoding="utf-8")


def _computes(app: Sphinx, docname: str) -> bool:
    return computes(_source(app, docname))


def _base(app: Sphinx) -> str:
    base = app.config.html_baseurl
    return f"{base.rstrip('/')}/" if base else ""


def _version(app: Sphinx) -> str:
    text = Path(app.srcdir, "src/nnbook/__init__.py").read_text(encoding="utf-8")
    found = re.search(r'__version__ = "([^"]*)"', text)
    return found[1] if found else "0"


def _about(app: Sphinx, docname: str, fingerprint: str) -> str:
    title, base = app.env.titles[docname].astext(), _base(app)
    place = linked(title, base + app.builder.get_target_uri(docname) if base else "")
    about = _("{book}: {place}. Fingerprint `{fingerprint}`.").format(
        book=app.config.html_title, place=place, fingerprint=fingerprint
    )
    return f"{about}\n\n{licence()}"


def licence() -> str:
    """What may be done with what was taken along, in a sentence."""
    return str(
        _(
            "Text and pictures: CC BY-SA 4.0; code: BSD-3-Clause; handwritten digits: Yann LeCun "
            "and Corinna Cortes, CC BY-SA 3.0; clothes: Zalando SE, MIT."
        )
    )


@lru_cache(maxsize=1)
def _set_up(root: Path, results: str, wheel: str, address: str) -> str:
    # State and packages change with the fingerprint of results.
    packages = {name: version for name, version in installed().items() if name in PACKAGES}
    return set_up(state(Path(root)), wheel, address, packages)


def _how_to_run(app: Sphinx, wheel: str, address: str) -> str:
    files = _("`{wheel}`, `tinymnist.npz`, `tinyfashion.npz` and `evidence.zip`").format(
        wheel=wheel
    )
    if address:
        first = _("The first cell takes {files} from [the website]({address}),")
    elif app.config.book_runtime:
        first = _(
            "The first cell looks beside it for {files}, which are in `runtime/library/` of the "
            "website,"
        )
    else:
        first = _(
            "First run `pip wheel --no-deps .` in the project and put {files} beside this; the "
            "first cell"
        )
    return _(
        "Run it from top to bottom, with Python 3.11 or newer. {first} unpacks them, and leaves "
        "your Python as it is."
    ).format(first=first.format(files=files, address=address))


def _book(app: Sphinx, docname: str, suffix: str, source: Callable[[str], tuple[str, str]]) -> Book:
    """What a chapter refers to, out of what Sphinx knows."""
    env, base = app.env, _base(app)

    def link(name: str, anchor: str) -> str:
        target = f"{SOURCE_FOLDER}{name}"
        if target not in env.found_docs:
            return ""
        if base:
            return f"{base}{app.builder.get_target_uri(target)}" + (f"#{anchor}" if anchor else "")
        return name + (suffix if _computes(app, target) else ".md")

    works = {work.key: work for work in env.domaindata["cite"]["citations"]}
    render = Backend()

    def work(key: str) -> tuple[str, str]:
        entry = works[key].formatted_entry
        return entry.label, entry.text.render(render)

    def contents(*_given: object) -> str:
        names = [_stem(name) for name in ledger.reading_order(env)[1:]]
        return "\n".join(f"- {linked(titles[name], link(name, ''))}" for name in names)

    def bibliography(*_given: object) -> str:
        return "\n".join("- \\[{}\\] {}".format(*work(key)) for key in works)

    def benchmark(name: str, options: Mapping[str, str], _lines: object) -> str:
        header, rows, words = benchmark_tables.kept(app, name, options.get("columns", ""))
        number = _numbers(env).get(f"tab-{name}")  # with a caption alone
        title = f"**{number}**{_(' | ')}{options['caption']}\n\n" if number else ""
        return f"{title}{table(header, rows)}\n\n{words}"

    def included(name: str, options: Mapping[str, str], _lines: object) -> str:
        path = Path(app.env.doc2path(docname)).parent / name
        lines = LiteralIncludeReader(str(path), _unquoted(options), app.config).read()[0]
        return fenced(lines.rstrip("\n"), options.get("language", ""))

    def everything(*_given: object) -> str:
        return "\n\n".join(_evidence(titles[_stem(name)], found) for name, found in published)

    titles = {_stem(name): title.astext() for name, title in env.titles.items()}
    entries = ledger.entries(env)
    published = [(name, entries[name]) for name in ledger.reading_order(env) if name in entries]
    return Book(
        values=entries.get(docname, {}).get("numbers", {}),
        numbers=_numbers(env),
        # In its own file, a label would lead nowhere.
        homes={
            label: _stem(name)
            for name, kinds in env.toc_fignumbers.items()
            for labels in kinds.values()
            for label in labels
            if base or name != docname
        },
        works={key: work(key) for key in cited(_source(app, docname)) if key in works},
        titles=titles,
        link=link,
        site=base or "../",
        source=source,
        parts={
            "tableofcontents": contents,
            "bibliography": bibliography,
            "benchmark": benchmark,
            "ledger": everything,
            "literalinclude": included,
            "moves": lambda _argument, _options, lines: moves.markdown(app, lines),
            "eval-rst": lambda _argument, _options, lines: interface(lines),
        },
    )


def _unquoted(options: Mapping[str, str]) -> dict[str, str]:
    return {name: value.strip("\"'") for name, value in options.items()}


def _numbers(env: BuildEnvironment) -> dict[str, str]:
    words = {"figure": _("Figure {}"), "table": _("Table {}"), "exercise": _("Exercise {}")}
    return {
        label: words[kind].format(".".join(map(str, number)))
        for chapter in env.toc_fignumbers.values()
        for kind, numbered in chapter.items()
        if kind in words
        for label, number in numbered.items()
    }


def _evidence(title: str, chapter: Mapping[str, Any]) -> str:
    claims = [
        [
            f"`{name}`",
            chapter["sentences"].get(name, ""),
            ledger.told(claim),
        ]
        for name, claim in sorted(chapter["claims"].items())
    ]
    numbers = [[f"`{name}`", value] for name, value in sorted(chapter["numbers"].items())]
    parts = [f"### {title}"]
    parts += [table([_("Claim"), _("Sentence"), _("Evidence")], claims)] if claims else []
    parts += [table([_("Name"), _("Value")], numbers)] if numbers else []
    return "\n\n".join(parts)


def interface(lines: Sequence[str]) -> str:
    """The docstrings that ``autoclass`` and its like stand for."""
    parts = []
    for kind, name, members in re.findall(
        r"^\.\. auto(\w+):: (\S+)((?:\n +:.*)*)", "\n".join(lines), flags=re.MULTILINE
    ):
        module, _, last = name.rpartition(".")
        found = import_module(name) if kind == "module" else getattr(import_module(module), last)
        named = re.search(r":members:[ ]*(.*)", members)
        wanted = [part.strip() for part in named[1].split(",") if part] if named else []
        if named and not wanted:
            wanted = [key for key, value in vars(found).items() if _is_public(key, value, name)]
        parts.append(_described(name, found))
        parts += [_described(f"{name}.{key}", getattr(found, key)) for key in wanted]
    return "\n\n".join(parts)


def _is_public(key: str, value: object, owner: str) -> bool:
    of_owner = getattr(value, "__module__", owner) == owner or not inspect.isclass(value)
    return not key.startswith("_") and bool(getattr(value, "__doc__", None)) and of_owner


def _described(name: str, found: object) -> str:
    return f"### `{name}`\n\n{fenced(inspect.getdoc(found) or '', 'text')}"
