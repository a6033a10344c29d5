"""What texts without labels tell a classifier, and which of them to label next"""
__all__ = []
from typing import NamedTuple
import numpy as np, scipy.sparse as sp

def sampled(texts, seed: int=0, most: int=20000):
    """The texts, checked, or a sample of them if they are many"""
    ...

def joined(batches):
    """Batches of tokens, `TokenBatch`, as one"""
    ...

def latent_vectors(model, tokens, dim: int=100) -> np.ndarray:
    """A place for each text, by its words and its embedding"""
    ...

def nearest_texts(x: np.ndarray, k: int):
    """The nearest neighbours of each text among the others"""
    ...

def neighbour_graph(x: np.ndarray, k: int=8) -> sp.csr_matrix:
    """Which texts are near to which, and how much it counts"""
    ...

def spread(graph, targets: np.ndarray, kept: float=0.99, steps: int=25) -> np.ndarray:
    """Let columns of numbers flow along the ties of a graph"""
    ...

class Guess(NamedTuple):
    """What a graph says of texts"""
    shares: np.ndarray
    left_out: np.ndarray
    tried: np.ndarray

def guess_labels(graph, y: np.ndarray, expected: np.ndarray, tried: np.ndarray, weights: np.ndarray | None=None) -> Guess:
    """Spread labels along a graph"""
    ...

def graph_helps(guess: Guess, scores: np.ndarray, y: np.ndarray) -> bool:
    """Does the graph tell the labels of left-out texts about as well, or better?"""
    ...

def surest(shares: np.ndarray, part: float=0.7) -> np.ndarray:
    """The texts of each class whose guess leads by most"""
    ...

class Known(NamedTuple):
    """Texts to learn from"""
    tokens: object
    y: np.ndarray
    each: np.ndarray | None = None

def with_surest(known: Known, free, shares: np.ndarray, part: float=0.7) -> Known:
    """Texts with labels, and those whose guess is surest"""
    ...

def expected_shares(p: np.ndarray, left_out: np.ndarray, labelled: np.ndarray, steady: float=5) -> np.ndarray:
    """The share of each class among the texts without labels"""
    ...

def guess_free(model, known: Known, names, free, expected: np.ndarray, tried: np.ndarray) -> Guess:
    """Spread labels to texts without any; the names of labels are labelled texts too"""
    ...

def agreed(shares: np.ndarray, scores: np.ndarray, temperature: float) -> np.ndarray:
    """Two opinions as one"""
    ...

def temperature_at(scores: np.ndarray, accuracy: float) -> float:
    """The temperature at which the mean probability of the predicted class is `accuracy`"""
    ...

def most_telling(x: np.ndarray, doubt: np.ndarray, n: int, known: np.ndarray, noise: float=0.1) -> np.ndarray:
    """The texts whose labels would tell most about those that are in doubt"""
    ...

def texts_to_label(model, tokens, labelled, n: int, p: np.ndarray | None=None) -> np.ndarray:
    """Which texts to label next"""
    ...
