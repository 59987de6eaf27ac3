"""Exercises that check themselves: run what a reader wrote, and say how it did.

Needs NumPy and nnbook alone, since it runs in the reader's browser too. What it answers is for
the reader, so it is Chinese.
"""

import traceback
import warnings
from collections.abc import Callable, Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict

from nnbook.errors import NNBookError
from nnbook.lab import checks, choosing
from nnbook.lab.checks import MismatchError
from nnbook.lab.programs import Printed, TooMuchPrintedError, line_of
from nnbook.layer import Layer

ANSWERS = Path(__file__).parent / "answers"
PROGRAM = "<exercise>"  # the file name of what the reader wrote, in tracebacks
SHOWN = 2_000  # characters of what was printed; after so many the rest is cut off
STOPPED = 200_000  # and after so many the program is stopped


class Failure(TypedDict):
    """Why an answer is not right yet.

    ``check`` is the title of the check that failed, ``None`` when the program came to none;
    ``line`` that of the reader's code, where there is one.
    """

    check: str | None
    expected: str
    got: str
    hint: str
    line: int | None


class Answer(TypedDict):
    """What `check` answers: titles of the checks that passed, how many there are, and the rest."""

    passed: list[str]
    total: int
    failure: Failure | None
    printed: str


@dataclass(frozen=True)
class Exercise:
    """Something to write, and how it is checked.

    Attributes:
        identity: its name in the code.
        title: its name for the reader.
        start: the code that the reader begins with.
        checks: by title, in the order in which they run; the exercise's own come first.
    """

    identity: str
    title: str
    start: str
    checks: Mapping[str, Callable[[Any], None]]

    @property
    def solution(self) -> str:
        """A solution, which passes the checks."""
        return _answer(self.identity)


def check(identity: str, code: str) -> Answer:
    """Run a reader's code, and the checks of an exercise on what it defines.

    Args:
        identity: of the exercise, a key of `EXERCISES`.
        code: the reader's program.

    Returns:
        What can be written as JSON; the first failure ends the checks.

    Raises:
        NNBookError: there is no such exercise.
        KeyboardInterrupt: somebody stopped the program.

    Example:
        >>> check("choose", EXERCISES["choose"].solution)["failure"] is None
        True
        >>> check("choose", "choose = 1")["failure"]["hint"]
        '写成 def choose(arms): …，名字不要改。'
    """
    if identity not in EXERCISES:
        raise NNBookError(f"identity must be one of {', '.join(EXERCISES)}, got {identity!r}")
    titles = EXERCISES[identity].checks
    passed: list[str] = []
    failure: Failure | None = None
    found: str | None = None
    printed = Printed(SHOWN, STOPPED)
    with redirect_stdout(printed), redirect_stderr(printed), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            written = _written(identity, code)
            for found, run in titles.items():
                run(written)
                passed.append(found)
        except KeyboardInterrupt:
            raise
        except MismatchError as mismatch:
            failure = _failure(found, mismatch, None)
        except BaseException as error:
            failure = _failure(found, *_told(error))
    return Answer(passed=passed, total=len(titles), failure=failure, printed=printed.getvalue())


def _answer(identity: str) -> str:
    return (ANSWERS / f"{identity}.py").read_text(encoding="utf-8")


def _failure(check: str | None, mismatch: MismatchError, line: int | None) -> Failure:
    return Failure(
        check=check, expected=mismatch.expected, got=mismatch.got, hint=mismatch.hint, line=line
    )


def _written(identity: str, code: str) -> Any:
    """Run the code, and give the class or function that it was to define."""
    names: dict[str, Any] = {"__name__": PROGRAM}
    exec(compile(code, PROGRAM, "exec"), names)  # noqa: S102 - it is what the reader asks for
    if identity == "choose":
        choose = names.get("choose")
        if not callable(choose):
            raise MismatchError(
                "一个函数 choose", "没有找到它", "写成 def choose(arms): …，名字不要改。"
            )
        return choose
    layer = names.get("MyDropout")
    if not isinstance(layer, type):
        raise MismatchError(
            "一个类 MyDropout", "没有找到它", "写成 class MyDropout(Layer): …，名字不要改。"
        )
    if not issubclass(layer, Layer):
        raise MismatchError(
            "MyDropout 是一种 Layer", "它不是", "第一行写成 class MyDropout(Layer):。"
        )
    if layer.forward is Layer.forward:
        raise MismatchError(
            "MyDropout 有 forward 方法",
            "没有找到它",
            "写 def forward(self, x): …，缩进在类里面，名字不要改。",
        )
    return layer


def _told(error: BaseException) -> tuple[MismatchError, int | None]:
    """An error of the reader's program, in plain words, and its line."""
    line = line_of(error, PROGRAM)
    # Safe even where the error's own text fails.
    text = traceback.format_exception_only(error)[-1].strip()[:300]
    said = (hint for words, hint in SAID.items() if words in text)
    hint = next(said, "") or next(hint for kind, hint in HINTS.items() if isinstance(error, kind))
    where = f"第 {line} 行出错：" if line else "出错："
    return MismatchError("程序能顺利运行", f"{where}{text}", hint), line


