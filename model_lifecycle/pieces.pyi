"""New words into the pieces of a WordPiece, Unigram or BPE model, very many at once."""
from typing import Any
__all__ = []

class Pieces:
    """The pieces of a vocabulary by their bytes, numbered from 1 on"""
    keys: Any
    sizes: Any

    def __init__(self, names, prefix=''):
        ...

    def longest(self, head, tail, left, later):
        """The longest pieces that some bytes begin with"""
        ...

    def spell(self, head, tail):
        """(Numbers of the pieces of words of up to 15 bytes, end to end, how many each word has)"""
        ...

    def best(self, head, tail, scores):
        """As `spell`, the pieces with the largest sum of `scores`, which stand at their numbers"""
        ...

    def way(self, piece, origin, sizes):
        """The pieces on the way to each word's end, from the last one at each place and its origin"""
        ...

def added_texts(tokenizer, spec, unknown):
    """The tokens that were added to a vocabulary, and the `unknown` one, as bytes to be found"""
    ...

def ascii_records(words, added, lower):
    """(The words' bytes in records of 16, with blanks behind them, which of them can be read there)"""
    ...

class BertReader:
    """Reads words as BERT's tokenizer does, without asking it"""
    pieces: Any
    ids: Any
    added: Any
    lower: Any

    def __init__(self, tokenizer, spec):
        ...

    def read(self, words):
        """(Ids of tokens of `words`, end to end, how many each has, which were read at all)"""
        ...

class UnigramReader:
    """Reads words as SentencePiece's Unigram models do, without asking the tokenizer"""
    lower: Any
    first: Any
    added: Any
    pieces: Any
    scores: Any

    def __init__(self, tokenizer, spec, lower, first):
        ...

    def read(self, words):
        """(Ids of tokens of `words`, end to end, how many each has, which were read at all)"""
        ...

def spaced_records(words, added, lower, first):
    """(Words' bytes, 16 to a row, `first` ones behind a space; sizes; which can be read)"""
    ...

def unigram_reader(tokenizer, spec):
    """The `UnigramReader` of a tokenizer, or None where it might read otherwise"""
    ...

class Merges:
    """Pairs of tokens that are joined, numbered from 1 on, the first ones first"""
    keys: Any
    joined: Any
    letters: Any
    first: Any

    def __init__(self, pairs, joined, letters):
        ...

    def ranks(self, left, right):
        """The number of each pair; one above all others if it is not joined"""
        ...

    def join(self, data, sizes):
        """Join pairs until nothing is left to join"""
        ...

    def step(self, ids, ranks, at, joined):
        """Join the pair `at` a place of each piece"""
        ...

def moved_up(x, behind, last):
    """What is `behind` in each row goes one place to the left, and `last` stands at the end"""
    ...

def ascii_pattern(pattern):
    """One of the `split_patterns` for bytes of ASCII"""
    ...

class ByteReader:
    """Reads words as byte-level BPE does, without asking the tokenizer"""
    lower: Any
    first: Any
    added: Any
    cut: Any
    merges: Any

    def __init__(self, tokenizer, spec, model, pattern, lower, first):
        ...

    def pieces(self, letters, sizes, read):
        """Where pieces start and end in the bytes of words, a row each, that are to be `read`"""
        ...

    def read(self, words):
        """(Ids of tokens of `words`, end to end, how many each has, which were read at all)"""
        ...

def byte_pattern(spec):
    """The pattern by which a byte-level tokenizer cuts words, or None where that is not certain"""
    ...

def byte_reader(tokenizer, spec):
    """The `ByteReader` of a tokenizer, or None where it might read otherwise"""
    ...

def word_reader(tokenizer, spec):
    """What reads words as a tokenizer does, or None where that is not certain"""
    ...
