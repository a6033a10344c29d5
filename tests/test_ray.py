"Passes over folders of Parquet with a local Ray of two workers: the rows of the local path, whatever is killed"
import json, os, signal, sys
from pathlib import Path
import numpy as np, pyarrow as pa, pytest, torch
from pyarrow import parquet
from torch import nn
from model_lifecycle.inference import StaticModel, lifecycle_encode
from model_lifecycle.pipeline import StaticModelPipeline, lifecycle_predict
from model_lifecycle.ray_engine import run_parts
from tests.tiny import save_bert, static_model, words

@pytest.fixture(scope='module')
def ray():
    "Started once for all checks, without a dashboard, with two cores, as small as may be"
    ray = pytest.importorskip('ray')
    from model_lifecycle.ray_engine import ray_settings
    os.environ.update(ray_settings)
    small = {} if 'RAY_ADDRESS' in os.environ else dict(num_cpus=2, include_dashboard=False, object_store_memory=100_000_000)
    ray.init(log_to_driver=False, logging_level='ERROR', **small)
    yield ray
    ray.shutdown()

@pytest.fixture(scope='module')
def home(tmp_path_factory):
    "A folder with a static model, a pipeline, and Parquet files of which one is empty and one lies deeper"
    home = tmp_path_factory.mktemp('ray')
    model = static_model(max_length=4, normalize=True)
    model.save_pretrained(home/'static')
    torch.manual_seed(0)
    StaticModelPipeline(model, nn.Linear(8, 2), ['money', 'sport']).save_pretrained(home/'topics')
    rng = np.random.default_rng(0)
    for i,n in enumerate([7, 0, 40, 3]):
        texts = [' '.join(rng.choice(words, 5)) for _ in range(n)]
        write_texts(home/'texts'/('deeper'*(i==3))/f'part-{i}.parquet', texts)
    return home

def write_texts(path, texts):
    path.parent.mkdir(parents=True, exist_ok=True)
    n = len(texts)
    parquet.write_table(pa.table(dict(id=pa.array(range(n), pa.int64()), text=pa.array(texts, pa.string()))), path)

def parts_of(folder): return {o.relative_to(folder).as_posix(): o for o in sorted(folder.rglob('*.parquet'))}

def same_as_local(command, model, source, folder, **options):
    "Does each part hold the rows that the command writes for it without Ray, in their order?"
    parts = parts_of(source)
    assert parts_of(folder).keys()==parts.keys()
    for name,path in parts.items():
        command(model, path, folder.parent/'local.parquet', quiet=True, **options)
        assert parquet.read_table(folder/name).equals(parquet.read_table(folder.parent/'local.parquet')), name

class Mortal(StaticModel):
    "It kills its process the first time that it embeds forty texts"
    def encode(self, sentences, **kwargs):
        if len(sentences)==40 and not Path(self.config['marker']).exists():
            Path(self.config['marker']).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return super().encode(sentences, **kwargs)

def test_worker_killed(ray, home, tmp_path, capsys):
    "One worker dies in the middle of a part: nothing is lost, and nothing is there twice"
    model = Mortal.from_pretrained(home/'static')
    model.config['marker'] = str(tmp_path/'killed')
    model.save_pretrained(tmp_path/'mortal')
    run_parts(lifecycle_encode, Mortal.from_pretrained, str(tmp_path/'mortal'), str(home/'texts'), str(tmp_path/'out'),
              column='text', keep='id', num_workers=2, quiet=True)
    assert (tmp_path/'killed').exists()
    assert '50 texts in 4 parts → out' in capsys.readouterr().out
    same_as_local(lifecycle_encode, home/'static', home/'texts', tmp_path/'out', keep='id')
    assert not [o for o in tmp_path.rglob('.*') if o.name.endswith('.new') and o.parent.name!='out']

def test_run_goes_on(ray, home, tmp_path):
    "A run that ended in the middle keeps what is done, and the same command does the rest"
    source = tmp_path/'texts'
    for name,path in parts_of(home/'texts').items(): write_texts(source/name, parquet.read_table(path)['text'].to_pylist())
    write_texts(source/'part-9.parquet', ['a bank', None])
    def run(): lifecycle_predict(str(home/'topics'), str(source), str(tmp_path/'out'), probabilities=True, keep='id', engine='ray', num_workers=1, quiet=True)
    with pytest.raises(ValueError, match=r'part-9.parquet: Text 1 is None'): run()
    kept = {name: o.stat().st_mtime_ns for name,o in parts_of(tmp_path/'out').items()}
    assert kept and 'part-9.parquet' not in kept
    write_texts(source/'part-9.parquet', ['a bank', 'a goal'])
    run()
    assert {name: o.stat().st_mtime_ns for name,o in parts_of(tmp_path/'out').items() if name in kept}==kept
    same_as_local(lifecycle_predict, home/'topics', source, tmp_path/'out', probabilities=True, keep='id')

