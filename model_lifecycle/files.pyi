"""Find a model, keep to its folder, publish it."""
from typing import Any
__all__ = ['resolve_model']
import logging
from pathlib import Path

def warn_once(log: logging.Logger, message: str, *args):
    """Log a warning the first time that it is said in this process"""
    ...

def inside(folder: Path, path: str, what: str) -> Path:
    """`path` in `folder`, or an error if it leads out of it"""
    ...

def resolve_model(name: str | Path, subfolder: str | None=None, token: str | None=None, force_download: bool=False) -> Path:
    """Find a model: a local folder, then the Hub, then a package that bundles it"""
    ...

def tell_changes(path, now: dict, saved: dict):
    """Warn of settings that were changed after a model was saved"""
    ...

def write_json(path, content, **options):
    """Write a JSON file, or none"""
    ...
pipeline_files = ('head.safetensors', 'classifier.safetensors')
words_file = 'words.safetensors'
optional_files: Any

def vectors_file(folder: Path) -> Path:
    """Where a static model's vectors are, or should be"""
    ...

def push_folder(model, repo_id, private, token, subfolder, message):
    """Save `model` and upload the folder to the Hub"""
    ...

def digest_of(*arrays):
    """A short fingerprint of tensors"""
    ...

def short_name(*parts):
    """A short name for whatever was made of `parts`"""
    ...

def differences(old, new):
    """In words, what differs between two runs' facts"""
    ...
