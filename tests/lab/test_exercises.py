"""What learners write, right and wrong: each mistake is a real program, and has its own hint."""

import json
from importlib import import_module
from itertools import pairwise

import pytest

from nnbook import NNBookError
from nnbook.lab.checks import MismatchError
from nnbook.lab.exercises import EXERCISES, SHOWN, STOPPED, check

every = pytest.mark.parametrize("identity", EXERCISES)


def edited(identity, *pieces):
    """The solution with each first piece replaced by the piece after it, in pairs."""
    code = EXERCISES[identity].solution
    for old, new in list(pairwise(pieces))[::2]:
        assert code.count(old) == 1, f"{old!r} is not in the solution once"
        code = code.replace(old, new)
    return code


@every
def test_the_solution_passes_every_check(identity):
    answer = check(identity, EXERCISES[identity].solution)
    assert answer["failure"] is None
    assert answer["passed"] == list(EXERCISES[identity].checks)
    assert answer["total"] == len(answer["passed"])
    assert answer["printed"] == ""


@every
def test_the_solution_is_a_module_that_the_book_can_show(identity):
    module = import_module(f"nnbook.lab.answers.{identity}")
    for run in EXERCISES[identity].checks.values():
        run(module.choose if identity == "choose" else module.MyDropout)


STARTS = {
    "forward": "最后一行写 return",
    "backward": "写一个内部函数 gradient_fn",
    "inverted": "还没有缩放",
    "eval": "forward 先看 self.training",
    "choose": "最后一行写 return",
}


@every
def test_the_starting_code_fails_its_first_check_and_says_what_to_write(identity):
    answer = check(identity, EXERCISES[identity].start)
    assert answer["passed"] == []
    assert answer["failure"]["check"] == next(iter(EXERCISES[identity].checks))
    assert STARTS[identity] in answer["failure"]["hint"]


MASK = "mask = self.rng.random(x.shape) > self.rate"
SCALED = "mask = (self.rng.random(x.shape) > self.rate) / (1 - self.rate)"
RESULT = "return Tensor(x.data * mask)"
SET = "self.rng = rng\n"
NUMPY = "from nnbook import", "import numpy as np\nfrom nnbook import"
GRADIENT = "x.receive(gradient * mask)"
MEAN = "key=lambda arm: np.mean(arm.validation)"

