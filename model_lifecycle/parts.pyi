"""The parts of a batch, forward and backward beside each other on the cores of a CPU"""
from typing import Any
__all__ = []
import torch

class Parts(torch.autograd.Function):
    """Summed loss and all logits of the parts of a batch, with gradients that were found beside them"""
    run: Any
    parts: Any
    params: Any

    @staticmethod
    def forward(ctx, run, parts, *params):
        """`run` each of `parts`, forward and backward, in a thread of its own"""
        ...

    @staticmethod
    def backward(ctx, loss, logits):
        """The gradients that are there, times that of the loss; or all over again"""
        ...

def cut_parts(ids, mask, labels, n):
    """`n` parts of a batch, each cut to its own longest row"""
    ...

class LengthSampler(torch.utils.data.Sampler):
    """Rows of like length after each other, in an order that seed and epoch decide"""
    epoch: Any
    lengths: Any
    batch_size: Any
    seed: Any

    def __init__(self, lengths, batch_size, seed):
        ...

    def set_epoch(self, epoch):
        ...

    def __len__(self):
        ...

    def __iter__(self):
        ...

def runs_in_parts(base):
    """Whether parts of a batch may run beside each other"""
    ...
