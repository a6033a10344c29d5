"""Trainable keys and values that stand in front of every layer, and their files."""
from typing_extensions import Self
from typing import Any
__all__ = ['PTuningConfig', 'PrefixEncoder', 'prompt_kv']
from dataclasses import dataclass
from torch import nn, Tensor

@dataclass
class PTuningConfig:
    """The shape of a prefix, and whether a projection computes it"""
    pre_seq_len: int
    num_layers: int
    num_kv_heads: int
    head_dim: int
    hidden_size: int | None = None
    prefix_projection: bool = False
    prefix_hidden_size: int = 512
    kv_shapes: list | None = None

    def __post_init__(self):
        ...

    @property
    def row_shape(self) -> tuple:
        """Where a virtual token has its numbers: layer, key or value, head, number of the head"""
        ...

    @property
    def kv_size(self) -> int:
        """Numbers that one virtual token has in all layers together"""
        ...

    @property
    def layer_shapes(self) -> list:
        """Each layer's (key-value heads, head width), or None if it has no keys and values of its own"""
        ...

    @classmethod
    def from_model(cls, model_or_config, pre_seq_len: int, **kwargs) -> Self:
        """The shape of a prefix of `pre_seq_len` virtual tokens that fits a model"""
        ...

def text_config(model_or_config):
    """The config of the part that writes text"""
    ...

def kv_shapes(config):
    """(key-value heads, head width) of each layer, None where a layer reads those of another"""
    ...

def check_model(base):
    """A prefix needs a model of transformers that reads past keys and values"""
    ...

def attention_window(config):
    """The smallest attention window of any layer, or None"""
    ...

def check_room(config, pre_seq_len):
    """A prefix must leave room for text in the context, and fit every layer's attention window"""
    ...

def check_room_for(base, p, rows, new=0):
    """The longest row must fit the context, behind `p` virtual tokens, with `new` tokens written"""
    ...

class PrefixEncoder(nn.Module):
    """Trainable keys and values of `config.pre_seq_len` virtual tokens, for every layer of a model"""
    config: PTuningConfig
    embedding: Any
    projection: Any

    def __init__(self, config: PTuningConfig):
        ...

    def rows(self) -> Tensor:
        """Each virtual token's keys and values for all layers, as one row"""
        ...

    def stack(self) -> Tensor:
        """All keys (at 0 of the second axis) and values (at 1); a narrower layer begins each axis"""
        ...

    def forward(self, batch_size: int=1) -> list:
        """The prefix as the keys and values that attention reads"""
        ...

    def init_from_kv(self, kv: list) -> PrefixEncoder:
        """Start the prefix from given keys and values, such as `prompt_kv` gives"""
        ...

    @classmethod
    def from_ids(cls, model, ids: list, **kwargs) -> Self:
        """A prefix that starts as the keys and values of tokens"""
        ...

    @classmethod
    def from_text(cls, model, tokenizer, text: str, pre_seq_len: int | None=None, **kwargs) -> Self:
        """A prefix that starts as the keys and values of `text`"""
        ...

    @classmethod
    def from_random(cls, model, pre_seq_len: int, seed: int=42, tokenizer=None, **kwargs) -> Self:
        """A prefix that starts as random tokens' keys and values, of the model's own scale and shape"""
        ...

    def fold(self) -> PrefixEncoder:
        """The same prefix without its projection: keys and values alone"""
        ...

def cut_layers(stack, shapes):
    """Each layer's (keys, values) in its own shape, (None, None) where it has none"""
    ...

def stack_rows(stacks: dict, names, size: int) -> Tensor:
    """Keys and values of a batch"""
    ...

def prompt_kv(model, input_ids: Tensor) -> list:
    """The keys and values that `model` computes for a prompt, without gradients and without dropout"""
    ...

def first_ids(tokenizer):
    """The special tokens that the tokenizer begins every text with"""
    ...

def fingerprint(base, old=False):
    """A few numbers that tell a model from others; `old`: as earlier versions placed them"""
    ...

def check_base(base, info, folder):
    """Refuse a base model whose fingerprint is not the one that was saved"""
    ...

def adapter_config(encoder, base):
    """What PEFT wants to know about a prefix"""
    ...

def peft_reads(config, model_type):
    """Whether PEFT 0.21 can load a prefix of this shape"""
    ...

def encoder_from_rows(rows, config):
    """An encoder that gives exactly `rows`, in units of about their own scale"""
    ...

def fit_rows(rows, peft, config):
    """Rows as PEFT's config `peft` lays them out, in the layout of `config`"""
    ...
