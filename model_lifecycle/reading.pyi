"""What a tokenizer says of itself, and whether it reads a text word by word."""
from typing import Any
__all__ = []
import numpy as np

def tokenizer_spec(tokenizer):
    """What `tokenizer.json` says of its steps, added tokens and model, but for the vocabulary"""
    ...

def unknown_id(tokenizer, spec=None):
    """Id of the token that stands for unknown text, or None where nothing is unknown"""
    ...

def check_unknown(tokenizer, spec):
    """Raise `ValueError` if the first text that it cannot spell would be an error"""
    ...

def plain_ids(tokenizer, unk, texts, max_length=None):
    """The ids of each text's tokens, without unknown ones, cut at `max_length`"""
    ...

def steps_of(step):
    """The steps of a normaliser or pre-tokenizer (as in `tokenizer.json`), with sequences unfolded"""
    ...
gpt2_pattern = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+"
split_patterns: Any

def parted_terms(spec, normalize):
    """From the last word before a space of an added token to all that may follow"""
    ...

def normalizing(tokenizer):
    """What the tokenizer's normaliser makes of a text, as a function"""
    ...

def ascii_form(normalize):
    """What is done to visible ASCII characters: nothing (`str`), `str.lower`, or else (None)"""
    ...

def threes(parts):
    """Three bytes each as a number, letters all small"""
    ...

class Crossings:
    """The words beside which a tokenizer may read across a space"""
    normalize: Any
    form: Any
    careful: Any
    parts: Any
    head_sizes: Any
    head_ends: Any
    begins: Any
    begin_sizes: Any
    least: Any
    begin_starts: Any
    by_three: Any
    last_three: Any
    first_three: Any
    crosses: Any

    def __init__(self, tokenizer, spec):
        ...

    def __bool__(self):
        ...

    def alone(self, word):
        """Is a word read by itself as it is between others?"""
        ...

    def marks(self, words) -> np.ndarray:
        """What to know of words to see which of them are not read alone"""
        ...

    def pairs(self, marks, first, word_at) -> np.ndarray:
        """The neighbours across which a term may lie"""
        ...

    def unsure(self, letters, first, last):
        """Which words might have other marks than most"""
        ...

def is_visible(char):
    """Is a character (or none) visible, as far as cutting is concerned?"""
    ...

def blank(char):
    """Is a character white space, or none?"""
    ...

def word_rule(tokenizer, spec=None):
    """('punctuation' or 'space', None), or (None, why texts cannot be cut into words)"""
    ...

def keeps_spaces(tokenizer):
    """Does the tokenizer's normaliser leave spaces alone?"""
    ...
