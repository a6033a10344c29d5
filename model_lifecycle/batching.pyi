"""What many ask for at once, done together"""
from typing import Any
__all__ = ['Busy', 'Batcher']
import asyncio
from typing import NamedTuple
from fastcore.basics import patch

class BatchJob(NamedTuple):
    """What one request asks for"""
    items: list
    done: asyncio.Future

class Busy(Exception):
    """More waits than may; it is worth asking again after some seconds"""
    most: int
    seconds: int

    def __init__(self, waiting: int, most: int, seconds: int):
        ...

class Batcher:
    """Has done together what concurrent requests ask for, in the order in which they came"""
    n_waiting: Any
    task: Any
    work: Any
    size: int
    most_waiting: int
    light: int
    observe: Any
    waiting: Any
    pace: Any
    thread: Any

    def __init__(self, work, size: int=256, most_waiting: int=10000, light: int=0):
        ...

    def submit(self, items: list) -> asyncio.Future:
        """Put items behind those that wait, or raise `Busy`"""
        ...

def results_of(jobs, work):
    """For each job the list of its results, or its error"""
    ...

@patch
async def _run(self: Batcher):
    """Do what waits, until nothing does"""
    ...

class TimeLimit:
    """Ends what its block waits for when the time is over; all tasks have as much, and one timer"""
    loop: Any
    seconds: float
    ends: Any

    def __init__(self, seconds: float):
        ...

    def __enter__(self):
        ...

    def __exit__(self, kind, error, traceback):
        ...
