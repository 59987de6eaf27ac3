from nnbook import Layer, Tensor


class MyDropout(Layer):
    def __init__(self, rate, rng):
        self.rate = rate
        self.rng = rng

    def forward(self, x):
        if not self.training:
            return x
        mask = (self.rng.random(x.shape) > self.rate) / (1 - self.rate)

        def gradient_fn(gradient):
            x.receive(gradient * mask)

        return Tensor(x.data * mask, (x,), gradient_fn)
