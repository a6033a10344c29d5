"A damaged or impossible model is refused with a sentence that names what is wrong"
import json, logging, os, shutil, struct, subprocess, sys, threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
import numpy as np, pytest, torch
from huggingface_hub.errors import LocalEntryNotFoundError
from safetensors.numpy import load_file, save_file
from safetensors.torch import save_file as save_torch
from model_lifecycle.files import resolve_model, warn_once
from model_lifecycle.inference import StaticModel
from model_lifecycle.pipeline import StaticModelPipeline
from model_lifecycle.prefix_model import PTuningModel
from tests._ptune_script import tiny
from tests.events import patience
from tests.tiny import static_model, word_tokenizer, words

clean_errors = FileNotFoundError, ValueError

def refused(folder, *names, exc=clean_errors, **kwargs):
    "Loading raises one of `exc`, no subclass that nobody expects, with a message that holds each of `names`"
    with pytest.raises(Exception) as e: StaticModel.from_pretrained(folder, **kwargs)
    assert e.type in (exc if isinstance(exc, tuple) else (exc,)), f'{e.type.__name__}: {e.value}'
    for n in names: assert n in str(e.value), str(e.value)

@pytest.fixture
def folder(tiny_folder, tmp_path):
    "A copy of a sound model, to damage"
    return shutil.copytree(tiny_folder, tmp_path/'model')

# -- files that are missing or cut off

