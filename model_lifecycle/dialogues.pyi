"""Conversations as data sets have them, checked; and what a chat template makes of them."""
from typing import Any
__all__ = []
from dataclasses import dataclass, field
from typing import NamedTuple

def as_messages(talk, where: str='The conversation') -> list:
    """The messages of a conversation: user and assistant in turn, perhaps behind a system message"""
    ...

def as_asked(pairs):
    """Pairs of prompt and response as messages"""
    ...

def as_turns(history, row=0) -> list:
    """Earlier turns, from pairs or from messages with `role` and `content`"""
    ...

def checked_row(row, number):
    """A row, which must be a dict from column to cell"""
    ...

def column_names(rows) -> list:
    """The columns of a data set, or of a list of dicts"""
    ...

def places_of(template) -> dict:
    """From what stands in braces, beside the prompt, to whether it must be a column"""
    ...

def filled(template, prompt, columns):
    """A prompt in its template, whose other names are filled from the row"""
    ...

def check_filled(template, have, rows=()):
    """What must be a column is one, and what is a column is filled in every row"""
    ...

@dataclass
class Dialogue:
    """A row that was read: what is asked, the answer, and what was said before"""
    prompt: str
    answer: str | None = None
    history: list = field(default_factory=list)
    system: str | None = None
    columns: dict = field(default_factory=dict)
    number: int = 0

    @property
    def opening(self) -> list:
        """The system message, in a list that is empty if there is none"""
        ...

    def answered(self) -> Dialogue:
        """The dialogue up to its last turn with a prompt and an answer, if it has one"""
        ...

def dialogue(messages, columns, prompt=None, answer=None, number=0):
    """A `Dialogue` of messages before a prompt, or of messages that end with it"""
    ...

def last_answer(messages, need_answer, where):
    """Messages up to a user's turn, and the answer to it if there is one"""
    ...

def check_halves(texts, number):
    """An error that names the text which holds half of a surrogate pair"""
    ...

class Slot(NamedTuple):
    """The place of a message in what a chat template writes"""
    number: int
    keeps_left: bool
    keeps_right: bool
    after: str

    def fill(self, text):
        """The text as the template writes it"""
        ...

class ChatShape(NamedTuple):
    """What a chat template writes"""
    before: str
    slots: list

def chat_shape(tokenizer, roles, to_answer=True):
    """What the chat template writes for messages of `roles`, and the header of an answer if wanted"""
    ...

class AnswerShape(NamedTuple):
    """How a chat template writes an answer"""
    slot: Slot
    space: str
    end: str

    def write(self, text):
        """The answer as it is learned, without its end"""
        ...

    def parts(self, before, text, after):
        """An answer to learn, and what the template writes before and after it"""
        ...

class ChatTemplate:
    """A tokenizer's chat template, asked once for each order of roles"""
    tokenizer: Any
    known: Any
    answer: Any

    def __init__(self, tokenizer):
        ...

    def shape(self, roles, to_answer=True):
        """What it writes for messages of `roles`"""
        ...

    def answer_shape(self) -> AnswerShape:
        """What ends an answer, and the space before it"""
        ...

    def parts(self, messages, learn: bool=False, to_answer: bool=True) -> list:
        """Messages as the template writes them"""
        ...

class Part(NamedTuple):
    """A stretch of text"""
    text: str
    learned: bool = False
    ends: bool = False
