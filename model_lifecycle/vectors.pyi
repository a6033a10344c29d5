"""A table of vectors: kinds of numbers, unit length, fewer rows."""
__all__ = []
import numpy as np

def vector_dtype(name):
    """The dtype that a string, an enum or a dtype names, if vectors can be stored in it"""
    ...

def cast_vectors(vectors: np.ndarray, dtype) -> np.ndarray:
    """`vectors` in `dtype`; int8 spreads the largest magnitude over 127 steps"""
    ...

def widened(x: np.ndarray) -> np.ndarray:
    """`x` in float32, exactly where float32 holds it"""
    ...

def unit_rows(x, out=None, eps=1e-12):
    """Rows of `x`, (…, dim), scaled to length 1, in `out` if that is given; zeros stay zeros"""
    ...

def sparse_matrices(n: int):
    """SciPy's sparse matrices, where they are loaded or pay"""
    ...

def sum_pieces(vectors, rows, first):
    """As `sum_runs`, where some runs are long"""
    ...

def sum_runs(vectors: np.ndarray, rows: np.ndarray, first: np.ndarray) -> np.ndarray:
    """The sum of the vectors of each run"""
    ...

def check_clusters(n, tokens):
    """Raise `ValueError` unless `tokens` token vectors can be clustered into `n`"""
    ...

def share_vectors(vectors: np.ndarray, weights: np.ndarray | None, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cluster the vectors, so that `shared[which]*factor` is near `vectors*weights`"""
    ...
