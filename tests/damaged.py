"""Damaged and mixed files: what loading them comes to. A part of the campaign (`faults.py`)

Each kind of folder has a function that writes a sound one and one that loads it and says in
numbers what it is. `work` runs in a process that `faults.Server` starts: it damages copies.
"""
import json
import logging
import os
import resource
import shutil
import signal
import warnings
from contextlib import contextmanager
from functools import cache
from itertools import product
from pathlib import Path
import numpy as np
import torch
from tests import _ptune_script, _train_script
from tests.mutations import kinds, mutations
from tests.tiny import save_bert, static_model, word_tokenizer, words

patience = 30  # seconds of a processor, after which loading is taken to hang
texts = ['the bank raised its rate', '', 'a striker and a goal', 'music, film and computer game']
few = [' '.join(o) for o in zip(words, words[3:], words[7:])]
topics = 'bank', 'goal', 'film', 'game'

# -- a sound folder of each kind, and what it gives

def model_of(seed):
    "Each has the same words in another order, and other vectors"
    from model_lifecycle.inference import StaticModel
    vectors = static_model(seed, dim=8).embedding
    return StaticModel(vectors, word_tokenizer(words[seed:]+words[:seed]))

def make_static(folder, seed): model_of(seed).save_pretrained(folder)

def make_student(folder, seed):
    "A real model, which `benchmarks` distils once; and its first dimensions"
    from benchmarks._common import make_student, model_folder
    from model_lifecycle.inference import StaticModel, quantize_model
    make_student()
    model = StaticModel.from_pretrained(model_folder)
    if seed: model = quantize_model(model, dimensionality=255)
    model.save_pretrained(folder)

def make_shared(folder, seed):
    "Tokens that share vectors of 16 bits, and have weights"
    from model_lifecycle.inference import StaticModel, quantize_model
    model = model_of(seed)
    weights = np.random.default_rng(seed).random(len(model.embedding), np.float32)
    model = StaticModel(model.embedding, model.tokenizer, weights=weights)
    quantize_model(model, 9, 'float16').save_pretrained(folder)

def load_static(folder):
    from model_lifecycle.inference import StaticModel
    return [StaticModel.from_pretrained(folder).encode(texts)]

def classifier(seed, **kwargs):
    from model_lifecycle.classifier import StaticModelForClassification
    labels = [topics[(i+seed)%4] for i in range(len(few))]
    model = StaticModelForClassification.from_static_model(model=model_of(seed), **kwargs)
    how = dict(max_epochs=1, show_progress_bar=False) if kwargs else {}
    return model.fit(few*4, labels*4, random_seed=seed, **how)

def make_words(folder, seed): classifier(seed).to_pipeline().save_pretrained(folder)
def make_head(folder, seed): classifier(seed, words=False).to_pipeline().save_pretrained(folder)

def make_labels(folder, seed):
    "Several labels to a text, whole words and pairs, and a tokenizer of pieces of words"
    from tokenizers import Tokenizer
    from model_lifecycle.classifier import StaticModelForClassification
    from model_lifecycle.inference import StaticModel
    teacher(folder.parent/'teacher')
    tokenizer = Tokenizer.from_file(str(folder.parent/'teacher'/'tokenizer.json'))
    vectors = np.random.default_rng(seed).normal(size=(tokenizer.get_vocab_size(), 8))
    static = StaticModel(vectors.astype(np.float32), tokenizer)
    labels = [[topics[(i+seed)%4], topics[i*i%4]] for i in range(len(few))]
    model = StaticModelForClassification.from_static_model(model=static)
    model.fit(few*4, labels*4, random_seed=seed).to_pipeline().save_pretrained(folder)

def load_pipeline(folder):
    from model_lifecycle.pipeline import StaticModelPipeline
    pipeline = StaticModelPipeline.from_pretrained(folder)
    threshold = 'tuned' if pipeline.multilabel else 0.5
    predicted = pipeline.predict(texts, threshold=threshold)
    return [pipeline.predict_proba(texts), np.array([str(o) for o in predicted])]

def make_training(folder, seed):
    model = _train_script.make()
    _train_script.train(model, max_epochs=1, checkpoint_dir=folder, random_seed=seed)

def load_training(folder):
    "Go on with a training of an epoch to the end of a second"
    model = _train_script.make()
    _train_script.train(model, max_epochs=2, checkpoint_dir=folder, random_seed=0, resume=True)
    return [o.numpy() for o in model.state_dict().values()]

