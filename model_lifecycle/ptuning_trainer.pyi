"""Teach a frozen language model a task: train a prefix, evaluate it, answer with it, publish it."""
__all__ = ['lifecycle_ptune']
from .prompts import PromptFormat

def asks_newest(args):
    ...

def checkpoint_of(job) -> str | None:
    """The checkpoint that a training goes on from, or None"""
    ...

def check_told(job, option, mine, kept, checkpoint):
    """What a training that goes on is told must be what its checkpoint has"""
    ...

def take_shape(job, checkpoint):
    """A prefix that is resumed has the shape that its checkpoint has"""
    ...

def why_idle(option, model):
    """Why an option of a new prefix would change nothing, or None"""
    ...

def check_prefix(job):
    """What is said of the prefix must go together"""
    ...

def check_output(job, resume=None):
    """The output folder can be written to, and nothing of value is in its place"""
    ...

def check_job(job, resume=None):
    """Refuse, before anything is loaded, what could not be saved or would mean nothing"""
    ...

def format_of(job, saved, resume=None) -> PromptFormat:
    """The format that a prefix was trained with, changed where options were given"""
    ...

def read_splits(job, fmt, saved) -> dict:
    """The rows that are asked for, of which each has the format's columns"""
    ...

def encode_splits(job, tables, base, tokenizer, fmt, virtual) -> dict:
    """Tokens of all rows, each with room in the model's context behind `virtual` tokens"""
    ...

def how_to_go_on(args):
    """What to do after an interrupt"""
    ...

def main(args: list | None=None) -> dict:
    """Train, evaluate and predict as the arguments say"""
    ...

def lifecycle_ptune():
    """`main` as a command: errors and interrupts end it with one sentence"""
    ...
from .prefix import PTuningConfig as PTuningConfig
from .prefix import PrefixEncoder as PrefixEncoder
from .prefix import prompt_kv as prompt_kv
from .prefix_model import PTuningModel as PTuningModel
from .prompts import PromptFormat as PromptFormat
from .prompts import encode_rows as encode_rows
from .prompts import PromptCollator as PromptCollator
from .answer_metrics import text_metrics as text_metrics
from .arguments import PTuningArguments as PTuningArguments
from .trainer import PTuningTrainer as PTuningTrainer
from .runs import last_checkpoint as last_checkpoint
from .arguments import ModelArguments as ModelArguments
from .arguments import DataArguments as DataArguments
from .instructions import instruction_from as instruction_from
from .instructions import best_instruction as best_instruction