FORWARD = {
    "the signs swapped": (MASK, MASK.replace(">", "<"), "大于和小于写反了"),
    "half the rate": (MASK, MASK + " / 2", "拿随机数和 self.rate 比"),
    "a mask per row": (MASK, MASK.replace("x.shape", "(len(x.data), 1)"), "不是 (n, 1)"),
    "a mask per batch": (MASK, MASK.replace("x.shape", "x.shape[1:]"), "共用了一个掩码"),
    "one draw for all": (MASK, MASK.replace("x.shape", ""), "给每个数抽一次签"),
    "nothing kept": (MASK, "mask = self.rng.random(x.shape) > 1", "要留下"),
    "nothing struck out": (RESULT, "return Tensor(x.data)", "给每个数抽一次签"),
    "a mask of the constructor": (
        *(SET, SET + "        self.mask = rng.random((40, 50)) > rate\n"),
        *(MASK, "mask = self.mask"),
        "从 __init__ 搬到 forward",
    ),
    "a mask of the constructor that fits nothing": (
        *(SET, SET + "        self.mask = rng.random(784) > rate\n"),
        *(MASK, "mask = self.mask"),
        "从 __init__ 搬到 forward",
    ),
    "a mask of the first call": (
        *(SET, SET + "        self.mask = None\n"),
        *(MASK, f"if self.mask is None:\n            self.{MASK}"),
        *("x.data * mask", "x.data * self.mask"),
        "掩码不要存起来再用",
    ),
    "a generator seeded on each call": (
        *NUMPY,
        *(MASK, MASK.replace("self.rng", "np.random.default_rng(0)")),
        "也不要每次从头播种",
    ),
    "global numbers": (*NUMPY, MASK, MASK.replace("self.rng", "np.random"), "全局的 np.random"),
    "a generator of its own": (
        *NUMPY,
        *("self.rng = rng", "self.rng = np.random.default_rng(0)"),
        "用传进来的 rng",
    ),
    "an array": (RESULT, "return x.data * mask", "把算出来的数组包起来"),
    "nothing": (RESULT, "Tensor(x.data * mask)", "最后一行写 return"),
    "the survivors alone": (RESULT, "return Tensor(x.data[mask])", "仍占着自己的位置"),
    "the input changed": (RESULT, "x.data *= mask\n        return x", "别改 x.data"),
    "scaled too early": (RESULT, "return Tensor(x.data * mask / 0.8)", "这一题还不用缩放"),
}
BACKWARD = {
    "called instead of handed over": (
        *(GRADIENT, "return x.receive(mask)"),
        *("gradient_fn(gradient)", "gradient_fn()"),
        *(", gradient_fn)", ", gradient_fn())"),
        "再把它交给 Tensor",
    ),
    "not handed over": (", gradient_fn)", ")", "再把它交给 Tensor"),
    "no parents": ("(x,)", "()", "第二个参数写 (x,)"),
    "handed to nobody": (GRADIENT, "x.grad + gradient * mask", "在 gradient_fn 里写 x.receive"),
    "a mask drawn anew": (
        *(GRADIENT, "x.receive(gradient * (self.rng.random(x.shape) > self.rate))"),
        "反向时又抽了一次掩码",
    ),
    "no mask": (GRADIENT, "x.receive(gradient)", "给 gradient 乘上掩码"),
    "no gradient of what follows": (GRADIENT, "x.receive(mask)", "忘了乘 gradient"),
    "another gradient": (
        *(GRADIENT, "x.receive(gradient * mask * 2)"),
        "应当是 gradient 乘以前向所乘的那个掩码",
    ),
    "no sum": (GRADIENT, "x.grad = gradient * mask", "不要写 x.grad = …"),
    "the mask of the last call": (
        *(MASK, f"self.{MASK}"),
        *("x.data * mask", "x.data * self.mask"),
        *(GRADIENT, "x.receive(gradient * self.mask)"),
        "用 forward 里的局部变量 mask",
    ),
}
SCALE = "/ (1 - self.rate)"
INVERTED = {
    "not scaled": (SCALE, "* 1", "还没有缩放"),
    "divided by the rate": (SCALE, "/ self.rate", "除以的是丢弃率"),
    "multiplied by the rate": (SCALE, "* self.rate", "乘的是丢弃率"),
    "multiplied by what is kept": (SCALE, "* (1 - self.rate)", "方向反了"),
    "divided by what was kept by chance": (
        *(SCALED, f"{MASK}\n        mask = mask / mask.mean()"),
        "不是这一次碰巧留下的比例",
    ),
    "any other number": (SCALE, "* 3", "再整个除以 1 - self.rate"),
    "scaled unevenly": (SCALE, "* x.data", "再整个除以 1 - self.rate"),
    "a gradient without scale": (
        *(SCALED, MASK),
        *("x.data * mask", "x.data * mask / (1 - self.rate)"),
        "梯度也要除",
    ),
    "the signs swapped": (MASK[7:], MASK[7:].replace(">", "<"), "大于和小于写反了"),
    "scale and nothing struck out": (MASK[7:], "x.data > 0", "给每个数抽一次签"),
    "all struck out": (MASK[7:], "x.data > 2", "要留下"),
}
CONDITION = "        if not self.training:\n            return x\n"
EVAL = {
    "no look at the mode": (CONDITION, "", "forward 先看 self.training"),
    "the condition turned round": ("if not self", "if self", "条件写反了"),
    "scaled": ("return x\n", "return x * (1 - self.rate)\n", "评估模式下不缩放"),
    "a copy": ("return x\n", "return Tensor(x.data)\n", "直接 return x 就好"),
    "drawn before looking": (CONDITION, f"        {SCALED}\n{CONDITION}", "先看 self.training，再"),
    "off for good": (
        CONDITION,
        CONDITION.replace("return", "self.rate = 0\n            return"),
        "train() 和 eval() 切换",
    ),
}
CHOOSE = {
    "by the test images": (MEAN, MEAN.replace("validation", "test"), "用测试集来选"),
    "by the luckiest seed": (MEAN, MEAN.replace("np.mean", "max"), "运气最好的一个种子"),
    "by the first seed": ("np.mean(arm.validation)", "arm.validation[0]", "只看了第一个种子"),
    "by the training images": (MEAN, MEAN.replace("validation", "train"), "死记硬背"),
    "the worst": ("max(", "min(", "准确率越高越好"),
    "by heart": ("best.rate", "0.4", "不要写死答案"),
    "by its place": (f"max(arms, {MEAN})", "arms[2]", "也不要靠位置"),
    "by the sum": (MEAN, MEAN.replace("np.mean", "sum"), "比的是平均，不是总和"),
    "nothing": ("return best.rate", "best.rate", "最后一行写 return"),
    "the arm": ("best.rate", "best", "return 后面加上 .rate"),
    "a text": ("best.rate", "str(best.rate)", "交回一个数"),
    "its accuracy": ("best.rate", "np.mean(best.validation)", "不是准确率"),
    "its number": ("best.rate", "arms.index(best)", "也不是第几个"),
}
MISTAKES = [
    pytest.param(identity, pieces, hint, id=f"{identity}-{name.replace(' ', '-')}")
    for identity, mistakes in {
        "forward": FORWARD,
        "backward": BACKWARD,
        "inverted": INVERTED,
        "eval": EVAL,
        "choose": CHOOSE,
    }.items()
    for name, (*pieces, hint) in mistakes.items()
]


