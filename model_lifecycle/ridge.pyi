"""One linear model of words and embedding, solved"""
from typing import Any
__all__ = []
from typing import NamedTuple
import numpy as np

def counts_of(tokens, order, vocab):
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

def left_out_predictions(k, y, strengths):
    """Ridge regression for several strengths, and what each text is predicted by all others"""
    ...

def best_temperature(scores, y, weights=None):
    """The temperature that makes scores the best probabilities"""
    ...

def row_loss(out, y):
    """The log-loss of each row of logits, (texts,)"""
    ...

class Solution(NamedTuple):
    """A solved ridge regression"""
    shares: np.ndarray
    strength: float
    dual: np.ndarray
    left_out: np.ndarray

def choose_shares(kernels, targets, roots, y) -> Solution:
    """The shares of the blocks and the strength that predict left-out texts best, in the mean"""
    ...

def solve_ridge(blocks, shares, roots, y, strength, steps=50, tol=0.01):
    """Ridge regression by conjugate gradients"""
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

def solve_rows(rows, y, pick) -> Solution:
    """The regression of all rows, its shares and penalty chosen on the texts number `pick`"""
    ...
