"""Checks of a dropout layer that say what was expected, what came, and what to try next.

The suite runs them on `nnbook.Dropout`; the exercises of the book run them on what a reader
wrote. They know nothing of a layer but what it does with tensors, and each takes the function
that makes one. Their words are for the reader, so they are Chinese; the module is long because
each mistake has words of its own.
"""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from nnbook.layer import Layer
from nnbook.tensor import Array, Tensor

Make: TypeAlias = Callable[[float, np.random.Generator], Layer]  # of a rate and a generator

SHAPE = (40, 50)
RATE = 0.2  # no half: with that, what is struck out and what is kept could not be told apart


class MismatchError(AssertionError):
    """Something other than what was asked for.

    Attributes:
        expected: what was asked for.
        got: what came.
        hint: what to try next.

    Example:
        >>> print(MismatchError("a tensor", "None", "write return"))
        expected: a tensor; got: None; hint: write return
    """

    def __init__(self, expected: str, got: str, hint: str) -> None:
        super().__init__(f"expected: {expected}; got: {got}; hint: {hint}")
        self.expected, self.got, self.hint = expected, got, hint


def gives_a_tensor(make: Make) -> None:
    """The layer gives a tensor of its input's shape, and leaves the input alone.

    Example:
        >>> from nnbook import Dropout
        >>> gives_a_tensor(lambda rate, rng: Dropout(rate, rng=rng))
    """
    _output(_layer(make), _input())


def draws_for_each_value(make: Make) -> None:
    """Every value of every sample is struck out, or kept, on its own."""
    kept = _kept(_output(_layer(make, 0.5), _input()))
    expected = "有的数变成零，有的数留下，个个分开抽签"
    if kept.all():
        raise MismatchError(
            expected, "一个数也没有变成零", "用 self.rng.random(x.shape) 给每个数抽一次签。"
        )
    if np.array_equal(kept, np.broadcast_to(kept[:, :1], SHAPE)):
        raise MismatchError(
            expected,
            "每一行要么全丢，要么全留",
            "一行只抽了一次签。掩码的形状要和输入一样：x.shape，不是 (n, 1)。",
        )
    if np.array_equal(kept, np.broadcast_to(kept[:1], SHAPE)):
        raise MismatchError(
            expected,
            "每一行丢的都是同样的位置",
            "一批里的样本共用了一个掩码。掩码的形状要和输入一样：x.shape。",
        )


def strikes_out_its_share(make: Make) -> None:
    """As many values become zero as the rate says, up to chance."""
    share = float(np.mean(_output(_layer(make), _input()).data == 0))
    # Five standard deviations.
    chance = 5 * np.sqrt(RATE * (1 - RATE) / np.prod(SHAPE))
    if abs(share - RATE) > chance:
        turned = abs(share - (1 - RATE)) <= chance
        raise MismatchError(
            f"丢弃率是 {RATE}，大约 {RATE:.0%} 的数变成零",
            f"{share:.0%} 的数变成了零",
            "大于和小于写反了：随机数大于丢弃率，才留下。"
            if turned
            else "拿随机数和 self.rate 比：大于它的留下，其余变成零。",
        )


def keeps_survivors(make: Make) -> None:
    """What survives is what it was."""
    factor = _factor(make)
    if not np.allclose(factor, 1):
        raise MismatchError(
            "留下的数和原来一样",
            f"留下的数变成了原来的 {_range(factor, 1)} 倍",
            "这一题还不用缩放，把 x.data 和掩码相乘就好。",
        )


def scales_survivors(make: Make) -> None:
    """What survives is divided by the share that is expected to."""
    factor, kept = _factor(make), 1 - RATE
    if np.allclose(factor, 1 / kept):
        return
    hints = {
        1.0: "还没有缩放。把留下的数除以 1 - self.rate。",
        1 / RATE: "除以的是丢弃率。要除以留下的比例：1 - self.rate。",
        RATE: "乘的是丢弃率。要除以留下的比例：1 - self.rate。",
        kept: "方向反了：不是乘以 1 - self.rate，而是除以它。",
    }
    fitting = [hint for wrong, hint in hints.items() if np.allclose(factor, wrong)]
    near = "应当除以期望的比例 1 - self.rate，不是这一次碰巧留下的比例。"
    other = "先算掩码，再整个除以 1 - self.rate。"
    raise MismatchError(
        f"丢弃率是 {RATE}，留下的数变成原来的 {1 / kept:g} 倍",
        f"变成了原来的 {_range(factor, 1 / kept)} 倍",
        fitting[0] if fitting else near if np.allclose(factor, 1 / kept, rtol=0.05) else other,
    )


