"model2vec and sentence-transformers read our folders, we read theirs, and the embeddings are the same"
import inspect, json, os, re, subprocess, sys
from pathlib import Path
import model2vec, numpy as np, pytest, torch
from model2vec.distill import distill as peer_distill, distill_from_model as peer_distill_from_model
from model2vec.distill.inference import PoolingMode as PeerPooling, apply_pca as peer_apply_pca, compute_weights as peer_compute_weights, create_embeddings as peer_create_embeddings
from model2vec.model import quantize_model as peer_quantize_model
from safetensors.numpy import save_file
from safetensors.torch import save_file as save_torch
from scipy.stats import spearmanr
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Normalize, StaticEmbedding
from tokenizers import Tokenizer
from model_lifecycle import (PoolingMode, StaticModel, TeacherModel, apply_pca, compute_weights, create_embeddings, distill,
                             distill_from_model, quantize_model)
from tests import assets
from tests.tiny import save_bert, static_model

load_peer = dict(model2vec=model2vec.StaticModel.from_pretrained, sentence_transformers=lambda p: SentenceTransformer(str(p), device='cpu'))
peers = list(load_peer)

@pytest.fixture(scope='module')
def texts(bbc):
    "300 sentences of BBC news, texts without tokens, and a document of 1,000 words"
    articles = bbc[0][::20]
    sents = [s.strip() for a in articles for s in re.split(r'(?<=[.?!])\s+', a) if 20<len(s)<300][:300]
    return [*sents, '', ' \t', ' '.join(' '.join(articles).split()[:1000])]

@pytest.fixture(scope='module')
def shared(student): return quantize_model(student[0], vocabulary_quantization=50)

def changed(model, normalize=True, max_length=512, **kwargs):
    "A new model from `model`, quantised by `kwargs`"
    res = quantize_model(model, **kwargs)
    res.normalize,res.max_length = normalize,max_length
    return res

def same(x, y, min_cos=0.9999):
    "Rows have the same directions and, up to half-precision rounding, the same lengths; or are zeros in both"
    x,y = np.asarray(x, np.float64),np.asarray(y, np.float64)
    a,b = np.linalg.norm(x, axis=1),np.linalg.norm(y, axis=1)
    np.testing.assert_array_equal(a==0, b==0)
    np.testing.assert_allclose(a, b, rtol=2e-3)
    assert ((x*y).sum(1)[a>0] >= min_cos*(a*b)[a>0]).all()

# -- they load ours

variants = dict(
    float16={}, float32=dict(quantize_to='float32'), float64=dict(quantize_to='float64'), int8=dict(quantize_to='int8'), reduced=dict(dimensionality=64),
    raw=dict(normalize=False), raw32=dict(quantize_to='float32', normalize=False), short=dict(max_length=10), long=dict(max_length=None),
    raw_long=dict(normalize=False, max_length=None, dimensionality=100))
shared_variants = dict(float16={}, int8=dict(quantize_to='int8'), raw8=dict(quantize_to='int8', normalize=False), short=dict(max_length=10))

def short_words(text): return ' '.join(w for w in text.split() if len(w)<5)

def they_load_ours(model, peer, texts, folder):
    if (peer, model.max_length)==('model2vec', 10): texts = [short_words(t) for t in texts]  # why: `test_long_words`
    model.save_pretrained(folder)
    ours,theirs = model.encode(texts),load_peer[peer](folder).encode(texts)
    same(ours, theirs)

@pytest.mark.parametrize('peer', peers)
@pytest.mark.parametrize('variant', variants)
def test_they_load_ours(variant, peer, student, texts, tmp_path):
    they_load_ours(changed(student[0], **variants[variant]), peer, texts, tmp_path/'m')

def test_weights_of_one(student, texts, tmp_path):
    """What sentence-transformers makes of folders without weights: NaN of empty texts in float16, an error of int8. Ours have weights,
    which it computes with in float32; they are all one, and model2vec gives the same as without"""
    empty = ['', ' ', '\u200b']
    theirs = model2vec.StaticModel.from_pretrained(student[1])
    assert (theirs.weights==1).all() and student[0].weights is None and StaticModel.from_pretrained(student[1]).weights is None
    theirs.weights = None
    theirs.save_pretrained(tmp_path/'theirs')
    assert np.isnan(SentenceTransformer(str(tmp_path/'theirs'), device='cpu').encode(empty)).all()
    ours = SentenceTransformer(str(student[1]), device='cpu')
    assert not ours.encode(empty).any() and ours.encode(empty).dtype==np.float32
    np.testing.assert_allclose(ours.encode(texts[:300]), student[0].encode(texts[:300]), atol=1e-6)
    np.testing.assert_array_equal(model2vec.StaticModel.from_pretrained(student[1]).encode(texts), theirs.encode(texts))
    peer_quantize_model(theirs, quantize_to='int8').save_pretrained(tmp_path/'int8')
    with pytest.raises(RuntimeError, match='floating point'): SentenceTransformer(str(tmp_path/'int8'), device='cpu')

