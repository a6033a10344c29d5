"""What the command `lifecycle_ptune` can be told, and how it is read."""
from typing import Any
__all__ = ['PTuningArguments', 'ModelArguments', 'DataArguments']
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from transformers import Seq2SeqTrainingArguments
from transformers.hf_argparser import HfArg
from .prompts import PromptFormat

@dataclass
class PTuningArguments(Seq2SeqTrainingArguments):
    """transformers' training arguments, with defaults that suit a prefix"""
    dataloader_pin_memory: Any
    learning_rate: float = HfArg(default=0.01, help='Peak learning rate of a prefix, in units of its own scale; to train all weights give about 2e-5')
    warmup_steps: float = HfArg(default=0.05, help='Steps, or share of the steps, until the learning rate has risen')
    train_sampling_strategy: str = HfArg(default='group_by_length', help='How rows are drawn: group_by_length (rows of like length together), random or sequential')
    remove_unused_columns: bool = HfArg(default=False, help="Leave this False: the collator makes the model's inputs")
    report_to: str = HfArg(default='none', help='Where to report to besides the log: tensorboard, wandb, …')
    logging_steps: float = HfArg(default=10, help='Steps between two lines of the log')
    overwrite_output_dir: bool = HfArg(default=False, help='Train into a used output_dir? What an older run wrote there is deleted when the first step is taken')

    def __post_init__(self):
        ...

    def __getstate__(self):
        ...
spelling = 'on the command line \\n is a line break, \\t a tab and \\\\ a backslash'

@dataclass
class ModelArguments:
    """Which model, and which prefix"""
    model_name_or_path: str = HfArg(help='Base model: a folder or a Hub id')
    model_revision: str | None = HfArg(default=None, help='Branch, tag or commit of a Hub model')
    tokenizer_name: str | None = HfArg(default=None, help="Tokenizer, if it is not the model's")
    pad_token: str | None = HfArg(default=None, help='Padding token, for a tokenizer without one')
    gguf_file: str | None = HfArg(default=None, help="Name of a GGUF file in the model's folder, to load the weights from")
    dtype: str = HfArg(default='auto', help="auto, float32, bfloat16 or float16: the base model's type; the prefix has float32")
    quantization_bit: int | None = HfArg(default=None, help='8 or 4: load the base model with that many bits (bitsandbytes)')
    trust_remote_code: bool = HfArg(default=False, help='Run Python code that comes with the model?')
    ptuning_checkpoint: str | None = HfArg(default=None, help='Go on from, or predict with, this saved prefix: a folder or a Hub id; its length counts')
    pre_seq_len: int | None = HfArg(default=None, help="Virtual tokens; unset, and without ptuning_checkpoint: all of the model's weights are trained instead")
    prefix_init: str = HfArg(default='text', help="'text': start from an instruction; 'random': from random tokens")
    prefix_text: str | None = HfArg(default=None, help='The instruction; unset: training examples, short ones, each answer in turn, as many as fit; ' + spelling)
    prefix_candidates: int = HfArg(default=16, help='Instructions of training examples to try, of which the best is taken; 1: that of the shortest examples')
    prefix_projection: bool = HfArg(default=False, help='Train through a two-layer network, folded away afterwards?')
    prefix_hidden_size: int = HfArg(default=512, help='Width of that network')

    def __post_init__(self):
        ...

    def quantization(self) -> dict:
        """How transformers is told to load the model with 8 or 4 bits"""
        ...