@pytest.mark.parametrize(("identity", "pieces", "hint"), MISTAKES)
def test_a_mistake_that_learners_make_has_a_hint_of_its_own(identity, pieces, hint):
    failure = check(identity, edited(identity, *pieces))["failure"]
    assert hint in failure["hint"]
    assert failure["line"] is None
    assert failure["check"] in EXERCISES[identity].checks


ATTRIBUTES = """
        p = Tensor(x.data * mask)

        def gradient_fn():
            x.grad += p.grad * mask

        p.gradient_fn = gradient_fn
        p.parents = {x}
        return p
"""


@pytest.mark.parametrize("identity", ["backward", "inverted", "eval"])
def test_an_answer_that_sets_attributes_is_as_right(identity):
    code = EXERCISES[identity].solution
    code = code[: code.index("\n        def gradient_fn")] + ATTRIBUTES
    assert check(identity, code)["failure"] is None
    failure = check(identity, code.replace("{x}", "x"))["failure"]
    assert "加上花括号" in failure["hint"]


def test_an_answer_written_with_the_librarys_operations_is_as_right():
    code = edited("forward", RESULT, "return x * mask")
    assert check("forward", code)["failure"] is None
    assert check("backward", code)["failure"] is None


def test_checks_that_passed_before_the_first_failure_are_told():
    answer = check("forward", edited("forward", MASK, MASK.replace(">", "<")))
    titles = list(EXERCISES["forward"].checks)
    assert answer["passed"] == titles[:2]
    assert answer["failure"]["check"] == titles[2]
    assert answer["failure"]["expected"] == "丢弃率是 0.2，大约 20% 的数变成零"
    assert answer["failure"]["got"] == "79% 的数变成了零"


@pytest.mark.parametrize(
    ("identity", "pieces", "got"),
    [
        ("inverted", (SCALE, "* 1.2501"), "变成了原来的 1.2501 倍"),
        ("forward", (RESULT, "return Tensor(x.data * mask * 1.0004)"), "变成了原来的 1.0004 倍"),
    ],
)
def test_what_is_wrong_is_not_written_like_what_is_right(identity, pieces, got):
    assert got in check(identity, edited(identity, *pieces))["failure"]["got"]