@pytest.mark.parametrize('peer', peers)
@pytest.mark.parametrize('variant', shared_variants)
def test_they_load_shared(variant, peer, shared, texts, tmp_path): they_load_ours(changed(shared, **shared_variants[variant]), peer, texts, tmp_path/'m')

def test_they_load_subfolder(student, texts, tmp_path):
    student[0].save_pretrained(tmp_path, subfolder='a/b')
    same(student[0].encode(texts), model2vec.StaticModel.from_pretrained(tmp_path, subfolder='a/b').encode(texts))

def test_attributes(student, shared, tmp_path):
    "What model2vec knows about the model is what we know"
    shared.save_pretrained(tmp_path/'shared')
    for m,folder in student,(shared, tmp_path/'shared'):
        p = model2vec.StaticModel.from_pretrained(folder)
        for o in 'dim tokens normalize max_length embedding_dtype vocabulary_quantization language base_model_name unk_token_id'.split(): assert getattr(m, o)==getattr(p, o), o
        for o in 'embedding','token_mapping': np.testing.assert_array_equal(getattr(m, o), getattr(p, o))
        np.testing.assert_array_equal(1 if m.weights is None else m.weights, p.weights)  # why: `test_weights_of_one`
        assert type(m.tokens) is type(p.tokens)

# -- where they differ, and how

def mean_of(model, ids): return model._rows(np.array(ids, np.int64)).mean(0)

@pytest.fixture(scope='module')
def raw(student, tmp_path_factory):
    "(model of raw float32 embeddings of at most 12 tokens, model2vec's, sentence-transformers')"
    model = changed(student[0], quantize_to='float32', normalize=False, max_length=12)
    folder = tmp_path_factory.mktemp('raw')/'m'
    model.save_pretrained(folder)
    return model,*(load(folder) for load in load_peer.values())

@pytest.mark.parametrize('text', ['bank \U0001f9a9 money', '\U0001f9a9', '\U0001f9a9 goal', 'the \ufffd\x00\u200b rate'])
def test_unknown_tokens(text, raw):
    "We and model2vec drop unknown tokens; sentence-transformers counts the vector of [UNK]"
    ours,m2v,st = raw
    ids = ours.tokenizer.encode(text, add_special_tokens=False).ids
    np.testing.assert_allclose(ours.encode(text), m2v.encode(text), atol=1e-6)
    np.testing.assert_allclose(st.encode(text), mean_of(ours, ids), atol=1e-6)

def test_truncation(raw):
    "We drop unknown tokens and then cut; the peers cut first, so what is unknown takes the place of what is known"
    ours,m2v,st = raw
    text = '\U0001f9a9 bank '*8+'football'
    ids = ours.tokenizer.encode(text, add_special_tokens=False).ids
    assert len(ids)==17 and ours.tokenize([text], 12)[0]==[i for i in ids if i!=ours.unk_token_id]
    np.testing.assert_allclose(ours.encode(text), mean_of(ours, ours.tokenize([text])[0]), atol=1e-6)
    np.testing.assert_allclose(m2v.encode(text), mean_of(ours, [i for i in ids[:12] if i!=ours.unk_token_id]), atol=1e-6)
    np.testing.assert_allclose(st.encode(text), mean_of(ours, ids[:12]), atol=1e-6)

def test_long_words(raw):
    "model2vec first cuts a text to `max_length` times the median token's characters: long words lose tokens that we count"
    ours,m2v,_ = raw
    text = 'responsibilities representatives '*10
    chars = int(np.median([len(t) for t in ours.tokens]))
    assert len(ours.tokenize([text], 5)[0])==5
    np.testing.assert_allclose(m2v.encode(text, max_length=5), ours.encode(text[:5*chars], max_length=5), atol=1e-6)
    assert not np.allclose(m2v.encode(text, max_length=5), ours.encode(text, max_length=5), atol=1e-3)
    np.testing.assert_allclose(m2v.encode(text, max_length=None), ours.encode(text, max_length=None), atol=1e-6)

