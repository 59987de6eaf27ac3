"""What hypothesis draws: shapes, values, and graphs of operations."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from nnbook import Tensor

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
