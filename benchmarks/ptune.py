"""P-tuning of SmolLM2-135M-Instruct beside PEFT: three tasks, speed and memory

`python benchmarks/ptune.py` measures what `ptune.json` does not hold yet and writes `ptune.json`
and `ptune.md`; `… report` writes them of what is there; `… speed` (or `start`, `peak`) measures
that part again, and `… again 'ours' 'PEFT LoRA, r=8'` those sides. A run is long: each result is
kept in `.cache/bench/ptune.jsonl` as it comes, and an interrupted run goes on. Trainings run two
at a time, with a thread each.
"""
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import date
from functools import cache
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import peft
import torch
from benchmarks._common import here, machine, root
from benchmarks._ptune_tasks import (answered, base, by_length, drawn, encode, inputs,
                                      save_base, score, splits, tasks)
from benchmarks._ptune_report import save, summarize
from model_lifecycle.prefix import PrefixEncoder
from model_lifecycle.instructions import best_instruction
from model_lifecycle.ptuning_trainer import PTuningModel
from safetensors.torch import load_file, save_file

virtual = 64
seeds = 0, 1, 2
extra = 43  # steps that choosing our start takes as long as: those who choose nothing get them too
rates = {'ours': (0.003, 0.01, 0.02),
         'PEFT prefix, our text': (0.003, 0.01, 0.02),
         'PEFT prefix, a plain sentence': (0.003, 0.01),
         'PEFT LoRA, r=8': (1e-3, 3e-4),
         'PEFT LoRA, r=32': (1e-3, 3e-4),
         'PEFT CARTRIDGE, our text': (0.003, 0.01),
         'PEFT prefix, zero': (0.01, 0.03)}
few = list(rates)[:5]  # those that all tasks are measured with
of_our_text = 'ours', 'PEFT prefix, our text', 'PEFT CARTRIDGE, our text'
store = root/'.cache'/'bench'/'ptune.jsonl'
weights = root/'.cache'/'bench'/'ptune'

@dataclass
class Job:
    "A training"
    task:str
    side:str
    lr:float
    seed:int = 0
    dtype:str = 'bfloat16'
    steps:int|None = None # None: the task's, and for those who choose nothing the extra ones

    def __post_init__(self):
        if self.steps is None:
            self.steps = tasks[self.task].steps + extra*(self.side not in of_our_text)

    @property
    def file(self):
        return weights/f'{self.task}-{self.side}-{self.lr}-{self.seed}-{self.dtype}.safetensors'

# also begun in float32, to see that it makes no difference
exact = [Job('reviews', o, rates[o][0], dtype='float32') for o in list(rates)[:2]]

# -- one training

def with_lora(model, r):
    "LoRA on all linear layers, with the scale 2, as QLoRA's authors advise"
    config = peft.LoraConfig(task_type='CAUSAL_LM', r=r, lora_alpha=2*r,
                             target_modules='all-linear')
    return peft.get_peft_model(model, config)

def with_peft_prefix(model, side, rows):
    "PEFT's prefix tuning or CARTRIDGE, which start from `rows` of keys and values, if there are"
    common = dict(task_type='CAUSAL_LM', num_virtual_tokens=virtual)
    if side.startswith('PEFT CARTRIDGE'): config = peft.CartridgeConfig(**common)
    elif side.endswith('zero'): config = peft.PrefixTuningConfig(**common, init_weights='zero')
    else: config = peft.PrefixTuningConfig(**common)
    model = peft.get_peft_model(model, config)
    if rows is not None: model.prompt_encoder['default'].load_prompt_embeddings(rows)
    return model

def tuned(side, model, tok, task, text=None):
    "The model of a side, ready to train"
    if side.startswith('ours'): return PTuningModel.from_base(model, virtual, tok, text)
    if 'LoRA' in side: return with_lora(model, int(side.split('=')[1]))
    start = None
    if side.endswith('our text'):
        start = PrefixEncoder.from_text(model, tok, text, virtual).rows().detach()
    model = with_peft_prefix(model, side, start)
    if side.endswith('plain sentence'):
        peft.initialize_kv_prefix_from_text(model, tok, text=task.sentence*virtual,
                                            use_chat_template=False)
    return model

