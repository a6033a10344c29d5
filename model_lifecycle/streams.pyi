"""Where files are, what they hold, and how they are opened"""
from typing import Any
__all__ = []
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
file_kinds = ('txt', 'csv', 'tsv', 'json', 'jsonl', 'ndjson', 'parquet')
compressions: Any

def kind_of(name, format: str='', kinds: tuple=..., option: str='format') -> tuple[str, str | None]:
    """What a file holds, and how it is compressed"""
    ...

class Source(NamedTuple):
    """One of the files, or data sets, that rows come from"""
    path: str | Path
    kind: str
    packed: str | None = None

    def __str__(self):
        ...

    @property
    def is_stream(self):
        """Can it be read only once?"""
        ...

def parts_of(place: str | Path | list, format: str='', **how) -> list[Source]:
    """The files that a place stands for"""
    ...

def unpacked(file, packed):
    """A file of which what is read is unpacked"""
    ...

def open_bytes(part):
    """The bytes of a part, unpacked"""
    ...

@contextmanager
def damage_named(part):
    """Errors of a compressed file say what it is"""
    ...

def packing(file, packed):
    """A context with a file that packs what is written to it"""
    ...

@contextmanager
def write_bytes(path, packed=None):
    """A context with a file to write bytes to, which packs them; '-' is standard output"""
    ...
