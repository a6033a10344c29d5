"Whatever is done to a saved file, loading it names the file, or gives what the sound one gives"
import logging, shutil
from pathlib import Path
from types import SimpleNamespace
import numpy as np, pytest, torch
from model_lifecycle import StaticModel, StaticModelForClassification, StaticModelPipeline
from model_lifecycle.checkpoint import Checkpoint
from model_lifecycle.prefix_model import PTuningModel
from model_lifecycle.runs import checkpoint_fault, last_checkpoint, load_training, read_state
from model_lifecycle.teacher import TeacherModel
from model_lifecycle.teacher_cache import TeacherCache
from tests._ptune_script import tiny, trainer
from tests.mutations import mutations
from tests.tiny import save_bert, static_model, words

texts = ['the bank', 'money and interest', 'a striker', 'Goal goal', '', 'film of the computer game', 'zebra', 'rate '*30]

def same(a, b):
    "Are two results the same numbers and labels?"
    if isinstance(a, (tuple, list)): return len(a)==len(b) and all(map(same, a, b))
    if isinstance(a, dict): return a.keys()==b.keys() and all(same(a[k], b[k]) for k in a)
    a,b = np.asarray(a),np.asarray(b)
    return a.shape==b.shape and a.dtype==b.dtype and bool((a==b).all())

def close(a, b):
    "Are two arrays the same but for rounding, as what is read again in another batch?"
    return a.shape==b.shape and a.dtype==b.dtype and np.allclose(a, b, rtol=0, atol=1e-5)

def outcome(load, folder, caplog):
    "What loading comes to: the result, or 'named' where the error or a warning names the folder"
    caplog.clear()
    try: res = load(folder)
    except (ValueError, FileNotFoundError) as e:
        said = str(e)
        assert type(e) in (ValueError, FileNotFoundError), f'{type(e).__name__}: {e}'
        assert str(folder) in said, said
        return 'named',said
    warned = [o.getMessage() for o in caplog.records if o.levelno>=logging.WARNING]
    if any(str(folder) in o for o in warned): return 'named',warned[0]
    return 'loaded',res

def check(kind, sound, other, load, tmp_path, caplog, n=200, seed=0, files=None, same=same):
    "Try `n` mutations of a folder; a summary of what came of them"
    expected = load(sound)
    copy,odd,counts = tmp_path/'copy',[],{}
    caplog.set_level(logging.WARNING, 'model_lifecycle')
    for what,damage in mutations(kind, seed, n, other, files):
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(sound, copy)
        done = damage(copy)
        try: ended,res = outcome(load, copy, caplog)
        except Exception as e: ended,res = 'foreign',f'{type(e).__name__}: {e}'
        if ended=='loaded' and not same(res, expected): ended = 'other numbers'
        counts[ended] = counts.get(ended, 0)+1
        if ended in ('foreign', 'other numbers'): odd.append(f'{what} ({done}): {ended} {str(res)[:300] if ended=="foreign" else ""}')
    assert not odd, '\n'.join([f'{len(odd)} of {n}', *odd[:20]])
    assert counts['named']>n/9 and counts.get('loaded', 0)
    return counts

def embed(folder): return StaticModel.from_pretrained(folder).encode(texts)

def predict(folder):
    p = StaticModelPipeline.from_pretrained(folder)
    return p.predict(texts),p.predict_proba(texts)

def pipeline_folder(folder, seed, words_too):
    rng = np.random.default_rng(seed)
    topics = np.array([('bank money interest rate'.split(), 'goal match striker'.split())[i%2] for i in range(40)], object)
    X = [' '.join(rng.choice(list(t)+words[:8], 6)) for t in topics]
    y = [('business', 'sport')[i%2] for i in range(40)]
    torch.manual_seed(seed)
    model = StaticModelForClassification.from_static_model(model=static_model(seed, n=len(words), normalize=True), words=words_too, hidden_dim=8)
    model.fit(X, y, **({} if words_too else dict(max_epochs=1, show_progress_bar=False))).to_pipeline().save_pretrained(folder)

@pytest.fixture(scope='module')
def place(tmp_path_factory): return tmp_path_factory.mktemp('sound')

@pytest.mark.parametrize('seed', [0])
def test_static(place, seed, tmp_path, caplog):
    for i in 0,1: static_model(i, normalize=i==0).save_pretrained(place/f'static{i}')
    check('static', place/'static0', place/'static1', embed, tmp_path, caplog, seed=seed)

def test_shared_vectors(place, tmp_path, caplog):
    from model_lifecycle import quantize_model
    for i in 0,1: quantize_model(static_model(i, weights=np.ones(22, np.float32)), 5, 'float16').save_pretrained(place/f'shared{i}')
    check('static', place/'shared0', place/'shared1', embed, tmp_path, caplog, n=60, files=('model.safetensors',))

@pytest.mark.parametrize('words_too', [True, False])
def test_pipeline(place, words_too, tmp_path, caplog):
    for i in 0,1: pipeline_folder(place/f'pipe{words_too}{i}', i, words_too)
    check('pipeline', place/f'pipe{words_too}0', place/f'pipe{words_too}1', predict, tmp_path, caplog, seed=int(words_too))

