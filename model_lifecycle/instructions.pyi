"""A text to start a prefix from."""
__all__ = ['instruction_from', 'best_instruction']
from .prompts import PromptFormat

def whole_rows(rows, fmt):
    """The first thousand rows with a prompt and an answer, each with its dialogue"""
    ...

def beginnings(talks, n):
    """Dialogues that ask with `n` characters at most: whole words, where words have spaces"""
    ...

def instruction_from(rows, fmt: PromptFormat, tokenizer, pre_seq_len: int, prompt_column: str | None=None, response_column: str | None=None) -> str:
    """An instruction of the shortest examples, in turn with each answer: all that fit, at least one"""
    ...

def start_loss(base, tokenizer, pre_seq_len, rows, text):
    """The mean loss of encoded rows' answers behind `text`"""
    ...

def best_instruction(base, rows, fmt: PromptFormat, tokenizer, pre_seq_len: int, prompt_column: str | None=None, response_column: str | None=None, history_column: str | None=None, n: int=16, seed: int=42) -> str:
    """The best of several `instruction_from`: all tried on 24 other rows, the better quarter on 96"""
    ...
