"""A conversation in the terminal with a language model, behind a prefix or alone"""
from typing_extensions import Self
from typing import Any
__all__ = ['Chat', 'lifecycle_chat']
from contextlib import contextmanager
from pathlib import Path

class TextPieces:
    """Takes tokens from `generate`, and gives out text: whole characters, as soon as they are sure"""
    ids: Any
    shown: Any
    tokenizer: Any
    queue: Any

    def __init__(self, tokenizer):
        ...

    def __iter__(self):
        ...

    def put(self, ids):
        """A step of `generate`"""
        ...

    def end(self):
        """Nothing more is written"""
        ...

def chat_format(model, tokenizer, room):
    """How a conversation becomes text: as the prefix learned it, by chat template, or line by line"""
    ...

def answer_room(model, before, new):
    """Most tokens of an answer and of its prompt; `before` tokens of the context are neither"""
    ...

class Chat:
    """A conversation with a language model, behind a prefix or alone"""
    last: Any
    cut: Any
    history: Any
    full: Any
    first: Any
    fmt: Any
    settings: Any
    model: Any
    tokenizer: Any
    prefix: Any
    system: Any

    def __init__(self, model, tokenizer, fmt=None, system: str | None=None, max_new_tokens: int | None=None, **kwargs):
        ...

    def reset(self):
        """Forget what was said"""
        ...

    def again(self, prefix: bool=True):
        """Answer the last question once more, with the history that it had"""
        ...

    def ask(self, question: str, prefix: bool=True):
        """Answer a question, in the conversation so far"""
        ...

    @classmethod
    def from_pretrained(cls, model: str | Path, prefix: str | Path | None=None, device: str | None=None, token: str | None=None, dtype: str='auto', revision: str | None=None, **kwargs) -> Self:
        """A conversation with a saved model, behind a saved prefix if one is given"""
        ...

    def talk(self, lines, note=...):
        """Answer line by line, until `/exit` or the last line"""
        ...

def check_question(text):
    """A question must have a word"""
    ...

def check_talk(folder):
    """A prefix whose template needs more than a question cannot be talked with"""
    ...

def told_apart(model, prefix, revision):
    """A model, a prefix and a revision, where a prefix may be in its model's place"""
    ...
commands = {'/base': 'Answer the last question without the prefix, in the same format; this answer is not remembered', '/prefix': 'Answer the last question once more behind the prefix', '/reset': 'Forget the conversation', '/help': 'Show these commands', '/exit': 'Leave; Ctrl-D does so too, and Ctrl-C stops an answer'}

def note(text):
    """Say what is no part of an answer: on stderr, dim if that is a terminal"""
    ...

def print_answer(pieces):
    """Print an answer as it is written"""
    ...

def typed_lines():
    """The lines that come in, in a terminal with a prompt before each"""
    ...

def sampling(temperature, top_p):
    """What `generate` is told about how tokens are drawn"""
    ...

@contextmanager
def text_expected():
    """In this block input that is no text is told as such"""
    ...

def lifecycle_chat(model: str, prefix: str=None, once: str=None, max_new_tokens: int=None, temperature: float=0.0, top_p: float=1.0, system: str=None, dtype: str='auto', device: str=None, revision: str=None, token: str=None):
    """Talk with a language model, behind a prefix or alone"""
    ...

def chat_main():
    """The console script: options may be written with underscores, as those of `lifecycle_ptune` are"""
    ...
