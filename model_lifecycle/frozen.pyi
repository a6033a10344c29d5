"""A frozen language model: its padding, its cache, its loss at the answer, and its stops"""
__all__ = []
from contextlib import contextmanager
from transformers import DynamicCache

def counts_padding(base):
    """Whether padding between a prefix and a text would move the text"""
    ...

def check_inputs(base, ids, mask, past, most, counts_padding=False):
    """Refuse what would fail inside the model, or run without the prefix"""
    ...

class ReadCache(DynamicCache):
    """A cache that keeps nothing but the prefix, so that a layer may run twice"""

    def update(self, key_states, value_states, layer_idx, *args, **kwargs):
        ...

@contextmanager
def recomputed(base):
    """In this block layers keep only their input, and are computed again in the backward pass"""
    ...

@contextmanager
def inputs_through(base, change):
    """In this block, and for this thread, `base` is called with what `change` makes of its inputs"""
    ...

def answer_loss(base, labels, num_items_in_batch=None, **inputs):
    """Run `base`, with its head only where the next token has a label"""
    ...

def row_losses(logits, labels):
    """The loss of each row, from what `answer_loss` gives"""
    ...

def stop_ids(base, tokenizer, fmt=None):
    """Every token that ends an answer: the tokenizer's, the model's own, and the format's"""
    ...

def read_generation_config(config) -> dict:
    """The settings of a `GenerationConfig`"""
    ...

def answer_settings(base, tokenizer, fmt=None, generation_config=None, **given) -> dict:
    """How one answer is written: greedily, up to 64 new tokens, to the first token that ends it"""
    ...

def most_new_tokens(args, fmt, prompt=0, **given):
    """How long an answer may get: as a call says, else the arguments, else the format"""
    ...

def write_tokens(model, ids, mask, prefix=None, **kwargs):
    """The tokens that a model writes behind prompts"""
    ...

def answer_texts(tokenizer, rows, ends) -> list:
    """What was written, each up to its end"""
    ...
