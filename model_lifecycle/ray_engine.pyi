"""A pass over a folder of Parquet on many machines, with Ray Data"""
from typing import Any
__all__ = []
from pathlib import Path
from typing import Callable, NamedTuple

class FolderPart(NamedTuple):
    """A file to be read, and the one that is written for it"""
    name: str
    source: Path
    target: Path

    @property
    def facts(self):
        """What a file was when it was read"""
        ...

def parquet_files(folder):
    """The Parquet files in a folder and those inside it, by name; hidden ones are left out"""
    ...

def parts_of_folder(folder: str | Path, out: Path) -> list[FolderPart]:
    """The parts of a pass"""
    ...

def model_digest(model: str | Path) -> str:
    """A fingerprint of the files that a model is loaded from"""
    ...

class Notes:
    """What a folder that is written says of its run and its parts"""
    folder: Any

    def __init__(self, out):
        ...

    def path(self, name=''):
        ...

    def read(self, name=''):
        ...

    def write(self, facts, name=''):
        ...

    def names(self):
        """Of the parts that are noted"""
        ...

def check_run(out: Path, run: dict, parts: list[FolderPart]):
    """An error if a folder holds anything but what this run has written"""
    ...

def parts_left(parts: list[FolderPart], out: Path) -> list[FolderPart]:
    """Those that are not done, or have changed since"""
    ...

def sweep_parts(parts, out):
    """Remove what a run that was killed has left half-written, where this one may write nothing"""
    ...
ray_settings: Any

def started_ray():
    """Ray, connected to the cluster that `RAY_ADDRESS` names, or else started on this machine"""
    ...

def worker_kind(ray):
    """What a worker that runs a network has for itself: a GPU, or where there are none a core"""
    ...

def n_ray_workers(ray, num_workers: int, kind: str='CPU') -> int:
    """How many workers there will be, or an error if there is not enough for them"""
    ...

class Reporting:
    """A worker whose errors come back as texts"""
    error: Any
    work: Any

    def __init__(self, make: Callable, args: tuple):
        ...

    def __call__(self, item):
        ...

def ray_each(make: Callable, args: tuple, items: list, num_workers: int=0, kind: str='CPU'):
    """What workers say of items, each once, also if workers die"""
    ...

class PartJob(NamedTuple):
    """What all workers do"""
    command: Callable
    load: Callable
    model: str
    out: str
    options: dict

    @property
    def run(self):
        """What each file depends on besides its part"""
        ...

class PartWorker:
    """Loads a model once, and writes a file for each part"""
    job: PartJob
    model: Any

    def __init__(self, job: PartJob, run: dict):
        ...

    def __call__(self, item):
        ...

def is_ray(engine: str) -> bool:
    """Is it Ray that does the work? An error if it is neither"""
    ...

def parquet_facts(path):
    """What the end of a Parquet file says of it: columns, number of rows"""
    ...

def check_part_columns(parts, column):
    """An error unless each part has a column"""
    ...

def do_parts(job, run, parts, left, num_workers, quiet):
    """Let workers do the parts that are `left`; those that are done stay if it is interrupted"""
    ...

def run_parts(command: Callable, load: Callable, model: str, input: str, out: str, *, num_workers: int=0, quiet: bool=False, engine: str='ray', kwargs: dict={}, **options):
    """Do with each file of a folder what a command does with one, on all workers of Ray"""
    ...