# Words of an error that tell more than its kind.
_FULL_WIDTH = "这一行有一个全角的标点或者空格。代码里的标点都用英文的。"
_PARENTS = "Tensor 的第二个参数是父节点，写成 (x,)：只有一个，也要括号和逗号。"
SAID: dict[str, str] = {
    "invalid character": _FULL_WIDTH,
    "invalid non-printable character": _FULL_WIDTH,
    "gradient_fn() missing": "只写名字 gradient_fn，后面不加括号：梯度到了，它才会被调用。",
    "parents are several tensors": _PARENTS,
    "a gradient_fn tried to change": "gradient 别处还要用，不能改。另做一个：gradient * mask。",
}

# The first that fits; the last fits all.
HINTS: dict[type[BaseException], str] = {
    IndentationError: "缩进没有对齐。同一层的代码，前面的空格要一样多。",
    SyntaxError: "Python 读不懂这一行。看看括号、引号、冒号是不是齐全；也可能是上一行没有写完。",
    NameError: "用到了一个没有定义的名字。是不是拼错了，或者前面少了 self. ？",
    AttributeError: "点号后面的名字不存在。是不是拼错了，或者忘了在 __init__ 里写 self.… = …？",
    ImportError: "这里只有 NumPy、nnbook 和 Python 自带的模块可以用。",
    ZeroDivisionError: "除数是零。看看除以的是不是该除的那个数。",
    RecursionError: "函数一直在调用自己。看看 forward 里是不是又调用了 self(x)。",
    MemoryError: "内存不够。数组的形状是不是写得太大了？",
    LookupError: "取了一个不存在的位置。看看下标，从 0 数起。",
    TypeError: "值的种类或参数的个数不对。检查时这样调用：MyDropout(rate, rng)，再 forward(x)；"
    "或者 choose(arms)。",
    ValueError: "数值或形状不合适。两个数组相乘，形状要对得上：掩码的形状取 x.shape。",
    SystemExit: "程序自己退出了。去掉 exit()，让它走到最后一行。",
    TooMuchPrintedError: "打印得太多，我让它停下了。看看是不是有停不下来的循环。",
    BaseException: "看看这一行：它报的错，上面有原文。",
}

_FORWARD = {
    "交回一个形状相同的张量": checks.gives_a_tensor,
    "每个数各自抽签": checks.draws_for_each_value,
    "丢弃的比例等于丢弃率": checks.strikes_out_its_share,
    "每次调用都换一个掩码": checks.draws_anew,
    "随机数来自 rng": checks.draws_from_its_rng,
}
_BACKWARD = {
    "梯度能往回走": checks.passes_gradient_back,
    "反向用前向的掩码": checks.goes_back_through_its_mask,
    "梯度累加起来": checks.adds_gradients_up,
    "梯度一直走到前面的层": checks.is_part_of_the_graph,
    "每次调用记得自己的掩码": checks.remembers_its_mask,
}
_PLAIN = {"留下的数保持原样": checks.keeps_survivors}
_INVERTED = {"留下的数除以留下的比例": checks.scales_survivors}
_EVAL = {
    "评估时原样还回输入": checks.eval_leaves_the_input,
    "评估时不抽随机数": checks.eval_draws_nothing,
    "回到训练，又开始丢弃": checks.train_strikes_out_again,
}
_CHOOSE = {
    "交回一个丢弃率，不看测试集": choosing.chooses_a_rate,
    "验证准确率平均最高的": choosing.chooses_by_the_mean,
    "换一组实验也选得对": choosing.chooses_from_other_arms,
    "种子个数不同也选得对": choosing.chooses_whatever_the_number_of_seeds,
}

_START_FORWARD = """\
from nnbook import Layer, Tensor


class MyDropout(Layer):
    def __init__(self, rate, rng):
        self.rate = rate
        self.rng = rng

    def forward(self, x):
        # x.data 是输入里的数组，x.shape 是它的形状；
        # self.rng.random(shape) 给出这个形状的随机数，从 0 到 1。
        ...
"""
_START_BACKWARD = """\
from nnbook import Layer, Tensor


class MyDropout(Layer):
    def __init__(self, rate, rng):
        self.rate = rate
        self.rng = rng

    def forward(self, x):
        mask = self.rng.random(x.shape) > self.rate
        # 在这里写 gradient_fn(gradient)，再把 (x,) 和它交给下面的 Tensor。
        return Tensor(x.data * mask)
"""
_START_CHOOSE = """\
import numpy as np


def choose(arms):
    # 每个 arm 是一个丢弃率的实验：arm.rate 是丢弃率，
    # arm.train、arm.validation 和 arm.test 是各个种子的准确率。
    ...
"""

EXERCISES: dict[str, Exercise] = {
    each.identity: each
    for each in (
        Exercise("forward", "写前向", _START_FORWARD, _FORWARD | _PLAIN),
        Exercise("backward", "写反向", _START_BACKWARD, _BACKWARD | _FORWARD | _PLAIN),
        Exercise("inverted", "改成反转丢弃", _answer("backward"), _INVERTED | _BACKWARD | _FORWARD),
        Exercise(
            "eval", "评估时不丢弃", _answer("inverted"), _EVAL | _INVERTED | _BACKWARD | _FORWARD
        ),
        Exercise("choose", "用验证集选丢弃率", _START_CHOOSE, _CHOOSE),
    )
}
