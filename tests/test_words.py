"Cutting texts into words gives exactly the tokens that the tokenizer gives for the texts, over the whole of Unicode"
import collections, logging, multiprocessing, os, pickle, random, shutil, subprocess, sys, threading
from concurrent.futures import ThreadPoolExecutor
import numpy as np, pyarrow as pa, pytest, torch
from hypothesis import given, settings, strategies as st
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers
from model_lifecycle.inference import StaticModel
from model_lifecycle.parallel import in_order, _threads
from model_lifecycle.cutting import words_from
from model_lifecycle.pieces import word_reader
from model_lifecycle.reading import tokenizer_spec, unknown_id
from model_lifecycle.words import WordStore, WordTable, flat_ids
from tests import assets
from tests.events import patience
from tests.readings import adversarial, by_words, differences, minilm, pieces, plain, tokenizers

@pytest.fixture(scope='module', params=tokenizers)
def tok(request):
    res = tokenizers[request.param]()
    res.no_padding(); res.no_truncation()
    return res

texts = st.lists(st.lists(st.one_of(st.text(max_size=8), st.sampled_from(pieces)), max_size=12).map(''.join), min_size=1, max_size=4)
limits = st.sampled_from([None, 1, 3, 7, 20])

def test_exact(tok):
    "The table gives what the tokenizer gives, whatever it has seen before"
    table,texts = WordTable(tok),adversarial(1000)
    assert table.rule, table.why
    assert not differences(tok, table, texts)
    found = table.lookup(texts)
    assert len(found.apart)<400 and table.store.n>1000, 'most went the plain path'

def tied(kind):
    "A tokenizer of few letters, of whose pieces many are as good as others"
    rng = random.Random(0)
    names = sorted({''.join(rng.choices('abcd', k=rng.randrange(2, 8))) for _ in range(300)})
    if kind=='unigram':
        tok = Tokenizer(models.Unigram([('<unk>', 0.), ('▁', -2.), *((o, -3.) for o in 'abcd'), *((rng.choice(['', '▁'])+o, rng.choice([-1., -2., -3., -0.1])) for o in names)], unk_id=0))
        tok.pre_tokenizer = pre_tokenizers.Metaspace()
        return tok
    if kind=='bytes':
        letters = pre_tokenizers.ByteLevel.alphabet()
        vocab,pairs = {o: i for i,o in enumerate(sorted(letters))},{}
        for _ in range(400):
            pair = rng.choice(list('abcdĠ')+list(vocab)[len(letters):]),rng.choice(list('abcd')+list(vocab)[len(letters):])
            if len(pair[0]+pair[1])<8 and pair not in pairs: pairs[pair] = vocab.setdefault(pair[0]+pair[1], len(vocab))
        # what is made of others may come before them
        pairs = rng.sample(list(pairs), len(pairs))
        tok = Tokenizer(models.BPE(vocab, pairs))
        tok.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        return tok
    tok = Tokenizer(models.WordPiece({o: i for i,o in enumerate(['[UNK]', 'a', 'b', '##a', '##b', '##c', *(rng.choice(['', '##'])+o for o in names)])}, unk_token='[UNK]'))
    tok.normalizer,tok.pre_tokenizer = normalizers.BertNormalizer(), pre_tokenizers.BertPreTokenizer()
    return tok

readable = dict(minilm=minilm, with_names=tokenizers['with_names'], xlmr=tokenizers['xlmr'], t5=tokenizers['t5'], never=tokenizers['never'], unigram=lambda: tied('unigram'), gpt2=tokenizers['gpt2'], roberta=tokenizers['roberta'], modernbert=tokenizers['modernbert'], split0=tokenizers['split0'], split1=tokenizers['split1'], split2=tokenizers['split2'], bytes=lambda: tied('bytes'), wordpiece=lambda: tied('wordpiece'))