FIRST = "class MyDropout(Layer):\n    def __init__(self, rate, rng):\n        pass\n\n"
PROGRAMS = {
    "a colon forgotten": ("class MyDropout(Layer)\n    pass", 1, "SyntaxError", "冒号"),
    "a full-width comma": ("a = 1\nb = (1，2)", 2, "SyntaxError", "标点都用英文的"),
    "an indent": ("a = 1\n  b = 2", 2, "IndentationError", "前面的空格要一样多"),
    "nothing written": ("", None, "没有找到它", "写成 class MyDropout(Layer)"),
    "no class": ("def MyDropout(x):\n    return x", None, "没有找到它", "class MyDropout(Layer)"),
    "no layer": ("class MyDropout:\n    pass", None, "它不是", "class MyDropout(Layer):"),
    "no forward": (
        "from nnbook import Layer\nclass MyDropout(Layer):\n    def forwards(self, x): pass",
        *(None, "没有找到它", "写 def forward(self, x)"),
    ),
    "an unknown name": (
        edited("forward", "self.rng.random", "rng.random"),
        *(10, "NameError", "少了 self."),
    ),
    "an unknown attribute": (
        edited("forward", "        self.rate = rate\n", ""),
        *(9, "AttributeError", "忘了在 __init__ 里写"),
    ),
    "an unknown module": (
        "import torch_that_is_nowhere",
        1,
        "ModuleNotFoundError",
        "NumPy、nnbook",
    ),
    "a division by zero": ("1 / 0", 1, "ZeroDivisionError", "除数是零"),
    "itself": (
        edited("forward", MASK, "return self(x)"),
        *(10, "RecursionError", "一直在调用自己"),
    ),
    "all memory": ("import numpy\nnumpy.ones((10**6, 10**9))", 2, "MemoryError", "内存不够"),
    "a place that is not there": ("[1][2]", 1, "IndexError", "看看下标"),
    "a tensor compared": (
        edited("forward", MASK, "mask = x > self.rate"),
        *(10, "TypeError", "值的种类"),
    ),
    "no arguments": (
        edited("forward", "self, rate, rng", "self"),
        *(None, "TypeError", "MyDropout(rate, rng)"),
    ),
    "shapes that clash": (
        edited("forward", MASK, MASK.replace("x.shape", "784")),
        *(11, "ValueError", "掩码的形状取 x.shape"),
    ),
    "a number as a gradient": (
        edited("backward", GRADIENT, "x.receive(gradient[0])"),
        *(13, "NNBookError", "形状要对得上"),
    ),
    "gradient_fn called": (
        edited("backward", ", gradient_fn)", ", gradient_fn())"),
        *(15, "TypeError", "后面不加括号"),
    ),
    "a parent without a comma": (edited("backward", "(x,)", "(x)"), 15, "NNBookError", "写成 (x,)"),
    "no parents at all": (edited("backward", "(x,), ", ""), 15, "NNBookError", "写成 (x,)"),
    "a gradient changed in place": (
        edited("backward", GRADIENT, "gradient *= mask"),
        *(13, "NNBookError", "另做一个：gradient * mask"),
    ),
    "an exit": ("import sys\nsys.exit()", 2, "SystemExit", "程序自己退出了"),
    "endless printing": ("while True:\n    print('喂')", 2, "已经打印了", "停不下来的循环"),
    "endless printing that catches errors": (
        "while True:\n    try:\n        print('喂')\n    except Exception:\n        pass",
        *(3, "已经打印了", "停不下来的循环"),
    ),
    "an error of its own": (
        "class Odd(BaseException): pass\nraise Odd('x')",
        2,
        "Odd: x",
        "这一行",
    ),
    "an error without text": (
        "class Odd(Exception):\n    def __str__(self):\n        1 / 0\nraise Odd",
        *(4, "Odd", "这一行"),
    ),
    "a long error": ("raise RuntimeError('x' * 10**6)", 1, "RuntimeError", "这一行"),
}


@pytest.mark.parametrize(("code", "line", "got", "hint"), PROGRAMS.values(), ids=PROGRAMS)
def test_a_program_that_does_not_run_is_told_with_its_line(code, line, got, hint):
    answer = check("backward" if "gradient_fn" in code else "forward", code)
    failure = answer["failure"]
    assert failure["line"] == line
    assert got in failure["got"]
    assert hint in failure["hint"]
    assert line is None or f"第 {line} 行" in failure["got"]
    assert len(failure["got"]) < 400
    assert json.loads(json.dumps(answer)) == answer


@pytest.mark.parametrize("code", ["", "choose = 0.4"])
def test_a_function_that_is_not_there_is_asked_for(code):
    assert check("choose", code)["failure"]["hint"] == "写成 def choose(arms): …，名字不要改。"


def test_what_is_printed_comes_back_cut_off_where_nobody_reads_on(capsys):
    program = EXERCISES["choose"].solution
    assert check("choose", program + "print('好')")["printed"] == "好\n"
    answer = check("choose", program + f"print('好' * {SHOWN})\nprint('再')")
    assert answer["failure"] is None
    assert answer["printed"] == "好" * SHOWN + "\n……（太长，后面的没有显示）"
    answer = check("choose", program + "import sys\nprint('好', file=sys.stderr)")
    assert answer["printed"] == "好\n"
    assert capsys.readouterr() == ("", "")
    assert SHOWN < STOPPED


def test_warnings_of_a_readers_program_are_not_errors():
    code = "import warnings\nwarnings.warn('x')\n" + EXERCISES["choose"].solution
    assert check("choose", code)["failure"] is None


def test_each_program_has_names_of_its_own():
    check("choose", EXERCISES["choose"].solution)
    assert check("choose", "choose")["failure"]["got"].endswith("name 'choose' is not defined")


def test_somebody_who_stops_the_program_is_not_caught():
    with pytest.raises(KeyboardInterrupt):
        check("choose", "raise KeyboardInterrupt")


def test_an_exercise_that_is_not_there_is_refused():
    with pytest.raises(NNBookError, match=r"^identity must be one of forward, .*, got 'x'$"):
        check("x", "")


def test_the_suite_reports_a_mismatch_with_all_its_words():
    assert str(MismatchError("a", "b", "c")) == "expected: a; got: b; hint: c"
    assert isinstance(MismatchError("a", "b", "c"), AssertionError)
