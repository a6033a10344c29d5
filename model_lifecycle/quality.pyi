"""How much of a teacher is kept, and how small a model can get"""
__all__ = ['compare_embeddings', 'plot_similarities', 'size_table', 'with_sizes']
import numpy as np
from .inference import StaticModel

def pair_similarities(x: np.ndarray) -> np.ndarray:
    """Cosine similarities of all pairs of texts"""
    ...

def neighbours_kept(teacher: np.ndarray, student: np.ndarray, k: int) -> float:
    """Of the `k` texts nearest to each text, the share that teacher and student have in common"""
    ...

def aligned_cosine(teacher: np.ndarray, student: np.ndarray) -> float:
    """Mean cosine of the two, the student's space rotated: each half as it suits the other"""
    ...

def compare_embeddings(teacher, student, texts: list[str], k: int=10, max_texts: int=2000, seed: int=0) -> dict:
    """How much of the teacher a student keeps"""
    ...

def plot_similarities(teacher, student, texts: list[str], ax=None):
    """Plot the similarity of each pair of texts, for the teacher and for the student"""
    ...

def probe_accuracy(model, texts, labels):
    """Accuracy on every second text of a logistic regression on the embeddings of the others"""
    ...

def words_kept(model, words):
    """Spearman correlation of the cosines of pairs of words with what people said"""
    ...

def texts_per_second(model, texts, runs=3):
    """Texts that `model` encodes in a second, on one core, at the fastest of some runs"""
    ...

def size_table(model: StaticModel, texts: list[str], teacher, words: list[tuple] | None=None, labelled: tuple | None=None, dims: tuple=(64, 128, 256, 384), dtypes: tuple=('float32', 'float16', 'int8')) -> list[dict]:
    """What a model loses, and saves, at other sizes"""
    ...

def with_sizes(model: StaticModel, rows: list[dict]) -> StaticModel:
    """A model that shows a size table on its card"""
    ...
from .cards import plot_sizes as plot_sizes
