"The training loop: killed and resumed, on several processes, repeated, interrupted; and what bad input gets"
import copy
import json
import logging
import multiprocessing
import pickle
import random
import signal
import numpy as np, pytest, torch
from safetensors import safe_open
from safetensors.torch import load_file
from model_lifecycle.schemas import TensorFile
from model_lifecycle.base import FineTunable, TokenBatch
from model_lifecycle.targets import (StaticModelForPairSimilarity, StaticModelForRegression,
                                     StaticModelForSimilarity, _pairs, _similarities)
from tests import _train_script as script
from tests._train_script import make, texts, train
from tests.events import launched, patience, seen, wait_until
from tests.tiny import word_tokenizer, words

# Children are forked from a server that has the library loaded, so that they start at once
ctx = multiprocessing.get_context('forkserver')
ctx.set_forkserver_preload(['tests._train_script'])
n_steps = 4*9  # of a whole run

def weights(model): return {k: v.clone() for k,v in model.state_dict().items()}
def same(a, b): return a.keys()==b.keys() and all(torch.equal(a[k], b[k]) for k in a)
def history_of(path):
    with safe_open(path, 'pt') as f: return json.loads(f.metadata()['history'])

def in_child(out, kill_at=0, **kwargs):
    "Train in another process; its exit code"
    p = ctx.Process(target=script.main, args=(str(out), kill_at), kwargs=kwargs)
    p.start()
    p.join(patience)
    return p.exitcode

@pytest.mark.parametrize('schedule,every', [('constant', 1), ('cosine', 4), ('one_cycle', None)])
def test_killed_and_resumed(tmp_path, schedule, every):
    "Killed three times, at steps drawn at random, it ends with the very bits of a run that was left alone"
    args = dict(schedule=schedule, token_dropout=0.1)
    assert in_child(tmp_path/'whole', **args)==0
    rng = random.Random(schedule)
    for _ in range(3): assert in_child(tmp_path/'none', rng.randrange(1, 10), checkpoint_dir=str(tmp_path/'run'), checkpoint_every=every, resume=True, **args)==-signal.SIGKILL
    assert in_child(tmp_path/'resumed', checkpoint_dir=str(tmp_path/'run'), checkpoint_every=every, resume=True, **args)==0
    assert same(load_file(tmp_path/'whole'), load_file(tmp_path/'resumed'))
    assert history_of(tmp_path/'whole')==history_of(tmp_path/'resumed')
    assert not (tmp_path/'none').exists()
    assert [o.name for o in (tmp_path/'run').iterdir()]==['checkpoint.safetensors']

def test_killed_at_any_moment(tmp_path):
    "However far it came each time, in a step or in the middle of writing, the end is the same"
    args = dict(checkpoint_every=1, checkpoint_dir=str(tmp_path/'run'), resume=True)
    for n in 0, 1, 2, 5, 9:
        p = ctx.Process(target=script.main, args=(str(tmp_path/'none'), 0), kwargs=args)
        p.start()
        for _ in range(n):  # so often its files change before it is killed
            before = seen(tmp_path)
            wait_until(lambda: not p.is_alive() or seen(tmp_path)!=before)
        p.kill()
        p.join()
    resumed,whole = make(dropout=0.2),make(dropout=0.2)
    assert train(resumed, **args)==train(whole) and same(weights(resumed), weights(whole))

def test_killed_while_writing(tmp_path):
    "What a killed process left half-written is neither read nor kept"
    model = make()
    train(model, checkpoint_dir=tmp_path, max_epochs=2)
    (tmp_path/'.checkpoint.safetensors.12-0123abcd.new').mkdir()
    (tmp_path/'.checkpoint.safetensors.12-0123abcd.new'/'checkpoint.safetensors').write_bytes(b'half')
    (tmp_path/'.lock').touch()
    resumed,whole = make(),make()
    assert train(resumed, checkpoint_dir=tmp_path, resume=True)==train(whole)
    assert same(weights(resumed), weights(whole))
    assert [o.name for o in tmp_path.iterdir()]==['checkpoint.safetensors']

def train_slowly(folder, begun, go_on):
    def wait(event, state):
        if event=='after_epoch' and state.epoch==2:
            begun.set()
            assert go_on.wait(patience)
    train(make(), checkpoint_dir=folder, callbacks=[wait])