def draws_anew(make: Make) -> None:
    """Two calls have two masks."""
    layer, x = _layer(make, 0.5), _input()
    first, second = _output(layer, x).data, _output(layer, x).data
    if np.array_equal(first != 0, second != 0):
        raise MismatchError(
            "每次调用都换一个掩码",
            "调用了两次，两次丢弃的位置一模一样",
            "每次调用 forward 都用 self.rng 重新抽：掩码不要存起来再用，也不要每次从头播种。",
        )


def draws_from_its_rng(make: Make) -> None:
    """The generator that the layer was given decides the mask, and nothing else does."""
    masks = [_output(_layer(make, 0.5, seed), _input()).data != 0 for seed in (0, 0, 1)]
    expected = "掩码由 rng 决定：种子相同，掩码就相同；种子不同，掩码就不同"
    if not np.array_equal(masks[0], masks[1]):
        raise MismatchError(
            expected,
            "种子相同，掩码却不同",
            "随机数要从 self.rng 来，不要用全局的 np.random，否则实验就不能重做了。",
        )
    if np.array_equal(masks[0], masks[2]):
        raise MismatchError(
            expected,
            "种子不同，掩码却相同",
            "用传进来的 rng，不要自己另做一个种子写死的发生器。",
        )


def passes_gradient_back(make: Make) -> None:
    """A gradient that reaches the output reaches the input."""
    x = _input()
    y = _output(_layer(make), x)
    if y.gradient_fn is None:
        raise MismatchError(
            "输出带着 gradient_fn，梯度能往回走",
            "输出没有 gradient_fn",
            "写一个内部函数 gradient_fn(gradient)，再把它交给 Tensor，排在 (x,) 后面。",
        )
    if isinstance(y.parents, Tensor):
        raise MismatchError(
            "p.parents 是一个集合", "p.parents 是一个张量", "加上花括号：p.parents = {x}。"
        )
    y.backward(_upstream())
    if not x.grad.any():
        raise MismatchError(
            "反向传播以后，x.grad 里有了梯度",
            "x.grad 还全是零",
            "在 gradient_fn 里写 x.receive(…)，把梯度交给 x。",
        )


def goes_back_through_its_mask(make: Make) -> None:
    """The gradient is multiplied by what the values were multiplied by."""
    x = _input()
    y = _output(_layer(make), x)
    y.backward(_upstream())
    kept, expected = y.data != 0, "前向乘了什么，梯度也乘什么：同一个掩码，同样的缩放"
    if (x.grad != 0).all() and not kept.all():
        raise MismatchError(
            expected, "每个数都收到了梯度", "被丢弃的数，梯度也是零：给 gradient 乘上掩码。"
        )
    if not np.array_equal(x.grad != 0, kept):
        raise MismatchError(
            expected,
            "前向丢弃的位置，和反向丢弃的位置不同",
            "反向时又抽了一次掩码。掩码只在 forward 里抽一次，gradient_fn 用的就是那一个。",
        )
    if np.allclose(x.grad, _upstream() * y.data / x.data):
        return
    if np.allclose(x.grad, y.data / x.data):
        hint = "忘了乘 gradient：那是后面传回来的梯度。"
    elif np.allclose(x.grad, _upstream() * kept):
        hint = "前向除以了 1 - self.rate，梯度也要除。"
    else:
        hint = "交给 x 的，应当是 gradient 乘以前向所乘的那个掩码。"
    raise MismatchError(expected, "位置对了，数值不对", hint)


def remembers_its_mask(make: Make) -> None:
    """A call in between does not change the way back of the call before."""
    layer, x = _layer(make, 0.5), _input()
    y = _output(layer, x)
    _output(layer, _input())
    y.backward(_upstream())
    if not np.array_equal(x.grad != 0, y.data != 0):
        raise MismatchError(
            "连着调用两次，每次的梯度走自己的掩码",
            "第一次的梯度走了第二次的掩码",
            "gradient_fn 用了 self.mask，它已经被换掉了。用 forward 里的局部变量 mask。",
        )


def adds_gradients_up(make: Make) -> None:
    """Gradients that arrive one after the other add up in the input."""
    x = _input()
    y = _output(_layer(make), x)
    y.backward(_upstream())
    once = x.grad.copy()
    y.backward(_upstream())
    if not np.allclose(x.grad, 2 * once):
        raise MismatchError(
            "两次反向传播的梯度加在一起",
            "第二次的梯度没有加在第一次上",
            "x 可能用在好几个地方，梯度要累加：写 x.receive(…)，不要写 x.grad = …。",
        )


def is_part_of_the_graph(make: Make) -> None:
    """A gradient passes through the layer to what stands before it."""
    start = _input()
    _output(_layer(make), start * 1.0).backward(_upstream())
    if not start.grad.any():
        raise MismatchError(
            "梯度穿过丢弃层，一直回到前面的层",
            "前面的层没有收到梯度",
            "计算图在这里断了。告诉 Tensor 它是从哪里算出来的：第二个参数写 (x,)。",
        )


