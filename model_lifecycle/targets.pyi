"""Models that learn vectors, numbers or pairs."""
from pathlib import Path
__all__ = ['StaticModelForSimilarity', 'StaticModelForRegression', 'StaticModelForPairSimilarity']
import numpy as np, torch
from .pipeline import StaticModelPipeline
from .base import WithHead

class ForNumbers(WithHead):
    """A model of numbers or vectors; a subclass says which loss and metric"""

    def fit(self, X: list[str], y: torch.Tensor, X_val: list[str] | None=None, y_val: torch.Tensor | None=None, test_size: float | int=0.1, device: str='auto', *, learning_rate: float=0.001, batch_size: int | None=None, min_epochs: int | None=None, max_epochs: int | None=-1, early_stopping_patience: int | None=5, random_seed: int=42, show_progress_bar: bool=True, token_dropout: float=0.0, schedule: str='constant', callbacks: list=(), checkpoint_dir: str | Path | None=None, checkpoint_every: int | None=None, resume: bool=False):
        """Learn to predict `y` from `X`; it starts from the present vectors and a new head"""
        ...

def mean_cosine_distance(out, y):
    ...

class StaticModelForSimilarity(ForNumbers):
    """A static model that learns to point where given vectors point"""

    def predict(self, X: list[str], show_progress_bar: bool=False, batch_size: int=1024) -> np.ndarray:
        """A vector of length 1 for each text: only the direction was learned"""
        ...

    def score(self, X: list[str], y: np.ndarray) -> float:
        """The mean cosine of predicted and given vectors"""
        ...

class StaticModelForRegression(ForNumbers):
    """A static model that learns to predict numbers"""

    def encode(self, X: list[str], batch_size: int=1024, show_progress_bar: bool=False) -> np.ndarray:
        """The predicted numbers in the units of the targets, always as a row for each text"""
        ...

    def to_pipeline(self) -> StaticModelPipeline:
        """Vectors and head without what trains them, in the units of the targets"""
        ...

    def predict(self, X: list[str], show_progress_bar: bool=False, batch_size: int=1024) -> np.ndarray:
        """The predicted numbers in the units of the targets"""
        ...

    def score(self, X: list[str], y: np.ndarray) -> float:
        """R², the share of the targets' variance that predictions explain"""
        ...

class StaticModelForPairSimilarity(WithHead):
    """A static model that learns to bring the texts of a pair together and others apart"""

    def __init__(self, *, vectors: torch.Tensor, out_dim: int | None=None, n_layers: int=1, hidden_dim: int=512, token_mapping: torch.Tensor | None=None, weights: torch.Tensor | None=None, freeze: bool=False, normalize: bool=True, freeze_weights: bool | None=None, max_length: int | None=512, dropout: float=0.0, activation: str | type[torch.nn.modules.module.Module]='relu'):
        ...

    def construct_head(self):
        ...

    def forward(self, batch):
        ...

    def fit(self, text_a: list[str], text_b: list[str], text_a_val: list[str] | None=None, text_b_val: list[str] | None=None, test_size: float | int=0.1, device: str='auto', temperature: float=0.05, *, learning_rate: float=0.001, batch_size: int | None=None, min_epochs: int | None=None, max_epochs: int | None=-1, early_stopping_patience: int | None=5, random_seed: int=42, show_progress_bar: bool=True, token_dropout: float=0.0, schedule: str='constant', callbacks: list=(), checkpoint_dir: str | Path | None=None, checkpoint_every: int | None=None, resume: bool=False) -> StaticModelForPairSimilarity:
        """Learn from pairs; it starts from the present vectors and a new head"""
        ...

    def predict(self, text_a: list[str], text_b: list[str], show_progress_bar: bool=False, batch_size: int=1024) -> np.ndarray:
        """The cosine of each pair"""
        ...

    def score(self, text_a: list[str], text_b: list[str]) -> float:
        """How often a text's partner is the nearest of up to 1,024 pairs"""
        ...
