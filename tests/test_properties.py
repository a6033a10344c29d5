"What holds for every text, every model and every setting"
import csv, json
from copy import copy
import numpy as np, pyarrow as pa, pyarrow.parquet as pq, pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from hypothesis.extra.numpy import arrays
from model_lifecycle.distillation import apply_pca, compute_weights
from model_lifecycle.inference import StaticModel, quantize_model
from model_lifecycle.quality import compare_embeddings
from model_lifecycle.tables import npy_writer, read_texts
from tests.tiny import static_model, word_tokenizer, words

def examples(n): return settings(max_examples=n, deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])

# Real words among any characters at all, controls and unassigned ones too; only halves of surrogate pairs are no text
fragment = st.sampled_from([*words, 'striker', 'Interest', 'unbelievable', '[UNK]', '[PAD]', '##ing', '\U0001f9a9', '\n', '\x00'])
text = st.one_of(st.text(), st.lists(st.one_of(fragment, st.text(max_size=5)), max_size=30).map(' '.join))
texts = st.lists(text, max_size=8)

@pytest.fixture(scope='module')
def model(student):
    res = quantize_model(student[0])
    res.max_length = 20
    return res

# -- encoding

@given(texts, st.integers(1, 9), st.booleans())
@examples(200)
def test_alone_or_together(model, texts, batch_size, normalize):
    "The embedding of a text does not depend on the texts beside it"
    x = model.encode(texts, batch_size=batch_size, normalize=normalize)
    assert x.shape==(len(texts), model.dim) and x.dtype==np.float32 and np.isfinite(x).all()
    for t,v in zip(texts, x): np.testing.assert_allclose(model.encode(t, normalize=normalize), v, atol=1e-6)

@given(texts.flatmap(lambda t: st.tuples(st.just(t), st.permutations(range(len(t))))))
@examples(100)
def test_order(model, texts_order):
    texts,order = texts_order
    np.testing.assert_allclose(model.encode([texts[i] for i in order]), model.encode(texts)[order], atol=1e-6)

@given(texts)
@examples(150)
def test_lengths_are_one(model, texts):
    "Or zero, for texts without known tokens and no others"
    lens = np.linalg.norm(model.encode(texts, normalize=True), axis=1)
    known = np.array([bool(t) for t in model.tokenize(texts)], bool)
    np.testing.assert_allclose(lens, known, atol=1e-5)

@given(texts, st.one_of(st.none(), st.integers(1, 30)))
@examples(150)
def test_mean_of_sequence(model, texts, n):
    seqs = model.encode_as_sequence(texts, max_length=n)
    assert [len(s) for s in seqs]==[len(t) for t in model.tokenize(texts, n)]
    means = np.array([s.mean(0) if len(s) else np.zeros(model.dim) for s in seqs]).reshape(len(texts), model.dim)
    np.testing.assert_allclose(model.encode(texts, normalize=False, max_length=n), means, atol=1e-5)

@given(text, st.integers(1, 30))
@examples(150)
def test_max_length(model, text, n):
    "Exactly the first `n` known tokens count, whoever sets `n`"
    ids = model.tokenize([text])[0]
    assert model.tokenize([text], n)==[ids[:n]]
    mean = model._rows(np.array(ids[:n], np.int64)).mean(0) if ids else np.zeros(model.dim)
    np.testing.assert_allclose(model.encode(text, max_length=n, normalize=False), mean, atol=1e-5)
    short = copy(model)
    short.max_length = n
    np.testing.assert_array_equal(short.encode(text), model.encode(text, max_length=n))

@given(texts)
@examples(200)
def test_tokenize(model, texts):
    raw = model.tokenizer.encode_batch_fast(texts, add_special_tokens=False)
    assert model.tokenize(texts)==[[i for i in e.ids if i!=model.unk_token_id] for e in raw]

# -- saving

@st.composite
def models(draw):
    n,dim,dtype = draw(st.integers(1, 30)),draw(st.integers(1, 12)),draw(st.sampled_from(['float64', 'float32', 'float16', 'int8']))
    rng = np.random.default_rng(draw(st.integers(0, 2**32-1)))
    clusters = draw(st.one_of(st.none(), st.integers(1, n+1)))
    rows = (n+2) if clusters is None else clusters
    vectors = rng.integers(-127, 128, (rows, dim)).astype('int8') if dtype=='int8' else rng.normal(size=(rows, dim)).astype(dtype)
    weights = rng.uniform(size=n+2).astype(draw(st.sampled_from(['float16', 'float32', 'float64']))) if draw(st.booleans()) else None
    mapping = None if clusters is None else rng.integers(0, clusters, n+2).astype(draw(st.sampled_from(['int32', 'int64'])))
    return StaticModel(vectors, word_tokenizer([f'w{i}' for i in range(n)]), draw(st.dictionaries(st.sampled_from('abc'), st.integers())), draw(st.booleans()),
                       draw(st.one_of(st.none(), st.just('owner/teacher'), st.just('teacher'))), draw(st.one_of(st.none(), st.just(['en', 'de']))),
                       weights, mapping, draw(st.one_of(st.none(), st.integers(1, 600))))