def test_result_types(student):
    "We always give float32 and answer an empty list; model2vec gives the stored dtype and fails"
    ours,m2v = student[0],model2vec.StaticModel.from_pretrained(student[1])
    assert (ours.encode(['a']).dtype, m2v.encode(['a']).dtype)==(np.float32, np.float16)
    assert ours.encode([]).shape==(0, 256)
    with pytest.raises(ValueError): m2v.encode([])

def test_sequences(student, texts):
    ours,m2v = student[0],model2vec.StaticModel.from_pretrained(student[1])
    for a,b in zip(ours.encode_as_sequence(texts), m2v.encode_as_sequence(texts), strict=True): np.testing.assert_array_equal(a, b.astype(np.float32))
    assert ours.tokenize(texts[:300])==m2v.tokenize(texts[:300])

# -- we load theirs

theirs = dict(float16={}, int8=dict(quantize_to='int8'), float32=dict(quantize_to='float32', dimensionality=50),
              shared=dict(vocabulary_quantization=7), shared8=dict(vocabulary_quantization=7, quantize_to='int8'))

@pytest.mark.parametrize('variant', theirs)
def test_we_load_model2vec(variant, peer_student, texts, tmp_path):
    if variant.startswith('shared'):  # of few words, since to cluster many takes long
        static_model(dim=16, normalize=True).save_pretrained(tmp_path/'tiny')
        peer_student,texts = model2vec.StaticModel.from_pretrained(tmp_path/'tiny'),texts[:-1]
    model = peer_quantize_model(peer_student, **theirs[variant])
    for o in None,'inner':
        model.save_pretrained(tmp_path/'model', subfolder=o)
        loads_theirs(StaticModel.from_pretrained(tmp_path/'model', subfolder=o), model, texts)

def loads_theirs(ours, model, texts):
    assert (ours.embedding_dtype, ours.vocabulary_quantization, ours.max_length, ours.normalize)==(model.embedding_dtype, model.vocabulary_quantization, 512, True)
    same(ours.encode(texts), model.encode(texts))

@pytest.mark.parametrize('kwargs', [dict(quantize_to='int8'), dict(dimensionality=32), dict(normalize=False), dict(max_length=None)], ids=str)
def test_loading_options(kwargs, student, texts):
    same(StaticModel.from_pretrained(student[1], **kwargs).encode(texts), model2vec.StaticModel.from_pretrained(student[1], **kwargs).encode(texts))

def static_embedding(model):
    "The sentence-transformers module with the vectors of `model`"
    return StaticEmbedding(Tokenizer.from_str(model.tokenizer.to_str()), embedding_weights=model.embedding.astype(np.float32))

@pytest.mark.parametrize('normalize', [False, True])
def test_we_load_sentence_transformers(normalize, student, texts, tmp_path):
    st = SentenceTransformer(modules=[static_embedding(student[0])]+[Normalize()]*normalize, device='cpu')
    st.save_pretrained(str(tmp_path))
    ours = StaticModel.from_pretrained(tmp_path)
    assert ours.normalize==normalize
    same(ours.encode(texts, max_length=None), st.encode(texts))  # such a folder says nothing about a longest text
    same(ours.encode(texts[:300]), st.encode(texts[:300]))

def test_a_limit_of_length_comes_back_from_sentence_transformers(tmp_path):
    model,text = static_model(max_length=3),'bank money interest rate goal'
    model.save_pretrained(tmp_path/'a')
    peer = SentenceTransformer(str(tmp_path/'a'), device='cpu')
    peer.save(str(tmp_path/'b'))
    again = StaticModel.from_pretrained(tmp_path/'b')
    assert again.max_length==3
    np.testing.assert_allclose(again.encode(text), peer.encode(text), atol=1e-6)

