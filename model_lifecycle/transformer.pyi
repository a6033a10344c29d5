"""An embedding model as a transformer of scikit-learn"""
__all__ = []
import numpy as np

class TextTransformer:
    """Whatever has `encode`, `dim`, `normalize` and `max_length`, as scikit-learn wants it"""

    def fit(self, X, y=None):
        """Nothing is learned; it is there for scikit-learn"""
        ...

    def transform(self, X: list[str]):
        """Embed texts"""
        ...

    def fit_transform(self, X, y=None):
        """Embed texts"""
        ...

    def __sklearn_is_fitted__(self):
        ...

    def get_feature_names_out(self, input_features=None) -> np.ndarray:
        """The names of the columns: the class's, and a number"""
        ...

    def set_output(self, *, transform: str | None=None):
        """Choose what `transform` gives"""
        ...

    def get_params(self, deep=True) -> dict:
        """The settings of embedding, by name"""
        ...

    def set_params(self, **params):
        """Change settings of embedding"""
        ...

    def __sklearn_clone__(self):
        ...

    def __sklearn_tags__(self):
        ...
