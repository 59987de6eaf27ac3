"""What hypothesis draws: shapes, values, and graphs of operations."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from nnbook import Dataset, Dropout, Linear, Sequential, Tensor

shapes = npst.array_shapes(min_dims=1, max_dims=3, max_side=4)
dtypes = st.sampled_from([np.float64, np.float32])
seeds = st.integers(0, 2**32 - 1)
rates = st.floats(0, 1, exclude_max=True)


def arrays(shape, dtype=np.float64):
    """Values from -2 to 2 in steps of 1/64: a slope measured over them is exact enough."""
    return npst.arrays(dtype, shape, elements=st.integers(-128, 128).map(lambda k: k / 64))


def arrays_away_from_zero(shape):
    """Values with a distance of 1/64 or more from the kink of a ReLU at 0."""
    values = st.integers(1, 128).map(lambda k: k / 64)
    signed = st.tuples(values, st.sampled_from([-1, 1])).map(lambda pair: pair[0] * pair[1])
    return npst.arrays(np.float64, shape, elements=signed)


def tensors(shape):
    return arrays(shape).map(Tensor)


@st.composite
def pairs_that_broadcast(draw):
    """Two tensors whose shapes fit, although they may differ."""
    drawn = draw(npst.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=3))
    return [draw(tensors(shape)) for shape in drawn.input_shapes]


@st.composite
def pairs_for_matmul(draw):
    """Two tensors that `@` accepts: vectors, matrices, and stacks of matrices that broadcast."""
    drawn = draw(
        npst.mutually_broadcastable_shapes(
            signature=np.matmul.signature, max_dims=1, min_side=1, max_side=3
        )
    )
    return [draw(tensors(shape)) for shape in drawn.input_shapes]


@st.composite
def axes_of(draw, shape):
    """What `sum` and `mean` take as ``axis``: None, one axis or several, counted from both ends."""
    one = st.integers(-len(shape), len(shape) - 1)
    several = npst.valid_tuple_axes(len(shape))
    return draw(st.none() | one | several)


@dataclass
class Graph:
    """A drawn calculation: where it starts, and how its last node is made from there."""

    leaves: list[Tensor]
    build: Callable[..., Tensor]


# Each keeps values from -1 to 1 within -1 to 1, so that no depth makes a slope hard to measure.
_OPERATIONS = (
    lambda a, b: (a + b) * 0.5,
    lambda a, b: 0.5 * (a - b),
    lambda a, b: a * b,
    lambda a, b: -a,
    lambda a, b: (1.0 - b) * 0.5,
    lambda a, b: a.mean(axis=-1, keepdims=True) if a.shape else a,
)


@st.composite
def graphs(draw, max_nodes=8):
    """Graphs over one to three leaves that broadcast to (2, 3).

    Every step takes any two nodes before it, the same one twice included: nodes
    used several times, diamonds and dead ends all come up.
    """
    shapes = draw(st.lists(st.sampled_from([(), (3,), (2, 1), (2, 3)]), min_size=1, max_size=3))
    leaves = [Tensor(draw(arrays(shape)) / 2) for shape in shapes]
    steps = []
    for node in range(len(leaves), len(leaves) + draw(st.integers(1, max_nodes))):
        earlier = st.integers(0, node - 1)
        steps.append((draw(st.sampled_from(_OPERATIONS)), draw(earlier), draw(earlier)))

    def build(*leaves):
        nodes = list(leaves)
        for operation, left, right in steps:
            nodes.append(operation(nodes[left], nodes[right]))
        return nodes[-1]

    return Graph(leaves, build)


class Program:
    """A network over a buffer that is refilled, whose losses are added up over many passes.

    ``steps`` say what happens in each pass: what is put into the buffer, in which mode the
    network is, and what is done between the forward and the backward pass.
    """

    def __init__(self, shape, layers, steps):
        self.parts = [
            Linear(2, 2, init="he", rng=np.random.default_rng(0)),
            Linear(2, 2, init="he", rng=np.random.default_rng(1)),
            Dropout(0.5),
        ]
        self.order, self.residual, self.steps = layers, shape, steps
        self.network = Sequential([self.parts[number] for number in layers])

    def total(self, *, backward, meanwhile):
        buffer, points, value = np.empty((2, 2)), Numbers(), 0.0
        batches = iter(points)
        for seed, training, disturbance in self.steps:
            self.network.train() if training else self.network.eval()
            self.parts[2].rng = np.random.default_rng(seed)
            x, _ = next(batches)
            buffer[:] = np.random.default_rng(seed).normal(size=(2, 2)) + x.data
            source = Tensor(buffer, constant=True)
            hidden = self.network(source)
            result = (hidden * hidden + hidden * source if self.residual else hidden * hidden).sum()
            value += float(result.data)
            if meanwhile:
                disturb(disturbance, buffer, hidden, points)
            if backward:
                result.backward()
                hidden.grad[:] = 0
        return value

    def run(self):
        self.total(backward=True, meanwhile=True)

    def gradients(self):
        return [(each, each.grad.copy()) for each in self.network.parameters]

    def slope(self, parameter, place, eps=1e-6):
        before, found = parameter.data[place], []
        for moved in (before + eps, before - eps):
            parameter.data[place] = moved
            found.append(self.total(backward=False, meanwhile=False))
        parameter.data[place] = before
        return (found[0] - found[1]) / (2 * eps)


class Numbers(Dataset):
    def load(self):
        self.train_features = np.arange(16.0).reshape(8, 2) / 8
        self.train_labels = np.zeros((8, 1))
        self.test_features, self.test_labels = -self.train_features, self.train_labels


def disturb(what, buffer, hidden, points):
    """Something that must not change a gradient."""
    if what == "refill":
        buffer[:] = 100
    elif what == "spoil":
        hidden.data[:] = 100
    elif what == "switch":
        points.eval()
    elif what == "inside":
        for _ in points:
            pass
    elif what == "write":
        points.train_features[:] = 100


@st.composite
def programs(draw):
    """Networks of layers that come several times, run several times on what is disturbed."""
    layers = draw(
        st.lists(st.integers(0, 2), min_size=1, max_size=4).filter(lambda drawn: set(drawn) - {2})
    )
    disturbances = st.sampled_from(["nothing", "refill", "spoil", "switch", "inside", "write"])
    step = st.tuples(st.integers(0, 99), st.booleans(), disturbances)
    return Program(draw(st.booleans()), layers, draw(st.lists(step, min_size=1, max_size=4)))
