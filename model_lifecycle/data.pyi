"""Texts and labels as they come in: checked, and in batches"""
from typing import Any
__all__ = []
import numpy as np
from typing import NamedTuple

def check_counts(least=1, /, optional=('max_length',), **counts):
    """Raise `ValueError` for a count that is no whole number from `least` on, or None if `optional`"""
    ...

def parted(text, separator=','):
    """What stands between the separators, without blanks around it and without what is empty"""
    ...
halves: Any

def checked_texts(texts, start=0):
    """`texts`, or an error that names the first that is no text; they are numbered from `start`"""
    ...

def text_list(texts, start=0):
    """Texts of any column as a list of strings, or an error as of `checked_texts`"""
    ...

def many_texts(texts):
    """`texts`, unless it is a single one, or no texts"""
    ...

def progress(show, **told):
    """A progress bar"""
    ...

def text_batches(texts, size, show=False, desc='Embedding'):
    """Texts in batches, without ever holding more than one that is not theirs"""
    ...

def label_kind(label):
    """What `label` is, in words; None if it is no label"""
    ...

def cure_of(labels):
    """What to do about labels of which one is none"""
    ...

def listed(x):
    """The values of a list, an array or a column, as Python's own"""
    ...

def labels_are_lists(labels):
    """Are these labels lists? Checked"""
    ...

def is_bit(x):
    """Is it a zero or a one, of whatever type?"""
    ...

def are_rows(labels, lists=False):
    """Are plain lists rows of zeros and ones? With `lists` only if they cannot be lists of labels"""
    ...

def check_bits(rows, names):
    """An error that names the first cell of an array which is not 0 or 1"""
    ...

def names_of_columns(own, given, n):
    """Names of `n` columns, a list: a table's own, or those given, or numbers; checked"""
    ...

def rows_of_table(y):
    """A table, a sparse matrix or a tensor as an array; a list as it is"""
    ...

class Examples(NamedTuple):
    """Texts with their labels"""
    texts: list
    labels: list
    several: bool
    columns: np.ndarray | None

def read_labels(y, class_names=None, lists=False):
    """Labels as a list, whether they are lists, and the columns' names if they were rows; checked"""
    ...

def labelled_texts(X, y, class_names=None, lists=False) -> Examples:
    """Texts and labels, checked; `lists`: keep lists that may be either lists of labels, not rows"""
    ...

def class_numbers(labels, classes, multi):
    """Class numbers, (texts,) int64, or with several labels zeros and ones, (texts, classes) float32"""
    ...
from .tables import read_rows as read_rows
from .tables import read_texts as read_texts
