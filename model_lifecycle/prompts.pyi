"""Rows of data as prompts and answers: their text, their tokens, and their batches."""
from typing import Any
__all__ = ['PromptFormat', 'encode_rows', 'PromptCollator']
from dataclasses import dataclass
from .dialogues import Dialogue

@dataclass
class PromptFormat:
    """How a row of data becomes text; saved with the prefix, which understands no other format"""
    source_prefix: str = ''
    turn: str = '{prompt}\n{response}\n'
    template: str = '{prompt}'
    use_chat_template: bool = False
    max_source_length: int = 512
    max_target_length: int = 128
    prompt_column: str = 'prompt'
    response_column: str = 'response'
    history_column: str | None = None
    messages_column: str | None = None
    learn_all_turns: bool = False

    def __post_init__(self):
        ...

    def asked(self, prompt: str, columns=None) -> str:
        """The prompt in its template, whose other names are filled from the row"""
        ...

    @property
    def other_columns(self) -> list:
        """The columns that the template needs beside the prompt"""
        ...

    def talk_column(self, columns) -> str | None:
        """The column with conversations"""
        ...

    def dialogue(self, row: dict, number: int=0, need_answer: bool=True) -> Dialogue:
        """Read a row of any layout"""
        ...

    def with_columns(self, prompt_column=None, response_column=None, history_column=None) -> PromptFormat:
        """The format with other columns, where they are given"""
        ...

    def ending(self, tokenizer) -> list:
        """What an answer is trained to end with: the chat template's end of it, or the tokenizer's"""
        ...

    def end_ids(self, tokenizer) -> list:
        """The tokens at which an answer ends"""
        ...

    def ids(self, tokenizer, prompt: str | dict | list, history=(), columns: dict | None=None) -> tuple[list, bool]:
        """The tokens of a prompt with as much of its history as fits"""
        ...

    def shots(self, tokenizer, talks: list) -> str:
        """The last turns of dialogues with their answers, one after the other, to start a prefix from"""
        ...

def saved_format(info):
    """The format saved in a prefix's `info`, as a dict, empty if it has none"""
    ...

def check_columns(rows, fmt: PromptFormat, need_answer: bool=True, saved: dict | None=None):
    """Every column that the format names must be there; warns where a saved history is not used"""
    ...

def check_tokenizer(tokenizer, fmt, needed=('eos', 'pad')):
    """A tokenizer must be able to end an answer, to fill up a batch, and to write a chat if asked to"""
    ...

def encode_rows(rows, tokenizer, fmt: PromptFormat, prompt_column: str | None=None, response_column: str | None=None, history_column: str | None=None, need_answer: bool=True, first: list=()) -> tuple[list, dict]:
    """The tokens of prompts and answers"""
    ...

class PromptCollator:
    """Makes batches, each as long as its own longest row: to learn from, and to answer"""
    pad: Any

    def __init__(self, tokenizer):
        ...

    def __call__(self, rows):
        ...