def eval_leaves_the_input(make: Make) -> None:
    """In eval mode the very input comes back."""
    layer, x = _layer(make), _input()
    trained = _output(layer, x)
    layer.eval()
    y = _output(layer, x)
    if y is x:
        return
    expected = "评估模式下，输入原样还回来"
    if (y.data == 0).any() and (trained.data != 0).all():
        raise MismatchError(
            expected,
            "评估时在丢弃，训练时反而不丢弃",
            "条件写反了：不在训练的时候（not self.training），才直接 return x。",
        )
    if (y.data == 0).any():
        raise MismatchError(
            expected, "评估模式下还在丢弃", "forward 先看 self.training：不在训练，就 return x。"
        )
    if np.array_equal(y.data, x.data):
        raise MismatchError(
            expected, "数值没变，却是一个新的张量", "不用另做一个，直接 return x 就好。"
        )
    raise MismatchError(
        expected,
        f"数值变成了原来的 {_range(y.data / x.data, 1)} 倍",
        "评估模式下不缩放：反转丢弃在训练时已经缩放过了。直接 return x。",
    )


def eval_draws_nothing(make: Make) -> None:
    """In eval mode the generator stays where it is."""
    rng = np.random.default_rng(0)
    layer = make(RATE, rng)
    layer.eval()
    before = rng.bit_generator.state
    _output(layer, _input())
    if rng.bit_generator.state != before:
        raise MismatchError(
            "评估模式下不抽随机数",
            "抽了随机数，又没有用上",
            "先看 self.training，再抽掩码：评估不应当改变后面训练的随机数。",
        )


def train_strikes_out_again(make: Make) -> None:
    """Back in training mode, the layer strikes out as before."""
    layer = _layer(make, 0.5)
    layer.eval()
    _output(layer, _input())
    layer.train()
    if (_output(layer, _input()).data != 0).all():
        raise MismatchError(
            "train() 以后，又开始丢弃",
            "train() 以后，什么也没有丢弃",
            "每次调用 forward 都看一看 self.training，它由 train() 和 eval() 切换。",
        )


def _input() -> Tensor:
    # Values that differ from one another, and none of them zero.
    return Tensor(np.linspace(0.5, 1.5, SHAPE[0] * SHAPE[1]).reshape(SHAPE))


def _upstream() -> Array:
    return np.linspace(2, 3, SHAPE[0] * SHAPE[1]).reshape(SHAPE)


def _layer(make: Make, rate: float = RATE, seed: int = 0) -> Layer:
    rng = np.random.default_rng(seed)
    before = rng.bit_generator.state
    layer = make(rate, rng)
    if rng.bit_generator.state != before:
        raise MismatchError(
            "每次调用都换一个掩码",
            "做出这个层的时候，就已经抽好了掩码",
            "这等于永远删掉了几个神经元。把抽掩码的那一行从 __init__ 搬到 forward 里。",
        )
    return layer


def _output(layer: Layer, x: Tensor) -> Tensor:
    before = x.data.copy()
    y: object = layer(x)
    if y is None:
        raise MismatchError(
            "forward 交回一个张量", "交回的是 None", "把算好的张量交回来：最后一行写 return。"
        )
    if not isinstance(y, Tensor):
        raise MismatchError(
            "forward 交回一个 Tensor",
            f"交回的是 {type(y).__name__}",
            "用 Tensor(…) 把算出来的数组包起来，再 return。",
        )
    if y.shape != x.shape:
        raise MismatchError(
            f"输出的形状和输入一样：{x.shape}",
            f"输出的形状是 {y.shape}",
            "被丢弃的数变成零，仍占着自己的位置：把 x.data 和同样形状的掩码相乘。",
        )
    if not np.array_equal(x.data, before):
        raise MismatchError(
            "输入还是原来的样子",
            "输入里的数被改掉了",
            "别改 x.data，另做一个新的：Tensor(x.data * mask)。",
        )
    return y


def _kept(y: Tensor) -> npt.NDArray[np.bool_]:
    kept: npt.NDArray[np.bool_] = y.data != 0
    if not kept.any():
        raise MismatchError(
            "有的数变成零，有的数留下", "所有的数都变成了零", "随机数大于 self.rate 的，要留下。"
        )
    return kept


def _factor(make: Make) -> Array:
    """What each survivor was multiplied by."""
    x = _input()
    y = _output(_layer(make), x)
    kept = _kept(y)
    return y.data[kept] / x.data[kept]


def _range(factors: Array, wanted: float) -> str:
    digits = 3
    while True:
        low, high, right = (f"{each:.{digits}g}" for each in (factors.min(), factors.max(), wanted))
        if low != high:
            return f"{low} 到 {high}"
        if low != right or digits == 17:  # what is wrong is not written like what is right
            return low
        digits += 1
