"""A text into words, a word into tokens, remembered: how encoding is fast."""
from typing import Any
__all__ = []
from typing import NamedTuple
import numpy as np

def tokenizer_spec(tokenizer):
    """What `tokenizer.json` says, but for the vocabulary"""
    ...

def unknown_id(tokenizer, spec=None):
    """Id of the token that stands for unknown text, or None where nothing is unknown"""
    ...

def plain_ids(tokenizer, unk, texts, max_length=None):
    """The ids of each text's tokens, without unknown ones, cut at `max_length`"""
    ...

def word_rule(tokenizer, spec=None):
    """('punctuation' or 'space', None), or (None, why texts cannot be cut into words)"""
    ...

def text_bytes(texts):
    """The bytes of texts, laid end to end, and where each text starts, (texts+1,)"""
    ...

def cut_punctuation(data, first):
    """Where words start in bytes, by the 'punctuation' rule, in texts that start at `first`"""
    ...

def cut_space(data, first):
    """Where words start in bytes, by the 'space' rule, in texts that start at `first`"""
    ...
cut_many: Any
cut_one: Any

def word_keys(data, starts):
    """Two numbers, (words,) uint64, for each word that starts in `data`, with 16 bytes after them"""
    ...

def word_slots(head, tail, n):
    """The place of each key among `n`, a power of two, (words,) int64"""
    ...

class WordStore:
    """Words so far; the tokens of word `i` are the `counts[i]` at `tokens[starts[i]:]`"""
    n: Any
    n_tokens: Any
    n_bytes: Any
    max_words: Any
    index: Any
    starts: Any
    counts: Any
    tokens: Any
    sums: Any
    n_slots: Any
    keys: Any
    rows: Any

    def __init__(self, max_words, dim):
        ...

    def rows_of(self, words):
        """The row of each of some `words`, (words,) int32, by the dictionary; -1: it is new"""
        ...

    def find(self, data, starts):
        """The row of each word that starts in `data` (as `word_keys` takes them); -1: new, long, no slot"""
        ...

    def add(self, words, tokens, counts, sums, names) -> bool:
        """Add words, arrays first, so that whoever sees a word also finds its tokens"""
        ...

class WordTable:
    """Remembers the tokens of words; safe to use from many threads at once"""
    missed: Any
    why: Any
    store: Any
    tokenizer: Any
    dim: Any
    max_words: Any
    spec: Any
    unk: Any
    bar: Any
    cut_many: Any
    cut_one: Any
    fold: Any
    added: Any
    lock: Any
    rule: Any

    def __init__(self, tokenizer, dim=0, max_words=250000, spec=None):
        ...

    def __reduce__(self):
        ...

    def clear(self):
        ...

    def learn(self, words, sums=...):
        """The store with all of the distinct `words` in it, or None if they are too many"""
        ...

    def lookup(self, texts, sums=...) -> WordRows | None:
        """Cut texts into words and find them"""
        ...

    def special(self, texts):
        """The numbers of the texts that spell out a special token"""
        ...

    def lookup_one(self, text, sums=...):
        """(The store, the rows of a text's words), or None: not all are known, or the rule does not hold"""
        ...

    def tokens_of(self, found, n_tokens, cut):
        """(int32 token ids end to end, how many each text has) of what `shorten` kept"""
        ...

    def tokenize(self, texts, max_length: int | None=None):
        """The tokens of texts, by their words where that pays"""
        ...

class WordRows(NamedTuple):
    """Texts as rows of a store of words"""
    store: WordStore
    rows: np.ndarray
    first: np.ndarray

class Cut(NamedTuple):
    """Texts that end inside a word"""
    texts: np.ndarray
    words: np.ndarray
    counts: np.ndarray

class Shortened(NamedTuple):
    """Texts of which so many tokens count"""
    found: WordRows
    n_tokens: np.ndarray
    cut: Cut | None

def shorten(found, max_length):
    """Keep at most `max_length` tokens (None: all) of each of the texts that `lookup` found"""
    ...

def runs(starts, counts, tokens):
    """The runs `tokens[starts[i]:starts[i]+counts[i]]` end to end"""
    ...

def flat_ids(ids):
    """Lists of token ids end to end, int32, and how many each has"""
    ...

def keeps_spaces(tokenizer):
    """Does the tokenizer's normaliser leave spaces alone?"""
    ...
