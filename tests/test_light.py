"`pip install model_lifecycle` brings what uses models: the wheel in an environment without the extras"
import gzip, json, subprocess
import numpy as np
import pytest
from model_lifecycle import StaticModelForClassification
from tests import light

heavy = 'torch','transformers','datasets','accelerate','sklearn','scipy','pyarrow','matplotlib','nltk','jieba'

@pytest.fixture(scope='module')
def env(tmp_path_factory): return light.environment(tmp_path_factory.mktemp('light'))

@pytest.fixture(scope='module')
def topics(student, bbc, tmp_path_factory):
    "A classifier with words, and its folder"
    texts,labels = bbc
    served = StaticModelForClassification.from_static_model(model=student[0]).fit(texts[::10], labels[::10]).to_pipeline()
    folder = tmp_path_factory.mktemp('topics')/'topics'
    served.save_pretrained(folder)
    return served,folder

def run(env, program, *args, **kwargs):
    return subprocess.run([env/program, *map(str, args)], env=light.os_env, capture_output=True, text=True, encoding='utf-8', **kwargs)

@pytest.fixture(scope='module')
def said(env, student, topics, bbc, tmp_path_factory):
    "What the script says, and the texts that it was given"
    texts = [*bbc[0][3:300:20], 'Zürich: the café', '']
    res = run(env, 'python', light.root/'tests'/'_light_script.py', student[1], topics[1], tmp_path_factory.mktemp('out'), input=json.dumps(texts))
    assert not res.returncode, res.stderr
    return json.loads(res.stdout), texts

def test_nothing_heavy_is_there(env):
    code = f'import importlib.util as u; print([o for o in {heavy!r} if u.find_spec(o)])'
    assert run(env, 'python', '-c', code).stdout=='[]\n'

def test_the_same_numbers(said, student, topics):
    res,texts = said
    model,served = student[0],topics[0]
    np.testing.assert_allclose(res['embeddings'], model.encode(texts), atol=1e-6)
    np.testing.assert_allclose(res['one'], model.encode(texts[0]), atol=1e-6)
    assert res['much']==res['embeddings']
    np.testing.assert_allclose(res['probabilities'], served.predict_proba(texts), atol=1e-6)
    assert res['labels']==served.predict(texts).tolist() and not res['loaded']
    assert res['again']==[64, *res['labels']]

extras = dict(StaticModelForClassification='train', TokenBatch='train', plot_history='train', StaticModelForRegression='train', distill='distill', TeacherModel='distill',
              PTuningModel='ptune', PTuningTrainer='ptune', text_metrics=None, lifecycle_demo='demo', StaticModel=None, StaticModelPipeline=None, read_rows=None,
              quantize_model=None, lifecycle_predict=None, lifecycle_encode=None, resolve_model=None, Chat=None)

def test_a_missing_extra_is_one_sentence(said):
    "Of every name and every room: it is there, or the error names it and the pip line"
    res,_ = said
    for name,error in res['names'].items():
        assert error is None or error.startswith(f'{name} needs ') and 'which is not installed: pip install \'model_lifecycle[' in error, error
    for name,extra in extras.items():
        assert (res['names'][name] or '[None]').endswith(f"[{extra}]'" if extra else '[None]'), (name, res['names'][name])
    assert res['rooms']=={k: None if k in ('tables', 'pipeline') else f"model_lifecycle.{k} needs torch, which is not installed: pip install 'model_lifecycle[{v}]'"
                          for k,v in dict(base='train', distillation='distill', prefix_model='ptune', demo='demo', tables='', pipeline='').items()}
    assert res['calls']==dict(evaluate="evaluate needs sklearn, which is not installed: pip install 'model_lifecycle[train]'",
                              cluster="quantize_model needs sklearn, which is not installed: pip install 'model_lifecycle[train]'")

def test_commands(env, topics, tmp_path):
    with gzip.open(tmp_path/'a.csv.gz', 'wt') as f: f.write('text,id\nFilm festival opens,7\nShares fall,8\n')
    res = run(env, 'lifecycle_predict', topics[1], tmp_path/'a.csv.gz', tmp_path/'b.jsonl.bz2', '--keep', 'id', '--label-column', 'id', '--quiet')
    assert not res.returncode and 'accuracy 0.000' in res.stdout, res.stderr
    res = run(env, 'lifecycle_predict', topics[1], tmp_path/'a.csv.gz', '-', '--keep', 'id', '--quiet')
    assert [json.loads(o)['id'] for o in res.stdout.splitlines()]==['7', '8'], res.stderr

@pytest.mark.parametrize('line,package,extra', [
    ('lifecycle_distill --help', 'torch', 'distill'), ('lifecycle_chat models/smollm2', 'torch', 'ptune'), ('lifecycle_ptune --help', 'transformers', 'ptune'),
    ('lifecycle_demo', 'torch', 'demo'), ('lifecycle_predict TOPICS a.txt b.parquet', 'pyarrow', 'data'), ('lifecycle_encode TOPICS a.parquet b.npy', 'pyarrow', 'data'),
    ('lifecycle_predict TOPICS a.csv b.csv --label-column x', 'sklearn', 'train')])
def test_a_command_without_its_extra(line, package, extra, env, topics, tmp_path):
    for name in 'a.txt','a.parquet','a.csv': (tmp_path/name).write_text('text,x\nShares fall,1\n')
    program,*args = line.replace('TOPICS', str(topics[1])).split()
    res = run(env, program, *args, cwd=tmp_path)
    assert (res.returncode, res.stderr.splitlines()[-1])==(2, f"{program}: error: {program} needs {package}, which is not installed: pip install 'model_lifecycle[{extra}]'")
    assert sorted(o.name for o in tmp_path.iterdir())==['a.csv', 'a.parquet', 'a.txt']