@pytest.mark.parametrize('normalize', [False, True])
def test_we_load_older_sentence_transformers(normalize, student, texts, tmp_path):
    "Up to version 5.0 the module had a folder of its own, even as the first"
    model = student[0]
    names = ['0_StaticEmbedding']+['1_Normalize']*normalize
    modules = [dict(idx=i, name=str(i), path=n, type=f'sentence_transformers.models.{n[2:]}') for i,n in enumerate(names)]
    (tmp_path/'modules.json').write_text(json.dumps(modules))
    (tmp_path/'config_sentence_transformers.json').write_text('{"__version__": {"sentence_transformers": "3.4.1"}, "prompts": {}}')
    for n in names: (tmp_path/n).mkdir()
    model.tokenizer.save(str(tmp_path/names[0]/'tokenizer.json'))
    save_file({'embedding.weight': model.embedding.astype(np.float32)}, tmp_path/names[0]/'model.safetensors')
    ours,st = StaticModel.from_pretrained(tmp_path),SentenceTransformer(str(tmp_path), device='cpu')
    assert ours.normalize==normalize
    same(ours.encode(texts, max_length=None), st.encode(texts))

# -- folders that do not fit exactly

def test_spare_rows(texts, tmp_path):
    "A table may have more rows than there are tokens, which sentence-transformers never reads"
    model = static_model(n=50)
    more = np.concatenate([model.embedding, np.full((3, model.dim), 9, np.float32)])
    st = SentenceTransformer(modules=[StaticEmbedding(Tokenizer.from_str(model.tokenizer.to_str()), embedding_weights=more)], device='cpu')
    st.save_pretrained(str(tmp_path/'st'))
    ours = StaticModel.from_pretrained(tmp_path/'st')
    assert ours.embedding.shape==model.embedding.shape
    np.testing.assert_allclose(ours.encode(['bank money', 'goal']), st.encode(['bank money', 'goal']), atol=1e-6)
    model.save_pretrained(tmp_path/'m')  # in a folder of model2vec's they are a mistake, there and here
    save_file(dict(embeddings=more), tmp_path/'m'/'model.safetensors')
    for load in StaticModel.from_pretrained,model2vec.StaticModel.from_pretrained:
        with pytest.raises(ValueError, match='52'): load(tmp_path/'m')

@pytest.mark.parametrize('name', ['embeddings', 'embedding.weight'])
def test_bfloat16(name, tmp_path):
    model = static_model(normalize=True)
    model.save_pretrained(tmp_path)
    exact = torch.from_numpy(model.embedding).bfloat16()
    save_torch({'other': torch.arange(3), name: exact, 'weights': torch.ones(len(exact), dtype=torch.bfloat16)*2}, tmp_path/'model.safetensors')
    ours = StaticModel.from_pretrained(tmp_path)
    assert ours.embedding_dtype=='float32' and (ours.weights==2).all()
    np.testing.assert_array_equal(ours.embedding, exact.float().numpy())
    ours.save_pretrained(tmp_path/'again')
    np.testing.assert_allclose(ours.encode(['bank money', '']), SentenceTransformer(str(tmp_path/'again'), device='cpu').encode(['bank money', '']), atol=1e-6)

_old_script = """
import sys, numpy as np
from tests.tiny import static_model
made = static_model()
from model2vec import StaticModel
model = StaticModel(made.embedding, made.tokenizer, dict(tokenizer_name='owner/teacher', apply_pca=made.dim, apply_zipf=True, normalize=True))
model.save_pretrained('model')
np.save('vectors.npy', model.encode(['bank money', 'goal goals film']))
"""

@pytest.mark.parametrize('version', assets.old_versions)
def test_old_folders(version, tmp_path):
    "Folders that older versions of model2vec saved, each in a layout of its own"
    paths = os.pathsep.join(map(str, (assets.need(assets.old_model2vec, version), Path(__file__).resolve().parent.parent)))
    res = subprocess.run([sys.executable, '-c', _old_script], cwd=tmp_path, capture_output=True, text=True, env=os.environ|dict(PYTHONPATH=paths))
    assert res.returncode==0, res.stderr
    ours = StaticModel.from_pretrained(tmp_path/'model')
    assert ours.normalize and ours.max_length==512
    np.testing.assert_allclose(ours.encode(['bank money', 'goal goals film']), np.load(tmp_path/'vectors.npy'), atol=1e-6)

def test_where_the_tokenizer_cuts_sooner(tmp_path):
    "A folder whose config says nothing: model2vec counts 512 tokens, whatever its tokenizer says; sentence-transformers does what that says"
    model,text = static_model(),' '.join(['the']*128+['a']*300)
    model.save_pretrained(tmp_path)
    config = json.loads((tmp_path/'config.json').read_text())
    del config['max_length']
    (tmp_path/'config.json').write_text(json.dumps(config))
    tokenizer = Tokenizer.from_file(str(tmp_path/'tokenizer.json'))
    tokenizer.enable_truncation(128)
    tokenizer.save(str(tmp_path/'tokenizer.json'))
    ours,m2v,st = StaticModel.from_pretrained(tmp_path, verify=False),*(load(tmp_path) for load in load_peer.values())
    assert ours.max_length==m2v.max_length==512
    np.testing.assert_allclose(ours.encode(text), m2v.encode(text), atol=1e-5)
    np.testing.assert_allclose(st.encode(text), ours.encode('the'), atol=1e-5)

