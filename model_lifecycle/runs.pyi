"""A training before it starts and after it ends: what is refused, its folder, its checkpoints."""
from typing import Any
__all__ = ['find_prefix', 'last_checkpoint']
from pathlib import Path
import torch
from transformers import TrainerState

def check_training(args, compute_loss_func=None, compute_metrics=None, preprocess_logits_for_metrics=None, **kwargs):
    """Refuse what is not built, what does not pay, and reporters that are not installed"""
    ...

def check_rows(args, train_dataset=None, eval_dataset=None):
    """Data sets must have rows, which are encoded, and as many as a batch if only whole ones count"""
    ...
answer_files = ('generated_predictions.txt', 'generated_predictions.jsonl')
result_files: Any
own_files: Any
layout = ('num_virtual_tokens', 'num_layers', 'token_dim', 'num_attention_heads')

def write_prefix(folder: Path, encoder, base, rows, training=False, info=None) -> str:
    """The files of a prefix that PEFT reads, and what training goes on from"""
    ...

def try_each(steps: dict) -> list:
    """Do every step, whichever fails"""
    ...

def find_prefix(path: str | Path, token: str | None=None) -> tuple:
    """Where a saved prefix is; a folder that holds none is refused"""
    ...

def checkpoints(folder: str | Path) -> list:
    """The folders of a run's checkpoints, whole or not, oldest first"""
    ...

def file_facts(path):
    """Size and digest of a file, read by the megabyte"""
    ...

def write_manifest(folder: Path):
    """List a checkpoint's files: from now on it is one"""
    ...

def checkpoint_fault(folder: Path) -> str | None:
    """Why a run cannot go on from a checkpoint, or None"""
    ...

def last_checkpoint(folder: str | Path) -> str | None:
    """The checkpoint to resume from; those that are cut off or damaged are passed over, and named"""
    ...

def delete_older(folder: Path, limit: int | None, kept: tuple):
    """Delete a run's oldest checkpoints beyond a number of them"""
    ...

def load_training(model, folder: str | Path):
    """Put the prefix of a checkpoint back into `model`, with its projection"""
    ...

def read_state(path: Path) -> TrainerState:
    """Where a training was"""
    ...

def read_prefix(folder, peft: dict, info: dict) -> torch.Tensor:
    """The folded prefix in an adapter folder, if configuration and prompt format belong to it"""
    ...

def load_encoder(base, path: str | Path, token: str | None=None) -> tuple:
    """A saved prefix"""
    ...

def load_base_of(path: str | Path, token: str | None=None, **kwargs):
    """The language model that a saved prefix was trained on"""
    ...

def check_unused(folder: str | Path, names: tuple=(), resuming: bool=False):
    """A training that begins afresh must not mix with an older run, nor replace somebody's files"""
    ...

def goes_on_in(checkpoint, folder: str | Path) -> bool:
    """Whether a training goes on where it was, and does not begin afresh or come from elsewhere"""
    ...

def prefix_place(path: str | Path) -> Path:
    """A prefix beside a model would keep that from loading"""
    ...

def delete_run(folder: str | Path):
    """Delete what an older run left in the output folder, and nothing else"""
    ...

def missing_folders(folder: str | Path) -> list:
    """The folders, from the inside out, that will be made for `folder`"""
    ...

def check_disk(folder: str | Path, model):
    """There must be room for what is trained, and for the optimiser's two numbers beside each"""
    ...

class LossGuard:
    """Tells a training that goes wrong from one that learns"""
    n_odd: Any
    least: Any
    worst: Any

    def __init__(self, vocab_size):
        ...

    def hopeless(self, loss, logged=()):
        """What is wrong with the loss of a training that cannot come to anything any more, or None"""
        ...