@dataclass
class DataArguments:
    """Which data, and how its rows become text"""
    train_file: str | None = HfArg(default=None, help=".json, .jsonl, .csv, .tsv or .parquet, compressed or not; 'a pattern*' or a data set")
    validation_file: str | None = HfArg(default=None, help='The same, for --do_eval')
    test_file: str | None = HfArg(default=None, help='The same, for --do_predict')
    dataset_name: str | None = HfArg(default=None, help='Hub data set with splits train, validation and test, instead of files')
    dataset_config_name: str | None = HfArg(default=None, help='Its configuration')
    delimiter: str = HfArg(default='', help='Between the cells of a CSV file; default: a comma, in .tsv a tab')
    encoding: str = HfArg(default='', help='Of files of text; default: UTF-8, or what they certainly are')
    prompt_column: str = HfArg(default='prompt', help='Column with the prompts')
    response_column: str = HfArg(default='response', help='Column with the answers')
    history_column: str | None = HfArg(default=None, help="Column with a dialogue's earlier turns, as [prompt, response] pairs or messages")
    messages_column: str | None = HfArg(default=None, help='Column with whole conversations, lists of messages; unset: seen by its name where there are no prompts')
    learn_all_turns: bool = HfArg(default=False, help='Learn every answer of a dialogue? Else the last')
    source_prefix: str = HfArg(default='', help='Put before the prompt, and before its history; ' + spelling)
    turn: str = HfArg(default='{prompt}\n{response}\n', help="An earlier turn's text, where no chat template writes it; " + spelling)
    template: str = HfArg(default='{prompt}', help="The prompt's text, such as 'Review: {prompt}'; other names in braces are columns; " + spelling)
    use_chat_template: bool = HfArg(default=False, help="Let the tokenizer's chat template write the dialogue?")
    max_source_length: int = HfArg(default=512, help='Tokens of a prompt with its history')
    max_target_length: int = HfArg(default=128, help='Tokens of an answer')
    max_train_samples: int | None = HfArg(default=None, help='Only the first so many rows')
    max_eval_samples: int | None = HfArg(default=None, help='Only the first so many rows')
    max_predict_samples: int | None = HfArg(default=None, help='Only the first so many rows')

    def __post_init__(self):
        ...

    @property
    def fmt(self) -> PromptFormat:
        """The part that is saved with the prefix"""
        ...

@dataclass
class Job:
    """What the command was told"""
    model_name_or_path: Any
    model: ModelArguments
    data: DataArguments
    training: PTuningArguments
    given: set

    def at_home(self) -> Job:
        """The job with the home folder in place of `~`, which shells leave in `--train_file=~/a.csv`"""
        ...

    def with_base(self) -> Job:
        """The job with a model in the model's place, where that names a prefix"""
        ...

def read_split(data, split, limit):
    """The rows of a split, from its file or from the data set of the Hub, at most `limit`"""
    ...

def load_base(args):
    """The base model and its tokenizer"""
    ...

class OldOption(NamedTuple):
    """What another script's option means here"""
    new: str | None = None
    values: dict | None = None
    say: str = ''
    refused: bool = False
old_options: Any

def new_option(name, value):
    """What an old option with a value is here, (name, value); None if it has no effect"""
    ...
help_groups = {'Model': ['model_name_or_path', 'model_revision', 'tokenizer_name', 'pad_token', 'gguf_file', 'dtype', 'quantization_bit', 'trust_remote_code'], 'Prefix': ['pre_seq_len', 'ptuning_checkpoint', 'prefix_init', 'prefix_text', 'prefix_candidates', 'prefix_projection', 'prefix_hidden_size'], 'Data': ['train_file', 'validation_file', 'test_file', 'dataset_name', 'dataset_config_name', 'delimiter', 'encoding', 'prompt_column', 'response_column', 'history_column', 'messages_column', 'learn_all_turns', 'max_train_samples', 'max_eval_samples', 'max_predict_samples'], 'Format, saved with the prefix': ['template', 'source_prefix', 'turn', 'use_chat_template', 'max_source_length', 'max_target_length'], 'Training': ['do_train', 'max_steps', 'num_train_epochs', 'per_device_train_batch_size', 'gradient_accumulation_steps', 'learning_rate', 'warmup_steps', 'weight_decay', 'bf16', 'use_cpu', 'seed', 'resume_from_checkpoint'], 'Evaluation and prediction': ['do_eval', 'do_predict', 'eval_strategy', 'eval_steps', 'per_device_eval_batch_size', 'predict_with_generate', 'generation_max_length', 'generation_num_beams', 'generation_config'], 'Output': ['output_dir', 'overwrite_output_dir', 'save_strategy', 'save_steps', 'save_total_limit', 'load_best_model_at_end', 'metric_for_best_model', 'logging_steps', 'report_to', 'disable_tqdm', 'push_to_hub', 'hub_model_id']}

def short_help():
    """The options that matter, in groups"""
    ...

def base_of_prefix(name: str | Path, option: str) -> tuple:
    """The model that a prefix was trained for, where the prefix is in its place"""
    ...

def read_job(args: list | None=None) -> Job:
    """What the command was told"""
    ...
