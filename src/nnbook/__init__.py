"""A neural-network library small enough to read in one sitting.

Everything a reader needs is imported from here; each name lives in the module
of its concept. NumPy is the only dependency.

>>> import numpy as np
>>> from nnbook import Linear, MSELoss, SGDOptimizer, Tensor
>>> layer = Linear(2, 1, rng=99)
>>> x, y = Tensor([[1.0, 2.0]]), Tensor([[3.0]])
>>> loss_fn, optimizer = MSELoss(), SGDOptimizer(layer.parameters, lr=0.1)
>>> for step in range(20):
...     optimizer.reset()
...     loss_fn(layer(x), y).backward()
...     optimizer.step()
>>> bool(np.allclose(layer(x).data, y.data, atol=1e-3))
True
"""

from nnbook.activation import ReLU
from nnbook.dataset import Dataset
from nnbook.dropout import Dropout
from nnbook.errors import DataFileError, DivergenceError, GradientError, NNBookError
from nnbook.gradcheck import gradcheck
from nnbook.layer import Flatten, Layer, Linear, Sequential
from nnbook.loss import CrossEntropyLoss, Loss, MSELoss
from nnbook.mnist import MNISTDataset
from nnbook.model import History, Model, NNModel
from nnbook.optimizer import Optimizer, SGDOptimizer
from nnbook.parameter import Parameter
from nnbook.tensor import Tensor

__all__ = [
    "CrossEntropyLoss",
    "DataFileError",
    "Dataset",
    "DivergenceError",
    "Dropout",
    "Flatten",
    "GradientError",
    "History",
    "Layer",
    "Linear",
    "Loss",
    "MNISTDataset",
    "MSELoss",
    "Model",
    "NNBookError",
    "NNModel",
    "Optimizer",
    "Parameter",
    "ReLU",
    "SGDOptimizer",
    "Sequential",
    "Tensor",
    "gradcheck",
]

__version__ = "0.1.0"
