import pytest

from nnbook.lab.programs import Printed, TooMuchPrintedError, line_of


@pytest.mark.parametrize("pieces", [["abcdef"], ["abc", "def"], ["ab", "cd", "ef"], list("abcdef")])
def test_what_is_printed_is_cut_off_once_however_it_comes(pieces):
    printed = Printed(shown=3, stopped=6)
    for piece in pieces:
        assert printed.write(piece) == len(piece)
    assert printed.getvalue() == "abc\n……（太长，后面的没有显示）"
    with pytest.raises(TooMuchPrintedError, match=r"^已经打印了 6 个字符$"):
        printed.write("g")


def test_what_fits_is_kept_as_it_is():
    printed = Printed(shown=3, stopped=6)
    printed.write("abc")
    assert printed.getvalue() == "abc"


def test_no_program_can_catch_what_stops_it():
    assert not issubclass(TooMuchPrintedError, Exception)


def test_the_line_is_that_of_the_program_however_deep_the_error():
    def deep(text):
        return int(text)

    with pytest.raises(ValueError, match="invalid literal") as caught:
        eval(compile("\n\nf('a')", "<program>", "eval"), {"f": deep})  # noqa: S307
    assert line_of(caught.value, "<program>") == 3
    assert line_of(caught.value, "<another>") is None
