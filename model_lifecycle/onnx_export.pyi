"""Models as ONNX graphs, for whatever runs those"""
from typing import Any
__all__ = ['export_onnx', 'lifecycle_export_onnx']
from pathlib import Path
from typing import NamedTuple
from .inference import StaticModel
from .pipeline import StaticModelPipeline

class Graph:
    """An ONNX graph in the making: names of values, which operations connect"""
    n_bytes: Any
    onnx: Any
    nodes: Any
    arrays: Any

    def __init__(self):
        ...

    def array(self, x):
        """The name of an array that the file holds"""
        ...

    def op(self, kind, *inputs, n_out=1, **attributes):
        """The name of what an operation gives, or `n_out` names; `inputs` are names and arrays"""
        ...

    def cast(self, x, kind):
        """`x` as numbers of a kind: 'FLOAT', 'DOUBLE' or 'INT64'"""
        ...

    def filled(self, shape, value):
        """An array of the `shape` in which every number is `value`"""
        ...

    def counts(self, texts, n):
        """How often each of the first `n` numbers is among `texts`, (n,)"""
        ...

    def sums(self, rows, width, counts):
        """The sums of so many `rows` each, of which the next begin where the last end, (n, width)"""
        ...

    def finished(self, inputs, outputs, **facts):
        """The graph, checked; names of inputs and outputs have their axes, outputs the value's name too"""
        ...

    def masked(self):
        """Ids of the tokens that a mask leaves, the number of each one's text, and how many texts"""
        ...

    def from_offsets(self):
        """Ids of tokens that lie end to end, the number of each one's text, and how many texts"""
        ...

    def only(self, keep, *lists):
        """Of each of some lists what is to be kept"""
        ...

    def tokens(self, inputs: str, unknown: int | None, max_length: int | None) -> Tokens:
        """What counts of what comes in"""
        ...

    def rows_of(self, model, ids):
        """The vectors of tokens, (tokens, dim)"""
        ...

    def embedded(self, model, tokens):
        """The embeddings of texts, (texts, dim)"""
        ...

    def activated(self, x, name):
        """An activation that `StaticModelPipeline` names"""
        ...

    def head(self, x, pipeline):
        """What the layers make of embeddings, (texts, outputs)"""
        ...

    def gram_keys(self, tokens, grams):
        """Numbers of the tokens, words or pairs in texts, and of the text of each"""
        ...

    def known_grams(self, tokens, grams):
        """Place of each known gram of each text, its count as a float, and its text"""
        ...

    def gram_scores(self, tokens, grams):
        """What tokens or pairs say for each class, (texts, classes)"""
        ...

    def shifted(self, x, first):
        """Of each number the one before it, `first` for the first"""
        ...

    def word_begins(self, tokens, joints):
        """Does a token begin a word? (tokens,)"""
        ...

    def word_keys(self, tokens, grams):
        """Numbers of the whole words in texts, and of the text of each"""
        ...

    def outputs(self, model, tokens):
        """What a model gives: by name a value in the graph and its axes"""
        ...

def int_array(*x):
    ...
opsets = {'': 20, 'ai.onnx.ml': 3}

class Tokens(NamedTuple):
    """The tokens that count, end to end: names of values in a graph"""
    ids: str
    texts: str
    n_texts: str
    counts: str
input_axes: Any

def graph_of(model: StaticModel | StaticModelPipeline, inputs: str):
    """A model as an ONNX graph"""
    ...

def tokenizer_files(tokenizer, padded):
    """What the files of a tokenizer hold, by their names"""
    ...

def exported_part(model, embeddings_only: bool) -> StaticModel | StaticModelPipeline:
    """What a graph is made of"""
    ...

def export_onnx(model: StaticModel | StaticModelPipeline, path: str | Path, inputs: str='mask', embeddings_only: bool=False):
    """Write a model as an ONNX graph with its tokenizer, in one step"""
    ...

def lifecycle_export_onnx(model: str, out: str, inputs: str='mask', embeddings_only: bool=False):
    """Write a model as an ONNX graph with its tokenizer"""
    ...
