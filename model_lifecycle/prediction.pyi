"""Probabilities, labels, evaluation and calibration: what every classifier can do."""
from typing import Any
__all__ = ['expected_calibration_error']
import numpy as np

def sigmoid(x):
    """Scores as probabilities that each stand alone"""
    ...

def softmax(x):
    """Scores, (texts, classes), as probabilities that sum to 1 for each text"""
    ...

class Predictor:
    """Whatever has `classes`, `multilabel`, a `temperature` and `_logits` of texts"""
    temperature = 1.0
    multilabel = False
    indicators = False

    @property
    def classes_(self):
        ...

    def known_classes(self):
        ...

    def predict_proba(self, X: list[str], show_progress_bar: bool=False, batch_size: int=1024, **kwargs) -> np.ndarray:
        """The probability of each class: they sum to 1, or with several labels each stands alone"""
        ...

    def predict(self, X: list[str], show_progress_bar: bool=False, batch_size: int=1024, threshold: float=0.5, **kwargs) -> np.ndarray:
        """The most probable class, or with several labels every one above the threshold"""
        ...

    def evaluate(self, X: list[str], y: list, batch_size: int=1024, threshold: float=0.5, output_dict: bool=True) -> dict | str:
        """How well it predicts `y`, as scikit-learn reports it, and how true its probabilities are"""
        ...

    def score(self, X: list[str], y: list, sample_weight: np.ndarray | None=None) -> float:
        """The share of texts whose label, or whose whole list of labels, it predicts"""
        ...

    def plot_confusion(self, X: list[str], y: list, ax=None):
        """Plot how many texts of each class are taken for which"""
        ...

def expected_calibration_error(p: np.ndarray, y: np.ndarray, bins: int=15) -> float:
    """How far the probability of a predicted class is from how often it is right"""
    ...

def row_names(classes: np.ndarray) -> list:
    """What the rows of classes are called in a report, beside those that it always has"""
    ...

class Agreement:
    """How often which labels are predicted for which true ones"""
    n_without: Any
    separator: str
    names: Any
    several: Any
    counts: Any

    def __init__(self, pipeline, separator: str=''):
        ...

    def true_labels(self, cell):
        """The labels in a cell, as texts"""
        ...

    def add(self, cells, rows):
        """Count the true labels in `cells` and those that are predicted in `rows`"""
        ...

    def report(self) -> str:
        """What scikit-learn reports of the counts"""
        ...

    def said(self, quiet: bool=False) -> str:
        """The accuracy, and on how many texts"""
        ...