def chosen_text(task_name, seed):
    "The text that `best_instruction` chooses for a task and a seed, and the seconds it takes"
    task = tasks[task_name]
    model,tok = base('bfloat16')
    rows = drawn(splits(task)['train'], seed, task.steps)
    begin = time.perf_counter()
    text = best_instruction(model, rows, task.format, tok, virtual, seed=seed)
    return dict(text=text, secs=round(time.perf_counter()-begin, 1))

def optimizer(model, lr, n_steps):
    "AdamW, with warm-up and linear decay"
    params = [p for p in model.parameters() if p.requires_grad]
    opt = torch.optim.AdamW(params, lr=lr, weight_decay=0.)
    pace = lambda i: min(1, (i+1)/(0.05*n_steps)) * max(0.05, 1-i/n_steps)
    return opt, torch.optim.lr_scheduler.LambdaLR(opt, pace)

def trained_part(model): return {n: p for n,p in model.named_parameters() if p.requires_grad}

def train(job, text, stop=None):
    "One training: losses of its steps and the validation score; what it learnt goes into a file"
    task = tasks[job.task]
    model,tok = base(job.dtype)
    parts = splits(task)
    torch.manual_seed(job.seed)
    model = tuned(job.side, model, tok, task, text)
    opt,sched = optimizer(model, job.lr, job.steps)
    rows = encode(task, drawn(parts['train'], job.seed, job.steps), tok)
    losses,begin = [],time.perf_counter()
    for batch in by_length(rows, seed=job.seed)[:stop]:
        model.train()
        loss = answered(model, inputs(batch, tok)).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.)
        opt.step()
        sched.step()
        opt.zero_grad()
        losses.append(round(loss.item(), 3))
    secs = time.perf_counter()-begin
    if stop: return dict(losses=losses)
    weights.mkdir(parents=True, exist_ok=True)
    save_file({k: v.detach().contiguous() for k,v in trained_part(model).items()}, job.file)
    val = score(task, generating(model, job.side), tok, parts['val'])
    return dict(losses=losses, secs=round(secs, 1), val=val['score'], val_loss=val.get('loss'))

def generating(model, side):
    "PEFT's prefix as one of ours, whose loss and text it has too: one way of writing for all"
    if not isinstance(model, peft.PeftModel) or 'LoRA' in side: return model
    rows = model.prompt_encoder['default'](torch.arange(virtual)[None])[0]
    frozen = model.get_base_model()
    encoder = PrefixEncoder.from_ids(frozen, [0]*virtual)
    with torch.no_grad(): encoder.embedding.copy_(rows/encoder.scale)
    return PTuningModel(frozen, encoder)

def precision(job, text):
    "The first losses of a training, to compare types of numbers by"
    return train(job, text, 30)

def test(job, text):
    "The test score of a training that was kept in a file"
    task = tasks[job.task]
    if job.side != 'untuned' and not job.file.is_file(): train(job, text)
    model,tok = base(job.dtype)
    rows = splits(task)['test']
    if job.side == 'untuned': return score(task, model, tok, rows)
    model = tuned(job.side, model, tok, task, text)
    unknown = model.load_state_dict(load_file(job.file), strict=False).unexpected_keys
    if unknown: raise ValueError(f'{job.file} holds {unknown}, which {job.side} has not')
    return score(task, generating(model, job.side), tok, rows)

# -- results that are kept

def kept(kind, **key):
    "The results of a kind, all those that have `key`"
    rows = map(json.loads, store.read_text().splitlines())
    key['kind'] = kind
    return [o for o in rows if key.items() <= o.items()]

def take_up():
    "Fill the store from the committed results"
    rows = json.loads((here/'ptune.json').read_text())['rows']
    store.parent.mkdir(parents=True, exist_ok=True)
    store.write_text(''.join(json.dumps(o)+'\n' for o in rows))

