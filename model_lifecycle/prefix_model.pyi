"""A frozen causal language model behind one or several prefixes: loss, generation, answers"""
from typing_extensions import Self
from typing import Any
__all__ = ['PTuningModel']
from contextlib import contextmanager
from pathlib import Path
from torch import Tensor, nn
from .frozen import counts_padding
from .prefix import PrefixEncoder
from .prompts import PromptFormat

class PTuningModel(nn.Module):
    """A frozen causal language model, and named prefixes that tune it"""
    checkpointing: Any
    active: Any
    disabled: Any
    base: Any
    prefixes: Any
    info: Any
    counts_padding: Any

    def __init__(self, base, encoder: PrefixEncoder | None=None, name: str='default'):
        ...
    device: Any
    config: Any

    def __repr__(self):
        ...

    def add_prefix(self, encoder: PrefixEncoder, name: str='default', **info) -> PTuningModel:
        """Add a prefix and make it the active one"""
        ...

    def set_prefix(self, name: str | None) -> PTuningModel:
        """Choose the prefix that calls use by default, and the only one that is trained"""
        ...

    @property
    def generation_config(self):
        """The base model's settings for generation"""
        ...

    def can_generate(self) -> bool:
        """Whether it writes text; transformers' pipeline, which asks, is told that it knows this class"""
        ...

    @contextmanager
    def disable(self):
        """In this block the model is its base model; `answer` still asks in the active prefix's format"""
        ...

    @classmethod
    def from_base(cls, base, pre_seq_len: int | None=None, tokenizer=None, text: str | None=None, name: str='default', seed: int=42, **kwargs) -> Self:
        """A model with a new prefix"""
        ...

    def row_names(self, prefix, rows) -> list:
        """The prefix of each row"""
        ...

    def gradient_checkpointing_enable(self, gradient_checkpointing_kwargs: dict | None=None, activation_checkpointing_kwargs: dict | None=None, **kwargs):
        """Train with less memory, and a little slower: layers are computed again in the backward pass"""
        ...

    def gradient_checkpointing_disable(self):
        """Train with each layer's results kept"""
        ...

    def get_input_embeddings(self) -> nn.Module:
        """The base model's token embeddings, to which transformers' NEFTune adds its noise"""
        ...

    def forward(self, input_ids: Tensor | None=None, attention_mask: Tensor | None=None, labels: Tensor | None=None, prefix: str | list | None=None, num_items_in_batch=None, use_cache: bool=False, **kwargs):
        """Run the base model behind the prefix"""
        ...

    def generate(self, input_ids: Tensor, attention_mask: Tensor | None=None, prefix: str | list | None=None, **kwargs) -> Tensor:
        """Write text behind the prefix, as transformers' `generate` does, though never without a cache"""
        ...

    def prompt_format(self, name: str | None=None) -> PromptFormat:
        """The format in which prompts are written for a prefix"""
        ...

    def answer(self, tokenizer, prompts: list, prefix: str | list | None=None, history=None, **kwargs) -> list:
        """Answer prompts, in the format that the prefix was trained with"""
        ...

    def save_pretrained(self, path: str | Path, prefix: str | None=None, model_name: str | None=None, training: bool=False, **kwargs):
        """Save a prefix in PEFT's files, in one step; the base model is not saved"""
        ...

    def load_prefix(self, path: str | Path, name: str='default', token: str | None=None) -> PTuningModel:
        """Load a prefix beside those that are there, and make it the active one"""
        ...

    @classmethod
    def from_pretrained(cls, path: str | Path, base=None, name: str='default', token: str | None=None, **kwargs) -> Self:
        """A model with a saved prefix"""
        ...

    def push_to_hub(self, repo_id: str, prefix: str | None=None, private: bool=False, token: str | None=None, revision: str | None=None, commit_message: str='Add P-Tuning v2 prefix'):
        """Publish a prefix, with its card, on the Hugging Face Hub"""
        ...