class Run:
    "A training of a small network in a folder, which a checkpoint can bring to where it was"
    def __init__(self, seed=0):
        torch.manual_seed(seed)
        self.model = torch.nn.Sequential(torch.nn.Linear(3, 3), torch.nn.Linear(3, 3))
        self.optimizers,self.epoch,self.step,self.total,self.seen,self.history,self.stop = [torch.optim.Adam(self.model.parameters(), 0.1)],1,0,0.,0,[],False
        self.best = SimpleNamespace(state=self.model.state_dict(), score=(-np.inf, -np.inf), waited=0)

    def steps(self, n):
        for _ in range(n):
            self.model.zero_grad()
            self.model(torch.ones(2, 3)).square().sum().backward()
            self.optimizers[0].step()
            self.step += 1
            self.history.append(dict(epoch=1, val_loss=self.step/7))
        return self

def resume(folder):
    run = Run(5)
    # where there is none, a run begins anew, as is asked for
    if not (folder/'checkpoint.safetensors').exists(): raise FileNotFoundError(folder)
    Checkpoint(folder, dict(model='3 to 3')).load(run, run.best)
    run.steps(2)
    return {k: np.asarray(v) for k,v in run.model.state_dict().items()},run.step,run.epoch,run.total,[str(run.history)],run.best.score

def test_training(place, tmp_path, caplog):
    for i in 0,1:
        run = Run(i).steps(3)
        Checkpoint(place/f'training{i}', dict(model='3 to 3')).save(run, run.best)
    # another run's whole file is one that could have been saved here: its facts are the same
    check('training', place/'training0', None, resume, tmp_path, caplog, n=200)

@pytest.fixture(scope='module')
def teacher(place):
    save_bert(place/'bert')
    return TeacherModel.from_pretrained(place/'bert')

def test_teacher_cache(place, teacher, tmp_path, caplog):
    "What is damaged is read again, and what belongs to another teacher is left alone"
    for i in 0,1: TeacherCache(teacher, place/f'cache{i}', prompt=['', 'music '][i]).encode(texts[:4])
    def recall(folder): return TeacherCache(teacher, folder).encode(texts[:4])
    check('cache', place/'cache0', place/'cache1', recall, tmp_path, caplog, n=150, same=close)

@pytest.fixture(scope='module')
def runs(place):
    "Two short trainings of prefixes"
    for i in 0,1: trainer(place/f'run{i}', projection=True, max_steps=4, save_steps=2, seed=i, learning_rate=[1e-2, 1e-3][i]).train()
    return [place/f'run{i}' for i in (0, 1)]

def test_prefix(runs, tmp_path, caplog):
    base = tiny()
    def use(folder):
        model = PTuningModel.from_pretrained(folder, base)
        with torch.no_grad(): return model(torch.arange(2, 12)[None]).logits.numpy(),str(model.prompt_format())
    check('prefix', *(o/'checkpoint-4' for o in runs), use, tmp_path, caplog, n=200)

def test_ptuning(runs, tmp_path, caplog):
    "A checkpoint is gone on from whole, or not at all"
    t = trainer(tmp_path/'new', projection=True)
    def resume(folder):
        if fault := checkpoint_fault(folder): raise ValueError(fault)
        load_training(t.model, folder)
        return {k: v.numpy() for k,v in t.model.prefixes.state_dict().items()},read_state(folder/'trainer_state.json').global_step
    check('ptuning', *(o/'checkpoint-4' for o in runs), resume, tmp_path, caplog, n=200)

@pytest.mark.parametrize('file', ['optimizer.pt', 'scheduler.pt', 'rng_state.pth', 'trainer_state.json', 'manifest.json'])
def test_ptuning_resumes_from_the_last_whole_one(runs, file, tmp_path, caplog):
    "A missing or damaged file is named before the run goes on; with True, it goes on from the checkpoint before"
    for harm in (lambda o: o.unlink()),(lambda o: o.write_bytes(o.read_bytes()[:-9])):
        out = Path(shutil.copytree(runs[0], tmp_path/'run', dirs_exist_ok=True))
        (out/'checkpoint-5-backup').mkdir(exist_ok=True)
        harm(out/'checkpoint-4'/file)
        kw = dict(projection=True, max_steps=4, save_steps=2, seed=0, learning_rate=1e-2)
        with pytest.raises(ValueError, match=f'checkpoint-4.*{file}'): trainer(out, **kw).train(resume_from_checkpoint=str(out/'checkpoint-4'))
        caplog.clear()
        with caplog.at_level(logging.WARNING, 'model_lifecycle'): assert last_checkpoint(out)==str(out/'checkpoint-2')
        assert 'checkpoint-4 is passed over' in caplog.text and file in caplog.text
    assert trainer(out, **kw).train(resume_from_checkpoint=True).global_step==4
    assert last_checkpoint(out)==str(out/'checkpoint-4') and (out/'checkpoint-5-backup').is_dir()

def test_older_checkpoints_go_when_the_new_one_is_whole(tmp_path, monkeypatch):
    "What is named like a checkpoint stays, as do all while the new one is not whole"
    (tmp_path/'checkpoint-1-backup').mkdir()
    t = trainer(tmp_path, max_steps=6, save_steps=2, save_total_limit=1)
    t.train()
    assert {o.name for o in tmp_path.glob('checkpoint-*')}=={'checkpoint-6', 'checkpoint-1-backup'}
    def fail(folder): raise OSError(28, 'No space left on device')
    monkeypatch.setattr('model_lifecycle.trainer.write_manifest', fail)
    with pytest.raises(OSError, match='No space'): trainer(tmp_path, max_steps=8, save_steps=2, save_total_limit=1).train(resume_from_checkpoint=True)
    assert last_checkpoint(tmp_path)==str(tmp_path/'checkpoint-6')