@pytest.mark.parametrize('name', readable)
def test_new_words(name):
    "Words that are read without the tokenizer have the tokens that it gives them, of equally good ones too"
    tok,rng = readable[name](),random.Random(1)
    spec = tokenizer_spec(tok)
    letters = ['abcd'*9+'A.', 'abcdefghijklmnopqrstuvwxyz.,-\'"</>[]0123456789ABCZ', ''.join(map(chr, range(1, 128)))]
    words = sorted({rng.choice(['', ' '])+''.join(rng.choices(rng.choice(letters), k=rng.randrange(1, 16))) for _ in range(6000)}|{o[:15] for o in pieces})
    ids,counts,read = word_reader(tok, spec).read(words_from([o.encode() for o in words if o]))
    asked = plain(tok, unknown_id(tok, spec), [o for o in words if o])
    got = [o.tolist() for o in np.split(ids, np.cumsum(counts)[:-1])]
    assert sum(read)>(500)
    assert not [(w, a, b) for w,a,b,r in zip([o for o in words if o], got, asked, read) if r and a!=b]
    assert not counts[~read].any()

@pytest.fixture(scope='module')
def model(): return StaticModel(np.random.default_rng(0).normal(size=(30522, 16)).astype(np.float32), minilm())

def mean(model, ids): return model._means(*flat_ids(ids))

def test_long_texts(model):
    "Sums of very many vectors lose no digits, with a table and without"
    for text in '中'*50_000, 'a '*25_000, ('the bank of the river, '*3000)[:50_000], 'x'*50_000:
        ids, = plain(model.tokenizer, model.unk_token_id, [text])
        want = model.embedding[ids].astype(np.float64).mean(0) if ids else np.zeros(16)
        for got in model.encode([text]*40, max_length=None, normalize=False)[-1], model.encode(text, max_length=None, normalize=False):
            np.testing.assert_allclose(got, want, atol=1e-5)

def test_unknown():
    "A tokenizer that would fail at what it cannot spell is refused at once"
    for kind in models.Unigram([('a', -1.)], unk_id=None), models.WordPiece({'a': 0}, unk_token='[UNK]'):
        with pytest.raises(ValueError, match=type(kind).__name__+'.*unknown token'): StaticModel(np.eye(1, dtype=np.float32), Tokenizer(kind))

def test_special(model):
    "A text that spells out a special token is embedded as the tokenizer reads it"
    texts = ['a [MASK] b [PAD]c', 'the bank', '[mask] [SEP]']*50
    np.testing.assert_allclose(model.encode(texts), np.stack([model.encode(t) for t in texts]), atol=1e-6)

@settings(max_examples=50, deadline=None, database=None, derandomize=True)
@given(texts, limits)
def test_encode(model, texts, limit):
    "However many texts go in, and whether their words are known or not, an embedding is the mean of the text's own tokens"
    many = (texts*100)[:100]
    want = mean(model, plain(model.tokenizer, model.unk_token_id, many, limit))
    np.testing.assert_allclose(model.encode(many, max_length=limit, normalize=False), want, atol=2e-6)
    np.testing.assert_allclose(np.stack([model.encode(t, max_length=limit, normalize=False) for t in many]), want, atol=2e-6)

refused = [(lambda t: setattr(t, 'normalizer', normalizers.Strip()), 'Strip'), (lambda t: setattr(t, 'normalizer', normalizers.Replace(' ', '_')), 'Replace'),
           (lambda t: setattr(t, 'pre_tokenizer', pre_tokenizers.Metaspace(split=False)), 'Metaspace'), (lambda t: setattr(t, 'pre_tokenizer', pre_tokenizers.Split(' ', 'merged_with_next')), 'Split')]

@pytest.mark.parametrize('change,why', refused, ids=[w for _,w in refused])
def test_refused(change, why, caplog):
    "Where words do not decide, the plain path does, and says why once"
    caplog.set_level(logging.WARNING, 'model_lifecycle')
    tok = minilm()
    change(tok)
    n = tok.get_vocab_size()
    model,texts = StaticModel(np.eye(n, 8, dtype=np.float32), tok),['New York  is a city', 'york']*40
    for _ in range(2): res = model.encode(texts, normalize=False)
    assert sum(why in r.getMessage() for r in caplog.records)==1
    np.testing.assert_allclose(res, mean(model, plain(tok, model.unk_token_id, texts, None)), atol=1e-6)