@pytest.mark.parametrize('resume', [False, True])
def test_two_runs_in_one_folder(tmp_path, resume):
    "The second gets a sentence before it has trained, and the first goes on undisturbed; so it is with two threads"
    begun,go_on = ctx.Event(),ctx.Event()
    p = ctx.Process(target=train_slowly, args=(tmp_path/'run', begun, go_on))
    p.start()
    assert begun.wait(patience)
    model,events = make(),[]
    before = weights(model)
    says = f"Another run saves to {tmp_path/'run'} at this moment: wait for its end, or give another folder"
    with pytest.raises(ValueError, match=says): train(model, checkpoint_dir=tmp_path/'run', resume=resume, callbacks=[lambda event, state: events.append(event)])
    assert same(weights(model), before) and not events
    go_on.set()
    p.join()
    assert p.exitcode==0 and [o.name for o in (tmp_path/'run').iterdir()]==['checkpoint.safetensors']
    def second(event, state):
        if event=='after_epoch': train(model, checkpoint_dir=tmp_path/'run')
    with pytest.raises(ValueError, match=says): train(make(), checkpoint_dir=tmp_path/'run', callbacks=[second])
    assert train(make(), checkpoint_dir=tmp_path/'run', resume=True)==train(make())

def test_finished_run_returns_at_once(tmp_path):
    model,events = make(),[]
    history = train(model, checkpoint_dir=tmp_path)
    again = make()
    assert train(again, checkpoint_dir=tmp_path, resume=True, callbacks=[lambda event, state: events.append(event)])==history
    assert same(weights(again), weights(model)) and not events

def test_resume_trains_for_longer(tmp_path):
    train(make(), checkpoint_dir=tmp_path, max_epochs=2)
    longer,whole = make(),make()
    assert train(longer, checkpoint_dir=tmp_path, resume=True)==train(whole)
    assert same(weights(longer), weights(whole))

def test_checkpoint_has_no_pickle(tmp_path):
    train(make(), checkpoint_dir=tmp_path, max_epochs=1)
    run = TensorFile(tmp_path/'checkpoint.safetensors').facts
    assert run['place']['epoch']==2 and len(run['place']['history'])==1

refused = dict(learning_rate=(dict(learning_rate=0.5), 'learning_rate was 0.02 and is now 0.5'), batch_size=(dict(batch_size=8), 'batch_size was 9 and is now 8'),
               random_seed=(dict(random_seed=7), 'random_seed was 42 and is now 7'), token_dropout=(dict(token_dropout=0.5), 'token_dropout was 0.0 and is now 0.5'),
               schedule=(dict(schedule='linear'), "schedule was 'constant' and is now 'linear over 4 epochs'"))
@pytest.mark.parametrize('name', refused)
def test_other_settings_are_refused(tmp_path, name):
    train(make(), checkpoint_dir=tmp_path, max_epochs=1)
    kwargs,says = refused[name]
    model = make()
    before = weights(model)
    with pytest.raises(ValueError) as e: train(model, checkpoint_dir=tmp_path, resume=True, **kwargs)
    assert says in str(e.value) and same(weights(model), before)

def test_other_model_or_data_is_refused(tmp_path, monkeypatch):
    train(make(), checkpoint_dir=tmp_path, max_epochs=1)
    other = make()
    with torch.no_grad(): other.embeddings.weight[3] += 1
    for model in make(hidden_dim=9), make(activation='tanh'), make(freeze=True), make(normalize=False), other:
        with pytest.raises(ValueError, match='of another run .another model.'): train(model, checkpoint_dir=tmp_path, resume=True)
    monkeypatch.setattr(script, 'texts', lambda n: texts(n, seed=1))
    with pytest.raises(ValueError, match='other training texts.*other validation texts'): train(make(), checkpoint_dir=tmp_path, resume=True)

@pytest.mark.parametrize('content', [b'', b'nonsense', b'\x02\0\0\0\0\0\0\0{}'])
def test_unreadable_checkpoint(tmp_path, content):
    (tmp_path/'checkpoint.safetensors').write_bytes(content)
    with pytest.raises(ValueError, match='checkpoint.safetensors.*remove it to begin anew'): train(make(), checkpoint_dir=tmp_path, resume=True)