@given(models(), st.lists(st.sampled_from([f'w{i}' for i in range(30)]), max_size=40).map(' '.join))
@examples(100)
def test_round_trip(tmp_path, model, text):
    model.save_pretrained(tmp_path/'m')
    new = StaticModel.from_pretrained(tmp_path/'m')
    for o in 'normalize max_length base_model_name language tokens embedding_dtype vocabulary_quantization unk_token_id'.split(): assert getattr(new, o)==getattr(model, o), o
    for o in 'embedding weights token_mapping'.split():
        a,b = getattr(new, o),getattr(model, o)
        assert (a is None)==(b is None)
        if a is not None: assert a.dtype==b.dtype and np.array_equal(a, b)
    assert model.config.items()<=new.config.items() and new.tokenizer.to_str()==model.tokenizer.to_str()
    np.testing.assert_array_equal(new.encode(text), model.encode(text))

# -- quantising

def numbers(bits): return st.one_of(st.just(0.), *(st.floats(*sorted([s*2**-10, s*1024]), width=bits) for s in (1, -1)))
vectors = st.sampled_from([64, 32, 16]).flatmap(lambda b: arrays(f'float{b}', st.tuples(st.just(22), st.integers(1, 6)), elements=numbers(b)))

@given(vectors)
@examples(200)
def test_int8(x):
    "Every number is within half a step of what it was, and the largest uses the last step"
    q = quantize_model(StaticModel(x, word_tokenizer()), quantize_to='int8').embedding
    x = x.astype(np.float64)
    step = np.abs(x).max()/127
    assert q.dtype==np.int8 and np.abs(q.astype(int)).max()==127*x.any()
    assert (np.abs(q*step-x)<=step*(0.5+1e-4)).all()

@given(vectors, st.sampled_from(['float64', 'float32', 'float16']), st.data())
@examples(100)
def test_dimensionality(x, dtype, data):
    n = data.draw(st.integers(1, x.shape[1]))
    q = quantize_model(StaticModel(x, word_tokenizer()), quantize_to=dtype, dimensionality=n)
    np.testing.assert_array_equal(q.embedding, x[:, :n].astype(dtype))
    assert q.embedding.flags.c_contiguous and q.dim==n

@given(st.integers(0, 2**32-1), st.integers(1, 21))
@examples(30)
def test_shared_vectors(seed, n):
    "A token's vector is the best multiple of its centroid, so what is lost is at right angles to what is kept"
    model = static_model(seed)
    model.weights = np.random.default_rng(seed).uniform(0.5, 2, 22)
    q = quantize_model(model, vocabulary_quantization=n)
    old,new = model._rows(np.arange(22)),q._rows(np.arange(22))
    assert q.vocabulary_quantization==n and set(q.token_mapping)<=set(range(n))
    np.testing.assert_allclose(((old-new)*new).sum(1), 0, atol=1e-4)

# -- principal components

matrices = st.tuples(st.integers(0, 2**32-1), st.integers(2, 60), st.integers(1, 12), st.sampled_from([1e-3, 1, 1e3]), st.booleans())

def matrix(seed, n, dim, scale, flat):
    "Random correlated vectors off the origin; if `flat`, they do not fill all dimensions"
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, dim))@rng.normal(size=(dim, dim))
    if flat: x[:, :dim//2] = x[:, :1]
    return ((x+rng.normal(size=dim))*scale).astype(np.float32)

@given(matrices)
@examples(150)
def test_pca(args):
    x = matrix(*args)
    y = apply_pca(x, 'auto').astype(np.float64)
    cov = y.T@y
    tol = 1e-4*max(cov.max(), 1e-30)
    np.testing.assert_allclose(y.mean(0), 0, atol=1e-4*np.abs(x).max())
    np.testing.assert_allclose(cov, np.diag(np.diag(cov)), atol=tol)
    assert (np.diff(np.diag(cov))<=tol).all()
    dist = lambda z: np.linalg.norm(z[:, None]-z[None], axis=-1)
    np.testing.assert_allclose(dist(y), dist(x.astype(np.float64)), atol=1e-4*np.abs(x).max()*x.shape[1]**.5)

@given(matrices, st.floats(0.01, 1))
@examples(150)
def test_pca_dims(args, share):
    "A number takes the first columns; a share takes the fewest that hold it"
    x = matrix(*args)
    full = apply_pca(x, 'auto')
    part = apply_pca(x, share)
    np.testing.assert_array_equal(part, apply_pca(x, part.shape[1]))
    np.testing.assert_allclose(part, full[:, :part.shape[1]], atol=1e-5*np.abs(x).max())
    held = np.cumsum((full.astype(np.float64)**2).sum(0))/(full.astype(np.float64)**2).sum()
    n = part.shape[1]
    assert held[n-1]>=share-1e-5 and (n==1 or held[n-2]<share+1e-5)

# -- weights

@given(st.integers(1, 5000), st.floats(1e-8, 0.999))
@examples(150)
def test_weights(n, a):
    "Rarer tokens count more, and none more than 1; a larger coefficient levels them"
    w = compute_weights(n, a)
    assert w.shape==(n,) and (w>0).all() and (w<1).all() and (np.diff(w)>0).all()
    assert (compute_weights(n, a/2)<w).all()

# -- comparing

def turned(seed, n, dim):
    "Random embeddings of two models, and a rotation"
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, dim)),rng.normal(size=(n, dim))+rng.normal(size=dim),np.linalg.qr(rng.normal(size=(dim, dim)))[0]

