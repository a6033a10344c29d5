"""Files of texts and rows: what people have, read cell for cell, and written"""
from typing import Any
__all__ = ['read_rows', 'read_texts']
from pathlib import Path
from typing import NamedTuple

class Tables:
    """The rows of a file, or of several"""
    encoding: str
    parts: Any
    delimiter: Any
    kinds = {}

    def __init__(self, path: str | Path, delimiter: str='', encoding: str='', format: str=''):
        ...

    @property
    def files(self):
        """The paths of those that are files on this disk"""
        ...

    def encoding_of(self, part):
        """The encoding of a part: what was said, or what it certainly is; a stream is UTF-8"""
        ...

    def lines(self, part):
        """The lines of a part, decoded, with their ends"""
        ...

    def rows_of(self, part, wanted):
        """The rows of one part"""
        ...

    def rows(self, needed: list | None=None, optional: list=()):
        """The rows, one after the other; only a JSON list is held as a whole"""
        ...

    def carried(self, names: list | None, column: str, taken: tuple=(), typed: bool=False) -> list[Carried]:
        """What goes along with the texts"""
        ...

    def batches(self, column: str, size: int, optional: list=()):
        """Texts and what stands beside them, or an error that names the first that is no text"""
        ...

def wanted_names(keep: str, keep_all: bool) -> list | None:
    """The columns to keep, as commands are told them"""
    ...

class Wanted(NamedTuple):
    """The columns that somebody wants"""
    needed: tuple | None = None
    optional: tuple = ()

    @property
    def names(self):
        """All of them, None for all that there are"""
        ...

def no_column(where, column, names, hint=''):
    """The error that a column is not among those that there are"""
    ...

def has_cell(row, name):
    """(Whether a row has a column, the cell); dots lead into objects"""
    ...

def check_names(names, wanted, where):
    """An error unless what is needed, or what it is a part of, is among `names`"""
    ...

def cells_of(row, wanted, where):
    """The wanted cells of a dict"""
    ...

def delimiter_hint(header):
    """A way out for who misses a column in a header that may not have been parted, or nothing"""
    ...

def load_data_set(name):
    """A split of a data set, streamed where that can be"""
    ...

def stream_rows(path: str | Path, columns, *, delimiter: str='', encoding: str='', format: str=''):
    """The rows of a file, one after the other"""
    ...

def read_rows(path: str | Path, *, delimiter: str='', encoding: str='', format: str='') -> list:
    """The rows of a file; cells of CSV and TSV files are texts, others what they are in the file"""
    ...

def read_columns(path, columns, *, delimiter: str='', encoding: str='', format: str=''):
    """The cells of some columns of a file"""
    ...

def read_texts(path: str | Path, column: str='text', batch_size: int=1024, *, delimiter: str='', encoding: str='', format: str=''):
    """Stream the texts of a file, a batch at a time"""
    ...

class Carried(NamedTuple):
    """A column that goes along"""
    column: str
    name: str
    type: object = None

def common_type(types, where):
    """The Arrow type that fits all of some; None is text"""
    ...

def types_of_cells(cells, where):
    """The Arrow types of cells: one, or two that fit each other as little as the cells do"""
    ...

def cell_types(rows, names, typed, where):
    """The Arrow types that fit the cells of columns, of `names` or of all; None if not `typed`"""
    ...

def kept_cells(row, carried) -> dict:
    """What goes along of a row"""
    ...