def half(b): return b[:len(b)//2]
def noise(b): return np.random.default_rng(0).bytes(len(b))
def empty(b): return b''
def flipped(b): return bytes(o^255 for o in b)
files = 'model.safetensors','tokenizer.json','config.json','modules.json'

@pytest.mark.parametrize('file', files)
@pytest.mark.parametrize('damage', [half, noise, empty, flipped])
def test_damaged_file(file, damage, folder):
    (folder/file).write_bytes(damage((folder/file).read_bytes()))
    refused(folder, file, exc=ValueError)

@pytest.mark.parametrize('file', files[:2])
def test_missing_file(file, folder):
    (folder/file).unlink()
    refused(folder, file, 'is missing', exc=FileNotFoundError)

@pytest.mark.parametrize('file', files[:2])
def test_folder_for_a_file(file, folder):
    (folder/file).unlink()
    (folder/file).mkdir()
    refused(folder, file)

@pytest.mark.parametrize('file', files[2:])
def test_optional_file(file, folder):
    "Vectors and tokenizer are a model already"
    (folder/file).unlink()
    assert StaticModel.from_pretrained(folder).encode('bank').any()

def test_every_cut(folder):
    "Wherever the vectors' file ends too early"
    whole = (folder/'model.safetensors').read_bytes()
    for n in range(0, len(whole), 7):
        (folder/'model.safetensors').write_bytes(whole[:n])
        refused(folder, 'model.safetensors', exc=ValueError)

headers = dict(
    huge_header=lambda h, n: (h, 2**60),
    overlong_header=lambda h, n: (h, n+10**6),
    more_rows=lambda h, n: (h.replace(b'[22,8]', b'[99,8]'), n),
    other_offsets=lambda h, n: (h.replace(b'"data_offsets":[0,704]', b'"data_offsets":[4,708]'), n),
    unknown_type=lambda h, n: (h.replace(b'"F32"', b'"Q32"'), n),
    not_json=lambda h, n: (b'x'*len(h), n))

@pytest.mark.parametrize('case', headers)
def test_tampered_header(case, folder):
    f = folder/'model.safetensors'
    b = f.read_bytes()
    n, = struct.unpack('<Q', b[:8])
    header,length = headers[case](b[8:8+n], n)
    assert (header, length)!=(b[8:8+n], n), 'nothing was tampered with'
    f.write_bytes(struct.pack('<Q', length)+header+b[8+n:])
    refused(folder, 'model.safetensors', exc=ValueError)

# -- JSON that is not what it should be

@pytest.mark.parametrize('text', ['[]', 'null', '3', '"x"', 'true'])
def test_config_is_no_object(text, folder):
    (folder/'config.json').write_text(text)
    refused(folder, 'config.json', exc=ValueError)

@pytest.mark.parametrize('key,value', [('max_length', 'many'), ('max_length', -1), ('max_length', 1.5)])
def test_config_value(key, value, folder):
    (folder/'config.json').write_text(json.dumps({key: value}))
    refused(folder, key, exc=ValueError)

modules = dict(null='null', number='3', object='{"a": 1}', numbers='[1]', no_type='[{"path": ""}]', no_path='[{"type": "sentence_transformers.models.StaticEmbedding"}]',
               type_number='[{"type": 3, "path": ""}]')

@pytest.mark.parametrize('case', modules)
def test_modules(case, folder):
    (folder/'modules.json').write_text(modules[case])
    refused(folder, 'modules.json', exc=ValueError)

def test_no_static_embedding(folder):
    types = 'Transformer','Pooling'
    (folder/'modules.json').write_text(json.dumps([dict(idx=i, name=str(i), path='', type=f'sentence_transformers.models.{t}') for i,t in enumerate(types)]))
    refused(folder, 'model', 'without a StaticEmbedding', 'distil', exc=ValueError)

def test_module_folder_missing(folder):
    (folder/'modules.json').write_text('[{"type": "sentence_transformers.models.StaticEmbedding", "path": "0_StaticEmbedding"}]')
    refused(folder, '0_StaticEmbedding', 'is missing', exc=FileNotFoundError)

@pytest.mark.parametrize('text', ['{}', '[]', '{"model": {}}', '{"version": "1.0", "model": {"type": "Nonsense"}}'])
def test_tokenizer(text, folder):
    (folder/'tokenizer.json').write_text(text)
    refused(folder, 'tokenizer.json', exc=ValueError)

# -- arrays that do not fit

def vectors(*shape, dtype='float32'): return np.ones(shape, dtype)
def with_one(x, value):
    x[1, 1] = value
    return x

good = vectors(22, 8)
mapping = np.arange(22, dtype='int32')
tensors = dict(  # what the file holds, and what the error must say
    one_dimension=(dict(embeddings=vectors(22)), ['(22,)']),
    three_dimensions=(dict(embeddings=vectors(22, 8, 1)), ['(22, 8, 1)']),
    no_rows=(dict(embeddings=vectors(0, 8)), ['(0, 8)', '22 tokens']),
    no_columns=(dict(embeddings=vectors(22, 0)), ['(22, 0)']),
    too_few=(dict(embeddings=vectors(21, 8)), ['(21, 8)', '22 tokens']),
    too_many=(dict(embeddings=vectors(23, 8)), ['(23, 8)', '22 tokens']),
    nan=(dict(embeddings=with_one(vectors(22, 8), np.nan)), ['NaN']),
    infinite=(dict(embeddings=with_one(vectors(22, 8, dtype='float16'), -np.inf)), ['infinite']),
    int32=(dict(embeddings=vectors(22, 8, dtype='int32')), ["'int32'", 'float16']),
    uint8=(dict(embeddings=vectors(22, 8, dtype='uint8')), ["'uint8'"]),
    bool=(dict(embeddings=vectors(22, 8, dtype='bool')), ["'bool'"]),
    other_name=(dict(vectors=good), ['vectors', 'embeddings', 'distil']),
    none=({}, ['no arrays']),
    weights_short=(dict(embeddings=good, weights=vectors(21)), ['weights', '(21,)', '(22 tokens)']),
    weights_matrix=(dict(embeddings=good, weights=vectors(22, 1)), ['weights', '(22, 1)']),
    weights_nan=(dict(embeddings=good, weights=vectors(22)*np.nan), ['weights', 'NaN']),
    mapping_short=(dict(embeddings=good, mapping=mapping[:21]), ['22 tokens', '21']),
    mapping_high=(dict(embeddings=good[:20], mapping=mapping), ['mapping', '21', '0 to 19']),
    mapping_negative=(dict(embeddings=good, mapping=mapping-1), ['mapping', '-1']),
    mapping_matrix=(dict(embeddings=good, mapping=mapping[:, None]), ['mapping', '(22, 1)']),
    mapping_floats=(dict(embeddings=good, mapping=mapping.astype('float32')), ['mapping', 'float32']))

@pytest.mark.parametrize('case', tensors)
def test_tensors(case, folder):
    arrays,names = tensors[case]
    save_file(arrays, folder/'model.safetensors')
    refused(folder, *names, exc=ValueError)

def test_bfloat16(folder):
    "numpy has no such type; each of its numbers is a float32"
    numbers = torch.randn(22, 8, dtype=torch.bfloat16)
    save_torch(dict(embeddings=numbers), folder/'model.safetensors')
    model = StaticModel.from_pretrained(folder)
    np.testing.assert_array_equal(model.embedding, numbers.float().numpy())
    save_torch(dict(embeddings=numbers*torch.nan), folder/'model.safetensors')
    refused(folder, 'model.safetensors', 'NaN', exc=ValueError)

def test_sound_tensors(folder):
    "The same table's sound neighbours load"
    for arrays in dict(embeddings=good),dict(embeddings=good, weights=vectors(22), mapping=mapping),{'embedding.weight': good}:
        save_file(arrays, folder/'model.safetensors')
        assert StaticModel.from_pretrained(folder).encode('bank').any()

# -- tokenizers that do not fit

def test_other_tokenizer(folder):
    word_tokenizer(words[:5]).save(str(folder/'tokenizer.json'))
    refused(folder, 'tokenizer.json', 'files of two models are mixed', 'verify=False', exc=ValueError)
    refused(folder, '(22, 8)', '7 tokens', exc=ValueError, verify=False)

def test_gaps(folder):
    "As many tokens as vectors, but an id beyond them"
    t = json.loads((folder/'tokenizer.json').read_text())
    t['model']['vocab'][words[-1]] = 99
    (folder/'tokenizer.json').write_text(json.dumps(t))
    refused(folder, '22', '99', exc=ValueError, verify=False)

# -- trained layers, and code

changed = 'is not what head.safetensors was saved with'
heads = dict(  # a change of the configuration, what the error says, and what it says where a change is the user's own; None: it loads
    layers_without_end=(dict(n_layers=10**12), *2*['n_layers` is 1000000000000 where']),
    many_layers=(dict(n_layers=999), changed, 'among others'),
    unknown_activation=(dict(activation='swish'), *2*["activation` is 'swish' where one of"]),
    unknown_between=(dict(hidden_activation='swish'), *2*["hidden_activation` is 'swish' where one of"]),
    a_label_twice=(dict(classes=['a', 'a']), *2*["classes` is ['a', 'a'] where a list of distinct"]),
    other_labels=(dict(classes=['b', 'a']), changed, None),
    a_label_more=(dict(classes=['a', 'b', 'c']), changed, '(3 outputs'),
    no_number=(dict(thresholds=[float('nan'), 0.5]), *2*['thresholds[0]` is nan where a finite number']))

@pytest.mark.parametrize('verify', [True, False])
@pytest.mark.parametrize('case', heads)
def test_head(case, verify, tmp_path):
    change,says = heads[case][0],heads[case][1+(not verify)]
    layers = torch.nn.Sequential(torch.nn.Linear(8, 4), torch.nn.ReLU(), torch.nn.Linear(4, 2))
    StaticModelPipeline(static_model(), layers, ['a', 'b']).save_pretrained(tmp_path/'m')
    path = tmp_path/'m'/'config.json'
    config = json.loads(path.read_text())
    config['head_config'] |= change
    path.write_text(json.dumps(config))
    def load(): return StaticModelPipeline.from_pretrained(tmp_path/'m', verify=verify)
    if says is None: return load()
    with pytest.raises(ValueError) as e: load()
    assert e.type is ValueError and says in str(e.value) and str(tmp_path/'m') in str(e.value), e.value

@pytest.mark.parametrize('text', ['['*100_000, '{"a": '*50_000])
@pytest.mark.parametrize('file', ['config.json', 'modules.json', 'tokenizer.json'])
def test_deep_json(file, text, folder):
    (folder/file).write_text(text)
    refused(folder, file, exc=ValueError)

def test_code_of_a_base_model_is_not_run(tmp_path):
    "Nor is anybody asked at the terminal, unless they say `trust_remote_code`"
    code = tmp_path/'theirs'
    code.mkdir()
    (code/'config.json').write_text(json.dumps(dict(model_type='theirs', auto_map=dict(AutoConfig='theirs.Config', AutoModelForCausalLM='theirs.Model'))))
    (code/'theirs.py').write_text(f"open({str(tmp_path/'run')!r}, 'w')\n")
    PTuningModel.from_base(tiny(), 4).save_pretrained(tmp_path/'prefix')
    adapter = tmp_path/'prefix'/'adapter_config.json'
    adapter.write_text(json.dumps(json.loads(adapter.read_text()) | dict(base_model_name_or_path=str(code))))
    with pytest.raises(ValueError, match='trust_remote_code'): PTuningModel.from_pretrained(tmp_path/'prefix')
    assert not (tmp_path/'run').exists()

# -- places

def test_empty_folder(tmp_path): refused(tmp_path, 'model.safetensors', 'is missing', exc=FileNotFoundError)

def test_file_for_a_folder(folder): refused(folder/'config.json', 'config.json', exc=FileNotFoundError)

def test_missing_subfolder(folder): refused(folder, "'inner'", 'subfolder', exc=FileNotFoundError, subfolder='inner')

@pytest.mark.parametrize('name', ['', 'a/b/c', './nowhere', 'no such model', '/nowhere', '-x', 'a'*200, 'a\x00b'])
def test_impossible_name(name): refused(name, repr(name)[1:-1], exc=(FileNotFoundError, ValueError))

options = dict(quantize_to=['int4', 'bfloat16', 3], dimensionality=[0, 9, -1], vocabulary_quantization=[0, 22, -3], max_length=[0, -1, 'many', 1.5])

@pytest.mark.parametrize('option,value', [(k, v) for k,vs in options.items() for v in vs])
def test_options(option, value, folder): refused(folder, 'dtype' if option=='quantize_to' else option, str(value), exc=(ValueError, TypeError), **{option: value})

def test_shared_twice(folder):
    save_file(load_file(folder/'model.safetensors')|dict(mapping=mapping), folder/'model.safetensors')
    refused(folder, 'already shares', exc=ValueError, vocabulary_quantization=3)

# -- what cannot be encoded

@pytest.mark.parametrize('kwargs', [dict(batch_size=0), dict(batch_size=-1), dict(max_length=0), dict(max_length=-1)], ids=str)
def test_encode_options(kwargs):
    with pytest.raises(ValueError, match=next(iter(kwargs))): static_model().encode(['bank', 'money rate'], **kwargs)

@pytest.mark.parametrize('value', [None, 3, 2.5, b'x', ['x'], float('nan')], ids=repr)
@pytest.mark.parametrize('method', ['encode', 'encode_as_sequence', 'tokenize'])
def test_not_a_string(value, method):
    with pytest.raises(TypeError, match='Text 2 is .*not a string'): getattr(static_model(), method)(['a', 'b', value])

def test_half_a_surrogate():
    with pytest.raises(ValueError, match='Text 1 .*surrogate'): static_model().encode(['a', 'b\ud800'])

# -- the Hub

class Hub(BaseHTTPRequestHandler):
    "Answers with the status that the asked name ends in"
    def do_GET(self):
        end = self.path.split('?')[0].split('/revision')[0][-3:]
        status = int(end) if end.isdigit() else 404
        self.send_response(status)
        codes = {404: 'RepoNotFound', 403: 'GatedRepo'}
        if status in codes: self.send_header('X-Error-Code', codes[status])
        self.send_header('Content-Length', '0')
        self.end_headers()
    do_HEAD = do_GET
    def log_message(self, *args): pass

@pytest.fixture(scope='module')
def answers():
    "What `resolve_model` makes of a Hub that refuses, by a process of its own, since the Hub's address is read at import"
    code = ('import sys; from model_lifecycle import resolve_model\n'
            'for name in sys.argv[1:]:\n'
            '    try: resolve_model(name)\n'
            '    except Exception as e: print(name, type(e).__name__, str(e).replace(chr(10), " "), sep="|")\n')
    server = ThreadingHTTPServer(('127.0.0.1', 0), Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    env = {**os.environ, 'HF_HUB_OFFLINE': '0', 'HF_ENDPOINT': f'http://127.0.0.1:{server.server_port}', 'NO_PROXY': '127.0.0.1', 'HF_HUB_DISABLE_TELEMETRY': '1',
           'HF_HUB_ETAG_TIMEOUT': f'{patience}', 'HF_HUB_DOWNLOAD_TIMEOUT': f'{patience}'}
    try: res = subprocess.run([sys.executable, '-c', code, *(f'owner/model{s}' for s in (401, 403, 404))], env=env, capture_output=True, text=True)
    finally: server.shutdown()
    assert res.returncode==0, res.stderr
    return {l.split('|')[0][-3:]: l.split('|')[1:] for l in res.stdout.splitlines()}

@pytest.mark.parametrize('status', ['401', '403', '404'])
def test_hub_refuses(status, answers):
    exc,message = answers[status]
    assert exc=='FileNotFoundError'
    for o in f'owner/model{status}','the Hub does not hand it out',status,'`token`': assert o in message, message

def offline(*args, **kwargs): raise LocalEntryNotFoundError('Cannot reach the Hub.')

@pytest.mark.parametrize('name', ['sentence-transformers/all-MiniLM-L6-v2', 'all-MiniLM-L6-v2'])
def test_unreachable_bundled(name, minilm_path, caplog, monkeypatch):
    "The bundled copy is used, and the log says so, once a process"
    monkeypatch.setattr('huggingface_hub.snapshot_download', offline)
    warn_once.cache_clear()  # as in a process that has not said it yet
    with caplog.at_level(logging.WARNING): found,_ = resolve_model(name),resolve_model(name)
    assert found==minilm_path and (found/'model.safetensors').is_file()
    message, = caplog.messages
    assert 'cannot be reached' in message and name in message and str(found) in message

def test_unreachable_subfolder(minilm_path, caplog):
    assert resolve_model('all-MiniLM-L6-v2', subfolder='1_Pooling')==minilm_path/'1_Pooling'
    with pytest.raises(FileNotFoundError, match="no folder 'nothing'"): resolve_model('all-MiniLM-L6-v2', subfolder='nothing')

@pytest.mark.parametrize('name', ['owner/model', 'model', 'sentence-transformers/all-MiniLM-L12-v2'])
def test_unreachable(name, caplog, monkeypatch):
    monkeypatch.setattr('huggingface_hub.snapshot_download', offline)
    with pytest.raises(FileNotFoundError, match=f'{name!r}.*cannot be reached.*all-MiniLM-L6-v2.*connect'): resolve_model(name)
    assert not caplog.messages

def test_local_first(tmp_path, monkeypatch):
    "A folder of the name wins, and the Hub is not asked"
    (tmp_path/'owner'/'model').mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr('huggingface_hub.snapshot_download', lambda *a, **k: pytest.fail('asked'))
    assert resolve_model('owner/model').resolve()==tmp_path/'owner'/'model'

def test_download(tmp_path, monkeypatch):
    "What is passed on to the Hub: no pickled weights, only the subfolder's files, the token"
    calls = []
    monkeypatch.setattr('huggingface_hub.snapshot_download', lambda name, **kwargs: calls.append((name, kwargs)) or tmp_path)
    (tmp_path/'inner').mkdir()
    assert resolve_model('owner/model', 'inner', token='secret', force_download=True)==tmp_path/'inner'
    (name,kwargs), = calls
    assert (name, kwargs['token'], kwargs['force_download'])==('owner/model', 'secret', True)
    assert all(p.startswith('inner/') and not p.endswith(('.bin', '.pt', '.pkl')) for p in kwargs['allow_patterns'])