# -- teachers that do not fit exactly

def extra_token(content, i, special=False): return dict(id=i, content=content, single_word=False, lstrip=False, rstrip=False, normalized=False, special=special)

def teacher_with(change, folder):
    "A tiny teacher whose tokenizer.json `change` was done to"
    save_bert(folder)
    path = folder/'tokenizer.json'
    said = json.loads(path.read_text())
    change(said['model']['vocab'], said['added_tokens'])
    path.write_text(json.dumps(said))
    return folder

def added(vocab, tokens): tokens.append(extra_token('extra', len(vocab)))
def another_word(vocab, tokens): vocab['extra'] = len(vocab)
def added_padding(vocab, tokens):
    tokens[:] = [o for o in tokens if o['content']!='[PAD]']
    vocab['unused'] = vocab.pop('[PAD]')
    tokens.append(extra_token('[PAD]', len(vocab), special=True))
def hole(vocab, tokens): del vocab['bank']
def hole_before_added(vocab, tokens):
    last = sorted(vocab, key=vocab.get)[-2:]
    i = vocab[last[1]]
    for o in last: del vocab[o]
    tokens.append(extra_token('extra', i))

@pytest.mark.parametrize('change', [added, another_word, added_padding, hole, hole_before_added], ids=lambda f: f.__name__)
def test_teachers_that_do_not_fit(change, tmp_path, caplog):
    "One token more than the model has vectors, and ids with holes: the vectors of all tokens that it has are model2vec's, where that distils it"
    settings = dict(device='cpu', pca_dims=None, sif_coefficient=None, quantize_to='float32')
    folder = teacher_with(change, tmp_path)
    ours = distill(folder, show_progress_bar=False, **settings)
    beyond = change in (added, another_word, added_padding)
    assert ('left out: the model has vectors for 77 only' in caplog.text)==beyond
    assert [ours.tokenizer.token_to_id(o) for o in ours.tokens]==[*range(len(ours.tokens))] and 'bank' in ours.tokens or change is hole
    assert ours.encode('match game').any() and (not beyond or not {'extra', '[PAD]'}&{*ours.tokens} or '[PAD]' in ours.tokens and change is not added_padding)
    if change in (another_word, added_padding):  # an IndexError of torch there
        with pytest.raises(IndexError): peer_distill(str(folder), **settings)
        save_bert(tmp_path/'whole')
        folder = tmp_path/'whole'
    theirs = peer_distill(str(folder), **settings)
    row = {o: i for i,o in enumerate(theirs.tokens)}
    shared = [o for o in ours.tokens if o in row]
    assert len(shared)>=70
    at = [ours.tokens.index(o) for o in shared],[row[o] for o in shared]
    np.testing.assert_allclose(ours.embedding[at[0]], theirs.embedding[at[1]], atol=1e-5)

def test_a_text_with_a_token_beyond(tmp_path):
    teacher = TeacherModel.from_pretrained(teacher_with(added, tmp_path), 'cpu')
    assert teacher.encode('bank money').shape==(16,)
    with pytest.raises(ValueError, match='Sequence 0 has the token id 77, but the model has 77 token vectors'): teacher.encode('bank extra')

# -- the same distillation

@pytest.fixture(scope='module')
def peer_student(minilm_path): return peer_distill(str(minilm_path), device='cpu')

def wordsim_correlation(model):
    a,b,human = zip(*assets.need(assets.wordsim))
    x,y = (np.asarray(model.encode(list(o)), np.float64) for o in (a, b))
    return spearmanr((x*y).sum(1)/np.linalg.norm(x, axis=1)/np.linalg.norm(y, axis=1), human).statistic

def test_distillation(student, peer_student):
    "The sign of a principal axis is arbitrary, and the rest agrees for each single token"
    ours,theirs = (m.embedding.astype(np.float64) for m in (student[0], peer_student))
    assert student[0].tokens==tuple(peer_student.tokens) and ours.shape==theirs.shape==(29525, 256)
    theirs = theirs*np.sign((ours*theirs).sum(0))
    cos = (ours*theirs).sum(1)/np.linalg.norm(ours, axis=1)/np.linalg.norm(theirs, axis=1)
    assert cos.min()>=0.999, student[0].tokens[cos.argmin()]
    np.testing.assert_allclose(np.linalg.norm(ours, axis=1), np.linalg.norm(theirs, axis=1), rtol=0.01)

