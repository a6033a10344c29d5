"""A language model and its tokenizer, from a folder, a file, the Hub or an installed package."""
__all__ = ['load_causal_lm', 'load_tokenizer']
import logging
from pathlib import Path
logging.getLogger('bitsandbytes').setLevel(logging.ERROR)

def bundled_gguf(name: str) -> Path | None:
    """The GGUF file of the model `name` in an installed package, or None"""
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
