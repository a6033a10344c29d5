"Whatever is done to a saved file, loading it names the file, or gives what the sound one gives"
import json, logging, shutil
from types import SimpleNamespace
import numpy as np, pytest, torch
from model_lifecycle import StaticModel, StaticModelForClassification, StaticModelPipeline
from model_lifecycle.checkpoint import Checkpoint
from model_lifecycle.teacher import TeacherModel
from model_lifecycle.teacher_cache import TeacherCache
from tests.mutations import kinds, mutations
from tests.tiny import save_bert, static_model, words

texts = ['the bank', 'money and interest', 'a striker', 'Goal goal', '', 'film of the computer game', 'zebra', 'rate '*30]

def same(a, b):
    "Are two results the same numbers and labels?"
    if isinstance(a, (tuple, list)): return len(a)==len(b) and all(map(same, a, b))
    if isinstance(a, dict): return a.keys()==b.keys() and all(same(a[k], b[k]) for k in a)
    a,b = np.asarray(a),np.asarray(b)
    return a.shape==b.shape and a.dtype==b.dtype and bool((a==b).all())

def outcome(load, folder, names, caplog):
    "What loading comes to: the result, or 'named' where the error or a warning names the folder and one of its files"
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

def check(kind, sound, other, load, tmp_path, caplog, n=200, seed=0, files=None):
    "Try `n` mutations of a folder; a summary of what came of them"
    expected = load(sound)
    copy,odd,counts = tmp_path/'copy',[],{}
    caplog.set_level(logging.WARNING, 'model_lifecycle')
    for what,damage in mutations(kind, seed, n, other, files):
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(sound, copy)
        done = damage(copy)
        try: ended,res = outcome(load, copy, kinds[kind], caplog)
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
    def recall(folder): return TeacherCache(teacher, folder).encode(texts[:4]).round(4)
    check('cache', place/'cache0', place/'cache1', recall, tmp_path, caplog, n=150)
