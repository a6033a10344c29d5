"""Train a text classifier in seconds on a CPU, with one label to a text or several"""
from pathlib import Path
from typing import Any
__all__ = ['StaticModelForClassification', 'lifecycle_train']
import torch
import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from .base import WithHead
from .inference import StaticModel
from .pipeline import StaticModelPipeline
from .prediction import Predictor
from .explanations import WordScores

class StaticModelForClassification(Predictor, WithHead, ClassifierMixin, BaseEstimator):
    """A static model that learns to tell classes of text apart"""
    multilabel: Any
    indicators: Any
    calibration: Any
    temperature: Any
    thresholds: Any
    grams: Any
    choice: Any
    head: Any
    out_dim: Any
    history: Any
    words: bool
    settings: Any

    def __init__(self, *, words: bool=True, n_layers: int=1, hidden_dim: int=512, out_dim: int=2, token_mapping: torch.Tensor | None=None, weights: torch.Tensor | None=None, freeze: bool=False, normalize: bool=True, freeze_weights: bool | None=None, max_length: int | None=512, dropout: float=0.0, activation: str | type[torch.nn.modules.module.Module]='relu'):
        ...

    @property
    def classes(self) -> np.ndarray:
        """The labels that it knows, in the order of the columns of `predict_proba`"""
        ...

    def forward(self, batch) -> torch.Tensor:
        """The score of each class: the head's, and the words'"""
        ...

    def known_classes(self):
        """The labels that it knows, or the error that scikit-learn expects of what is not fitted"""
        ...

    def fit(self, X: list[str], y: list, X_val: list[str] | None=None, y_val: list | None=None, class_names: list | None=None, sample_weight: np.ndarray | None=None, unlabelled: list[str] | None=None, *, class_weight: str | dict | None=None, label_names: bool=True, max_sample: int=1000, focal_gamma: float=0.0, test_size: float | int=0.1, device: str='auto', random_seed: int=42, learning_rate: float=0.001, batch_size: int | None=None, min_epochs: int | None=None, max_epochs: int | None=-1, early_stopping_patience: int | None=5, show_progress_bar: bool=True, token_dropout: float=0.0, schedule: str='constant', callbacks: list=(), checkpoint_dir: str | Path | None=None, checkpoint_every: int | None=None, resume: bool=False) -> StaticModelForClassification:
        """Learn to predict `y` from `X`; a network starts from the present vectors and a new head"""
        ...

    def suggest(self, unlabelled: list[str], n: int=20, labelled: list[str]=()) -> np.ndarray:
        """Which texts to label next"""
        ...

    @property
    def freeze(self) -> bool:
        """Do the vectors stay as they are?"""
        ...

    @property
    def freeze_weights(self) -> bool:
        """Do the token weights stay as they are?"""
        ...

    def get_params(self, deep: bool=True) -> dict:
        """Settings of the model and of `fit`, by name"""
        ...

    def set_params(self, **params) -> StaticModelForClassification:
        """Change settings: `normalize` and `max_length` at once, others for the next `fit`"""
        ...

    def __sklearn_clone__(self):
        """An untrained one with the same settings, on the vectors that this one started from"""
        ...

    def __sklearn_is_fitted__(self):
        ...

    def __sklearn_tags__(self):
        ...

    def to_static_model(self) -> StaticModel:
        """The vectors, which only `words=False` trains; a warning says what is left behind"""
        ...

    def to_pipeline(self, report: dict | None=None) -> StaticModelPipeline:
        """What predicts, without what trains it; the temperature is multiplied into the scores"""
        ...

    def explain(self, text: str, label=None, n: int | None=10) -> WordScores:
        """The words of a text, with what each adds to the score of a label"""
        ...

    def top_words(self, label, n: int=10) -> WordScores:
        """The words that say most for a label"""
        ...

def fit_settings():
    """What `fit` can be told beside the data, with defaults"""
    ...

def lifecycle_train(data: str, out: str, model: str='minishlab/potion-base-32m', text_column: str='text', label_column: str='label', separator: str='', test: str='', test_size: float=0.2, unlabelled: str='', fine_tune: bool=False, max_epochs: int=-1, checkpoint_dir: str='', resume: bool=False, balanced: bool=False, random_seed: int=42, quiet: bool=False, *, delimiter: str='', encoding: str='', format: str=''):
    """Train a classifier on a file, measure it on held-out texts, and save it with report and plots"""
    ...
