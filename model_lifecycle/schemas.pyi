"""What a saved file may hold, declared once, checked before it is used, and sealed."""
__all__ = []
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Callable, NamedTuple

class Fault(NamedTuple):
    """A value that should be something else"""
    entry: str
    value: Any
    wanted: str

@dataclass(frozen=True)
class Kind:
    """What a value may be"""
    wanted: str
    test: Callable

    def fault(self, value, entry=''):
        """What is wrong with `value`, or None"""
        ...

def is_text(value):
    """Is it a string that can be written to a file?"""
    ...
text: Any
flag: Any
anything: Any
number: Any

def integer(least, most=...):
    """A whole number from `least` to `most`"""
    ...

def one_of(*choices):
    """One of some values"""
    ...

@dataclass(frozen=True)
class ListOf:
    """A list whose members are of one kind"""
    member: Any
    distinct: bool = False
    length: int | None = None

    @property
    def wanted(self):
        """In words"""
        ...

    def fault(self, value, entry=''):
        """What is wrong with `value`, or None"""
        ...

@dataclass(frozen=True)
class Record:
    """An object with named entries; others may be there too"""
    entries: dict = field(default_factory=dict)
    needed: tuple = ()
    every: Any = anything
    wanted = 'an object'

    def fault(self, value, entry=''):
        """What is wrong with `value`, or None"""
        ...

@dataclass(frozen=True)
class Either:
    """A value of one of several kinds"""
    kinds: tuple
    wanted: Any

    def fault(self, value, entry=''):
        """What is wrong with `value`, or None"""
        ...

def maybe(kind):
    """`kind`, or null"""
    ...

def refuse(path, fault, advice):
    """Raise `ValueError` for what is wrong in a file, if anything is"""
    ...

def once(pairs):
    """An object's entries as a dict; `ValueError` if one is there twice"""
    ...

def parse_json(path, said, schema, advice=...):
    """What a file holds in which `said` stands, if it fits the schema"""
    ...

def read_json(path, missing=None, advice=..., schema=...):
    """What a JSON file holds, if it fits the schema; if there is no file, nothing or an error"""
    ...
floats = ('float64', 'float32', 'float16')
ints = ('int64', 'int32', 'int16', 'int8', 'uint64', 'uint32', 'uint16', 'uint8')

@dataclass(frozen=True)
class Tensor:
    """What an array may be"""
    shape: tuple
    types: tuple = floats
    needed: bool = True
    also: str | None = None
    empty: bool = False
    below: int | str | None = None
    rising: bool = False

    def shape_fault(self, name, type, shape, sizes):
        """What is wrong with an array's type and shape, or None; its sizes are put into `sizes`"""
        ...

    def value_fault(self, name, x, sizes):
        """What is wrong with an array's numbers, or None"""
        ...

def check_arrays(where, arrays: dict, schema: dict, sizes=None, advice='the parts do not belong together, or are damaged; restore or save them again'):
    """Raise `ValueError` unless names, types, shapes and numbers of arrays are as declared"""
    ...

def header_fault(header: dict, schema: dict, sizes: dict) -> Fault | None:
    """What is wrong with the names, types and shapes of arrays"""
    ...

def digest(*parts):
    """A fingerprint of texts, bytes and arrays"""
    ...

def arrays_digest(arrays):
    """A fingerprint of arrays of numpy, or of torch on the CPU, in a dict by their names"""
    ...

def save_tensors(path, arrays: dict, **facts) -> str:
    """Write arrays with their facts, sealed"""
    ...

class TensorFile:
    """A safetensors file, of which only the header was read"""
    digest: Any
    facts: Any
    path: Any
    advice: Any
    header: Any
    places: Any

    def __init__(self, path, missing=None, advice='download or save it again'):
        ...

    @contextmanager
    def opened(self, framework='np'):
        """The file, open; errors name it"""
        ...

    def array(self, name, framework):
        """An array of numpy, which lies in the file, or a tensor of torch"""
        ...

    def read(self, schema: dict, sizes=None, framework: str='np', verify: bool=True, exact: bool=False) -> dict:
        """The arrays, if they are as declared"""
        ...

    def check_seal(self, saved, found):
        """Raise `ValueError` unless a digest is that of what was saved"""
        ...

def check_partner(path, file, found, saved, accept=''):
    """Raise `ValueError` if something is not what was saved with a file"""
    ...
label: Any
hidden_activations = ('relu', 'gelu', 'tanh', 'silu', 'elu', 'sigmoid', 'mish')
head_config: Any
config_file: Any
modules_file: Any

def vector_tensors(shared: bool=False, spare: bool=False) -> dict:
    """The arrays of a static model; the size `tokens` is its tokenizer's"""
    ...

def head_tensors(config: dict, tokens: int) -> dict:
    """The arrays of trained layers and words"""
    ...
training_run: Any
adapter_file: Any
prompt_format: Any
prefix_shape: Any
prefix_file: Any
trainer_state_file: Any
manifest_file: Any
teacher_file: Any
budget_file: Any

def read_tokenizer(path) -> tuple:
    """A saved tokenizer"""
    ...
