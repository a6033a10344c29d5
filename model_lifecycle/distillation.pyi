"""A static embedding model of any sentence transformer: in seconds, or better in minutes of text"""
__all__ = ['apply_pca', 'compute_weights', 'DistillConfig', 'CorpusConfig', 'distill_from_model', 'distill', 'corpus_weights', 'lifecycle_distill']
import torch
import numpy as np
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from .base import TokenBatch
from .corpus import n_held_out
from .inference import StaticModel
from .teacher import PoolingMode

def n_components(pca_dims, shares):
    """How many components `pca_dims` asks for, given the share of the variance that each has"""
    ...

def principal_axes(moments, pca_dims):
    """Axes of largest variance, (dim, dimensions) float32, from sums of products, (dim, dim) float64"""
    ...

def apply_pca(embeddings: np.ndarray, pca_dims: int | float | str | None) -> np.ndarray:
    """Centre vectors and rotate them to their principal components (Pearson 1901; Hotelling 1933)"""
    ...

def compute_weights(n_embeddings: int, sif_coefficient: float | None=0.0001) -> np.ndarray:
    """Smooth inverse frequency weights by Zipf's law"""
    ...

@dataclass
class DistillConfig:
    """The settings of `distill` and `distill_from_model`; making one checks them"""
    pca_dims: int | float | str | None = 256
    sif_coefficient: float | None = 0.0001
    token_remove_pattern: str | None = '\\[unused\\d+\\]'
    quantize_to: str = 'float16'
    vocabulary_quantization: int | None = None
    pooling: PoolingMode | str = 'mean'

    def __post_init__(self):
        ...

    def check(self, hidden, tokens):
        """`ValueError` if a teacher with `hidden` dimensions and `tokens` tokens is not for this"""
        ...

@dataclass
class CorpusConfig:
    """How a student learns from a corpus; making one checks the settings"""
    column: str = 'text'
    delimiter: str = ''
    encoding: str = ''
    format: str = ''
    cut: bool = True
    sentences: int | None = None
    minutes: float | None = None
    prompt: str = ''
    max_length: int | None = None
    vocabulary_size: int = 1000
    min_count: int = 5
    held_out: int | float = 0.05
    epochs: int = 8
    patience: int | None = 2
    learning_rate: float = 0.003
    batch_size: int | None = None
    seed: int = 0
    cache_dir: str | Path | None = None
    engine: str = 'local'
    num_workers: int = 0

    def __post_init__(self):
        ...

def distill_from_model(model, tokenizer, vocabulary: list[str] | str | None=None, device: str | None=None, *, corpus=None, bf16: bool=False, base_model_name: str | None=None, language: list[str] | None=None, show_progress_bar: bool=True, pca_dims: int | float | str | None=256, sif_coefficient: float | None=0.0001, token_remove_pattern: str | None='\\[unused\\d+\\]', quantize_to: str='float16', vocabulary_quantization: int | None=None, pooling: model_lifecycle.teacher.PoolingMode | str='mean', column: str='text', delimiter: str='', encoding: str='', format: str='', cut: bool=True, sentences: int | None=None, minutes: float | None=None, prompt: str='', max_length: int | None=None, vocabulary_size: int=1000, min_count: int=5, held_out: int | float=0.05, epochs: int=8, patience: int | None=2, learning_rate: float=0.003, batch_size: int | None=None, seed: int=0, cache_dir: str | Path | None=None, engine: str='local', num_workers: int=0) -> StaticModel:
    """Distil a loaded transformer into a static model"""
    ...

def distill(model_name: str | Path, vocabulary: list[str] | str | None=None, device: str | None=None, *, trust_remote_code: bool=False, corpus=None, bf16: bool=False, show_progress_bar: bool=True, pca_dims: int | float | str | None=256, sif_coefficient: float | None=0.0001, token_remove_pattern: str | None='\\[unused\\d+\\]', quantize_to: str='float16', vocabulary_quantization: int | None=None, pooling: model_lifecycle.teacher.PoolingMode | str='mean', column: str='text', delimiter: str='', encoding: str='', format: str='', cut: bool=True, sentences: int | None=None, minutes: float | None=None, prompt: str='', max_length: int | None=None, vocabulary_size: int=1000, min_count: int=5, held_out: int | float=0.05, epochs: int=8, patience: int | None=2, learning_rate: float=0.003, batch_size: int | None=None, seed: int=0, cache_dir: str | Path | None=None, engine: str='local', num_workers: int=0) -> StaticModel:
    """Distil a transformer into a static model"""
    ...

def corpus_weights(counts: np.ndarray, sif_coefficient: float | None=0.0001) -> np.ndarray:
    """Smooth inverse frequency weights from the frequencies of tokens"""
    ...

def known_texts(texts, tokenizer, max_length):
    """The texts that have a token which `tokenizer` knows, and their tokens"""
    ...

class Lesson(NamedTuple):
    """What a student learns from"""
    tokens: TokenBatch
    targets: torch.Tensor
    n_held_out: int

def kept_of_teacher(out, y):
    """How much of the teacher is kept: correlation of similarities"""
    ...

def given_options(options):
    """Those of the command's options that were given; with a corpus also its defaults"""
    ...

def lifecycle_distill(model: str, out: str, vocabulary: str='', pca_dims: str='256', sif_coefficient: str='', token_remove_pattern: str='\\[unused\\d+\\]', quantize_to: str='float16', vocabulary_quantization: int=0, pooling: str='', corpus: str='', column: str='text', sentences: int=0, minutes: float=0, prompt: str='', vocabulary_size: int=1000, cache_dir: str='', device: str='', trust_remote_code: bool=False, quiet: bool=False, engine: str='local', num_workers: int=0, *, delimiter: str='', encoding: str='', format: str=''):
    """Distil a sentence transformer into a static model"""
    ...
from .corpus import corpus_texts as corpus_texts
from .corpus import split_sentences as split_sentences
from .corpus import sample_texts as sample_texts
from .corpus import frequent_words as frequent_words
from .quality import size_table as size_table
from .cards import plot_sizes as plot_sizes
from .quality import with_sizes as with_sizes
from .demo import bbc_news as bbc_news
from .demo import lifecycle_demo as lifecycle_demo
from .demo import plot_map as plot_map
from .demo import search as search
