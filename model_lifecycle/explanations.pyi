"""Which words speak for a label, in one text and altogether"""
from typing import Any
__all__ = ['WordScore', 'WordScores', 'Explained']
from typing import NamedTuple
import numpy as np
from .prediction import Predictor

class WordScore(NamedTuple):
    """A word, and what it says for a label"""
    word: str
    score: float

class WordScores(list):
    """Words with their scores, the strongest first"""
    label: Any

    def __init__(self, words=(), label=None):
        ...

    def plot(self, ax=None):
        """Plot the scores as bars, for the label to the right, against it to the left"""
        ...

def text_words(encoding, text: str, kept: list[int]):
    """Cut a text into words, and tell which word each token is a part of"""
    ...

def gram_scores(grams, ids: np.ndarray) -> np.ndarray:
    """What each token says by the grams that it is a part of"""
    ...

class Explained(Predictor):
    """Predicts with a `model`, a head (`head_scores` of embeddings) and `words`, and tells why"""

    def compared(self, scores: np.ndarray) -> np.ndarray:
        """Scores less their mean over all labels, where a text has one label"""
        ...

    def token_scores(self, text: str, kept: list[int]) -> np.ndarray:
        """What each token of a text adds to each output"""
        ...

    def explain(self, text: str, label=None, n: int | None=10) -> WordScores:
        """The words of a text, with what each adds to the score of a label"""
        ...

    def vocabulary_scores(self):
        """The words that are known, and what each says for each output, (words, outputs)"""
        ...

    def words_by_label(self, n: int=10) -> dict:
        """The words that say most for each label"""
        ...

    def top_words(self, label=None, n: int=10) -> WordScores:
        """The words that say most for a label"""
        ...

def known_words(model, words) -> list[str]:
    """The words of one token or two that a model knows, and those of pairs"""
    ...

def strongest(words: list[str], scores: np.ndarray, n: int):
    """The words of the highest scores, of those with one beginning only the first"""
    ...
