"An interrupted command does not look finished: what was there stays, it goes on where it was, and nothing of it is left over"
import csv, json, multiprocessing, random, shutil, signal
from pathlib import Path
import pytest, torch
from model_lifecycle.schemas import TensorFile
from safetensors.torch import load_file
from model_lifecycle import distillation
from model_lifecycle.classifier import lifecycle_train
from model_lifecycle.distillation import lifecycle_distill
from tests import _interrupt_script
from tests._corpus_script import corpus
from tests._ptune_script import byte_tokenizer, examples, tiny
from tests.tiny import save_bert, static_model, words

# Children are forked from a server that has the library loaded, so that they start at once
ctx = multiprocessing.get_context('forkserver')
ctx.set_forkserver_preload(['tests._interrupt_script'])

def contents(folder): return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob('*')) if p.is_file()}
def model_of(folder): return {k: v for k,v in contents(folder).items() if not k.endswith('.md')}  # its card names the folder and may have a date
def hidden(folder): return sorted(p.name for p in folder.rglob('.*'))

class Distil:
    "`lifecycle_distill` with a corpus"
    advice = 'The same command goes on'
    line = 'lifecycle_distill teacher out --corpus corpus.txt --pca-dims 8 --quantize-to float32 --device cpu --cache-dir run --quiet'.split()
    again = line
    step = 'step',3,5
    def fill(self, d):
        save_bert(d/'teacher')
        (d/'corpus.txt').write_text('\n'.join(corpus(400)))
    def whole(self, d, out, run): lifecycle_distill(d/'teacher', d/out, corpus=str(d/'corpus.txt'), pca_dims='8', quantize_to='float32', device='cpu', cache_dir=d/run, quiet=True)
    def checkpoints(self, d): return [*(d/'run'/'runs').glob('*/checkpoint.safetensors')]

class Train:
    "`lifecycle_train` with `--fine-tune`"
    advice = 'The same command with --resume goes on'
    line = 'lifecycle_train data.csv out --model static --fine-tune --max-epochs 4 --checkpoint-dir run --quiet'.split()
    again = [*line, '--resume']
    step = 'step',3,2
    def fill(self, d):
        rng = random.Random(0)
        static_model().save_pretrained(d/'static')
        with open(d/'data.csv', 'w', newline='') as f:
            rows = [(' '.join(rng.choices(words, k=6)), rng.choice(['money', 'sport'])) for _ in range(200)]
            csv.writer(f).writerows([('text', 'label'), *rows])
    def whole(self, d, out, run): lifecycle_train(d/'data.csv', d/out, model=d/'static', fine_tune=True, max_epochs=4, checkpoint_dir=d/run, quiet=True)
    def checkpoints(self, d): return [*(d/'run').glob('checkpoint.safetensors')]

@pytest.fixture(scope='module', params=[Distil(), Train()], ids=['distil', 'train'])
def job(request, tmp_path_factory):
    "A command, what it reads, an older model where it will write, and in `whole` what it makes when it is left alone"
    kind,d = request.param,tmp_path_factory.mktemp('interrupts')/'home'
    d.mkdir()
    kind.fill(d)
    with pytest.MonkeyPatch.context() as m:
        m.setattr(distillation, '_checkpoint_from', 0)
        kind.whole(d, 'whole/out', 'run')
    shutil.rmtree(d/'run')
    static_model(9, 30, 4).save_pretrained(d/'out')
    (d/'out'/'notes.txt').write_text('mine')
    return kind,d

@pytest.fixture
def home(job, tmp_path): return Path(shutil.copytree(job[1], tmp_path/'home'))

def command(line, home, number, event, *place):
    "Run it in another process that gets the signal `number` at an event; exit code, and what it said on stderr"
    said = home.with_name('said')
    p = ctx.Process(target=_interrupt_script.run, args=(line, home, said, number, event, *place))
    p.start()
    p.join()
    return p.exitcode, said.with_name('said.2').read_text()

ends = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGKILL: -9}

@pytest.mark.parametrize('number', ends, ids=lambda o: o.name)
def test_in_training(job, home, number):
    kind = job[0]
    old = contents(home/'out')
    code,said = command(kind.line, home, number, *kind.step)
    assert code==ends[number], said
    if number!=signal.SIGKILL:
        assert f'{kind.line[0]}: interrupted: {home}/out is as it was. {kind.advice}.' in said and 'Traceback' not in said
        assert not hidden(home)
    assert contents(home/'out')==old
    saved, = kind.checkpoints(home)
    before = saved.read_bytes()
    assert TensorFile(saved).facts['place']['epoch']==3
    code,said = command(kind.again, home, signal.SIGKILL, *kind.step[:2], 1)  # once more, in the epoch that it goes on with
    assert code==-signal.SIGKILL and contents(home/'out')==old and saved.read_bytes()==before
    code,said = command(kind.again, home, signal.SIGKILL, 'step', 99, 1)
    assert code==0, said
    assert model_of(home/'out')==model_of(home/'whole'/'out')|{'notes.txt': b'mine'}
    assert not hidden(home)

