"""The same training step in other libraries, where they are installed (extra ``peers``)."""

import importlib
import importlib.metadata
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.floating]
Contestant = Callable[[int], None]
RATE, LR = 0.2, 0.01


def pytorch(features: Array, labels: Array, batch: int, width: int) -> Contestant:
    """PyTorch, eager, one thread."""
    torch = importlib.import_module("torch")
    nn = torch.nn
    torch.set_num_threads(1)
    dtype = torch.float64 if features.dtype == np.float64 else torch.float32
    x, y = torch.from_numpy(features.copy()), torch.from_numpy(labels.copy())
    inputs, classes = x.shape[1], y.shape[1]
    network = nn.Sequential(
        nn.Flatten(),
        nn.Linear(inputs, width),
        nn.ReLU(),
        nn.Dropout(RATE),
        nn.Linear(width, classes),
    ).to(dtype)
    optimizer = torch.optim.SGD(network.parameters(), lr=LR)
    loss_fn = nn.MSELoss()
    batches = len(x) // batch

    def run(steps: int) -> None:
        for step in range(steps):
            rows = slice(step % batches * batch, (step % batches + 1) * batch)
            optimizer.zero_grad()
            loss_fn(network(x[rows]), y[rows]).backward()
            optimizer.step()

    return run


def jax(features: Array, labels: Array, batch: int, width: int) -> Contestant:
    """JAX, compiled, all steps of a call in one scan."""
    library = importlib.import_module("jax")
    library.config.update("jax_enable_x64", features.dtype == np.float64)
    jnp, lax, random = library.numpy, library.lax, library.random
    batches = len(features) // batch
    x = jnp.asarray(features[: batches * batch].reshape(batches, batch, -1))
    y = jnp.asarray(labels[: batches * batch].reshape(batches, batch, -1))
    rng = np.random.default_rng(0)
    weights = [
        jnp.asarray(rng.random(shape).astype(features.dtype) / shape[0])
        for shape in ((x.shape[2], width), (width,), (width, y.shape[2]), (y.shape[2],))
    ]

    def loss(w: Any, x: Any, y: Any, key: Any) -> Any:
        w1, b1, w2, b2 = w
        mask = random.uniform(key, (batch, width), dtype=features.dtype) > RATE
        return jnp.sum((jnp.maximum(x @ w1 + b1, 0) * mask @ w2 + b2 - y) ** 2) / batch

    def step(state: Any, rows: Any) -> Any:
        w, key = state
        key, drawn = random.split(key)
        slopes = library.grad(loss)(w, *rows, drawn)
        return ([one - LR * slope for one, slope in zip(w, slopes, strict=True)], key), None

    epoch = library.jit(lambda state: lax.scan(step, state, (x, y))[0])

    state = (weights, random.key(0))

    def run(steps: int) -> None:
        nonlocal state
        for _ in range(max(1, steps // batches)):
            state = epoch(state)
        library.block_until_ready(state)

    return run


def scikit_learn(features: Array, labels: Array, batch: int, width: int) -> Contestant:
    """scikit-learn, which has no dropout; ``partial_fit`` goes once through what it is given."""
    import warnings

    library = importlib.import_module("sklearn.neural_network")
    network = library.MLPRegressor(
        hidden_layer_sizes=(width,),
        solver="sgd",
        batch_size=batch,
        learning_rate_init=LR,
        alpha=0,
        momentum=0,
        shuffle=False,
    )

    def run(steps: int) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            network.partial_fit(features[: steps * batch], labels[: steps * batch])

    return run


PEERS = {
    "PyTorch": ("torch", pytorch),
    "JAX": ("jax", jax),
    "scikit-learn": ("scikit-learn", scikit_learn),
}


def installed() -> tuple[dict[str, Callable[..., Contestant]], list[str], list[str]]:
    """Peers that are here, their versions, and the names of those that are not."""
    here, versions, missing = {}, [], []
    for name, (package, contestant) in PEERS.items():
        try:
            versions.append(f"{name} {importlib.metadata.version(package)}")
            here[name] = contestant
        except importlib.metadata.PackageNotFoundError:
            missing.append(name)
    return here, versions, missing
