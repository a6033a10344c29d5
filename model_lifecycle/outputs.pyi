"""Files of rows and of embeddings, written"""
__all__ = []
from contextlib import contextmanager
row_kinds = ('jsonl', 'csv', 'parquet', 'ndjson', 'tsv')

def output_kind(out, format: str='', also: tuple=()):
    """What will be written"""
    ...

@contextmanager
def parquet_writer(path, columns, packed=None):
    """Yield a function that appends a list of dicts, or an Arrow table, to a Parquet file"""
    ...

def plain_value(value):
    """A value that JSON has no word for, as text"""
    ...

def as_json(value):
    """JSON of a value; of half a surrogate pair the escape"""
    ...

@contextmanager
def jsonl_writer(path, columns, packed=None):
    """Yield a function that appends a list of dicts, a line each"""
    ...

@contextmanager
def csv_writer(path, columns, packed=None, delimiter=','):
    """Yield a function that appends a list of dicts to a CSV file with a header"""
    ...

def columns_of(row: dict, kind: str, types: dict={}):
    """What `row_writer` has to know of the columns"""
    ...

def row_writer(path, columns, kind: str, packed: str | None=None):
    """A file of rows"""
    ...

@contextmanager
def npy_writer(path, dim):
    """Yield a function that appends float32 rows of `dim` numbers to an `.npy` file"""
    ...

@contextmanager
def vector_table_writer(path, dim, types):
    """Yield a function that appends texts, vectors, and cells that go along to a Parquet file"""
    ...

@contextmanager
def vector_row_writer(path, kind, packed, types):
    """Yield a function that appends texts, vectors, and cells that go along to a file of rows"""
    ...

def embedding_writer(path, dim: int, kind: str='npy', packed: str | None=None, types: dict={}):
    """A file of embeddings"""
    ...
