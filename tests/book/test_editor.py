"""The editor without a bundler: names of packages become addresses, and nothing else changes."""

import re

import pytest
from bookext.site import editor
from bookext.site.fetching import Wanted

PLACES = {"crelt": "./crelt.js", "@codemirror/state": "./state.js"}


@pytest.mark.parametrize(
    ("written", "made"),
    [
        ("import elt from 'crelt'", "import elt from './crelt.js'"),
        ('import "crelt";', 'import "./crelt.js";'),
        ("import{a as b}from'crelt'", "import{a as b}from'./crelt.js'"),
        ("import * as all from 'crelt'", "import * as all from './crelt.js'"),
        ("import {\n  a,\n  $b,\n} from 'crelt'", "import {\n  a,\n  $b,\n} from './crelt.js'"),
        ("export { a } from '@codemirror/state'", "export { a } from './state.js'"),
        ("x;\nexport * from 'crelt'\ny", "x;\nexport * from './crelt.js'\ny"),
    ],
)
def test_a_bare_import_becomes_an_address(written: str, made: str) -> None:
    assert editor.rewritten(written, PLACES) == made


@pytest.mark.parametrize(
    "text",
    [
        "import a from './near.js'",
        "export default 'crelt'",
        "export const from = 'crelt'",
        "const text = \"import a from 'crelt'\"",
        "  // import a from 'crelt'",
        "export { a }\nconst b = 'crelt'",
    ],
)
def test_what_is_no_bare_import_stays(text: str) -> None:
    assert editor.rewritten(text, PLACES) == text


def test_an_import_of_a_package_that_is_not_locked_is_refused() -> None:
    with pytest.raises(KeyError, match="unknown"):
        editor.rewritten("import a from 'unknown'", PLACES)


def test_the_lock_names_one_file_of_one_version_of_each_package() -> None:
    files = editor.wanted()
    assert len({file.name for file in files}) == len(files) == len(editor.LOCK["packages"])
    for file in files:
        assert re.fullmatch(r"runtime/editor/[a-z0-9-]+-\d+\.\d+\.\d+\.js", file.name)
        assert re.fullmatch("[0-9a-f]{64}", file.sha256)
        assert file.address.endswith(f"/{file.package.removeprefix('npm:')}/{file.member}")


def test_our_own_part_imports_only_what_is_locked() -> None:
    def read(file: Wanted) -> bytes:
        return b"import elt from 'crelt';"

    made = editor.files(read)
    names = {name.rpartition("/")[2] for name in made}
    assert "Marijn Haverbeke" in made["runtime/editor/LICENSE"]
    own = made["runtime/editor/editor.js"]
    imported = re.findall(r'^import .* from "\./(.*)";$', own, flags=re.MULTILINE)
    assert len(imported) == len(re.findall("^import ", own, flags=re.MULTILINE)) > 0
    assert set(imported) <= names
    assert all("'./crelt-" in made[file.name] for file in editor.wanted())