def test_two_processes_train_the_model_of_one(tmp_path):
    "With token dropout, a schedule, checkpoints and in-batch negatives; the last batches are too small to share evenly"
    args = dict(token_dropout=0.3, schedule='linear', pairs=True)
    codes,_,errs = launched('_train_script', 2, out=str(tmp_path/'two-{}'), kill_at=0, **args, checkpoint_dir=str(tmp_path/'run'))
    assert codes==[0, 0], errs
    assert in_child(tmp_path/'one', **args)==0
    for kind in '', '-pairs':
        a,b,one = (tmp_path/f'{o}{kind}' for o in ('two-0', 'two-1', 'one'))
        assert same(load_file(a), load_file(b)) and history_of(a)==history_of(b)
        for k,v in load_file(one).items(): torch.testing.assert_close(load_file(a)[k], v, rtol=1e-4, atol=1e-5)
        for x,y in zip(history_of(a), history_of(one), strict=True): assert x==pytest.approx(y, rel=1e-4)

def test_seeds_repeat_a_run():
    a,b,c = make(dropout=0.2),make(dropout=0.2),make(dropout=0.2)
    first = train(a, token_dropout=0.2)
    torch.rand(7)
    assert train(b, token_dropout=0.2, callbacks=[lambda event, state: torch.rand(3)])==first and same(weights(a), weights(b))
    assert train(c, token_dropout=0.2, random_seed=1)!=first

def test_callbacks_hear_everything_and_can_stop():
    events,model = [],make()
    def hear(event, state): events.append((event, state.epoch, state.step))
    def stop(event, state):
        if len(state.history)==2: state.stop = True
    assert len(train(model, callbacks=[hear, stop]))==2
    assert [o[0] for o in events]==['before_fit', *(['after_batch']*9+['after_epoch'])*2, 'after_fit']
    def halt(event, state):
        if event=='after_batch' and state.step==4: state.stop = True
    events.clear()
    assert len(train(make(), callbacks=[hear, halt]))==1 and len(events)==1+4+1+1

def test_error_in_a_callback_leaves_the_model_as_it_was():
    model = make()
    before = weights(model)
    def fail(event, state):
        if state.epoch==2: raise RuntimeError('mine')
    with pytest.raises(RuntimeError, match='mine'): train(model, callbacks=[fail])
    assert same(weights(model), before)

def test_it_trains_on_the_device_it_is_given():
    model = regression()
    def fail(event, state): raise RuntimeError(f'{event} on {state.model.device}')
    with pytest.raises(RuntimeError, match='before_fit on meta'): model.fit(x, np.arange(40.), device='meta', callbacks=[fail], show_progress_bar=False)
    assert {o.device.type for o in model.parameters()}=={'meta'}

def test_numbers_of_numpy_in_the_history(tmp_path):
    def note(event, state):
        if event=='after_epoch': state.history[-1]['rate'] = np.float32(0.5)
    assert train(make(), callbacks=[note], checkpoint_dir=tmp_path, max_epochs=2)[-1]['rate']==0.5

def test_a_tokenizer_that_pads_and_cuts():
    tok,vectors = word_tokenizer(),np.random.default_rng(0).normal(size=(len(words)+2, 8)).astype(np.float32)
    tok.enable_padding(); tok.enable_truncation(2)
    model = FineTunable(vectors=vectors, tokenizer=tok)
    assert model.tokenize(['bank', 'bank money interest rate']).lengths.tolist()==[1, 4]

@pytest.fixture
def sigint():
    "Python's own way with Ctrl-C, whatever notebooks that ran in this process left behind"
    old = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, old or signal.SIG_DFL)

def ctrl_c(epoch):
    def f(event, state):
        if event=='after_batch' and (state.epoch, state.step)==(epoch, 4): signal.raise_signal(signal.SIGINT)
    return f

