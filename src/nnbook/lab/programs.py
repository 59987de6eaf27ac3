"""What readers' programs print and where they go wrong, told so that a page can show it."""

import io
import traceback


class TooMuchPrintedError(BaseException):
    """Stops a program that prints without end, even one that catches every `Exception`."""


class Printed(io.StringIO):
    r"""What a program prints, cut off where nobody would read on.

    Args:
        shown: characters that are kept.
        stopped: after so many the program is stopped.

    Raises:
        TooMuchPrintedError: the program has printed more than that.

    Example:
        >>> printed = Printed(shown=3, stopped=100)
        >>> print("abcdef", file=printed)
        >>> printed.getvalue()
        'abc\n……（太长，后面的没有显示）'
    """

    def __init__(self, shown: int, stopped: int) -> None:
        super().__init__()
        self.shown = shown
        self.stopped = stopped
        self.length = 0

    def write(self, text: str, /) -> int:
        """Keep what there is room for."""
        room = self.shown - self.length
        if 0 <= room < len(text):
            super().write(f"{text[:room]}\n……（太长，后面的没有显示）")
        elif room > 0:
            super().write(text)
        self.length += len(text)
        if self.length > self.stopped:
            raise TooMuchPrintedError(f"已经打印了 {self.stopped} 个字符")
        return len(text)


def line_of(error: BaseException, program: str) -> int | None:
    r"""The line of a program, compiled under that file name, in which an error arose.

    Example:
        >>> try:
        ...     exec(compile("a = 1\nb", "<program>", "exec"))
        ... except NameError as error:
        ...     print(line_of(error, "<program>"))
        2
    """
    if isinstance(error, SyntaxError):
        return error.lineno
    frames = traceback.extract_tb(error.__traceback__)
    line = next((frame.lineno for frame in reversed(frames) if frame.filename == program), None)
    if line is None and error.__cause__ is not None:  # an error that the library put in its words
        return line_of(error.__cause__, program)
    return line
