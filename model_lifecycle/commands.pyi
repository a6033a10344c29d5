"""What every command does: its errors, its end, and the places that it reads and writes."""
from typing import Any
__all__ = ['Places']
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path

class Talk(TextIOWrapper):
    """A stream for text that is no result: if nobody can hear it, nothing happens"""
    amid: Any

    def write(self, text):
        ...

    def flush(self):
        ...

def open_streams():
    """Open the standard streams that were closed to where nothing is"""
    ...

def talk_stream(stream):
    """What is printed to the open `stream` becomes talk"""
    ...

@contextmanager
def command_streams(results):
    """Standard streams that are there and show every text; unless it has `results`, stdout is talk"""
    ...

def check_stdout():
    """Raise an error if a result shall go to standard output, and that was closed"""
    ...

def ends_now(e):
    """Is `e`, or what it came up in answer to, an interrupt?"""
    ...

def deaf(frame, hook):
    """Does `frame` run in the function `hook`, or in a module in C that starts and may crash?"""
    ...

def send_later(number):
    """Send this process a signal in a moment"""
    ...
enders: Any

@contextmanager
def ending_signals():
    """Let the signals that end a process raise `KeyboardInterrupt`, once; those that came"""
    ...

def reader_left():
    """Has nobody standard output open for reading any more?"""
    ...
of_caller: Any
told: Any

def tell(text):
    """Print to standard errors, on a line of its own"""
    ...

@contextmanager
def as_command(name: str, results: bool=False):
    """In this block errors and interrupts end the program with one sentence and an exit code"""
    ...

def spelled(text):
    """What a text of a command line means, in which a line break is \\n, a tab \\t, a backslash two"""
    ...

def command(func=None, *, results: bool=False, texts: tuple=()):
    """A function that is a command, when the program that runs has its name"""
    ...

def run_command():
    """Run the package's command that the program is named after"""
    ...

def whole_path(path):
    """The absolute path, home folders and symbolic links followed"""
    ...

def check_place(path, folder=False):
    """The whole path, or an error if nothing, or no `folder`, can be put there in one step"""
    ...

def name_of(path):
    """The name of a file or a folder, as a text that can be written"""
    ...

def same_place(a, b):
    """Are two whole paths the same place?"""
    ...

def how_they_lie(path, other):
    """How `path` lies to `other`, which is there, in words; None if they are apart"""
    ...

def nearest(path):
    """The first of `path` and the folders around it that is there"""
    ...

def check_writable(path, role, place):
    """Raise an error if `path` cannot be made in the folder `place`, which need not be there yet"""
    ...

class Places:
    """What is read and written, by its role: checked before the work, whole paths from then on"""
    read: Any
    taken: Any
    names: Any

    def __init__(self, **read):
        ...

    def apart(self, path, role):
        """Raise an error if `path` is a place that is taken; else it is now"""
        ...

    def file(self, path: str | Path, role: str='out', suffixes: list=()) -> Path:
        """A file to write, or an error that says why it cannot be"""
        ...

    def folder(self, path: str | Path, role: str='out', replaced: bool=True) -> Path:
        """A folder to write, or an error that says why it cannot be"""
        ...

    def room(self, path: Path, n_bytes: int, role: str='out'):
        """Raise an error if the disk has surely no room"""
        ...