def test_bounded():
    "Past `max_words` the table starts afresh, and stays right"
    table = WordTable(minilm(), max_words=500)
    for i in range(40):
        texts = [f'word{i}x{j} again' for j in range(100)]*2
        assert by_words(table, texts, None)==plain(table.tokenizer, 100, texts, None)
        assert len(table.store.index)<=500

def test_long_words():
    "Memory is bounded by the words' bytes and tokens too: words too long to keep take the plain path"
    table = WordTable(minilm(), max_words=500)
    for n in 10,1_000,100_000:
        texts = ['中'*n, 'ab'*n]*20
        assert by_words(table, texts, None)==plain(table.tokenizer, table.unk, texts, None)
        assert table.store.n_bytes<=64*500 and table.store.n_tokens<=8*500

def test_unique_words():
    "Words that never come again fill no more than a small part of the table"
    model = StaticModel(np.eye(30522, 8, dtype=np.float32), minilm(), max_words=50_000)
    for k in range(10): model.encode([f'a{i}k{k} b{i}k{k} c{i}k{k}' for i in range(150)])
    assert 450<=model._table.store.n<=2_000
    model.max_words = 0
    model.encode(['the bank']*50)
    assert not model._table.store.n

def test_replaced(model):
    "Other vectors, or another tokenizer, are seen at once"
    model = StaticModel(model.embedding, model.tokenizer, normalize=False)
    before = model.encode(['the bank']*50)
    model.embedding = model.embedding*2
    np.testing.assert_allclose(model.encode(['the bank']*50), before*2, rtol=1e-6)

def test_words_that_were_saved(model, tmp_path, caplog):
    "They give the same numbers, stay when a model is saved again, and are left aside where they do not belong"
    texts = [f'the bank number{i} of the river, its loans & shares' for i in range(100)]
    want = model.encode(texts)
    model.save_pretrained(tmp_path/'m', words=50)
    StaticModel.from_pretrained(tmp_path/'m').save_pretrained(tmp_path/'again')
    forgetful = StaticModel.from_pretrained(tmp_path/'m')
    forgetful.max_words = 0
    forgetful.save_pretrained(tmp_path/'third')
    for path in tmp_path/'m',tmp_path/'again',tmp_path/'third':
        other = StaticModel.from_pretrained(path)
        assert len(other._saved_words['sizes'])==50 and other._word_table().store.n==50
        assert other.encode(texts[0]).tobytes()==other.encode(texts)[0].tobytes()
        np.testing.assert_array_equal(other.encode(texts), want)
    for _ in range(20):
        fresh,start = StaticModel.from_pretrained(tmp_path/'m'),threading.Barrier(4)
        def at_once(_):
            start.wait(patience)
            return fresh.encode(texts[:40])
        with ThreadPoolExecutor(4) as pool: got = list(pool.map(at_once, range(4)))
        for o in got: np.testing.assert_array_equal(o, want[:40])
    file = tmp_path/'m'/'words.safetensors'
    whole = file.read_bytes()
    for content in whole[:-3], whole[:-3]+b'abc', b'', whole.replace(b'"layout', b'"lay0ut'):
        file.write_bytes(content)
        caplog.clear()
        bad = StaticModel.from_pretrained(tmp_path/'m')
        assert bad._saved_words is None
        np.testing.assert_array_equal(bad.encode(texts), want)
    shutil.copy(tmp_path/'again'/'words.safetensors', file)
    tokenizer = Tokenizer.from_str(model.tokenizer.to_str())
    tokenizer.add_tokens(['flabbergastingly'])
    vectors = np.vstack([model.embedding, np.ones((1, model.dim), model.embedding.dtype)])
    StaticModel(vectors, tokenizer).save_pretrained(tmp_path/'other')
    shutil.copy(file, tmp_path/'other')
    assert StaticModel.from_pretrained(tmp_path/'other')._saved_words is None
    bad.save_pretrained(tmp_path/'m')
    assert not file.exists(), 'what is saved without words keeps no old ones'
    with pytest.raises(ValueError, match='words=5: the model has met no words'): StaticModel.from_pretrained(tmp_path/'m').save_pretrained(tmp_path/'m', words=5)
    with pytest.raises(ValueError, match='words=-1'): model.save_pretrained(tmp_path/'m', words=-1)

