"""What every trainable static model stands on: flat batches, vectors that learn, a head on top."""
from typing_extensions import Self
from typing import Any
__all__ = ['TokenBatch', 'FineTunable']
from dataclasses import dataclass
import numpy as np, torch
from tokenizers import Tokenizer
from torch import nn
from .inference import StaticModel
from .pipeline import StaticModelPipeline

@dataclass
class TokenBatch:
    """Texts as token ids, one after the other, never padded"""
    ids: torch.Tensor
    offsets: torch.Tensor
    lengths: torch.Tensor

    def __len__(self):
        ...

    @classmethod
    def from_lengths(cls, ids: torch.Tensor, lengths: torch.Tensor) -> Self:
        """A batch of token ids that lie end to end"""
        ...

    def __getitem__(self, rows: torch.Tensor) -> TokenBatch:
        """Some of the texts, in the order of `rows`"""
        ...

    def to(self, device: str | torch.device) -> TokenBatch:
        """The same batch on another device"""
        ...

    def drop(self, share: float) -> TokenBatch:
        """The texts without a random share of their tokens, but never without all"""
        ...

    @classmethod
    def from_texts(cls, texts: list[str], table, max_length: int | None=None) -> Self:
        """The tokens that a tokenizer knows of each text"""
        ...

class FineTunable(nn.Module):
    """A static model whose vectors and token weights can be trained, with a head on top"""
    out_dim: Any
    history: Any
    head: Any
    embed_dim: Any
    stored_as: Any
    embeddings: Any
    w: Any
    facts: Any
    interrupted: Any
    tokenizer: Any
    max_length: Any
    normalize: Any
    n_layers: Any
    hidden_dim: Any
    dropout: Any
    activation: Any

    def __init__(self, *, vectors: torch.Tensor, tokenizer: Tokenizer, n_layers: int=0, hidden_dim: int=256, out_dim: int=2, token_mapping: torch.Tensor | None=None, weights: torch.Tensor | None=None, freeze: bool=False, normalize: bool=True, freeze_weights: bool | None=None, max_length: int | None=512, dropout: float=0.0, activation: str | type[nn.Module]='relu'):
        ...

    def construct_head(self) -> nn.Module:
        """Make the layers on top of the embedding: override it for a head of your own"""
        ...

    @classmethod
    def from_static_model(cls, *, model: StaticModel, max_length: int | None=..., n_layers: int=0, hidden_dim: int=256, out_dim: int=2, freeze: bool=False, normalize: bool=True, freeze_weights: bool | None=None, dropout: float=0.0, activation: str | type[torch.nn.modules.module.Module]='relu') -> Self:
        """A trainable copy of a static model, with a new head"""
        ...

    @classmethod
    def from_pretrained(cls, path: str='minishlab/potion-base-32m', *, token: str | None=None, model_name: str | None=None, max_length: int | None=..., n_layers: int=0, hidden_dim: int=256, out_dim: int=2, freeze: bool=False, normalize: bool=True, freeze_weights: bool | None=None, dropout: float=0.0, activation: str | type[torch.nn.modules.module.Module]='relu') -> Self:
        """A trainable copy of a saved static model, with a new head"""
        ...

    def tokenize(self, texts: list[str], max_length: int | None=...) -> TokenBatch:
        """Split texts into the ids of the tokens that have a vector"""
        ...

    def pool(self, batch: TokenBatch) -> torch.Tensor:
        """Embeddings that gradients can flow through: the weighted mean of the tokens' vectors"""
        ...

    @property
    def device(self) -> torch.device:
        """Where the parameters are"""
        ...

    def forward(self, batch: TokenBatch) -> torch.Tensor:
        """The head's output for each text"""
        ...

    def encode(self, X: list[str], batch_size: int=1024, show_progress_bar: bool=False) -> np.ndarray:
        """The head's output for each text, as an array"""
        ...

    def to_static_model(self) -> StaticModel:
        """The vectors as trained, without the head"""
        ...

    def to_pipeline(self) -> StaticModelPipeline:
        """Vectors and head without what trains them, to be saved and served"""
        ...

def outputs(model, tokens, batch_size=1024):
    """The outputs for a `TokenBatch`, computed without gradients and gathered on the CPU"""
    ...

def rescaled(head, scale, shift=0.0):
    """A copy of a head whose outputs are multiplied by `scale` and then moved by `shift`"""
    ...

def both_or_none(**given):
    """An error if one of two arguments is given without the other"""
    ...

class WithHead(FineTunable):
    """A trainable static model whose head has one wide hidden layer unless told otherwise"""

    def __init__(self, *, n_layers: int=1, hidden_dim: int=512, out_dim: int=2, token_mapping: torch.Tensor | None=None, weights: torch.Tensor | None=None, freeze: bool=False, normalize: bool=True, freeze_weights: bool | None=None, max_length: int | None=512, dropout: float=0.0, activation: str | type[torch.nn.modules.module.Module]='relu'):
        ...
from .training import train_loop as train_loop
from .training import plot_history as plot_history
from .training import TrainState as TrainState
from .targets import StaticModelForSimilarity as StaticModelForSimilarity
from .targets import StaticModelForRegression as StaticModelForRegression
from .targets import StaticModelForPairSimilarity as StaticModelForPairSimilarity