def test_in_the_first_epoch(job, home):
    "There is nothing to go on from, and the next run begins anew"
    kind,old = job[0],contents(home/'out')
    code,said = command(kind.line, home, signal.SIGINT, 'step', 1, 2)
    assert code==130 and kind.advice in said and contents(home/'out')==old and not kind.checkpoints(home)
    code,said = command(kind.again, home, signal.SIGKILL, 'step', 99, 1)
    assert code==0 and model_of(home/'out')==model_of(home/'whole'/'out')|{'notes.txt': b'mine'}

@pytest.mark.parametrize('job', [Distil()], ids=['distil'], indirect=True)
def test_while_the_teacher_reads(job, home):
    "What it has read is remembered"
    kind,old = job[0],contents(home/'out')
    code,said = command(kind.line, home, signal.SIGTERM, 'batch', 3)
    assert code==143 and kind.advice in said and contents(home/'out')==old and not hidden(home)
    shard, = (home/'run').glob('shard-*.arrow')
    before = shard.read_bytes()
    code,said = command(kind.again, home, signal.SIGKILL, 'step', 99, 1)
    assert code==0 and shard.read_bytes()==before and model_of(home/'out')==model_of(home/'whole'/'out')|{'notes.txt': b'mine'}

def test_without_a_checkpoint(tmp_path):
    kind = Train()
    kind.fill(tmp_path)
    code,said = command('lifecycle_train data.csv out --model static --fine-tune --max-epochs 4 --quiet'.split(), tmp_path, signal.SIGINT, 'step', 3, 2)
    assert code==130 and f'lifecycle_train: interrupted: {tmp_path}/out is as it was. Nothing of this run is kept.' in said and not (tmp_path/'out').exists() and not hidden(tmp_path)

ptune = ('lifecycle_ptune --model_name_or_path base --pre_seq_len 4 --do_train --train_file rows.jsonl --use_cpu --max_steps 6 --save_steps 2 '
         '--max_target_length 8 --prefix_candidates 1 --disable_tqdm True --output_dir out').split()

@pytest.fixture
def tiny_home(tmp_path):
    "A folder with a tiny model and rows"
    home = tmp_path/'home'
    tiny().save_pretrained(home/'base')
    byte_tokenizer().save_pretrained(home/'base')
    (home/'rows.jsonl').write_text(''.join(json.dumps(o)+'\n' for o in examples(24)))
    return home

def test_ptuning_before_a_checkpoint(tiny_home):
    "What is advised is true: there is nothing to go on from"
    code,said = command([*ptune, '--save_steps', '500'], tiny_home, signal.SIGINT, 'loss', 5)
    assert code==130, said
    assert 'No checkpoint was written yet (`save_strategy` steps, `save_steps` 500), so the same command begins again.' in said
    assert 'goes on' not in said and not (tiny_home/'out').exists() and not hidden(tiny_home)

@pytest.mark.parametrize('number', ends, ids=lambda o: o.name)
def test_ptuning(tiny_home, number):
    home,line = tiny_home,ptune
    code,said = command(line, home, number, 'loss', 5)
    assert code==ends[number], said
    if number!=signal.SIGKILL:
        assert f'lifecycle_ptune: interrupted: The same command with --resume_from_checkpoint True goes on from the last checkpoint in {home}/out.' in said
        assert not hidden(home)
    assert sorted(o.name for o in (home/'out').glob('[!.]*'))==['checkpoint-2', 'checkpoint-4'], 'it looks finished'
    code,said = command([*line, '--resume_from_checkpoint', 'True'], home, signal.SIGKILL, 'loss', 99)
    assert code==0 and not hidden(home), said
    code,said = command([*line[:-1], 'whole'], home, signal.SIGKILL, 'loss', 99)
    a,b = (load_file(home/o/'adapter_model.safetensors')['prompt_embeddings'] for o in ('out', 'whole'))
    torch.testing.assert_close(a, b)

def test_while_a_module_in_c_starts(tmp_path):
    "An exception that came up then would end the process, as `onnx` did at the 500th of its calls"
    home,codes = tmp_path/'home',[]
    static_model().save_pretrained(home/'static')
    for n in 1,100,300,500:
        code,said = command('lifecycle_export_onnx static out --embeddings-only'.split(), home, signal.SIGTERM, 'start', n)
        if code==0: break  # other versions make fewer calls
        assert code==143 and said.endswith('lifecycle_export_onnx: interrupted: SIGTERM\n'), (n, code, said)
        assert not (home/'out').exists() and not hidden(tmp_path)
        codes.append(code)
    assert codes, 'it was never stopped'