@given(st.integers(0, 2**32-1), st.integers(100, 150), st.integers(2, 10), st.floats(0.1, 10))
@examples(50)
def test_compare(seed, n, dim, scale):
    "Turning and stretching a space changes nothing that counts"
    teacher,student,turn = turned(seed, n, dim)
    res = compare_embeddings(teacher, student, ['']*n)
    assert all(-1<=v<=1 for v in res.values())
    assert compare_embeddings(teacher, student@turn*scale, ['']*n)==pytest.approx(res, abs=5e-3)
    assert compare_embeddings(teacher, teacher@turn*scale, ['']*n)==pytest.approx(dict(cosine=1, spearman=1, neighbours=1), abs=5e-3)

@pytest.mark.parametrize('n,dim', [(12, 7), (40, 30), (100, 256)])
def test_compare_few(n, dim):
    "The same holds for fewer texts than dimensions"
    teacher,_,turn = turned(0, n, dim)
    assert compare_embeddings(teacher, teacher@turn, ['']*n)==pytest.approx(compare_embeddings(teacher, teacher, ['']*n), abs=5e-3)

def test_compare_columns():
    "A pandas column, whose index says nothing, and one of an array"
    import pandas as pd
    model,texts = static_model(n=20),words[:20]
    x,odd = model.encode(texts),pd.Series(texts, index=range(19, -1, -1))
    assert compare_embeddings(x, model, odd)==compare_embeddings(x, model, texts) and compare_embeddings(x, model, odd)['spearman']>0.99

# -- files

def write_jsonl(path, rows, ascii): path.write_text(''.join(json.dumps(dict(text=r), ensure_ascii=ascii)+'\n' for r in rows), encoding='utf-8', newline='')
def write_parquet(path, rows, _): pq.write_table(pa.table(dict(text=pa.array(rows, pa.string()))), path)
def write_csv(path, rows, _):
    with open(path, 'w', encoding='utf-8', newline='') as f: csv.writer(f).writerows([['n', 'text'], *enumerate(rows)])
def write_txt(path, rows, _): path.write_text(''.join(f'{r}\n' for r in rows), encoding='utf-8', newline='')

@given(st.lists(st.text(), max_size=12), st.integers(1, 13), st.booleans(), st.sampled_from([write_jsonl, write_csv, write_parquet, write_txt]))
@examples(200)
def test_read_texts(tmp_path, rows, batch_size, ascii, write):
    "Batches of the texts that were written, in order and nothing else"
    if write is write_txt: rows = [r.replace('\r', '').replace('\n', '').replace('\ufeff', '') for r in rows]  # no ends of lines, and no mark of UTF-8
    path = tmp_path/f"in.{write.__name__.split('_')[1]}"
    write(path, rows, ascii)
    batches = list(read_texts(path, 'text', batch_size))
    assert [len(b) for b in batches]==[min(batch_size, len(rows)-i) for i in range(0, len(rows), batch_size)]
    assert sum(batches, [])==rows

@given(st.lists(st.integers(0, 7), max_size=6), st.integers(1, 5))
@examples(100)
def test_npy_writer(tmp_path, sizes, dim):
    "Any number of rows, none too, in batches of any size"
    rng = np.random.default_rng(0)
    batches = [rng.normal(size=(n, dim)).astype(np.float32) for n in sizes]
    with npy_writer(tmp_path/'x.npy', dim) as write:
        for b in batches: write(None, b)
    x = np.load(tmp_path/'x.npy')
    assert x.shape==(sum(sizes), dim) and x.dtype==np.float32
    np.testing.assert_array_equal(x, np.concatenate([np.zeros((0, dim), np.float32), *batches]))
