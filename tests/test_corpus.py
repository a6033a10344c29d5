"Learning from a corpus: killed and resumed, on several processes, from every source, with several teachers; and what bad input gets"
import json, multiprocessing, os, random, resource, shutil, signal, subprocess, sys
from itertools import count
from pathlib import Path
import numpy as np, pandas as pd, pytest, torch
from datasets import Dataset
from hypothesis import given, settings as hsettings, strategies as st
from safetensors.numpy import load_file
from tokenizers import processors
from transformers import BertConfig, BertModel, LlamaConfig, LlamaModel, PreTrainedTokenizerFast, RobertaConfig, RobertaModel
from model_lifecycle import distillation
from model_lifecycle.corpus import corpus_texts, frequent_words, sample_texts, split_sentences
from model_lifecycle.distillation import distill, distill_from_model
from model_lifecycle.quality import size_table, with_sizes
from model_lifecycle.student import student_sequences, student_tokenizer
from model_lifecycle.teacher_cache import TeacherCache, equal_batches
from model_lifecycle.distillation import apply_pca, compute_weights
from model_lifecycle.inference import StaticModel, quantize_model
from model_lifecycle.quality import compare_embeddings
from model_lifecycle.teacher import TeacherModel, create_embeddings
from tests import _corpus_script as script
from tests._corpus_script import corpus, settings
from tests.events import launched, patience, seen, wait_until
from tests.tiny import save_bert, words

# Children are forked from a server that has the library loaded, so that they start at once
ctx = multiprocessing.get_context('forkserver')
ctx.set_forkserver_preload(['tests._corpus_script'])

@pytest.fixture(scope='module')
def home(tmp_path_factory):
    "A folder with a tiny teacher, and in `whole` the student of a run that was left alone"
    d = tmp_path_factory.mktemp('corpus')
    save_bert(d/'teacher')
    assert in_child(d, d/'whole', cache_dir=str(d/'cache-whole'))==0
    return d

def in_child(folder, out, kill='', at=0, **kwargs):
    "Distil in another process; its exit code"
    p = ctx.Process(target=script.main, args=(str(folder), str(out), kill, at), kwargs=kwargs)
    p.start()
    p.join(patience)
    return p.exitcode

def student(home, **kwargs): return distill(home/'teacher', device='cpu', **settings|dict(cache_dir=home/'cache-whole')|kwargs)
def teacher(home, *args, **kwargs): return TeacherModel(*(lambda t: (t.model, t.tokenizer))(TeacherModel.from_pretrained(home/'teacher', 'cpu')), *args, device='cpu', **kwargs)
def bits(folder): return load_file(Path(folder)/'model.safetensors')['embeddings'].tobytes()
def calls(folder): return json.loads((Path(folder)/'calls.json').read_text())

def test_without_a_corpus_it_is_the_plain_recipe(home):
    t = TeacherModel.from_pretrained(home/'teacher', 'cpu')
    tok = student_tokenizer(t.tokenizer, r'\[unused\d+\]')
    x = create_embeddings(t.model, student_sequences(t.tokenizer, tok), 'cpu', 0, 'mean', show_progress_bar=False)
    x = apply_pca(x, 8)*compute_weights(len(x), 1e-4)[:,None].astype(np.float32)
    model = distill(home/'teacher', device='cpu', pca_dims=8, show_progress_bar=False)
    assert model.embedding.tobytes()==x.astype(np.float16).tobytes()
    assert set(model.config)=={'tokenizer_name', 'apply_pca', 'sif_coefficient', 'pooling', 'seq_length'}

def test_it_learns(home):
    "On sentences that it never saw, the student is nearer to the teacher than the plain recipe's"
    unseen,t = corpus(200, seed=1),teacher(home)
    plain,learned = distill(home/'teacher', device='cpu', pca_dims=8, show_progress_bar=False),student(home, corpus=corpus())
    a,b = (compare_embeddings(t, m, unseen) for m in (plain, learned))
    assert all(b[k]>a[k]+0.05 for k in a), (a, b)
    assert learned.config['sentences']==len(set(corpus())) and learned.config['held_out']==30 and 0<learned.config['kept']<=1

# -- killed, and on several processes