def forget(names):
    "Drop the results of some sides or kinds, so that they are measured again"
    rows = [json.loads(o) for o in store.read_text().splitlines()]
    known = {o[k] for o in rows for k in ('side', 'kind') if k in o}
    if odd := set(names)-known:
        sys.exit(f"There is no {', '.join(sorted(odd))} among {', '.join(sorted(known))}")
    stays = [o for o in rows if not {o['kind'], o.get('side')} & set(names)]
    store.write_text(''.join(json.dumps(o)+'\n' for o in stays))

def keep(**res):
    "Add a result to the store"
    res['date'] = str(date.today())
    with open(store, 'a') as f: f.write(json.dumps(res)+'\n')
    print({k: v for k,v in res.items() if k not in ('losses', 'rows', 'first', 'text')}, flush=True)
    return res

def measured(kind, threads='1', **key):
    "A result, from the store or from a fresh process that prints it"
    if found := kept(kind, **key): return found[0]
    cmd = [sys.executable, __file__, 'child', kind, json.dumps(key)]
    env = os.environ | dict(OMP_NUM_THREADS=threads, TQDM_DISABLE='1')
    out = subprocess.run(cmd, capture_output=True, text=True, env=env)
    if out.returncode: raise RuntimeError(f'{kind} {key} failed:\n{out.stderr[-3000:]}')
    return keep(kind=kind, **key, **json.loads(out.stdout.splitlines()[-1]))

def child(kind, task=None, **key):
    "What a fresh process measures"
    if kind == 'text': return chosen_text(task, **key)
    if kind in ('train', 'test', 'precision'):
        job = Job(task, **key)
        own = job.side in of_our_text
        text = measured('text', task=task, seed=job.seed)['text'] if own else None
        return globals()[kind](job, text)
    return globals()[kind](**key)

def fitted(task, side, lr, text):
    "A training of the first seed, once the text that it may start from is chosen"
    if side in of_our_text: text.result()
    return measured('train', **asdict(Job(task, side, lr)))

def best_rate(task, side):
    "The rate with the better validation score on a task, then the lower loss at the end"
    rows = kept('train', task=task, side=side, seed=0, dtype='bfloat16')
    rows = [o for o in rows if o['lr'] in rates[side]]
    if not rows: return None
    return max(rows, key=lambda o: (o['val'], -statistics.mean(o['losses'][-20:])))['lr']

def fitted_and_tested(task, side, seed, before=()):
    "A training with the chosen rate, once the trainings that choose it are done, and its test"
    for o in before: o.result()
    job = asdict(Job(task, side, best_rate(task, side), seed))
    measured('train', **job)
    return measured('test', **job)

# -- speed and memory

def step_batches(tok, n):
    task = tasks['reviews']
    rows = encode(task, drawn(splits(task)['train'], 1, n), tok)
    return [inputs(o, tok) for o in by_length(rows, seed=1)]

def speed():
    "Steps a second of both sides in turn on the same batches, in float32, PEFT's head its own"
    models,secs,task = {},{'ours': [], 'PEFT prefix': []},tasks['reviews']
    for side in secs:
        model,tok = base()
        model = tuned(side, model, tok, task, task.sentence if side == 'ours' else None)
        models[side] = model.train()
    batches = step_batches(tok, 25)
    for i,xb in enumerate(batches):
        for side in sorted(secs, reverse=i%2):
            begin = time.perf_counter()
            models[side](**xb).loss.backward()
            if i: secs[side].append(time.perf_counter()-begin)  # the first warms up
    ratio = statistics.median(b/a for a,b in zip(*secs.values()))
    each = {k: len(v)/sum(v) for k,v in secs.items()}
    return dict(steps_a_second=each, batches=len(batches)-1, ratio=ratio)

