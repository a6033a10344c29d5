"""A trained model, served without its training"""
from typing_extensions import Self
from typing import Any
__all__ = ['StaticModelPipeline', 'lifecycle_predict']
import numpy as np
from pathlib import Path
from typing import NamedTuple
from .inference import StaticModel
from .explanations import Explained

def erf(x):
    """The error function, to 1.5e-7: Abramowitz and Stegun 1964, formula 7.1.26"""
    ...
activations: Any

class Layers(NamedTuple):
    """Linear layers, with one kind of activation between them"""
    linear: list
    between: str = 'relu'

    def __call__(self, x):
        """(texts, inputs) → (texts, outputs), float32"""
        ...

def layer_arrays(layer):
    """Weight and bias of torch's linear layer, float32 arrays"""
    ...

def linear_layers(head) -> Layers:
    """The layers of a head of torch's, if a pipeline can hold them"""
    ...

class StaticModelPipeline(Explained):
    """A static model with trained layers on top: it predicts, and is saved, loaded and published"""
    model: StaticModel
    activation: str
    report: dict | None
    indicators: bool
    thresholds: list | None
    words: Any
    multilabel: Any
    head: Any
    hidden_activation: Any

    def __init__(self, model: StaticModel, head, classes: np.ndarray | None=None, activation: str='softmax', words: tuple=(), report: dict | None=None, indicators: bool=False, thresholds: list | None=None):
        ...

    @property
    def classes(self) -> np.ndarray:
        """The labels that it knows, in the order of the columns of `predict_proba`"""
        ...

    def head_scores(self, x: np.ndarray) -> np.ndarray:
        """What the layers say of embeddings"""
        ...

    def scores(self, texts, max_length) -> np.ndarray:
        """The outputs for texts, before they become probabilities"""
        ...

    def predict(self, X: str | list[str], show_progress_bar: bool=False, max_length: int | None=..., batch_size: int=4096, use_multiprocessing: bool=True, multiprocessing_threshold: int=5000, threshold: float | str=0.5) -> np.ndarray:
        """The most probable class, every class above the threshold, or numbers"""
        ...

    def predict_proba(self, X: str | list[str], show_progress_bar: bool=False, max_length: int | None=..., batch_size: int=4096, use_multiprocessing: bool=True, multiprocessing_threshold: int=5000) -> np.ndarray:
        """The probability of each class: they sum to 1, or with several labels each stands alone"""
        ...

    def class_list(self):
        """The classes as a list, for files; None if it predicts numbers"""
        ...

    def in_model2vec(self) -> bool:
        """Can model2vec read the layers?"""
        ...

    def save_pretrained(self, path: str | Path, model_name: str | None=None, words: int | None=None):
        """Save model, layers and card in one step"""
        ...

    @classmethod
    def from_pretrained(cls, path: str | Path, token: str | None=None, verify: bool=True) -> Self:
        """Load a pipeline that this library or model2vec saved"""
        ...

    def push_to_hub(self, repo_id: str, subfolder: str | None=None, token: str | None=None, private: bool=False):
        """Publish the pipeline on the Hugging Face Hub"""
        ...

    def rows_of(self, texts, probabilities, threshold) -> list:
        """Rows as `lifecycle_predict` writes them"""
        ...
word_parts = ('grams', 'idf', 'weights')

def saved_layers(arrays, config):
    """The layers that files hold"""
    ...

def said_of(row):
    """The labels of a row, for counting"""
    ...

class Tally:
    """How often each label is predicted, and how that agrees with true labels"""
    counts: Any
    agreement: Any
    label_column: Any
    quiet: Any

    def __init__(self, label_column, pipeline, separator, quiet):
        ...

    def add(self, rows, given):
        """Count what was predicted for rows that were given"""
        ...

    def said(self, out):
        """What there is to say of a file that was written"""
        ...

def lifecycle_predict(model: str, input: str, out: str, column: str='text', label_column: str='', separator: str='', keep: str='', keep_all: bool=False, probabilities: bool=False, threshold: str='0.5', batch_size: int=8192, output_format: str='', quiet: bool=False, engine: str='local', num_workers: int=0, *, delimiter: str='', encoding: str='', format: str=''):
    """Label every text of a file; memory does not grow with the file"""
    ...