def test_threads(model):
    "One model, many threads, a table that starts afresh under them"
    model = StaticModel(model.embedding, model.tokenizer, max_words=300)
    jobs = [[f'word{i} number{j} of the bank' for j in range(80)]*2 for i in range(24)]
    want = [mean(model, model.tokenize(o)) for o in jobs]
    with ThreadPoolExecutor(8) as pool: got = list(pool.map(lambda o: model.encode(o, normalize=False), jobs))
    for a,b in zip(got, want): np.testing.assert_allclose(a, b, atol=1e-6)

def test_pickle(model):
    "A copy in another process has the same settings, and a table of its own"
    model.encode(['the bank of the river']*100)
    copy = pickle.loads(pickle.dumps(model))
    assert model._table.store.n and not copy._table.store.n
    np.testing.assert_allclose(copy.encode(['the bank']*100), model.encode(['the bank']*100), atol=1e-6)

def spawned(model): return model.encode(['the bank']*100, batch_size=30, multiprocessing_threshold=1)

@pytest.mark.parametrize('method', ['fork', 'spawn'])
def test_processes(model, method):
    "Processes that are forked or spawned, after threads used the model and while another does"
    spawned(model)
    with ThreadPoolExecutor(1) as pool, multiprocessing.get_context(method).Pool(2) as procs:
        busy = pool.submit(lambda: [model.encode([f'bank number {i}{j}' for j in range(100)]) for i in range(50)])
        for got in procs.map(spawned, [model]*4): np.testing.assert_allclose(got, model.encode(['the bank']*100), atol=1e-6)
        busy.result()

def test_threads_within_threads():
    "An inner pass does its work in the thread that it is in, and does not wait for one"
    assert list(in_order(lambda i: list(in_order(lambda j: i*j, range(3), 2)), range(9), 2))==[[0, i, 2*i] for i in range(9)]

def test_threads_after_an_error():
    "Nothing goes on behind the back of whoever got the error, or stopped reading"
    done,threads,begun,failed = [],torch.get_num_threads(),threading.Event(),threading.Event()
    def work(i):
        if i==3:
            begun.set()
            assert failed.wait(patience)
        if i==2:
            assert begun.wait(patience)
            failed.set()
            raise ValueError('two')
        done.append(i)
    with pytest.raises(ValueError, match='two'): list(in_order(work, range(20), 2))
    assert {0, 1, 3}<=set(done)<={0, 1, 3, 4}, 'what had begun is waited for, and what had not is left'
    done.clear()
    next(some := in_order(work, range(4, 20), 2))
    some.close()
    assert 4 in done and set(done)<={4, 5, 6} and torch.get_num_threads()==threads

def test_threads_of_several_callers(model):
    "Calls that overlap leave torch's number of threads alone, in threads that start meanwhile too"
    texts,threads = ['the bank']*600,torch.get_num_threads()
    torch.set_num_threads(threads)  # for new threads too, whatever earlier tests did
    def call(_): model.encode(texts, batch_size=50, multiprocessing_threshold=1)
    for _ in range(20):
        _threads.cache_clear()
        with ThreadPoolExecutor(4) as pool: list(pool.map(call, range(8)))
        with ThreadPoolExecutor(1) as pool: assert pool.submit(torch.get_num_threads).result()==torch.get_num_threads()==threads

def test_after_the_main_thread(tmp_path):
    "A thread that goes on when the script has ended gets its embeddings"
    script = "import threading\nfrom tests.tiny import static_model\ndef work():\n    threading.main_thread().join()\n    print(static_model().encode(['bank']*200, batch_size=10, multiprocessing_threshold=1).shape)\nthreading.Thread(target=work).start()"
    res = subprocess.run([sys.executable, '-c', script], capture_output=True, text=True)
    assert res.stdout=='(200, 8)\n', res.stderr

