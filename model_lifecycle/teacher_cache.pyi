"""What a teacher said of each text, remembered on disk."""
from typing import Any
__all__ = ['TeacherCache']
import numpy as np
from contextlib import contextmanager
from pathlib import Path
from .teacher import TeacherModel

def equal_batches(lengths, max_tokens):
    """Indices of sequences of one length, up to `max_tokens` tokens of them, the longest first"""
    ...

def teacher_facts(teacher, prompt, bf16):
    """What the embeddings of a teacher depend on"""
    ...

def user_folder(facts):
    """The folder in this user's cache for the teacher that `facts` tell of"""
    ...

def claim_folder(folder, facts, procs):
    """Make `folder` the place of the teacher that `facts` tell of; `ValueError` if it is another's"""
    ...

def shard_schema(dim: int, teacher: str=''):
    """What Arrow has to know of a shard, and whose it is"""
    ...

@contextmanager
def shard_writer(folder, dim, teacher=''):
    """Yield a function that adds keys and embeddings to a new shard"""
    ...

def shard_batches(path, schema=None):
    """(Keys, embeddings) of each batch in a shard, up to where a killed process stopped writing"""
    ...

class Asked:
    """The distinct things that a call asks for: keys, embeddings, and which of these are known yet"""
    keys: Any
    x: Any
    known: Any

    def __init__(self, keys, dim):
        ...

    def recall(self, folder, schema=None):
        """Fill in what the shards in `folder` know, if they are of `schema`"""
        ...

    def put(self, rows, x):
        """The embeddings of some rows are `x`"""
        ...

class TeacherCache:
    """A teacher that remembers, in files, what it said of each text"""
    device: Any
    max_tokens: Any
    procs: Any
    dim: Any
    folder: Any
    name: Any
    teacher: Any
    prompt: Any
    bf16: Any

    def __init__(self, teacher: TeacherModel, folder: str | Path | None=None, prompt: str='', bf16: bool=False, max_tokens: int | None=None):
        ...

    def encode(self, sentences: list[str], *, show_progress_bar: bool=False, **kwargs) -> np.ndarray:
        """The teacher's embeddings of texts"""
        ...

    def encode_ids(self, tokenized: list[list[int]], show_progress_bar: bool=False) -> np.ndarray:
        """The teacher's embeddings of sequences of tokens, remembered like those of texts"""
        ...

    def affordable(self, texts: list[str], minutes: float) -> int:
        """Find out how far a budget of time goes"""
        ...
