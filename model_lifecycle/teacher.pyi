"""Any transformer as an encoder"""
from typing_extensions import Self
from typing import Any
__all__ = ['PoolingMode', 'create_embeddings', 'TeacherModel']
import enum
from pathlib import Path
import numpy as np

class PoolingMode(str, enum.Enum):
    """How a transformer's outputs for a sequence become one vector"""
    MEAN = 'mean'
    LAST = 'last'
    FIRST = 'first'
    POOLER = 'pooler'

def pooled(out, mask, pooling):
    """Pool a batch's outputs: (batch, tokens, dim) to (batch, dim) float32"""
    ...

def device_of(device=None):
    """The torch device called `device`, by default the fastest there is"""
    ...

def each_read(read, batches, device):
    """(Batch, `read` of it) for each; on a CPU several at a time"""
    ...

def pad_right(sequences, pad):
    """Sequences as one batch: tokens first, then padding, which the mask has as 0"""
    ...

def encoder_of(model):
    """The part of a transformer that reads"""
    ...

def read_batch(model, ids, mask, pooling: PoolingMode, bf16: bool=False) -> np.ndarray:
    """Run a transformer, and pool what it says"""
    ...

def check_finite(vectors, say):
    """Raise `ValueError` for vectors with NaN or infinite values"""
    ...

def n_rows(model):
    """How many token vectors a transformer has, or None if it does not say"""
    ...

def create_embeddings(model, tokenized: list[list[int]], device: str | None=None, pad_token_id: int=0, pooling: PoolingMode | str='mean', *, bf16: bool=False, max_tokens: int | None=None, show_progress_bar: bool=True) -> np.ndarray:
    """Run sequences through a transformer and pool its outputs"""
    ...

class TeacherModel:
    """A transformer that embeds texts"""
    model: Any
    tokenizer: Any
    device: str | None
    normalize: bool
    pooling: Any
    max_length: Any

    def __init__(self, model, tokenizer, pooling: PoolingMode | str='mean', device: str | None=None, max_length: int | None=None, normalize: bool=True):
        ...

    @classmethod
    def from_pretrained(cls, name: str | Path, device: str | None=None, pooling: PoolingMode | str | None=None, trust_remote_code: bool=False, token: str | None=None) -> Self:
        """Load a transformer with its tokenizer and pooling"""
        ...

    def encode(self, sentences: str | list[str], *, show_progress_bar: bool=False, **kwargs) -> np.ndarray:
        """Embed texts with the transformer"""
        ...