@pytest.mark.parametrize('kill,at', [('teacher', 2), ('teacher', 9), ('training', 3), ('training', 17)])
def test_killed_and_resumed(home, tmp_path, kill, at):
    "It ends with the very bits of a run that was left alone, and what was read is not read again"
    args = dict(cache_dir=str(tmp_path/'cache'))
    assert in_child(home, tmp_path/'none', kill, at, **args)==-signal.SIGKILL
    assert not (tmp_path/'none').exists()
    assert in_child(home, tmp_path/'again', **args)==0
    assert bits(tmp_path/'again')==bits(home/'whole')
    whole,again = calls(home/'whole'),calls(tmp_path/'again')
    assert again['read']==(whole['read']-(at-1) if kill=='teacher' else 0)
    if kill=='training': assert whole['steps']-at<=again['steps']<whole['steps']-at+10  # an epoch has 10 steps
    assert list((tmp_path/'cache'/'runs').iterdir())==[]

@pytest.mark.parametrize('n', [0, 1, 2, 4, 8])
def test_killed_at_any_moment(home, tmp_path, n):
    "From outside, and twice, as soon as its files have changed `n` times, wherever it is by then"
    for _ in range(2):
        p = ctx.Process(target=script.main, args=(str(home), str(tmp_path/'again')), kwargs=dict(cache_dir=str(tmp_path/'cache')))
        p.start()
        for _ in range(n):
            before = seen(tmp_path)
            wait_until(lambda: not p.is_alive() or seen(tmp_path)!=before)
        p.kill()
        p.join()
    assert in_child(home, tmp_path/'again', cache_dir=str(tmp_path/'cache'))==0
    assert bits(tmp_path/'again')==bits(home/'whole')

def test_ctrl_c_from_python(home, tmp_path, monkeypatch):
    "It gives the best student so far, which says that it was interrupted; its checkpoint stays, and another call goes on from it"
    loop,at = distillation.train_loop,[]
    def ctrl_c(event, state):
        if event=='after_batch' and [state.epoch, state.step]==at: raise KeyboardInterrupt
    monkeypatch.setattr(distillation, 'train_loop', lambda *args, **kw: loop(*args, callbacks=[ctrl_c], **kw))
    monkeypatch.setattr(distillation, '_checkpoint_from', 0)
    run = lambda: student(home, corpus=corpus(), cache_dir=tmp_path)
    at[:] = 3,2
    early = run()
    assert early.config['interrupted'] and len([*(tmp_path/'runs').glob('*/checkpoint.safetensors')])==1
    early.save_pretrained(tmp_path/'early')
    assert StaticModel.from_pretrained(tmp_path/'early').config['interrupted']
    at[:] = 1,2
    again = run()
    assert 'interrupted' not in again.config and not [*(tmp_path/'runs').iterdir()]
    assert again.embedding.tobytes()==bits(home/'whole')
    with pytest.raises(KeyboardInterrupt): run()

def shards(folder): return sorted(Path(folder).glob('shard-*.arrow'))

def test_torn_shards(home, tmp_path):
    "A shard that ends anywhere, or has a flipped bit, gives the batches before that place, and the rest is read again"
    t,texts = teacher(home),list(dict.fromkeys(corpus(60)))
    x = TeacherCache(t, tmp_path/'a', max_tokens=64).encode(texts)
    shard,= shards(tmp_path/'a')
    whole,rng = shard.read_bytes(),random.Random(0)
    for i in range(25):
        cut = rng.randrange(len(whole))
        damaged = bytearray(whole[:cut] if i%2 else whole)
        if not i%2: damaged[cut] ^= 1<<rng.randrange(8)
        shard.write_bytes(damaged)
        for o in shards(tmp_path/'a'): o.unlink() if o!=shard else None
        np.testing.assert_array_equal(TeacherCache(t, tmp_path/'a', max_tokens=64).encode(texts), x)

def test_full_disk(home, tmp_path):
    "What was written before stays and is used; the error names the folder, and no empty shard is left"
    t,texts = teacher(home),list(dict.fromkeys(corpus(60)))
    x = TeacherCache(t, tmp_path/'a', max_tokens=64).encode(texts)
    cache,old = TeacherCache(t, tmp_path/'b', max_tokens=64),resource.getrlimit(resource.RLIMIT_FSIZE)
    for limit,kept in (100, 0),(2000, 1):
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, old[1]))
        try:
            with pytest.raises(OSError, match=f"{tmp_path/'b'} cannot be written: File too large"): cache.encode(texts)
        finally: resource.setrlimit(resource.RLIMIT_FSIZE, old)
        assert len(shards(tmp_path/'b'))==kept
    np.testing.assert_array_equal(TeacherCache(t, tmp_path/'b', max_tokens=64).encode(texts), x)