def test_ctrl_c_keeps_the_best_so_far(tmp_path, caplog, sigint):
    short,model = make(),make()
    with caplog.at_level(logging.WARNING, 'model_lifecycle'): history = train(model, callbacks=[ctrl_c(3)], checkpoint_dir=tmp_path)
    assert 'interrupted in epoch 3: the model has the best weights of the 2 before' in caplog.text
    assert history==train(short, max_epochs=2) and same(weights(model), weights(short))
    assert model.interrupted and not short.interrupted
    assert train(model, checkpoint_dir=tmp_path, resume=True)==train(make()) and not model.interrupted

def test_ctrl_c_in_the_first_epoch(sigint):
    model = make()
    before = weights(model)
    with pytest.raises(KeyboardInterrupt): train(model, callbacks=[ctrl_c(1)])
    assert same(weights(model), before)

@pytest.mark.parametrize('name', ['linear', 'cosine', 'one_cycle'])
def test_schedules_rise_and_fall(name):
    rates = []
    train(make(), schedule=name, callbacks=[lambda event, state: rates.append({g['lr'] for o in state.optimizers for g in o.param_groups}) if event=='after_batch' else None])
    assert all(len(o)==1 for o in rates) and len(rates)==n_steps
    rates = [o.pop() for o in rates]
    top = int(np.argmax(rates))
    assert 0.018<max(rates)<=0.02 and 0<min(rates) and rates[:top+1]==sorted(rates[:top+1]) and rates[top:]==sorted(rates[top:], reverse=True)
    assert rates[-1]<0.001

def test_a_schedule_of_ones_own():
    assert train(make(), schedule=lambda x: 1.)==train(make())

bad_settings = {'schedule': dict(schedule='steep'), 'give `max_epochs`': dict(schedule='linear', max_epochs=None), 'max_epochs=0': dict(max_epochs=0), 'batch_size=1.5': dict(batch_size=1.5),
                'token_dropout=1': dict(token_dropout=1), 'checkpoint_every=0': dict(checkpoint_every=0, checkpoint_dir='x'), 'give `checkpoint_dir`': dict(resume=True), 'random_seed=-1': dict(random_seed=-1)}
@pytest.mark.parametrize('says', bad_settings)
def test_bad_settings(says):
    with pytest.raises(ValueError, match=says): train(make(), **bad_settings[says])

def test_token_dropout_keeps_a_token_of_each_text():
    torch.manual_seed(0)
    batch = TokenBatch.from_lengths(torch.arange(60), [0, 1, 2, 57])
    for share in 0.1, 0.5, 0.99:
        few = batch.drop(share)
        assert few.lengths[:2].tolist()==[0,1] and few.lengths.min()==0 and (few.lengths[1:]>=1).all()
        for a,b in zip(few.ids.split(few.lengths.tolist()), batch.ids.split(batch.lengths.tolist())): assert set(a.tolist())<=set(b.tolist())

def similarity(): return StaticModelForSimilarity.from_static_model(model=script.static_model(), hidden_dim=8)
def regression(): return StaticModelForRegression.from_static_model(model=script.static_model(), hidden_dim=8)
def pair(**kwargs): return StaticModelForPairSimilarity.from_static_model(model=script.static_model(), hidden_dim=8, **kwargs)
x = texts(40, seed=3)
few = dict(max_epochs=2, show_progress_bar=False)

def fitted():
    return similarity().fit(x, torch.randn(40, 5), **few), regression().fit(x, np.arange(40.), **few), pair(n_layers=0).fit(x[:20], x[20:], **few)

@pytest.mark.parametrize('copied', [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))], ids=['deepcopy', 'pickle'])
def test_models_can_be_copied(copied):
    for m in fitted():
        again = copied(m)
        assert np.array_equal(again.encode(x), m.encode(x)) and again.history==m.history and again.to_static_model().encode(x).shape==(40,8)

def test_shapes():
    s,r,p = fitted()
    assert s.predict(x).shape==(40,5) and r.predict(x).shape==(40,) and r.encode(x).shape==(40,1) and p.predict(x[:3], x[3:6]).shape==(3,)
    assert -1<=s.score(x, np.ones((40,5)))<=1 and r.score(x, np.arange(40))<=1 and 0<=p.score(x[:20], x[20:])<=1