def test_teacher(ray, tmp_path):
    "Workers read what a teacher is asked, batch for batch as one process does"
    from model_lifecycle.teacher import TeacherModel
    from model_lifecycle.teacher_cache import TeacherCache
    save_bert(tmp_path/'bert')
    teacher = TeacherModel.from_pretrained(tmp_path/'bert', 'cpu')
    texts = [' '.join(words[i%7:i%7+i%5+1]) for i in range(60)]
    caches = [TeacherCache(teacher, tmp_path/engine, max_tokens=20, engine=engine) for engine in ('local', 'ray')]
    local,ray = (o.encode(texts) for o in caches)
    np.testing.assert_array_equal(local, ray)
    # what was read is remembered, and the folder is as good for the other engine
    again = TeacherCache(teacher, tmp_path/'ray', max_tokens=20)
    again._read_new = None
    np.testing.assert_array_equal(again.encode(texts), ray)

def test_distil(ray, tmp_path):
    "The student of a corpus that workers read is that of one process"
    from model_lifecycle.distillation import lifecycle_distill
    save_bert(tmp_path/'bert')
    rng = np.random.default_rng(0)
    corpus = tmp_path/'corpus.txt'
    corpus.write_text('\n'.join(' '.join(rng.choice(words, 6)) for _ in range(300)), encoding='utf-8')
    for engine in 'local','ray':
        lifecycle_distill(str(tmp_path/'bert'), str(tmp_path/engine), corpus=str(corpus), pca_dims='4', cache_dir=str(tmp_path/f'{engine}-cache'),
                          engine=engine, num_workers=int(engine == 'ray'), quiet=True)
    local,ray = (StaticModel.from_pretrained(tmp_path/engine) for engine in ('local', 'ray'))
    np.testing.assert_array_equal(local.embedding, ray.embedding)
    assert (local.tokens, local.config) == (ray.tokens, ray.config)

def refused(command, *args, **options):
    "The error of a command, before Ray is started"
    with pytest.raises((ValueError, ImportError)) as e: command(*map(str, args), quiet=True, engine='ray', **options)
    return str(e.value)

def test_what_is_refused(home, tmp_path, monkeypatch):
    "One sentence each, and nothing is written"
    texts,out = home/'texts',tmp_path/'out'
    static = home/'static'
    (tmp_path/'empty').mkdir()
    write_texts(tmp_path/'mixed'/'a.parquet', ['a'])
    parquet.write_table(pa.table(dict(body=['a'])), tmp_path/'mixed'/'b.parquet')
    write_texts(tmp_path/'one'/'a.parquet', ['a'])
    (tmp_path/'broken').mkdir()
    (tmp_path/'broken'/'a.parquet').write_text('no Parquet')
    before = sorted(tmp_path.rglob('*'))
    assert 'holds no Parquet file: give a folder' in refused(lifecycle_encode, static, tmp_path/'empty', out)
    assert 'is not a folder: with `engine` ray' in refused(lifecycle_encode, static, texts/'part-0.parquet', out)
    assert "b.parquet has no column 'text', only 'body'" in refused(lifecycle_encode, static, tmp_path/'mixed', out)
    assert 'a.parquet cannot be read' in refused(lifecycle_encode, static, tmp_path/'broken', out)
    assert 'holds the output of another run (part-3.parquet, of which' in refused(lifecycle_encode, static, tmp_path/'one', texts/'deeper')
    assert 'is also `input`' in refused(lifecycle_encode, static, texts, texts)
    assert 'leave out `label_column`' in refused(lifecycle_predict, home/'topics', texts, out, label_column='id')
    with pytest.raises(ValueError, match="give 'local' or 'ray'"): lifecycle_encode(str(static), str(texts), str(out), engine='dask')
    for name in [o for o in sys.modules if o.split('.')[0]=='ray']: monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, 'path', [o for o in sys.path if 'packages' not in o])  # not installed
    assert "pip install 'model_lifecycle[ray]'" in refused(lifecycle_encode, static, texts, out)
    assert sorted(tmp_path.rglob('*'))==before
