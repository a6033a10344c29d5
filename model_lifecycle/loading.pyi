"""A language model and its tokenizer, from a folder, a file, the Hub or an installed package."""
__all__ = ['load_causal_lm', 'load_tokenizer']
from pathlib import Path

def bundled_gguf(name: str) -> Path | None:
    """The GGUF file of the model `name` in an installed package, or None"""
    ...

def hub_answers():
    """Does the Hub answer, to whatever is asked?"""
    ...

def hub_or_cache(name: str | Path, kwargs: dict) -> dict:
    """Where the Hub is asked for `name` and is not there, only its cache is read"""
    ...

def find_causal_lm(name: str | Path, gguf_file: str | None=None, **kwargs) -> tuple:
    """Where a model is: as a file, in a folder, on the Hub, in an installed package"""
    ...

def load_causal_lm(name: str | Path, gguf_file: str | None=None, token: str | None=None, trust_remote_code: bool=False, **kwargs):
    """Load a language model from wherever it can be had"""
    ...

def load_tokenizer(name: str | Path, gguf_file: str | None=None, token: str | None=None, trust_remote_code: bool=False, **kwargs):
    """Load the tokenizer of a language model from where `load_causal_lm` has the model"""
    ...
