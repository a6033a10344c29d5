"""Static models, classifiers and language models, each at its name"""
from typing import Any
__all__ = ['model_kind', 'ServedVectors', 'ServedLabels', 'ServedChat', 'Loader']
from pathlib import Path
import numpy as np
from .bodies import Limits
from .inference import StaticModel

def model_kind(folder: Path) -> str | None:
    """What kind of model a folder holds, or a GGUF file"""
    ...

class ServedVectors:
    """A static model at its name"""
    name: str
    model: StaticModel
    vectors: Any
    batchers: Any
    kind = 'vectors'

    def __init__(self, name: str, model: StaticModel, limits: Limits):
        ...

    def facts(self):
        ...

    def embed(self, texts: list) -> list:
        """The vectors of texts, and how many tokens they were made of"""
        ...

class ServedLabels(ServedVectors):
    """A classifier at its name"""
    pipeline: Any
    labels: Any
    words: Any
    batchers: Any
    kind = 'labels'

    def __init__(self, name, pipeline, limits):
        ...

    def facts(self):
        ...

    def predict(self, texts: list) -> np.ndarray:
        """What the pipeline says of texts"""
        ...

    def explain(self, asked: list) -> list:
        """The words of texts that speak for the most probable label, or against it"""
        ...

class ServedChat:
    """A language model at its name, alone or behind a prefix"""
    name: str
    base: Any
    prefix: str | None
    answers: Any
    batchers: Any
    kind = 'chat'

    def __init__(self, name: str, base, prefix: str | None=None):
        ...

    def facts(self):
        ...

    def chat(self, **options):
        """A new conversation, for the one who has the turn"""
        ...

class SharedBase:
    """A language model, its tokenizer, its prefixes and the line before it"""
    model: Any
    name: Any
    tokenizer: Any
    limits: Any
    answers: Any

    def __init__(self, name, model, tokenizer, limits):
        ...

    def write(self, answers):
        ...

    def add(self, folder):
        """Put a saved prefix before the model; the name that it has there"""
        ...

def spec_parts(spec: str) -> tuple:
    """What `NAME=MODEL` and `BASE+PREFIX` are made of"""
    ...

class Loader:
    """Loads models to serve; language models that several names ask for, once"""
    limits: Limits
    token: str | None
    options: Any
    bases: Any
    served: Any

    def __init__(self, limits: Limits, token: str | None=None, **options):
        ...

    def place(self, model):
        """(Kind, folder) of what is given; a language model's folder may be its name"""
        ...

    def base(self, model):
        """The language model of a folder, a file or a name, loaded once"""
        ...

    def behind(self, name, base, prefix):
        """A language model behind a saved prefix"""
        ...

    def load(self, spec: str):
        """Load a model, whatever it is"""
        ...
