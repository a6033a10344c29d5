"""Where a training is, in one file from which it goes on to the very same bits."""
from typing import Any
__all__ = []
from contextlib import contextmanager

class Checkpoint:
    """The file that a run is saved in"""
    facts: Any
    path: Any

    def __init__(self, folder, facts):
        ...

    def save(self, state, best):
        """Write where `state` and `best` are, in place of what was there"""
        ...

    def read(self, state):
        """Tensors by name, and the run's facts, if the file can be read and is of this run"""
        ...

    def load(self, state, best):
        """Bring `state` and `best` to where the saved run was; nothing happens if there is none"""
        ...

    def alone(self):
        """A block in which no other run saves here"""
        ...

def checkpoint_tensors(state, header: dict) -> dict:
    """What a run's file may hold"""
    ...

@contextmanager
def going_on(advice):
    """An interrupt in this block says how to go on"""
    ...
