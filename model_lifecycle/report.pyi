"""What a trained classifier is measured by, in words, numbers and pictures"""
__all__ = ['Mistake']
from pathlib import Path
from typing import NamedTuple
import numpy as np
from .prediction import Predictor

class Mistake(NamedTuple):
    """A text that is predicted wrongly"""
    text: str
    label: object
    predicted: object
    sure: float

def how_wrong(p: np.ndarray, y: np.ndarray, threshold=0.5):
    """Which predictions are wrong, and how sure they were"""
    ...

def mistakes(self: Predictor, X: list[str], y: list, n: int=20, threshold: float | str=0.5) -> list[Mistake]:
    """The wrong predictions that were surest"""
    ...

def taken_for(model, X: list[str], y: list) -> np.ndarray:
    """How many texts of each class are taken for which"""
    ...

def confusion_section(names: list, counts: np.ndarray, widest: int=30) -> str:
    """Which classes are taken for which"""
    ...

def mistakes_section(found: list[Mistake], longest: int=500) -> str:
    """Texts that were predicted wrongly"""
    ...

def report_markdown(self: Predictor, X: list[str], y: list, name: str='A text classifier', words: dict | None=None, n: int=20) -> str:
    """A report for people: scores, which classes are taken for which, words, the surest mistakes"""
    ...

def plots_of(model, X: list[str], y: list) -> dict:
    """What can be drawn of a classifier"""
    ...

def save_report(folder: Path, name: str, model, X: list[str], y: list, show: bool=False) -> dict:
    """Write pipeline, reports and plots of a classifier into a new folder"""
    ...
