"Editors and checkers see what the package has"
import json, subprocess, sys
import jedi
from model_lifecycle import _public
from tests.test_sync import root
sys.path.insert(0, str(root/'tools'))
import stubs

def test_in_step():
    there = {p.name: p.read_text(encoding='utf-8') for p in (root/'model_lifecycle').glob('*.pyi')}
    made = stubs.stubs()
    assert [k for k in there.keys()|made.keys() if there.get(k)!=made.get(k)]==[], 'run python tools/export.py'

def completed(code):
    script,lines = jedi.Script(code, project=jedi.Project(root)),code.split('\n')
    return [o.name for o in script.complete(len(lines), len(lines[-1]))]

def test_completion():
    assert completed('from model_lifecycle import StaticModel\nStaticModel.en')==['encode', 'encode_as_sequence']
    assert completed('from model_lifecycle import StaticModel\nStaticModel.from_pretrained("x").dim')==['dim']
    assert completed('import model_lifecycle\nmodel_lifecycle.StaticModelP')==['StaticModelPipeline']

right = '''
import numpy as np
from model_lifecycle import StaticModel, StaticModelForClassification, StaticModelPipeline, distill, read_texts
from model_lifecycle.inference import TeacherModel
import model_lifecycle
model = StaticModel.from_pretrained('x', normalize=True)
x: np.ndarray = model.encode(['a'], show_progress_bar=True)
n: int = model.dim
_ = model.config['a'], model.tokenizer, model.max_length, model.fit(['a']).transform(['b'])
classifier = StaticModelForClassification.from_static_model(model=model).fit(['a'], ['b'], epochs=2)
served: StaticModelPipeline = classifier.to_pipeline()
_ = served.predict_proba(['a']), served.evaluate(['a'], ['b']), served.classes, served.model.dim, served.score(['a'], ['b'])
distill('teacher', pca_dims=256).save_pretrained('student')
print(model_lifecycle.__version__, *read_texts('a.txt', delimiter=';'))
'''
wrong = ['model.encod(["a"])', 'model_lifecycle.StaticModle', 'served.clases', 'distill("teacher", pca_dim=256)', 'model.encode(["a"], progress=1, normalize="yes")']

def test_checking(tmp_path):
    "Right code passes, and a misspelt method, name, property or parameter is found"
    (tmp_path/'code.py').write_text(right+'\n'.join(wrong)+'\n')
    (tmp_path/'pyrightconfig.json').write_text(json.dumps(dict(extraPaths=[str(root)])))
    res = subprocess.run([sys.executable, '-m', 'pyright', '--pythonpath', sys.executable, '--outputjson', '-p', tmp_path], capture_output=True, text=True)
    found = {o['range']['start']['line'] for o in json.loads(res.stdout)['generalDiagnostics'] if o['severity']=='error'}
    first = right.count('\n')
    assert found==set(range(first, first+len(wrong))), res.stdout
