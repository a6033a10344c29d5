"""Texts to learn from: named, cut into sentences, sampled; their frequent words."""
__all__ = ['corpus_texts', 'split_sentences', 'sample_texts', 'frequent_words']
from tokenizers import Tokenizer

def corpus_texts(corpus, column: str='text', *, delimiter: str='', encoding: str='', format: str=''):
    """Stream the texts of a corpus"""
    ...

def split_sentences(text: str, max_words: int=64) -> list[str]:
    """Cut a text where lines and sentences end"""
    ...

def sample_texts(texts, n: int | None=None, seed: int=0) -> list[str]:
    """Draw texts at random from a stream"""
    ...

def n_held_out(held_out, n):
    """How many of `n` sentences are held out"""
    ...

def corpus_sample(corpus, cfg):
    """The sentences to learn from, within the budget of sentences, in random order"""
    ...

def frequent_words(texts: list[str], tokenizer: Tokenizer, n: int=1000, min_count: int=5) -> list[str]:
    """The frequent words of `texts` that `tokenizer` has no token for"""
    ...

def auto_vocabulary(word, texts, student, cfg):
    """The words that `vocabulary='auto'` means"""
    ...
