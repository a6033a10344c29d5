"""The student's tokens: what is removed, added, and shown to the teacher."""
__all__ = []
import logging
logging.getLogger('skeletoken').setLevel(logging.ERROR)

def student_tokenizer(tokenizer, pattern, n_rows=None):
    """The teacher's tokenizer without special tokens, matches and ids over `n_rows`, numbered anew"""
    ...

def normaliser(tokenizer):
    """What a tokenizer does to a text before it cuts it, if spaces survive that"""
    ...

def without_token(words: list[str], tokenizer) -> list[str]:
    """The words that a tokenizer cuts to pieces, or does not know"""
    ...

def new_terms(vocabulary, tokenizer):
    """The terms of `vocabulary`, normalised, that `tokenizer` does not have yet, in order"""
    ...

def add_terms(tokenizer, terms):
    """Make each of `terms` one token, matched as a whole word, with any space before it"""
    ...

def student_sequences(tokenizer, student):
    """The teacher's ids that stand for each of the student's tokens, a list for each, in order of id"""
    ...
