"""Text into vectors, with a model that is a table: load, embed, search, shrink and save it."""
from typing_extensions import Self
from typing import Any
__all__ = ['StaticModel', 'quantize_model', 'lifecycle_encode']
import numpy as np
from pathlib import Path
from tokenizers import Tokenizer
from .transformer import TextTransformer

class StaticModel(TextTransformer):
    """One vector for each token: the embedding of a text is the mean of its tokens' vectors"""
    unk_token_id: Any
    embedding: np.ndarray
    normalize: bool
    base_model_name: str | None
    language: list[str] | None
    weights: np.ndarray | None
    token_mapping: np.ndarray | None
    max_length: int | None
    max_words: int
    config: Any

    def __init__(self, vectors: np.ndarray, tokenizer: Tokenizer, config: dict | None=None, normalize: bool=False, base_model_name: str | None=None, language: list[str] | None=None, weights: np.ndarray | None=None, token_mapping: np.ndarray | None=None, max_length: int | None=512, max_words: int=250000):
        ...

    @property
    def tokenizer(self):
        ...

    @tokenizer.setter
    def tokenizer(self, tokenizer):
        ...

    def __repr__(self):
        ...

    @property
    def dim(self) -> int:
        """Number of dimensions"""
        ...

    @property
    def tokens(self) -> tuple:
        """The vocabulary"""
        ...

    @property
    def embedding_dtype(self) -> str:
        """How the vectors are stored; sums are taken in float32 whatever it is"""
        ...

    @property
    def vocabulary_quantization(self) -> int | None:
        """Number of vectors that the vocabulary shares"""
        ...

    def tokenize(self, sentences: list[str], max_length: int | None=None) -> list[list[int]]:
        """Split texts into the ids of the tokens that have a vector"""
        ...

    def embed_one(self, text, max_length):
        """The mean vector of one text, (dim,) float32, by the shortest way, and its number of tokens"""
        ...

    def embed_tokens(self, texts, max_length, tokens=True):
        """The mean vectors of texts, and their tokens, by the table of words where that pays"""
        ...

    def encode(self, sentences: str | list[str], *, show_progress_bar: bool=False, max_length: int | None=..., normalize: bool | None=None, batch_size: int=8192, use_multiprocessing: bool=True, multiprocessing_threshold: int=2000, **kwargs) -> np.ndarray:
        """Embed texts: the mean of their tokens' vectors; a text without known tokens gives zeros"""
        ...

    def encode_as_sequence(self, sentences: str | list[str], *, max_length: int | None=None, batch_size: int=1024, show_progress_bar: bool=False, use_multiprocessing: bool=True, multiprocessing_threshold: int=10000) -> list[np.ndarray] | np.ndarray:
        """The vectors of each text's tokens, in order"""
        ...

    def save_pretrained(self, path: str | Path, model_name: str | None=None, subfolder: str | None=None, words: int | None=None):
        """Save the model in the layout that model2vec and sentence-transformers load, in one step"""
        ...

    @classmethod
    def from_pretrained(cls, path: str | Path, token: str | None=None, normalize: bool | None=None, subfolder: str | None=None, quantize_to: str | None=None, dimensionality: int | None=None, vocabulary_quantization: int | None=None, max_length: int | None=..., force_download: bool=False, verify: bool=True) -> Self:
        """Load a static model that this library, model2vec or sentence-transformers saved"""
        ...

    def push_to_hub(self, repo_id: str, private: bool=False, token: str | None=None, subfolder: str | None=None):
        """Publish the model on the Hugging Face Hub"""
        ...

def arrays_of(model):
    """Vectors, weights and mapping under the names that they have in files"""
    ...

def quantize_model(model: StaticModel, vocabulary_quantization: int | None=None, quantize_to: str | None=None, dimensionality: int | None=None) -> StaticModel:
    """Make a model smaller: fewer dimensions, then fewer vectors, then smaller numbers"""
    ...

def saved_arrays(model):
    """What `model.safetensors` holds of a static model"""
    ...

def vectors_folder(folder: Path) -> tuple[Path, bool]:
    """What sentence-transformers' `modules.json` says, if there is one"""
    ...
accept = '; if the change is yours, load the model with `verify=False` and save it again'

def lifecycle_encode(model: str, input: str, out: str, column: str='text', keep: str='', keep_all: bool=False, batch_size: int=8192, max_length: int=0, output_format: str='', quiet: bool=False, engine: str='local', num_workers: int=0, *, delimiter: str='', encoding: str='', format: str=''):
    """Embed every text of a file; memory does not grow with the file"""
    ...
from .pipeline import StaticModelPipeline as StaticModelPipeline
from .teacher import create_embeddings as create_embeddings
from .teacher import PoolingMode as PoolingMode
from .teacher import TeacherModel as TeacherModel
from .distillation import apply_pca as apply_pca
from .distillation import compute_weights as compute_weights
from .quality import compare_embeddings as compare_embeddings
from .quality import plot_similarities as plot_similarities
from .tables import read_texts as read_texts
from .prediction import expected_calibration_error as expected_calibration_error
from .pipeline import lifecycle_predict as lifecycle_predict
from .files import resolve_model as resolve_model
