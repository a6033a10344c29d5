"""New words into the pieces of a WordPiece model, very many at once."""
from typing import Any
__all__ = []

class Pieces:
    """The pieces of a WordPiece vocabulary by their bytes"""
    keys: Any
    ids: Any
    sizes: Any

    def __init__(self, vocab, prefix):
        ...

    def longest(self, head, tail, left, later):
        """The longest pieces that some bytes begin with"""
        ...

    def spell(self, head, tail):
        """(Ids of the pieces of words of up to 15 bytes, end to end, how many each word has; 0: unknown)"""
        ...

class WordReader:
    """Reads words as BERT's tokenizer does, without asking it"""
    lower: Any
    pieces: Any
    added: Any

    def __init__(self, tokenizer, spec):
        ...

    def read(self, words):
        """(Ids of the tokens of `words`, end to end, how many each has, which words were read at all)"""
        ...

def word_reader(tokenizer, spec):
    """The `WordReader` of a tokenizer, or None where it might read otherwise"""
    ...
