"""One linear model of words and embedding, solved"""
from typing import Any
__all__ = []
from typing import NamedTuple
import numpy as np, torch

def counts_of(tokens, order, vocab, joints=None):
    """The counted n-grams of flat token ids"""
    ...

def gram_block(grams, counted, n):
    """tf-idf of the n-grams that are known, a sparse matrix, (texts, n-grams)"""
    ...

def mean_vectors(model, tokens):
    """The embeddings of texts before any head, (texts, dim) float32"""
    ...

class Features:
    """The blocks of features of labelled texts: `blocks`, (texts, features) each, the embedding last"""
    blocks: Any
    centre: Any
    scale: Any
    grams: Any

    def __init__(self, model, tokens):
        ...

    def add(self, model, tokens):
        """Append the features of more texts"""
        ...

    def with_rarity_twice(self) -> Features:
        """The same features, but the inverse document frequencies of words count twice"""
        ...

def with_constant(y, constant, of_y, of_constant, diagonal):
    """A regression with a constant free of the penalty, and what each row is predicted by all others"""
    ...

def best_temperature(scores, y, weights=None):
    """The temperature that makes scores the best probabilities"""
    ...

def row_loss(out, y):
    """The log-loss of each row of logits, (texts,)"""
    ...

def rarity(y, weights, n_classes):
    """How much rarer each class is than the most frequent one, in logarithms, (classes,) float32"""
    ...

def scale_loss(scores, y, weights, rare, scale):
    """The summed log-loss of scores that are divided by the temperature, and what `rare` costs"""
    ...

def lowest(value_and_slope, start, bounds, steps):
    """Where a function of a vector is lowest, (n,) float32, and how low, found from `start`"""
    ...

def best_scale(scores, y, weights):
    """The temperature's logarithm and what rarity counts for the best probabilities; their loss"""
    ...

class Sample:
    """Texts on which shares and penalty are chosen; names of labels, if there are any, behind them"""
    n: Any
    kernels: Any
    roots: Any
    targets: Any
    constant: Any
    weights: Any
    rare: Any
    y: Any
    centre: Any

    def __init__(self, kernels, targets, roots, y, centre):
        ...

    def inverse(self, logs, rows):
        """The inverse of similarities and a penalty of 1 for the first `rows`, blocks weighed by `logs`"""
        ...

    def solve(self, inverse):
        """Dual solution, constant and left-out predictions"""
        ...

    def loss(self, inverse, at):
        """How ill left-out texts are predicted, and how unusual the weights are"""
        ...

    def value_and_slope(self, at):
        """The loss at weights, temperature and bonus, and its slope"""
        ...

class Solution(NamedTuple):
    """A solved ridge regression"""
    shares: np.ndarray
    strength: float
    names: bool
    dual: torch.Tensor
    level: torch.Tensor
    left_out: torch.Tensor
    at: torch.Tensor
    loss: float
    features: Features | None = None

def choose_shares(sample, start=..., steps=12) -> Solution:
    """The shares of the blocks and the strength that predict left-out texts best"""
    ...

def solve_ridge(blocks, shares, roots, y, strength, steps=50, tol=0.01):
    """Ridge regression by conjugate gradients"""
    ...

def shrunk_mean(x):
    """The mean of each row, drawn to the mean of all as far as chance explains the difference"""
    ...

def text_weights(weights, y):
    """A factor for each text, (texts,) float32: its class's, or the mean of its classes'"""
    ...

class Rows(NamedTuple):
    """What a regression is solved for; names of labels, if they are learned, are the last rows"""
    features: Features
    targets: np.ndarray
    roots: np.ndarray
    centre: np.ndarray

def labelled_rows(model, tokens, y, classes, weights, label_names, each=None):
    """Features, targets and weights of the texts, and of the names of their labels"""
    ...

def sample_of(rows, features, y, pick) -> Sample:
    """The texts number `pick`, and the names of labels, to choose by"""
    ...

def solve_rows(rows, y, pick) -> Solution:
    """The regression of all rows, its features and shares chosen on the texts number `pick`"""
    ...

def best_offsets(scores, y, weights) -> np.ndarray:
    """What to add to the scores of each class for its rarity"""
    ...