def test_one_mode(home, tmp_path):
    "A folder of embeddings can be shared: its files are as the umask has them"
    cache = TeacherCache(teacher(home), tmp_path/'cache')
    cache.encode(corpus(9))
    cache.affordable(corpus(9), 1)
    plain = tmp_path/'plain'
    plain.touch()
    assert len({*cache.folder.iterdir()})==3 and {o.stat().st_mode for o in cache.folder.iterdir()}=={plain.stat().st_mode}

def test_nothing_is_read_twice(home, tmp_path, monkeypatch):
    cache,texts = TeacherCache(teacher(home), tmp_path),corpus(50)
    x = cache.encode(texts)
    monkeypatch.setattr(TeacherCache, '_read', None)
    np.testing.assert_array_equal(TeacherCache(teacher(home), tmp_path).encode(texts[::-1]), x[::-1])
    np.testing.assert_array_equal(cache.encode(iter(texts[:7]*2)), np.concatenate([x[:7]]*2))
    assert cache.encode([]).shape==(0, 16)

def test_two_processes_share_the_reading(home, tmp_path):
    "Each writes half of the batches into a shard of its own, and both end with the student that one process makes"
    codes,_,errs = launched('_corpus_script', 2, folder=str(home), out=str(tmp_path/'out-{}'), cache_dir=str(tmp_path/'cache'))
    assert codes==[0, 0], errs
    a,b,whole = calls(tmp_path/'out-0'),calls(tmp_path/'out-1'),calls(home/'whole')
    assert a['read']+b['read']==whole['read'] and abs(a['read']-b['read'])<=1 and len(shards(tmp_path/'cache'))==3  # texts, then the vocabulary, which is one batch
    assert bits(tmp_path/'out-0')==bits(tmp_path/'out-1')
    two,one = (StaticModel.from_pretrained(o) for o in (tmp_path/'out-0', home/'whole'))
    np.testing.assert_allclose(two.encode(corpus(50, seed=2)), one.encode(corpus(50, seed=2)), atol=2e-3)
    x = [TeacherCache(teacher(home, normalize=False), d).encode(corpus()) for d in (tmp_path/'cache', home/'cache-whole')]
    np.testing.assert_array_equal(*x)

# -- where texts come from, and which are taken

@pytest.mark.parametrize('kind', ['generator', 'data set', 'column', 'streamed', 'folder', '.txt', '.jsonl', '.csv', '.parquet', '.arrow'])
def test_sources(kind, tmp_path):
    texts = [*corpus(30), 'müsik 音楽', '  spaces ', 'a, "b"']
    df,ds,f = pd.DataFrame(dict(n=range(len(texts)), body=texts)),Dataset.from_dict(dict(n=range(len(texts)), body=texts)),tmp_path/f'c{kind}'
    if kind=='.txt': f.write_text('\n'.join(texts), encoding='utf-8')
    if kind=='.jsonl': df.to_json(f, orient='records', lines=True)
    if kind=='.csv': df.to_csv(f, index=False)
    if kind=='.parquet': df.to_parquet(f)
    if kind in ('folder', '.arrow'): ds.save_to_disk(tmp_path/'ds')
    if kind=='.arrow': f = next((tmp_path/'ds').glob('*.arrow'))
    source = {'generator': (t for t in texts), 'data set': ds, 'column': ds['body'], 'streamed': ds.to_iterable_dataset(), 'folder': tmp_path/'ds'}.get(kind, str(f))
    assert list(corpus_texts(source, 'body'))==texts

@given(st.lists(st.text(max_size=6), max_size=60), st.integers(1, 30), st.randoms())
@hsettings(max_examples=60, deadline=None)
def test_a_sample_is_the_same_in_any_order(texts, n, rng):
    texts = [t.encode('utf-8', 'replace').decode() for t in texts]
    one = sample_texts(texts, n)
    rng.shuffle(texts)
    assert sample_texts(iter(texts), n)==one==sample_texts(texts)[:n] and len(one)==min(n, len(set(texts)))

def test_a_sample_is_fair():
    "Over many seeds, each text is drawn about as often: the chi-squared statistic is where it should be, 6 deviations at most from its mean"
    n,k,seeds = 50,10,400
    drawn = np.zeros(n)
    for s in range(seeds): drawn[[int(t) for t in sample_texts(map(str, range(n)), k, s)]] += 1
    chi2 = ((drawn-seeds*k/n)**2/(seeds*k/n*(1-k/n))).sum()
    assert abs(chi2-(n-1))<6*np.sqrt(2*(n-1))