@cache
def teacher(folder):
    from model_lifecycle.teacher import TeacherModel
    if not folder.is_dir(): save_bert(folder)
    return TeacherModel.from_pretrained(folder, device='cpu')

def make_cache(folder, seed):
    from model_lifecycle.teacher_cache import TeacherCache
    TeacherCache(teacher(folder.parent/'teacher'), folder).encode(few[seed:])

def load_cache(folder):
    from model_lifecycle.teacher_cache import TeacherCache
    return [TeacherCache(teacher(folder.parent/'teacher'), folder).encode(few)]

class Here:
    "What `ray_each` does, in this process"
    def __call__(self, make, args, items, *more):
        work = make(*args)
        yield from (work(o) for o in items)

def encode_parts(folder, seed):
    "`lifecycle_encode --engine ray` of four parts, without Ray itself"
    import pyarrow as pa
    from pyarrow import parquet
    from model_lifecycle import ray_engine
    from model_lifecycle.inference import lifecycle_encode
    texts,model = folder.parent/'texts',folder.parent/f'model{seed}'
    if not model.is_dir(): make_static(model, seed)
    for i in range(4):
        part = texts/('deeper' if i == 3 else '')/f'part-{i}.parquet'
        part.parent.mkdir(parents=True, exist_ok=True)
        if not part.exists(): parquet.write_table(pa.table(dict(text=few[i::4])), part)
    ray_engine.ray_each,ray_engine.started_ray = Here(),lambda: None
    ray_engine.n_ray_workers = lambda *args: 1
    lifecycle_encode(str(model), str(texts), str(folder), engine='ray', quiet=True)
    written = sorted(o for o in folder.rglob('*.parquet'))
    return [np.array(parquet.read_table(o)['embedding'].to_pylist()) for o in written]

def make_parts(folder, seed): encode_parts(folder, seed)
def load_parts(folder): return encode_parts(folder, 0)

@cache
def base(): return _ptune_script.tiny()

def make_prefix(folder, seed):
    from model_lifecycle.ptuning_trainer import PTuningModel
    PTuningModel.from_base(base(), 6, seed=seed).save_pretrained(folder)

def load_prefix(folder):
    from model_lifecycle.ptuning_trainer import PTuningModel
    model = PTuningModel.from_pretrained(folder, base())
    with torch.no_grad(): return [model(input_ids=torch.arange(40)[None]).logits.numpy()]

def ptuning(out, seed, **kwargs):
    return _ptune_script.trainer(out, num_train_epochs=1, seed=seed, save_steps=3, **kwargs)

def make_ptuning(folder, seed):
    "A checkpoint of a training"
    out = folder.with_name(f'{folder.name}-run')
    ptuning(out, seed, max_steps=5).train()
    shutil.move(out/'checkpoint-3', folder)
    shutil.rmtree(out)

def load_ptuning(folder):
    "Go on from a checkpoint of step 3 to step 5"
    out = folder.parent/'out'
    shutil.rmtree(out, ignore_errors=True)
    t = ptuning(out, 0, max_steps=5, save_strategy='no')
    t.train(resume_from_checkpoint=str(folder))
    return [o.detach().numpy() for o in t.model.prefixes.state_dict().values()]

# the name of a kind: how it is damaged, made and loaded
sorts = dict(static=('static', make_static, load_static),
             shared=('static', make_shared, load_static),
             student=('static', make_student, load_static),
             words=('pipeline', make_words, load_pipeline),
             labels=('pipeline', make_labels, load_pipeline),
             head=('pipeline', make_head, load_pipeline),
             training=('training', make_training, load_training),
             cache=('cache', make_cache, load_cache),
             parts=('parts', make_parts, load_parts),
             prefix=('prefix', make_prefix, load_prefix),
             ptuning=('ptuning', make_ptuning, load_ptuning))

alone = 'training', 'cache', 'parts' # their files are one, or go with any others

def make(folder, sort):
    "Two sound folders of a kind in `folder`, with and without the same numbers of everything"
    how = sorts[sort][1]
    for i,name in enumerate(('sound', 'other')): how(Path(folder)/name, i)

def files_of(sort, folder):
    "The files of a kind that a folder has"
    return [o for o in kinds[sorts[sort][0]] if any(Path(folder).glob(o))]

# -- one try

