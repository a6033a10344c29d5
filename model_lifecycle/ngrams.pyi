"""Words and pairs of tokens, counted and weighted."""
from typing_extensions import Self
__all__ = []
from dataclasses import dataclass
from typing import NamedTuple
import numpy as np

class GramCounts(NamedTuple):
    """How often grams are in texts, in the order of the grams, then of the texts"""
    grams: np.ndarray
    texts: np.ndarray
    counts: np.ndarray

def count_grams(ids: np.ndarray, lengths: np.ndarray, order: int, vocab: int, joints: np.ndarray | None=None) -> GramCounts:
    """Count the tokens, or pairs of tokens, of texts"""
    ...

def joints_of(tokenizer) -> np.ndarray | None:
    """1 for tokens that can go on a word, 2 for those that can be gone on, 3 for both"""
    ...

def word_begins(ids: np.ndarray, lengths: np.ndarray, joints: np.ndarray) -> np.ndarray:
    """Which tokens begin a word"""
    ...

def whole_words(ids: np.ndarray, lengths: np.ndarray, vocab: int, joints: np.ndarray):
    """The words that tokens are parts of"""
    ...

@dataclass(eq=False)
class NGrams:
    """Tf-idf of tokens, words or pairs of tokens, and what each gram says for each class"""
    order: int
    vocab: int
    grams: np.ndarray
    idf: np.ndarray
    weights: np.ndarray | None = None
    joints: np.ndarray | None = None

    @classmethod
    def learn(cls, order: int, vocab: int, counted: GramCounts, n: int, least: int=1, joints: np.ndarray | None=None) -> Self:
        """The grams that are in at least `least` texts, with their inverse document frequencies"""
        ...

    def weigh(self, counted: GramCounts, n: int) -> GramWeights:
        """The tf-idf of texts, of unit length"""
        ...

    def features(self, counted: GramCounts, n: int):
        """The tf-idf of texts, of unit length"""
        ...

    def scores(self, ids: np.ndarray, lengths: np.ndarray) -> np.ndarray:
        """What the grams of texts say for each class"""
        ...

class GramWeights(NamedTuple):
    """What the grams of texts weigh, in the order of the grams, then of the texts"""
    at: np.ndarray
    sizes: np.ndarray
    texts: np.ndarray
    x: np.ndarray