@given(st.text(max_size=80))
@hsettings(max_examples=100, deadline=None)
def test_sentences_lose_nothing_but_spaces(text):
    assert ''.join(''.join(split_sentences(text)).split())==''.join(text.split())

@given(st.lists(st.integers(1, 40), max_size=80), st.integers(1, 100))
@hsettings(max_examples=100, deadline=None)
def test_batches_have_one_length_each(lens, most):
    lens = np.array(lens, int)
    batches = [b.tolist() for b in equal_batches(lens, most)]
    assert sorted(i for b in batches for i in b)==list(range(len(lens)))
    for b in batches: assert len({int(lens[i]) for i in b})==1 and (len(b)==1 or len(b)*lens[b[0]]<=most)

def test_budget_of_minutes_is_kept_when_it_starts_again(home, tmp_path, monkeypatch):
    texts,t = sample_texts(corpus()),teacher(home)
    with monkeypatch.context() as m:
        m.setattr('time.perf_counter', count(0, 64).__next__)  # 128 texts take 64 seconds
        assert TeacherCache(t, tmp_path).affordable(texts, 1)==120
    monkeypatch.setattr(TeacherCache, '_read', None)
    assert TeacherCache(t, tmp_path).affordable(texts, 1)==120

def test_minutes_limit_what_is_read(home, tmp_path):
    model = student(home, corpus=corpus(), minutes=60, cache_dir=tmp_path)
    assert model.config['sentences']==len(set(corpus()))

# -- teachers

def prompted(tok, special='<s> $A </s>'):
    tok.post_processor = processors.TemplateProcessing(single=special, special_tokens=[('<s>', 2), ('</s>', 3)])
    return PreTrainedTokenizerFast(tokenizer_object=tok, pad_token='[PAD]', unk_token='[UNK]', cls_token='<s>', sep_token='</s>')

@pytest.fixture(scope='module')
def teachers(home):
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers
    tok = Tokenizer(models.WordLevel({w: i for i,w in enumerate(['[PAD]', '[UNK]', '<s>', '</s>', 'query', ':', *words])}, unk_token='[UNK]'))
    tok.normalizer,tok.pre_tokenizer = normalizers.Lowercase(),pre_tokenizers.BertPreTokenizer()
    tok = prompted(tok)
    small = dict(vocab_size=len(tok), hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32)
    torch.manual_seed(0)
    bert,llama = BertModel(BertConfig(**small)),LlamaModel(LlamaConfig(**small))
    return dict(mean=(bert, tok, 'mean'), first=(bert, tok, 'first'), last=(llama, tok, 'last'), pooler=(bert, tok, 'pooler'))

@pytest.mark.parametrize('kind', ['mean', 'first', 'last', 'pooler'])
def test_families_and_prompts(teachers, kind, tmp_path):
    "What is remembered is what the teacher says of the text with its prompt, padded batches or not"
    t,texts = TeacherModel(*teachers[kind], device='cpu'),corpus(80)
    x = TeacherCache(t, tmp_path, 'query: ').encode(texts)
    np.testing.assert_allclose(x, t.encode(['query: '+s for s in texts]), atol=2e-6)
    assert np.abs(x-t.encode(texts)).max()>1e-3

@pytest.mark.parametrize('kind', ['mean', 'first', 'last'])
def test_students_of_families(teachers, kind, tmp_path):
    model,tok,pooling = teachers[kind]
    args = dict(device='cpu', pooling=pooling, pca_dims=8, show_progress_bar=False)
    learned = distill_from_model(model, tok, corpus=corpus(), prompt='query: ', cache_dir=tmp_path, held_out=30, **args)
    unseen,plain = corpus(150, seed=1),distill_from_model(model, tok, **args)
    y = TeacherCache(TeacherModel(*teachers[kind], device='cpu', normalize=False), tmp_path, 'query: ').encode(unseen)
    assert compare_embeddings(y, learned, unseen)['spearman']>compare_embeddings(y, plain, unseen)['spearman']

def test_pooling_comes_from_the_teachers_files(home, tmp_path):
    save_bert(tmp_path/'cls')
    (tmp_path/'cls'/'1_Pooling').mkdir()
    (tmp_path/'cls'/'1_Pooling'/'config.json').write_text('{"pooling_mode_cls_token": true}')
    model = distill(tmp_path/'cls', corpus=corpus(), device='cpu', cache_dir=tmp_path/'cache', **settings)
    assert model.config['pooling']=='first' and json.loads((tmp_path/'cache'/'teacher.json').read_text())['pooling']=='first'
    assert distill(tmp_path/'cls', device='cpu', pca_dims=8, show_progress_bar=False).config['pooling']=='mean'

