"""The training loop: split, schedule, state, best weights, checkpoint, history."""
from typing import Any
__all__ = ['TrainState', 'train_loop', 'plot_history']
from dataclasses import dataclass, field
from pathlib import Path
from torch import nn

def split_rows(n, test_size, seed, groups=None):
    """Numbers of training and validation texts, drawn from `n`, in equal shares from each group"""
    ...

def lr_factor(schedule: str, x: float) -> float:
    """The learning rate on the way, as a share of its peak: it rises first, then falls"""
    ...

@dataclass
class TrainState:
    """Where training is: what callbacks get to see, and may change"""
    model: nn.Module
    optimizers: list
    n_steps: int
    epoch: int = 1
    step: int = 0
    total: float = 0.0
    seen: int = 0
    history: list = field(default_factory=list)
    stop: bool = False
    interrupted: bool = False

class BestWeights:
    """The best weights of a model so far, and for how many epochs its metric has not risen"""
    waited: Any
    score: Any
    state: Any
    model: Any

    def __init__(self, model):
        ...

    def copied(self):
        ...

    def see(self, metric, loss):
        """Keep the present weights if they are the best so far"""
        ...

    def restore(self):
        ...

def train_loop(model: nn.Module, loss_func, train: tuple, valid: tuple, metric_func=None, learning_rate: float=0.001, batch_size: int | None=None, min_epochs: int | None=None, max_epochs: int | None=-1, early_stopping_patience: int | None=5, random_seed: int=42, show_progress_bar: bool=True, token_dropout: float=0.0, schedule: str='constant', callbacks: list=(), checkpoint_dir: str | Path | None=None, checkpoint_every: int | None=None, resume: bool=False) -> list[dict]:
    """Train until the validation data say that it is enough, and keep the best weights"""
    ...

def plot_history(history: list[dict], axs=None):
    """Plot losses and metric of each epoch; a dashed line marks the best, whose weights were kept"""
    ...
