"""Library code is shown by name, as it stands, without docstrings."""

import pytest
from bookext.truth.source import find

MODULE = '''"""A module."""

LIMIT: int = 3
OTHER = 4  # why


class Layer:
    """A layer."""

    @property
    def rate(self):
        """The rate."""

        return 0.2  # a comment

    def forward(self, x):
        """Say nothing else."""
'''


@pytest.fixture
def package(tmp_path):
    (tmp_path / "nnbook" / "lab").mkdir(parents=True)
    for name in ("layer", "lab/probes"):
        (tmp_path / "nnbook" / f"{name}.py").write_text(MODULE)
    return tmp_path / "nnbook"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("layer.LIMIT", "LIMIT: int = 3"),
        ("layer.OTHER", "OTHER = 4  # why"),
        ("layer.Layer.rate", "@property\ndef rate(self):\n    return 0.2  # a comment"),
        ("layer.Layer.forward", "def forward(self, x):\n    ..."),
        ("lab.probes.LIMIT", "LIMIT: int = 3"),
    ],
)
def test_code_is_found_and_its_docstring_is_left_out(package, name, code):
    assert find(package, name)[1] == code


def test_a_class_is_shown_without_any_docstring(package):
    path, code = find(package, "layer.Layer")
    assert path == package / "layer.py"
    assert code.startswith("class Layer:\n    @property\n")
    assert '"""' not in code


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nothing.Layer", "no such module in nnbook"),
        ("lab", "no such module in nnbook"),
        ("layer", "name a class, a function or a variable"),
        ("layer.Layer.backward", "there is no backward"),
    ],
)
def test_what_is_not_there_is_named(package, name, message):
    with pytest.raises(LookupError, match=message):
        find(package, name)