def own_error(e, folder):
    "Is an error one of this library's: of a plain kind, one sentence, and naming a file?"
    plain = type(e) is ValueError or isinstance(e, OSError)
    text = str(e)
    known = [str(folder), *(o.name for o in (folder.parent/'sound').rglob('*'))]
    return plain and '\n' not in text.strip() and any(o in text for o in known)

def same(a, b):
    "Are these the same numbers, none of them odd?"
    if len(a) != len(b): return False
    for x,y in zip(a, b):
        if x.dtype != y.dtype or not np.array_equal(x, y): return False
        if x.dtype.kind == 'f' and not np.isfinite(x).all(): return False
    return True

def peak():
    "Peak memory in KB since `forget_peak`"
    lines = Path('/proc/self/status').read_text().splitlines()
    return next(int(o.split()[1]) for o in lines if o.startswith('VmHWM'))

def forget_peak():
    with open('/proc/self/clear_refs', 'w') as f: f.write('5')

@contextmanager
def warned():
    "The library's warnings in the block, which a command shows on standard error"
    class Listener(logging.Handler):
        def emit(self, record): found.append(record.getMessage())
    found,log,listener = [],logging.getLogger('model_lifecycle'),Listener(logging.WARNING)
    log.addHandler(listener)
    try: yield found
    finally: log.removeHandler(listener)

def tried(load, folder, wanted, most):
    "(Ending, what was seen, was it too much memory?) of loading a folder"
    forget_peak()
    signal.setitimer(signal.ITIMER_VIRTUAL, patience)  # ends the process, whatever it does
    try:
        with warned() as heard: got = load(folder)
    except (SystemExit, KeyboardInterrupt): raise
    except BaseException as e:  # a panic of Rust is none of Exception
        kind = 'named' if own_error(e, folder) else 'foreign'
        res = kind,f'{type(e).__name__}: {str(e)[:300]}'
    else: res = judged(got, wanted, [o for o in heard if str(folder) in o])
    finally: signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    return *res, peak() > most

def judged(got, wanted, heard):
    "(Ending, what was seen) of a folder that was loaded, with warnings that name it"
    if any(same(got, o) for o in wanted): return 'accepted',''
    return ('named', heard[0]) if heard else ('wrong', told(got))

def told(got): return f'gives {str([o.tolist() for o in got])[:150]}'

def work(folder, sort, seed, begin, end, out, mixed=False):
    "Try damages number `begin` to `end`, or mixtures of two folders; a line of JSON for each"
    folder = Path(folder)
    logging.disable(logging.INFO)
    logging.getLogger().addHandler(logging.NullHandler())
    warnings.simplefilter('ignore')
    load = sorts[sort][2]
    sound,copy = folder/'sound',folder/'copy'
    forget_peak()
    wanted = [load(sound)]
    if mixed and sort not in alone: wanted.append(load(folder/'other'))
    usual = peak()
    room = 6*2**30+2**10*usual
    resource.setrlimit(resource.RLIMIT_AS, (room, room))
    damage = mixtures(folder, sort) if mixed else mutated(folder, sort, seed, end)
    with open(out, 'a') as f:
        for what,change in damage[begin:end]:
            shutil.rmtree(copy, ignore_errors=True)
            shutil.copytree(sound, copy)
            did = change(copy)
            seen = tried(load, copy, wanted, 2*usual)
            row = dict(what=what, did=did, ending=seen[0], detail=seen[1], memory=seen[2])
            print(json.dumps(row), file=f, flush=True)

def mutated(folder, sort, seed, n):
    "Each file gets the same share"
    kind = sorts[sort][0]
    names = files_of(sort, folder/'sound')
    return list(mutations(kind, seed, n, folder/'other', names))

def mixtures(folder, sort):
    "All ways to take each file from one of two folders"
    names = [o.name for pattern in files_of(sort, folder/'sound')
             for o in sorted((folder/'sound').glob(pattern))]
    names = [] if sort in alone else [o for o in names if (folder/'other'/o).exists()]
    def mix(choice):
        def change(copy):
            for name,other in zip(names, choice):
                if other: shutil.copyfile(folder/'other'/name, copy/name)
            return 'mixed'
        return change
    res = []
    for choice in product((False, True), repeat=len(names)):
        if len({*choice}) < 2: continue
        what = ', '.join(name for name,other in zip(names, choice) if other)
        res.append((f'{what} of another folder', mix(choice)))
    return res