def test_automatic_vocabulary(home, tmp_path):
    model = student(home, corpus=corpus(), vocabulary='auto')
    assert set(model.tokens)-set(student(home, corpus=corpus(), epochs=1).tokens)=={'zebra', 'quilt'}
    assert len(model.tokenize(['a zebra'])[0])==2
    counts = dict(zebra=sum(t.split().count('zebra') for t in set(corpus())), quilt=sum(t.split().count('quilt') for t in set(corpus())))
    assert frequent_words(sorted(set(corpus())), student_tokenizer(teacher(home).tokenizer, None))==sorted(counts, key=counts.get, reverse=True)
    one = student(home, corpus=corpus(), vocabulary='auto', vocabulary_size=1, epochs=1)
    assert len(one.tokens)==len(model.tokens)-1

# -- what bad input gets

bad = dict(
    empty=(dict(corpus=[]), 'The corpus is empty'), blank=(dict(corpus=['', ' \n']), 'The corpus is empty'),
    small=(dict(corpus=['a goal', 'the bank']), 'The corpus has 2 sentences, and 30 are to be held out'),
    unknown=(dict(corpus=[f'音楽{chr(0x4e00+i)}' for i in range(50)]), 'has a token that the student knows'),
    sentences=(dict(corpus=corpus(), sentences=0), 'sentences=0: give a whole number'), minutes=(dict(corpus=corpus(), minutes=0), 'minutes=0: give a number above 0'),
    none=(dict(corpus=['a', None]), 'Text 1 is None'), string=(dict(corpus='no such file'), "There is no file no such file"),
    file=(dict(corpus='nowhere.txt'), 'There is no file nowhere.txt'), number=(dict(corpus=3), 'The corpus is a int'),
    settings=(dict(minutes=3), 'there is none: give `corpus`'), auto=(dict(vocabulary='auto'), 'but there is none: give `corpus`'),
    word=(dict(vocabulary='bank', corpus=corpus()), "vocabulary='bank': give a list of words"), held_out=(dict(corpus=corpus(), held_out=5), 'too few to compare'),
    column=(dict(corpus=Dataset.from_dict(dict(body=['a']))), "no column 'text', only 'body'"), name=(dict(corpus=corpus(), epoch=3), "no setting 'epoch'"),
    pca=(dict(corpus=corpus(), pca_dims=17), 'pca_dims=17'), sif=(dict(corpus=corpus(), sif_coefficient=0), 'sif_coefficient=0 would scale every vector to zero'))

@pytest.mark.parametrize('case', bad)
def test_bad_input(home, tmp_path, case):
    "A sentence that says what is wrong, before the teacher has read anything"
    kwargs,says = bad[case]
    args = settings|dict(cache_dir=tmp_path/'cache') if kwargs.get('corpus') is not None else dict(show_progress_bar=False)
    if 'sentences' in kwargs or 'minutes' in kwargs: args = {k: v for k,v in args.items() if k not in kwargs}
    with pytest.raises((ValueError, TypeError, FileNotFoundError)) as e: distill(home/'teacher', device='cpu', **args|kwargs)
    assert says in str(e.value)
    assert not shards(tmp_path/'cache')

def test_cache_of_another_teacher(home, tmp_path):
    save_bert(tmp_path/'other')
    other = TeacherModel.from_pretrained(tmp_path/'other', 'cpu')
    with torch.no_grad(): other.model.embeddings.word_embeddings.weight[9] += 1
    TeacherCache(teacher(home), tmp_path/'cache')
    with pytest.raises(ValueError, match='holds the embeddings of another teacher .other weights.*another `cache_dir`'): TeacherCache(other, tmp_path/'cache')
    with pytest.raises(ValueError, match="pooling was 'mean' and is now 'first'"): TeacherCache(teacher(home, 'first'), tmp_path/'cache')
    (tmp_path/'cache'/'teacher.json').write_text('{')
    with pytest.raises(ValueError, match='is not valid JSON'): TeacherCache(teacher(home), tmp_path/'cache')

def test_cache_of_a_teacher_that_moved(home, tmp_path):
    shutil.copytree(home/'teacher', tmp_path/'moved')
    TeacherCache(teacher(home), tmp_path/'cache')
    TeacherCache(TeacherModel.from_pretrained(tmp_path/'moved', 'cpu'), tmp_path/'cache')