def test_columns_train_as_lists_do():
    "From pandas, Arrow and datasets, none of them turned into a list of texts"
    import datasets, pandas as pd, pyarrow as pa
    y = np.arange(40.)
    expected = regression().fit(x, y, **few).encode(x)
    d = datasets.Dataset.from_dict(dict(text=x, y=y))
    for a,b in (pd.Series(x), pd.Series(y)),(pa.chunked_array([x[:9], x[9:]]), y),(d['text'], d['y']),(iter(x), y.tolist()):
        assert np.array_equal(regression().fit(a, b, **few).encode(x), expected)

def test_regression_is_in_the_units_of_its_targets():
    y = np.array([float('money' in o.split()) for o in x])*500+10_000
    model = regression().fit(x, y, X_val=x, y_val=y, max_epochs=60, learning_rate=0.02, show_progress_bar=False)
    assert model.score(x, y)>0.9 and abs(model.predict(x).mean()-y.mean())<50

def test_constant_targets():
    assert np.allclose(regression().fit(x, np.full(40, 7.), **few).predict(x), 7, atol=1.5)

def test_pairs_that_share_a_text_are_not_negatives():
    "By tokens: upper and lower case are one text here"
    pairs,keys = _pairs(pair(), ['money bank', 'goal', 'Money Bank', 'film'], ['match', 'music', 'award', 'money bank'])
    assert len(pairs)==4 and keys[0,0]==keys[2,0]==keys[3,1]
    (_,same), = _similarities(torch.randn(4, 2, 8), keys)
    assert same.tolist()==[[False,False,True,True],[False]*4,[True,False,False,True],[True,False,True,False]]

bad_fits = {
    'There are 40 training texts but 39 targets': lambda: regression().fit(x, np.arange(39.)),
    'There are no targets': lambda: regression().fit([], []),
    'Target 7 is NaN, one of 1 such': lambda: regression().fit(x, [1.]*7+[np.nan]+[2.]*32),
    'Target 0 is infinite': lambda: regression().fit(x[:1], [np.inf]),
    'The targets cannot be read as numbers': lambda: similarity().fit(x[:2], [[1, 2], [3]]),
    'give a vector for each text': lambda: similarity().fit(x, np.arange(40.)),
    'Text 3 is None': lambda: similarity().fit([*x[:3], None], np.ones((4, 2))),
    'Only one of `X_val` and `y_val`': lambda: regression().fit(x, np.arange(40.), X_val=x),
    'Each training target has 2 numbers, each validation target 3': lambda: similarity().fit(x, np.ones((40, 2)), X_val=x, y_val=np.ones((40, 3))),
    'There are 40 validation texts but 2 targets': lambda: regression().fit(x, np.arange(40.), X_val=x, y_val=[1, 2]),
    'takes 40 of 40 texts': lambda: regression().fit(x, np.arange(40.), test_size=40),
    '3 texts in `text_a` but 2 in `text_b`': lambda: pair().fit(x[:3], x[:2]),
    'There are no training texts': lambda: pair().fit([], []),
    'Text 1 is nan': lambda: pair().fit(x[:2], [x[0], float('nan')]),
    'temperature=0': lambda: pair().fit(x[:2], x[:2], temperature=0),
    'Got one string': lambda: pair().fit('a', 'b'),
    "activation='step' is not known": lambda: make(activation='step'),
    '`metric_func` gives NaN': lambda: train(make(), metric_func=lambda out, y: torch.nan)}
@pytest.mark.parametrize('says', bad_fits)
def test_bad_input(says):
    with pytest.raises((ValueError, TypeError)) as e: bad_fits[says]()
    assert says in str(e.value)

def test_bad_input_leaves_the_model_as_it_was():
    model = regression().fit(x, np.arange(40.), **few)
    before,history = model.encode(x),model.history
    for y in np.arange(39.), [np.nan]*40:
        with pytest.raises(ValueError): model.fit(x, y)
    with pytest.raises(ValueError): model.fit(x, np.arange(40.)*9, max_epochs=0)
    assert np.array_equal(model.encode(x), before) and model.history==history

def test_more_pairs_of_text_and_token_than_32_bits_count():
    from model_lifecycle.ridge import _spread
    assert _spread(np.array([0, 2**31, 2**31+5]), np.array([0, 2]), 4).tolist()==[0, 2**31, 2**31, 2**31+5, 2**31+5]
