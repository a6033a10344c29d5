"""Where words begin and end in the bytes of many texts, and a word as two numbers."""
from typing import Any
__all__ = []
from typing import NamedTuple
import numpy as np

def text_bytes(texts):
    """The bytes of texts, laid end to end, and where each text starts, (texts+1,)"""
    ...

def cut_punctuation(data, first):
    """Where words start and end in bytes, by the 'punctuation' rule, in texts that start at `first`"""
    ...

def cut_space(data, first):
    """Where words start and end in bytes, by the 'space' rule, in texts that start at `first`"""
    ...
cut_many: Any
cut_one: Any

def begin_keys(head, tail, sizes):
    """The keys of the first `sizes` (up to 15) of 16 bytes, which are two numbers, `head` and `tail`"""
    ...

class Words(NamedTuple):
    """Words in the bytes of texts"""
    data: bytes
    starts: np.ndarray
    ends: np.ndarray
    head: np.ndarray
    tail: np.ndarray

    def take(self, some):
        ...

    def spelt(self, i):
        ...

def key_words(data, starts, ends):
    """The `Words` that start and end in `data`, with their keys"""
    ...

def words_from(words):
    """The `Words` of a list of bytes"""
    ...

def key_bytes(head, tail):
    """The 16 bytes of each key, (words, 16) uint8: the word's, zeros, and its length"""
    ...

def key_slots(head, tail, n):
    """The place of each key among `n`, a power of two, (words,) int64"""
    ...

def distinct(words):
    """(Numbers of words that are all different, for each word the place of its like among them)"""
    ...

class KeyTable:
    """Different keys, numbered from 1 on, and found in bulk"""
    n: Any
    n_slots: Any
    slots: Any
    head: Any
    tail: Any

    def __init__(self, max_keys):
        ...

    def find(self, head, tail):
        """The number of each key, (keys,) int32; 0: it is not there"""
        ...

    def add(self, head, tail):
        """Number different keys that are not there yet"""
        ...