def test_teachers_of_16_bits_and_with_shifted_positions(home, tmp_path):
    t = teacher(home)
    t.model.half().save_pretrained(tmp_path)
    t.tokenizer.save_pretrained(tmp_path)
    assert TeacherModel.from_pretrained(tmp_path, 'cpu').model.dtype==torch.float32
    model = RobertaModel(RobertaConfig(vocab_size=len(t.tokenizer), hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32, max_position_embeddings=22, pad_token_id=1))
    t.tokenizer.model_max_length = 10**30
    assert TeacherModel(model, t.tokenizer, device='cpu').max_length==20 and TeacherModel(model, t.tokenizer, device='cpu').encode('bank '*50).shape==(16,)

def test_teacher_that_returns_nan(home, tmp_path):
    t = teacher(home)
    with torch.no_grad(): t.model.embeddings.word_embeddings.weight[t.tokenizer.convert_tokens_to_ids('bank')] = torch.nan
    with pytest.raises(ValueError, match='The teacher returned NaN or infinite values for .*bank'): TeacherCache(t, tmp_path).encode(corpus())
    good = [s for s in corpus() if 'bank' not in s]
    assert np.isfinite(TeacherCache(t, tmp_path).encode(good)).all()

def test_text_without_tokens_for_the_student_is_left_out(home, tmp_path, caplog):
    model = student(home, corpus=corpus()+['音楽', '音'], cache_dir=tmp_path)
    assert '2 of' in caplog.text and 'no token that the student knows' in caplog.text
    assert model.config['sentences']==len(set(corpus()))

def test_default_cache_is_the_users(home, tmp_path, monkeypatch):
    monkeypatch.setenv('XDG_CACHE_HOME', str(tmp_path))
    a,b = TeacherCache(teacher(home)),TeacherCache(teacher(home), prompt='query: ')
    assert a.folder!=b.folder and a.folder.is_relative_to(tmp_path) and (a.folder/'teacher.json').exists()

# -- the command line, and sizes

def test_command(home, tmp_path):
    (tmp_path/'corpus.txt').write_text('\n'.join(corpus()), encoding='utf-8')
    def run(*args):
        cmd = [Path(sys.executable).parent/'lifecycle_distill', home/'teacher', tmp_path/'out', '--pca-dims', '8', '--quiet', *args]
        return subprocess.run(list(map(str, cmd)), capture_output=True, text=True, env=os.environ|dict(HF_HUB_OFFLINE='1', OMP_NUM_THREADS='1'))
    res = run('--corpus', tmp_path/'none.txt')
    assert res.returncode==2 and res.stderr.startswith('lifecycle_distill: error: There is no file') and not (tmp_path/'out').exists()
    res = run('--corpus', tmp_path/'corpus.txt', '--vocabulary', 'auto', '--sentences', 300, '--cache-dir', tmp_path/'cache')
    assert (res.returncode, res.stderr)==(0, '')
    model = StaticModel.from_pretrained(tmp_path/'out')
    assert model.config['sentences']==300 and {'zebra', 'quilt'}<=set(model.tokens)

def test_sizes_on_the_card(home, tmp_path):
    texts,model = corpus(60, seed=3),StaticModel.from_pretrained(home/'whole')
    rows = size_table(model, texts, teacher(home), [('bank', 'money', 9), ('goal', 'film', 1), ('award', 'music', 5)], (texts, [len(t)%2 for t in texts]), dims=(2, 4, 300))
    assert [(r['dim'], r['dtype']) for r in rows]==[(d, t) for d in (2, 4, 8) for t in ('float32', 'float16', 'int8')]
    small = quantize_model(model, dimensionality=4)
    assert rows[3]['texts']==pytest.approx(compare_embeddings(teacher(home), small, texts)['spearman'], abs=1e-6)
    with_sizes(model, rows).save_pretrained(tmp_path/'m')
    card = (tmp_path/'m'/'README.md').read_text()
    assert card.count('\n| 8 |')==3 and f"| {rows[3]['texts']:.3f} |" in card and (tmp_path/'m'/'sizes.png').read_bytes().startswith(b'\x89PNG')
    again = StaticModel.from_pretrained(tmp_path/'m')
    assert again.embedding.tobytes()==model.embedding.tobytes() and again.config['sizes']==json.loads(json.dumps(rows))
