"""What is written is there whole, or not at all; what a dead process left goes."""
__all__ = []
from contextlib import contextmanager
from pathlib import Path

@contextmanager
def held(path, busy):
    """Hold a lock in the block"""
    ...

def remove_folder(folder):
    """Remove a folder and all in it, folders too that may not be written to"""
    ...

def sweep(folder):
    """Remove what dead processes left half-written in `folder`, and put back what they had moved"""
    ...

@contextmanager
def own_place(path):
    """A folder beside `path` that is gone afterwards, and the mode of a plain one"""
    ...

def swap_folders(a, b):
    """Let two folders change places, in one step where the system can"""
    ...

def whole(path):
    """A file, or a folder and all in it"""
    ...

def give_modes(new, path, plain):
    """Let `new` and all in it have the modes of what is at `path`, or of plain files and folders"""
    ...

@contextmanager
def named_if_full(path):
    """Name the place that has no room, whichever library was told so by the system"""
    ...

@contextmanager
def atomic_path(path: str | Path, without: tuple=()):
    """Write a file or folder elsewhere and put it in place in one step at the end, if nothing fails"""
    ...