def start():
    "Seconds that choosing our start takes, and steps a second behind it, in float32"
    model,tok = base()
    task = tasks['reviews']
    rows = drawn(splits(task)['train'], 0, task.steps)
    begin = time.perf_counter()
    text = best_instruction(model, rows, task.format, tok, virtual, seed=0)
    secs = [time.perf_counter()-begin]
    model = tuned('ours', model, tok, task, text).train()
    for xb in step_batches(tok, 21):
        begin = time.perf_counter()
        model(**xb).loss.backward()
        secs.append(time.perf_counter()-begin)
    return dict(secs=secs[0], steps_a_second=1/statistics.mean(secs[2:]))  # the first warms up

def peak(side):
    "Peak memory in MB that a step of 16 x 256 tokens adds, and its loss"
    model,tok = base()
    model = tuned(side, model, tok, tasks['reviews'])
    if side == 'ours, checkpointing': model.gradient_checkpointing_enable()
    model.train()
    ids = torch.randint(17, 49152, (16, 256), generator=torch.Generator().manual_seed(0))
    want = ids.clone()
    want[:,:-16] = -100
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    loss = model(input_ids=ids, attention_mask=torch.ones_like(ids), labels=want).loss
    loss.backward()
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return dict(mb=(after-before)/1024, loss=loss.item())

def all_cores(kinds=('speed', 'start', 'peak')):
    "Speed and memory, one at a time with all cores"
    threads = str(os.cpu_count())
    if 'speed' in kinds: measured('speed', threads)
    if 'start' in kinds: measured('start', threads)
    for side in 'PEFT prefix','ours','ours, checkpointing':
        if 'peak' in kinds: measured('peak', threads, side=side)

# -- everything

def plan():
    "(task, seed, side) of all that is tested, in an order in which a part of it is useful"
    groups = [('reviews', seed, list(rates)) for seed in seeds]
    groups[2:2] = [(task, 0, few) for task in ('news', 'headlines')]
    groups += [(task, seed, few) for seed in seeds[1:] for task in ('news', 'headlines')]
    return [(task, seed, side) for task,seed,sides in groups for side in sides]

def trainings():
    "All trainings, two at a time; what one waits for is under way, as jobs begin in order"
    with ThreadPoolExecutor(2) as pool:
        choose = cache(lambda task, seed: pool.submit(measured, 'text', task=task, seed=seed))
        first = cache(lambda task, side, lr: pool.submit(fitted, task, side, lr, choose(task, 0)))
        for side in few[:2]: [first('reviews', side, lr) for lr in rates[side]]
        runs = [pool.submit(measured, 'precision', **asdict(o)) for o in exact]
        runs.append(pool.submit(measured, 'test', **asdict(Job('reviews', 'untuned', 0., steps=0))))
        todo = plan()
        for (task,seed,side),(*text,later) in zip(todo, todo[2:]+todo[-2:]):
            choose(*text)  # two sides ahead, so that no worker waits for long
            for lr in rates[later]: first(text[0], later, lr)
            before = [choose(task, seed), *(first(task, side, lr) for lr in rates[side])]
            runs.append(pool.submit(fitted_and_tested, task, side, seed, before))
        for o in runs: o.result()

def report():
    "Both files, of what is there"
    rows = [json.loads(o) for o in store.read_text().splitlines()]
    chosen = {task: {side: best_rate(task, side) for side in rates} for task in tasks}
    save(summarize(rows, rates, chosen, plan()), rows)

parts = 'speed', 'start', 'peak'

def main(args):
    save_base()
    if args[:1] == ['child']: return print(json.dumps(child(args[1], **json.loads(args[2]))))
    if not store.is_file(): take_up()
    again = args[1:] if args[:1] == ['again'] else [o for o in args if o in parts]
    if again: forget(again)
    if not args or args[0] == 'again':
        line = machine('torch', 'transformers', 'peft')
        if not kept('machine', line=line): keep(kind='machine', line=line)
        trainings()
    if args != ['report']: all_cores(set(again) & set(parts) or parts)
    report()

if __name__ == '__main__': main(sys.argv[1:])
