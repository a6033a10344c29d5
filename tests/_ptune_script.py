"Trains a prefix of a tiny model and writes what came out: run by `test_ptuning.py`, alone, killed, or as several processes"
import json, os, sys
from pathlib import Path
import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import AutoModelForCausalLM, LlamaConfig, PreTrainedTokenizerFast, TrainerCallback
from model_lifecycle.ptuning_trainer import (PromptFormat, PTuningArguments, PTuningModel,
                                             PTuningTrainer, encode_rows)

size = dict(vocab_size=258, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
            max_position_embeddings=256, initializer_range=0.3, bos_token_id=None, eos_token_id=256, pad_token_id=257)

def byte_tokenizer(**kwargs):
    "A token for each byte, one that ends an answer and one that fills up a batch"
    tok = Tokenizer(models.BPE({c:i for i,c in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}, []))
    tok.pre_tokenizer,tok.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False),decoders.ByteLevel()
    return PreTrainedTokenizerFast(tokenizer_object=tok, **dict(eos_token='<end>', pad_token='<pad>')|kwargs)

def tiny(config=None, seed=0):
    "A frozen model with random weights"
    torch.manual_seed(seed)
    return AutoModelForCausalLM.from_config(config or LlamaConfig(**size)).eval().requires_grad_(False)

def examples(n=50):
    "Questions of many lengths, with their answers"
    return [dict(prompt=f'Is {"very "*(i%5)}{i} even?', response=' yes' if i%2 == 0 else ' no', history=[['Hi', 'Hello']]*(i%3)) for i in range(n)]

class Kill(TrainerCallback):
    "At the end of step `at` the process kills itself"
    def __init__(self, at): self.at = at
    def on_step_end(self, args, state, control, **kwargs):
        if state.global_step == self.at: os.kill(os.getpid(), 9)

def kill_at_file(out, n):
    "Before the process opens or makes file or folder number `n` in `out` or beside it, it kills itself"
    count = []
    def hook(event, args):
        if event not in ('open', 'os.mkdir', 'os.rename', 'os.link') or not str(args[0]).startswith(str(out)): return
        count.append(event)
        if len(count)==n: os.kill(os.getpid(), 9)
    sys.addaudithook(hook)

def trainer(out, kill_at=0, projection=False, **kwargs):
    tok,fmt = byte_tokenizer(),PromptFormat(max_source_length=64, max_target_length=8)
    model = PTuningModel.from_base(tiny(), 6, seed=0, prefix_projection=projection, **dict(prefix_hidden_size=16) if projection else {})
    args = PTuningArguments(str(out), use_cpu=True, disable_tqdm=True, **dict(num_train_epochs=2, per_device_train_batch_size=8, logging_steps=1, save_steps=3, seed=1)|kwargs)
    rows = encode_rows(examples(), tok, fmt)[0]
    return PTuningTrainer(model, args, tok, rows, rows[:10], fmt, callbacks=[Kill(kill_at)] if kill_at else [])

def main(out, resume=None, **kwargs):
    if n := kwargs.pop('kill_at_file', 0): kill_at_file(out, n)
    t = trainer(out, **kwargs)
    t.train(resume_from_checkpoint=resume)
    if t.is_world_process_zero():
        save_file({k: v.clone() for k,v in t.model.prefixes.state_dict().items()}, Path(out)/'end.safetensors')
        (Path(out)/'losses.json').write_text(json.dumps([o['loss'] for o in t.state.log_history if 'loss' in o]))
    print(t.evaluate()['eval_loss'])
    t.accelerator.wait_for_everyone()
    t.accelerator.end_training()  # a process group that is left to the end of Python may abort it

if __name__=='__main__': main(**json.loads(sys.argv[1]))
