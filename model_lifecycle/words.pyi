"""A text into words, a word into tokens, remembered: how encoding is fast."""
from typing import Any
__all__ = []
from typing import NamedTuple
import numpy as np
from .cutting import Words, cut_many, cut_one

class Reading(NamedTuple):
    """Words that were read: the tokens of word `i` are the `counts[i]` at `tokens[starts[i]:]`"""
    tokens: np.ndarray
    starts: np.ndarray
    counts: np.ndarray
    marks: np.ndarray

class WordStore:
    """Words so far, as in `Reading`, found by their keys"""
    n_named: Any
    n_tokens: Any
    n_bytes: Any
    max_words: Any
    keys: Any
    sizes: Any
    tokens: Any
    marks: Any
    seen: Any
    marked: Any
    sums: Any
    index: Any
    starts: Any
    counts: Any

    def __init__(self, max_words, dim):
        ...

    @property
    def n(self):
        ...

    def add(self, words: Words, read: Reading, sums) -> bool:
        """Add words, and whatever is known of them"""
        ...

    def named(self):
        """The dictionary from words (bytes) to their rows"""
        ...

def flat_ids(ids):
    """Lists of token ids end to end, int32, and how many each has"""
    ...

def runs(starts, counts, tokens):
    """The runs `tokens[starts[i]:starts[i]+counts[i]]` end to end"""
    ...

class WordTable:
    """Remembers the tokens of words; safe to use from many threads at once"""
    missed: Any
    why: Any
    n_read: Any
    store: Any
    fold: Any
    tokenizer: Any
    dim: Any
    max_words: Any
    spec: Any
    unk: Any
    cut_many: Any
    cut_one: Any
    added: Any
    crossings: Any
    n_asked: Any
    lock: Any
    rule: Any

    def __init__(self, tokenizer, dim=0, max_words=250000, spec=None):
        ...

    def __reduce__(self):
        ...

    def reader(self):
        ...

    def clear(self):
        ...

    def read(self, words):
        """The `Reading` of different `words`"""
        ...

    def marks(self, words):
        """The marks of `Crossings` of `words`"""
        ...

    def extend(self, store, words, sums):
        """Add those of the different `words` that are new to `store`; False if there is no room"""
        ...

    def learn(self, words, sums=...):
        """The store with all of the different `words` in it, or None if they are too many"""
        ...

    def special(self, texts, data):
        """The numbers of the texts, whose bytes are `data`, that spell out a special token"""
        ...

    def own_rows(self, words):
        """(The `Reading` of these words alone, the place of each word in it)"""
        ...

    def rows_of(self, words, sums):
        """(The store, the row of each word), or None if the table had to be emptied"""
        ...

    def joined(self, store, words, rows, pairs, sums):
        """(Where words start, their rows) after some are joined; None if the table has no room for these"""
        ...

    def joined_terms(self, store, words, rows, begins, sums):
        """(Rows of words, where texts begin, texts that are read apart), with terms in one piece"""
        ...

    def lookup(self, texts, sums=...) -> WordRows | None:
        """Cut texts into words and find them"""
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

    def most_met(self, n: int) -> dict:
        """The words that batches of texts held most often"""
        ...

    def restore(self, saved: dict | None, sums=...) -> WordTable:
        """Know saved words from the start"""
        ...

class WordRows(NamedTuple):
    """Texts as rows of a store of words"""
    store: WordStore | Reading
    rows: np.ndarray
    first: np.ndarray
    apart: list = ()

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

def with_others(ids, counts, numbers, others):
    """Tokens of texts, as of `flat_ids`, where those of the texts with some `numbers` are `others`"""
    ...

def save_words(folder, words: dict, of_tokenizer: str):
    """Write words that are to be known from the start"""
    ...

def saved_words(folder, n_tokens: int, of_tokenizer: str) -> dict | None:
    """The words that were saved with a model, if there are any and they belong to its tokenizer"""
    ...
