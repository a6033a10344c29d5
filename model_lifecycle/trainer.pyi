"""Training a prefix: samplers, loss, answers, checkpoints, and a rehearsal of what comes later."""
from typing import Any
__all__ = ['PTuningTrainer']
from contextlib import contextmanager
from pathlib import Path
from transformers import Seq2SeqTrainer, TrainerCallback
from .prompts import PromptFormat

class Rehearsal(TrainerCallback):
    """Tries, before the first step, what comes later: when optimiser and schedule are there"""
    predict_with_generate: Any
    trainer: Any

    def __init__(self, trainer):
        ...

    def on_train_begin(self, args, state, control, **kwargs):
        ...

    def try_saving(self, folder):
        """Write what a checkpoint holds, and read it"""
        ...

    def try_learning(self):
        """The gradient of one row must reach the prefix"""
        ...

    def try_evaluation(self):
        """Evaluate the longest rows, as many as the processes take at once, and begin their answers"""
        ...

    def run(self):
        """Try all that comes later, and leave everything as it was; then an older run may go"""
        ...

class PTuningTrainer(Seq2SeqTrainer):
    """Trains a prefix (or, given a plain model, all its weights), evaluates it, and writes answers"""
    state: Any
    save_total_limit: Any
    gather_function: Any
    fmt: PromptFormat | None
    generation_config: Any
    model_accepts_loss_kwargs: Any
    guard: Any

    def __init__(self, model, args, tokenizer, train_dataset=None, eval_dataset=None, fmt: PromptFormat | None=None, **kwargs):
        ...

    def check_loss(self, loss):
        """Stop a training that cannot come to anything any more"""
        ...

    def compute_loss(self, model, inputs, return_outputs=False, num_items_in_batch=None):
        """The mean loss of the answers' tokens, guarded while training"""
        ...

    def prediction_step(self, model, inputs, prediction_loss_only, ignore_keys=None, **gen_kwargs):
        """Loss of a batch, and with `predict_with_generate` the answers written to its prompts"""
        ...

    def texts_of(self, ids, ends=()):
        """Token ids, padded with -100, as texts, up to the first of `ends` if there are any"""
        ...

    def remember(self, metrics):
        """Keep what was measured with the prefix; what several evaluations of one step find adds up"""
        ...

    def evaluation_loop(self, dataloader, description, prediction_loss_only=None, ignore_keys=None, metric_key_prefix='eval'):
        """Mean loss of a token, its perplexity, and with answers what `text_metrics` finds"""
        ...

    def write_predictions(self, rows, folder: str | Path | None=None, **gen_kwargs) -> dict:
        """Write an answer to each row to a text file, and with prompts and labels as JSON lines"""
        ...

    def push_to_hub(self, commit_message='End of training', blocking=True, token=None, **kwargs):
        """Publish the prefix with its card, or the model after full fine-tuning"""
        ...

    def finished(self, checkpoint):
        """What a training came to that has no step left after `checkpoint`; None if it has"""
        ...

    @contextmanager
    def alone(self):
        """A block in which no other run writes to the folder"""
        ...

    def train(self, resume_from_checkpoint=None, *args, **kwargs):
        """transformers' `train`; True resumes from the newest whole checkpoint, if there is one"""
        ...