@pytest.mark.parametrize('nth', [1, 2])
def test_interrupted_while_threads_start(nth, monkeypatch):
    "Ctrl-C when a thread of the pool has just been started: none of them waits, or Python would not end"
    started,start,barrier = [],threading.Thread.start,threading.Barrier
    def interrupted(thread):
        start(thread)
        started.append(thread)
        if len(started)==nth: raise KeyboardInterrupt
    _threads.cache_clear()
    threads = torch.get_num_threads()
    with pytest.raises(KeyboardInterrupt), monkeypatch.context() as m:
        m.setattr(threading.Thread, 'start', interrupted)
        m.setattr(threading, 'Barrier', lambda n, timeout: barrier(n))  # nobody is saved by the end of its time
        list(in_order(str, range(9), 2))
    for o in started: o.join(patience)
    assert len(started)==nth and torch.get_num_threads()==threads
    assert list(in_order(str, range(9), 2))==[str(i) for i in range(9)]

def test_datasets_map(model):
    "`datasets.map` in two processes"
    from datasets import Dataset
    ds = Dataset.from_dict(dict(text=[f'the bank number {i}' for i in range(300)]))
    out = ds.map(lambda b: dict(emb=list(model.encode(b['text']))), batched=True, batch_size=100, num_proc=2)
    np.testing.assert_allclose(np.array(out['emb']), model.encode(ds['text']), atol=1e-6)

def columns(texts):
    import pandas as pd
    from datasets import Dataset
    return dict(list=texts, tuple=tuple(texts), arrow=pa.array(texts), chunked=pa.chunked_array([texts[:7], texts[7:]]), large=pa.array(texts, pa.large_string()),
                pandas=pd.Series(texts, index=range(5, 5+len(texts))), floats=pd.Series(texts, index=np.arange(len(texts))/2.), deque=collections.deque(texts), datasets=Dataset.from_dict(dict(t=texts))['t'], generator=(t for t in texts), numpy=np.array(texts))

def test_columns(model):
    "Any column or iterable of strings gives what a list gives"
    texts = [f'text number {i} of the bank' for i in range(150)]
    want = model.encode(texts)
    for kind,o in columns(texts).items(): np.testing.assert_allclose(model.encode(o, batch_size=70), want, atol=1e-6, err_msg=kind)
    with pytest.raises(TypeError, match='Text 101 is None'): model.encode(pa.array(['a']*101+[None]), batch_size=70)

_paying = """if 1:
    import sys
    import numpy as np
    from model_lifecycle import StaticModel, vectors
    model,texts = StaticModel.from_pretrained(sys.argv[1]),[f'the bank number {i}' for i in range(300)]
    before = model.encode(texts)
    assert 'scipy' not in sys.modules
    vectors._pays = 10_000
    for _ in range(9): after = model.encode(texts)
    assert 'scipy.sparse' in sys.modules
    np.testing.assert_array_equal(before, after)
    """

def test_scipy_is_loaded_where_it_pays(model, tmp_path):
    "A process that encodes much has SciPy add the vectors, and nobody sees it by the numbers"
    model.save_pretrained(tmp_path)
    res = subprocess.run([sys.executable, '-c', _paying, tmp_path], env=os.environ|dict(PYTHONPATH=str(assets.root)), capture_output=True, text=True)
    assert res.returncode==0, res.stderr

def test_interrupted_while_learning():
    "What an interrupt leaves half named is never written over"
    table = WordTable(minilm())
    def interrupted(store, words, *args):
        m.setattr('model_lifecycle.cutting.key_slots', lambda *args: (_ for _ in ()).throw(KeyboardInterrupt))
        return add(store, words, *args)
    add = WordStore.add
    with pytest.MonkeyPatch.context() as m, pytest.raises(KeyboardInterrupt):
        m.setattr('model_lifecycle.words.WordStore.add', interrupted)
        table.tokenize(['bank money']*40)
    for texts in (['film music', 'award game']*20, ['bank money']*40): assert by_words(table, texts, None)==plain(table.tokenizer, table.unk, texts, None)
