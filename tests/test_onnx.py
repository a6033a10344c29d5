"A model as an ONNX graph gives the numbers that the model gives"
import json, sys
import numpy as np, pytest, torch
from tokenizers import Tokenizer
from torch import nn
from model_lifecycle.classifier import StaticModelForClassification
from model_lifecycle.inference import StaticModel, quantize_model
from model_lifecycle.ngrams import NGrams
from model_lifecycle.onnx_export import export_onnx, lifecycle_export_onnx
from model_lifecycle.pipeline import StaticModelPipeline
from model_lifecycle.targets import StaticModelForRegression
from tests.tiny import static_model

onnxruntime = pytest.importorskip('onnxruntime')

words = 'the bank raised its interest rate; the striker scored a goal in the match'
texts = ['', 'bank', words, 'Zürich ☃ 銀行 [UNK] [PAD] bank\n\nmatch', 'unknownunknown ☃', (words+' ')*60, 'the the the the', '']

def exported(model, folder, inputs='mask', **options):
    "A function from texts to all that the exported graph gives"
    export_onnx(model, folder, inputs, **options)
    run = onnxruntime.InferenceSession(folder/'onnx'/'model.onnx').run
    tokenizer = Tokenizer.from_file(str(folder/'tokenizer.json'))
    def given(texts):
        encodings = tokenizer.encode_batch(texts)
        ids = [o.ids for o in encodings]
        if inputs=='mask':
            assert len(set(map(len, ids)))==1
            return dict(input_ids=ids, attention_mask=[o.attention_mask for o in encodings])
        return dict(input_ids=np.array([i for o in ids for i in o], np.int64), offsets=np.cumsum([0, *map(len, ids)])[:-1])
    return lambda texts: run(None, given(texts))

def same(found, expected): np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)

layers = dict(relu=nn.ReLU, gelu=nn.GELU, tanh=nn.Tanh, silu=nn.SiLU, elu=nn.ELU, sigmoid=nn.Sigmoid, mish=nn.Mish)

def pipeline(model, n, activation, hidden='relu', words=(), **kwargs):
    torch.manual_seed(0)
    head = nn.Sequential(nn.Linear(model.dim, 7), layers[hidden](), nn.Linear(7, n))
    classes = None if activation=='identity' else [f'class {i}' for i in range(n)]
    return StaticModelPipeline(model, head, classes, activation, words, **kwargs)

@pytest.fixture(scope='module')
def small(): return static_model(weights=np.linspace(0.1, 2, 22), normalize=True, max_length=5)

def test_static_models(student, tmp_path):
    "Every way that vectors are stored, and every setting that the embedding depends on"
    models = [student[0], quantize_model(student[0], vocabulary_quantization=20, quantize_to='int8', dimensionality=16),
              *(static_model(dtype=kind, max_length=None) for kind in ('float64', 'float32', 'float16', 'int8')),
              static_model(weights=np.linspace(0.1, 2, 22), max_length=3)]
    for inputs in 'mask','offsets':
        for i,model in enumerate(models):
            run = exported(model, tmp_path/f'{inputs} {i}', inputs)
            same(run(texts)[0], model.encode(texts))
            same(run([''])[0], model.encode(['']))

@pytest.mark.parametrize('inputs', ['mask', 'offsets'])
def test_pipelines(small, tmp_path, inputs):
    "Each kind of head, and words and pairs"
    rng = np.random.default_rng(0)
    grams = [NGrams(1, 22, np.arange(0, 22, 2), rng.random(11, np.float32), rng.normal(size=(11, 3))),
             NGrams(2, 22, np.sort(rng.choice(484, 200, False)), rng.random(200, np.float32), rng.normal(size=(200, 3))),
             NGrams(2, 22, np.array([], np.int64), np.array([], np.float32), np.zeros((0, 3), np.float32))]
    hot = pipeline(small, 3, 'softmax')
    hot.temperature = 2.5
    kinds = [hot, *(pipeline(small, 3, 'softmax', name) for name in layers),
             *(pipeline(small, 3, 'sigmoid', words=grams[:n]) for n in range(4)), pipeline(small, 3, 'softmax', words=grams)]
    for i,model in enumerate(kinds):
        probabilities,logits = exported(model, tmp_path/str(i), inputs)(texts)
        p = model.predict_proba(texts)
        same(probabilities, p)
        same(logits, model._logits(texts)/np.float32(model.temperature))
    numbers = pipeline(small, 2, 'identity')
    same(exported(numbers, tmp_path/'numbers', inputs)(texts)[0], numbers.predict(texts))

def test_trained(student, bbc, tmp_path):
    "What is trained on real texts: words, pairs and embeddings in one graph, several labels, numbers"
    news,labels = [o[:600] for o in bbc[0][::30]], bbc[1][::30]
    several = [[o, 'even'] if i%2 else [o] for i,o in enumerate(labels)]
    for name,y in dict(one=labels, many=several).items():
        model = StaticModelForClassification.from_static_model(model=student[0]).fit(news, y)
        assert model.to_pipeline().words
        run = exported(model, tmp_path/name)
        for read in news, texts: same(run(read)[0], model.predict_proba(read))
        said = json.loads((tmp_path/name/'config.json').read_text())
        assert list(said['id2label'].values())==model.classes.tolist()
    model = StaticModelForRegression.from_static_model(model=student[0]).fit(news, [float(len(o)) for o in news], max_epochs=1, show_progress_bar=False)
    found = exported(model, tmp_path/'numbers')(news)[0]
    np.testing.assert_allclose(found.reshape(len(news), -1), np.reshape(model.predict(news), (len(news), -1)), rtol=1e-5, atol=1e-3)

class Odd(StaticModelForClassification):
    def construct_head(self): return nn.Sequential(nn.LayerNorm(self.embed_dim), nn.Linear(self.embed_dim, self.out_dim))

def test_what_a_graph_cannot_hold(small, tmp_path, monkeypatch):
    "The error says how to have the part that it can hold; nothing is written"
    model = Odd.from_static_model(model=small, words=False).fit(['bank money', 'goal match']*9, ['a', 'b']*9, max_epochs=1, show_progress_bar=False)
    with pytest.raises(ValueError, match='LayerNorm.*`embeddings_only=True`'): export_onnx(model, tmp_path/'odd')
    assert not (tmp_path/'odd').exists()
    same(exported(model, tmp_path/'part', embeddings_only=True)(texts)[0], model.to_static_model().encode(texts))
    for name in [o for o in sys.modules if o.split('.')[0]=='onnx']: monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, 'path', [o for o in sys.path if 'packages' not in o])  # not installed
    with pytest.raises(ImportError, match=r"pip install 'model_lifecycle\[onnx\]'"): export_onnx(small, tmp_path/'none')
    assert not (tmp_path/'none').exists()

def test_command(tiny_folder, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    def run(*args):
        monkeypatch.setattr(sys, 'argv', ['lifecycle_export_onnx', *args])
        lifecycle_export_onnx()
        return capsys.readouterr()
    assert 'model → out/onnx/model.onnx' in run(str(tiny_folder), 'out', '--inputs', 'offsets').out
    with pytest.raises(SystemExit) as e: run(str(tmp_path), 'other')
    assert 'lifecycle_export_onnx: error: ' in f'{e.value}{capsys.readouterr().err}'
    assert {o.name for o in tmp_path.iterdir()}=={'out'}