def test_wordsim(student, peer_student):
    ours,theirs = wordsim_correlation(student[0]),wordsim_correlation(peer_student)
    assert abs(ours-theirs)<=0.003 and ours>0.5

@pytest.mark.parametrize('sif', [None, 0., 1e-4, 0.3])
def test_weights(sif): np.testing.assert_allclose(compute_weights(1000, sif), peer_compute_weights(1000, sif) if sif is not None else 1, rtol=1e-6)

@pytest.mark.parametrize('dims', [5, 20, 0.9, 'auto', None])
def test_pca(dims):
    "Same number of dimensions, and same inner products of the centred vectors"
    x = np.random.default_rng(0).normal(size=(500, 20)).astype(np.float32)*np.linspace(3, 0.1, 20, dtype=np.float32)
    ours,theirs = apply_pca(x, dims),peer_apply_pca(x, dims)
    assert ours.shape==theirs.shape
    np.testing.assert_allclose(ours@ours.T, theirs@theirs.T, atol=2e-3)

def test_pca_too_many():
    "model2vec warns and keeps all dimensions; we say how many there are"
    x = np.random.default_rng(0).normal(size=(50, 20)).astype(np.float32)
    assert peer_apply_pca(x, 21).shape==(50, 20)
    with pytest.raises(ValueError, match='pca_dims=21: .*1 to 20'): apply_pca(x, 21)

# -- the same names

methods = 'from_pretrained save_pretrained push_to_hub tokenize encode encode_as_sequence __init__'.split()
pairs = {f'StaticModel.{o}': (getattr(StaticModel, o), getattr(model2vec.StaticModel, o)) for o in methods}
pairs |= dict(distill=(distill, peer_distill), distill_from_model=(distill_from_model, peer_distill_from_model), quantize_model=(quantize_model, peer_quantize_model),
              create_embeddings=(create_embeddings, peer_create_embeddings), compute_weights=(compute_weights, peer_compute_weights), apply_pca=(apply_pca, peer_apply_pca))

_one_place = 'settings come from one dataclass, so they are given by name; model2vec takes them by position too'
deviations = {
    ('StaticModel.from_pretrained', 'force_download'): 'False: the Hub is asked for news either way, and what is in the cache is not fetched again',
    ('StaticModel.encode', 'batch_size'): '8192: words are shared within a batch, so larger ones are faster; the result is the same',
    ('StaticModel.encode', 'multiprocessing_threshold'): '2,000: threads, which start at once, where they have processes',
    **{(f, p): _one_place for f in ('distill', 'distill_from_model')
       for p in 'pca_dims sif_coefficient token_remove_pattern trust_remote_code quantize_to vocabulary_quantization pooling'.split()}}

def plain(value):
    "Defaults that mean the same: an enum's member and its string, and both libraries' mark for 'not passed'"
    return 'unset' if 'unset' in type(value).__name__.lower() else getattr(value, 'value', value)

def parameters(f): return {k:p for k,p in inspect.signature(f).parameters.items() if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)}

def differences(ours, theirs):
    "Names of their parameters that are missing here, have another default, or another place"
    ours,theirs = parameters(ours),parameters(theirs)
    for i,(k,p) in enumerate(theirs.items()):
        o = ours.get(k)
        ok = o and (p.default is p.empty or plain(o.default)==plain(p.default))
        if not ok or p.kind!=p.KEYWORD_ONLY and (list(ours).index(k)!=i or o.kind!=p.kind): yield k

@pytest.mark.parametrize('name', pairs)
def test_names(name): assert set(differences(*pairs[name]))=={p for f,p in deviations if f==name and p in parameters(pairs[name][1])}

def test_further_parameters():
    "What we take beyond model2vec's has a default, so that calls written for it work"
    for name,(ours,theirs) in pairs.items():
        for k in parameters(ours).keys()-parameters(theirs).keys(): assert parameters(ours)[k].default is not inspect.Parameter.empty, f'{name}: {k}'

def test_pooling_names(): assert {m.name: m.value for m in PoolingMode}=={m.name: m.value for m in PeerPooling}
