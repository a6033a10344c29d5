"Trained classifiers as other programs see them: model2vec's files, scikit-learn's contract, the shell, damaged folders"
import csv, json, pickle, subprocess, sys
from pathlib import Path
from unittest.mock import patch
import numpy as np, pyarrow.parquet as pq, pytest, torch
from hypothesis import given, settings, strategies as st
from model2vec import StaticModel as TheirModel
from model2vec.inference import StaticModelPipeline as TheirPipeline
from sklearn.model_selection import GridSearchCV, cross_val_predict
from torch import nn
from model_lifecycle import StaticModelForClassification, StaticModelForRegression, StaticModelPipeline, lifecycle_predict, lifecycle_train
from model_lifecycle.tables import read_texts
from tests.tiny import static_model, words

rng = np.random.default_rng(0)
bank,sport = 'bank money interest rate'.split(),'goal match striker'.split()
def sentence(topic, i): return ' '.join(np.random.default_rng(i).choice(topic+words[:8], 6))
X = [sentence((bank, sport)[i%2], i) for i in range(80)]
y = [('business', 'sports')[i%2] for i in range(80)]
several = [['business', 'sports'] if i%5==0 else [l] for i,l in enumerate(y)]

def classifier(**kwargs): return StaticModelForClassification.from_static_model(model=static_model(n=len(words)), **kwargs)

@pytest.fixture(scope='module')
def trained(): return classifier().fit(X, y)

@pytest.fixture(scope='module')
def network(): return classifier(words=False, hidden_dim=16).fit(X, y, max_epochs=3, show_progress_bar=False)

@pytest.mark.parametrize('labels', [y, several], ids=['single', 'several'])
def test_model2vec_predicts_the_same(labels, tmp_path):
    ours = classifier(words=False, hidden_dim=16, n_layers=2).fit(X, labels, max_epochs=2, show_progress_bar=False).to_pipeline()
    ours.save_pretrained(tmp_path/'p')
    theirs = TheirPipeline.from_pretrained(tmp_path/'p')
    np.testing.assert_allclose(theirs.predict_proba(X), ours.predict_proba(X), atol=1e-5)
    assert [list(np.atleast_1d(o)) for o in theirs.predict(X)]==[list(np.atleast_1d(o)) for o in ours.predict(X)]

@pytest.mark.parametrize('labels', [y, several], ids=['single', 'several'])
def test_reads_what_model2vec_saves(labels, tmp_path):
    "model2vec loads ours, changes the layers and saves it by itself: that is its own file"
    classifier(words=False, hidden_dim=16).fit(X, labels, max_epochs=1, show_progress_bar=False).to_pipeline().save_pretrained(tmp_path/'p')
    theirs = TheirPipeline.from_pretrained(tmp_path/'p')
    for layer in theirs.head.layers: layer.weight[:] = rng.normal(size=layer.weight.shape)
    theirs.save_pretrained(str(tmp_path/'q'))
    assert 'words' not in json.loads((tmp_path/'q/config.json').read_text())['head_config']
    ours = StaticModelPipeline.from_pretrained(tmp_path/'q')
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=1e-5)
    assert ours.multilabel==(labels is several)

def test_model2vec_refuses_words_rather_than_leave_them_out(trained, tmp_path):
    trained.to_pipeline().save_pretrained(tmp_path/'p')
    with pytest.raises(FileNotFoundError): TheirPipeline.from_pretrained(tmp_path/'p')
    np.testing.assert_allclose(TheirModel.from_pretrained(tmp_path/'p').encode(X), trained.to_static_model().encode(X), atol=1e-5)

def test_regression_pipeline(tmp_path):
    target = np.array([len(t) for t in X], np.float32)*100
    model = StaticModelForRegression.from_static_model(model=static_model(n=len(words)), hidden_dim=8).fit(X, target, max_epochs=2, show_progress_bar=False)
    model.to_pipeline().save_pretrained(tmp_path/'p')
    np.testing.assert_allclose(StaticModelPipeline.from_pretrained(tmp_path/'p').predict(X)[:,0], model.predict(X), rtol=1e-4)
    np.testing.assert_allclose(TheirPipeline.from_pretrained(tmp_path/'p').predict(X)[:,0], model.predict(X), rtol=1e-4)

@settings(max_examples=25, deadline=None)
@given(texts=st.lists(st.lists(st.sampled_from(words+['zebra', 'Ω', '']), max_size=9).map(' '.join), min_size=1, max_size=60), size=st.integers(1, 70))
def test_batches_do_not_matter(trained, texts, size):
    served = trained.to_pipeline()
    p = served.predict_proba(texts)
    np.testing.assert_allclose(p.sum(1), 1, atol=1e-5)
    np.testing.assert_allclose(served.predict_proba(iter(texts), batch_size=size), p, atol=1e-5)
    np.testing.assert_allclose(trained.predict_proba(texts), p, atol=1e-4)

def test_repeatable(trained): np.testing.assert_array_equal(classifier().fit(X, y).predict_proba(X), trained.predict_proba(X))

def test_larger_than_the_sample():
    "Conjugate gradients give what the eigenvectors give"
    one,two = classifier().fit(X, y, label_names=False),classifier()
    with patch('model_lifecycle.ridge.solve_ridge', wraps=__import__('model_lifecycle.ridge', fromlist=['solve_ridge']).solve_ridge) as ridge: two.fit(X, y, label_names=False, max_sample=60)
    assert ridge.called
    assert (one.predict(X)==two.predict(X)).mean()>0.95

def test_interrupted_fit_changes_nothing(trained):
    before = trained.predict_proba(X)
    with patch('model_lifecycle.ridge.solve_ridge', side_effect=KeyboardInterrupt), pytest.raises(KeyboardInterrupt): trained.fit(X, ['a', 'b']*40, max_sample=60)
    np.testing.assert_array_equal(trained.predict_proba(X), before)
    assert trained.classes.tolist()==['business', 'sports']

@pytest.mark.parametrize('words', [True, False])
def test_interrupted_calibration_leaves_a_whole_model(words):
    "What was learned is there, with classes that fit it; only the temperature is missing"
    model,rest = classifier(words=words),{} if words else dict(max_epochs=1, show_progress_bar=False)
    model.fit(X, y, **rest)
    with patch.object(StaticModelForClassification, '_calibrate', side_effect=KeyboardInterrupt), pytest.raises(KeyboardInterrupt):
        model.fit(X, [f'k{i%3}' for i in range(80)], **rest)
    assert len(model.classes)==model.predict_proba(X).shape[1] and set(model.predict(X))<=set(model.classes)

@pytest.mark.parametrize('n', [61, 62, 64, 80])
def test_a_few_texts_more_than_the_sample(n):
    model = classifier().fit(X[:n], [f'c{i%4}' for i in range(n)], max_sample=60)
    assert model.calibration['texts']==n

@pytest.mark.parametrize('kind', ['arrow', 'chunked', 'numpy', 'pandas', 'datasets', 'generator'])
def test_columns(trained, kind):
    "Columns of other libraries, as texts and as labels"
    import datasets, pandas as pd, pyarrow as pa
    make = dict(arrow=pa.array, chunked=lambda o: pa.chunked_array([o[:30], o[30:]]), numpy=np.array, pandas=lambda o: pd.Series(o, index=range(100, 180)),
                datasets=lambda o: datasets.Dataset.from_dict(dict(text=o))['text'], generator=iter)[kind]
    np.testing.assert_array_equal(classifier().fit(make(X), make(y)).predict_proba(make(X)), trained.predict_proba(X))
    assert trained.score(make(X), make(y))==trained.to_pipeline().score(make(X), make(y))==trained.score(X, y)

@pytest.mark.parametrize('call,says', [
    (lambda m: m.fit(None, y), 'Got a NoneType where a list of texts is needed'), (lambda m: m.fit(X, None), 'The labels are None'),
    (lambda m: m.fit(__import__('pandas').DataFrame(dict(a=X)), y), 'Got a DataFrame'), (lambda m: m.to_pipeline().predict(dict(a='b')), 'Got a dict'),
    (lambda m: m.fit(X, y, X_val=X[:3], y_val=y[:2]), 'In `X_val` and `y_val`: There are 3 texts but 2 labels'), (lambda m: m.fit(X, y, X_val=[None], y_val=y[:1]), 'In `X_val` and `y_val`: Text 0 is None'),
    (lambda m: m.fit(X, y, max_sample=0), 'max_sample=0'), (lambda m: m.fit(X, y, random_seed=-1), 'random_seed=-1'), (lambda m: m.fit(X, y, focal_gamma=None), 'focal_gamma=None'),
    (lambda m: m.fit(X, y, class_weight=dict(sports=1e45)), '1e+45: give a number'), (lambda m: m.predict(X, batch_size=-1), 'batch_size=-1'), (lambda m: m.set_params(n_layers=-1), 'n_layers=-1'),
    (lambda m: classifier(max_length=0), 'max_length=0')])
def test_wrong_calls(trained, call, says):
    before = trained.predict_proba(X)
    with pytest.raises((TypeError, ValueError)) as e: call(trained)
    assert says in str(e.value)
    np.testing.assert_array_equal(trained.predict_proba(X), before)

def test_unused_settings_are_named(caplog):
    caplog.set_level('WARNING', 'model_lifecycle')
    classifier(n_layers=2, dropout=0.5).fit(X, y, learning_rate=0.1, test_size=30, max_sample=70)
    assert 'learning_rate, test_size, n_layers, dropout: no effect with words=True' in caplog.text and 'max_sample' not in caplog.text
    caplog.clear()
    classifier(words=False, hidden_dim=8).fit(X, y, max_sample=70, max_epochs=1, show_progress_bar=False)
    assert 'max_sample: no effect with words=False' in caplog.text
    caplog.clear()
    classifier().fit(X, y).to_pipeline()
    assert not caplog.text
    classifier().fit(X, y).to_static_model()
    assert '`to_pipeline` keeps all of it' in caplog.text

def test_unicode_and_integer_classes(tmp_path):
    for labels in (['銀行', 'sports ⚽']*40, [7, -2]*40):
        classifier().fit(X, labels).to_pipeline().save_pretrained(tmp_path/'p')
        again = StaticModelPipeline.from_pretrained(tmp_path/'p')
        assert again.classes.tolist()==sorted(set(labels)) and again.score(X, labels)>0.9

def test_scikit_learn_contract():
    assert (cross_val_predict(classifier(), X, y, cv=4)==y).mean()>0.9
    search = GridSearchCV(classifier(words=False, hidden_dim=8), dict(learning_rate=[1e-5, 0.05], max_epochs=[4], show_progress_bar=[False]), cv=2).fit(X, y)
    assert search.best_params_['learning_rate']==0.05 and search.best_estimator_.score(X, y)>0.7
    assert GridSearchCV(classifier(), dict(label_names=[True]), cv=2, scoring='roc_auc').fit(X, y).best_score_>0.9

def test_pickled_for_workers(trained):
    "scikit-learn's n_jobs sends estimators to other processes"
    np.testing.assert_allclose(pickle.loads(pickle.dumps(trained)).predict_proba(X), trained.predict_proba(X), atol=1e-6)

@pytest.mark.parametrize('harm,says', [
    (lambda d: (d/'classifier.safetensors').unlink(), 'holds no trained layers'),
    (lambda d: (d/'classifier.safetensors').write_bytes(b'x'*9), 'cannot be read'),
    (lambda d: ((d/'classifier.safetensors').unlink(), (d/'pipeline.skops').write_bytes(b'PK')), 'a kind of pickle, which is not read here'),
    (lambda d: _config(d, n_layers=3), "is not what classifier.safetensors was saved with"),
    (lambda d: _config(d, classes=['a', 'b', 'c']), "`verify=False` and save it again"),
    (lambda d: _config(d, activation='tanh'), "`head_config.activation` is 'tanh' where one of"),
], ids=['missing', 'garbage', 'skops', 'layers', 'classes', 'activation'])
def test_damaged_folder(trained, tmp_path, harm, says):
    trained.to_pipeline().save_pretrained(tmp_path/'p')
    harm(tmp_path/'p')
    with pytest.raises((ValueError, FileNotFoundError)) as e: StaticModelPipeline.from_pretrained(tmp_path/'p')
    assert says in str(e.value)

@pytest.mark.parametrize('changes,says', [
    (dict(n_layers=2), "'head.1.weight' among others should be"), (dict(n_layers=10**12), 'whole number from 0 to 1,000'), (dict(classes=['a', 'b', 'c']), '3 outputs'),
    (dict(classes=['a', 'a']), 'a list of distinct values'), (dict(classes=['a', 1]), 'of one type'), (dict(words=[1]), 'where only head.0.weight'), (dict(hidden_activation='swish'), 'hidden_activation'),
    (dict(n_layers=0), 'where only words.1.grams'), (dict(classes=None), 'needs classes'), (dict(report=3), 'an object')])
def test_unsealed_heads(trained, tmp_path, changes, says):
    "What files without a seal can show, as those of earlier versions: sizes that do not fit, before anything is read"
    trained.to_pipeline().save_pretrained(tmp_path/'p')
    _config(tmp_path/'p', **changes)
    with pytest.raises(ValueError) as e: StaticModelPipeline.from_pretrained(tmp_path/'p', verify=False)
    assert says in str(e.value) and str(tmp_path/'p') in str(e.value)

def test_labels_in_another_order(trained, tmp_path):
    "They are refused, until somebody says that they are meant, and saves the folder again"
    trained.to_pipeline().save_pretrained(tmp_path/'p')
    _config(tmp_path/'p', classes=['sports', 'business'])
    with pytest.raises(ValueError, match='files of two models are mixed, or one was changed'): StaticModelPipeline.from_pretrained(tmp_path/'p')
    StaticModelPipeline.from_pretrained(tmp_path/'p', verify=False).save_pretrained(tmp_path/'q')
    assert set(zip(StaticModelPipeline.from_pretrained(tmp_path/'q').predict(X), trained.predict(X)))=={('sports', 'business'), ('business', 'sports')}

def _config(folder, **changes):
    config = json.loads((folder/'config.json').read_text())
    config['head_config'].update(changes)
    (folder/'config.json').write_text(json.dumps(config))

def test_a_head_of_ones_own_cannot_be_served():
    class Odd(StaticModelForClassification):
        def construct_head(self): return nn.Sequential(nn.Linear(self.embed_dim, 4), nn.LayerNorm(4), nn.Linear(4, self.out_dim))
    odd = Odd.from_static_model(model=static_model(n=len(words)), words=False).fit(X, y, max_epochs=1, show_progress_bar=False)
    with pytest.raises(ValueError, match='The head is Linear, LayerNorm, Linear'): odd.to_pipeline()

def test_push(trained):
    with patch('huggingface_hub.HfApi') as api: trained.to_pipeline().push_to_hub('me/topics', private=True)
    api().create_repo.assert_called_once_with('me/topics', private=True, exist_ok=True)
    assert api().upload_folder.call_args.kwargs['repo_id']=='me/topics'

def write_csv(path):
    with open(path, 'w', newline='', encoding='utf-8') as f: csv.writer(f).writerows([('text', 'label'), *zip(X, y)])

def shell(name, *args): return subprocess.run([str(Path(sys.executable).with_name(name)), *map(str, args)], capture_output=True, text=True)

def test_commands(tmp_path):
    static_model(n=len(words)).save_pretrained(tmp_path/'static')
    write_csv(tmp_path/'data.csv')
    res = shell('lifecycle_train', tmp_path/'data.csv', tmp_path/'out', '--model', tmp_path/'static', '--balanced')
    assert res.returncode==0 and '64 texts learned, 16 held out: accuracy' in res.stdout, res.stderr
    assert json.loads((tmp_path/'out/report.json').read_text())['accuracy']>0.8
    res = shell('lifecycle_predict', tmp_path/'out', tmp_path/'data.csv', tmp_path/'pred.jsonl', '--quiet')
    assert res.returncode==0, res.stderr
    rows = [json.loads(l) for l in (tmp_path/'pred.jsonl').read_text().splitlines()]
    assert [r['text'] for r in rows]==X and np.mean([r['label']==l for r,l in zip(rows, y)])>0.9

@pytest.mark.parametrize('suffix', ['.parquet', '.csv', '.jsonl'])
def test_predictions_without_labels(tmp_path, suffix):
    "Files whose first batch, or whose all, has no label above the threshold, or that are empty, have the columns of any other"
    head = nn.Linear(8, 2, bias=False)
    model = static_model()
    with torch.no_grad(): head.weight.copy_(torch.from_numpy(np.stack([model.encode('bank'), -model.encode('bank')])*9))
    StaticModelPipeline(model, head, ['money', 'art'], 'sigmoid').save_pretrained(tmp_path/'p')
    kinds = []
    for i,texts in enumerate(([], ['']*3, ['', '', 'bank'])):
        (tmp_path/'in.jsonl').write_text(''.join(json.dumps(dict(text=t))+'\n' for t in texts))
        out = tmp_path/f'{i}{suffix}'
        lifecycle_predict(tmp_path/'p', tmp_path/'in.jsonl', out, threshold=0.6, batch_size=2, quiet=True)
        if suffix=='.parquet':
            kinds.append(pq.read_schema(out))
            labels = pq.read_table(out).column('label').to_pylist()
        elif suffix=='.csv':
            header,*rows = csv.reader(out.read_text().splitlines())
            kinds.append(header)
            labels = [json.loads(r[1]) for r in rows]
        else: labels = [json.loads(l)['label'] for l in out.read_text().splitlines()]
        assert labels==[['money'] if t else [] for t in texts]
    assert all(o==kinds[0] for o in kinds)

@pytest.mark.parametrize('args,says', [
    (('nothing.csv', 'out'), 'There is no file'),
    (('data.csv', 'out', '--label-column', 'topic'), "no column 'topic'"),
    (('data.csv', 'out', '--test-size', '2'), 'test_size=2'),
], ids=['file', 'column', 'size'])
def test_command_errors(tmp_path, args, says):
    static_model(n=len(words)).save_pretrained(tmp_path/'static')
    write_csv(tmp_path/'data.csv')
    res = shell('lifecycle_train', tmp_path/args[0], tmp_path/args[1], '--model', tmp_path/'static', *args[2:])
    assert res.returncode and says in res.stderr and 'Traceback' not in res.stderr
    assert not (tmp_path/'out').exists()

def test_one_kind_after_another_in_a_folder(trained, tmp_path):
    "What a pipeline of another kind saved there is not taken for a part of this one"
    plain = StaticModelPipeline(static_model(n=len(words)), nn.Linear(8, 2), ['business', 'sports'])
    bare = StaticModelPipeline(static_model(n=len(words)), nn.Sequential(), [str(i) for i in range(8)])
    for p in plain,trained.to_pipeline(),bare,plain:
        p.save_pretrained(tmp_path/'p')
        np.testing.assert_allclose(StaticModelPipeline.from_pretrained(tmp_path/'p').predict_proba(X), p.predict_proba(X), atol=1e-6)
        assert len({'head.safetensors', 'classifier.safetensors'} & {o.name for o in (tmp_path/'p').iterdir()})==1

@pytest.mark.parametrize('seed', range(3))
def test_rare_labels_are_learned(tmp_path, seed):
    "A label that only one text has is never held out"
    (tmp_path/'d.jsonl').write_text(''.join(json.dumps(dict(text=a, label=[b]+[f'rare{i}']*(i<10)))+'\n' for i,(a,b) in enumerate(zip(X, y))))
    static_model(n=len(words)).save_pretrained(tmp_path/'static')
    lifecycle_train(tmp_path/'d.jsonl', tmp_path/'out', model=str(tmp_path/'static'), random_seed=seed, quiet=True)
    assert {f'rare{i}' for i in range(10)}<=set(StaticModelPipeline.from_pretrained(tmp_path/'out').classes)

def test_refused_before_training(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_csv(tmp_path/'d.csv')
    (tmp_path/'many.jsonl').write_text(json.dumps(dict(text='bank', label=['business']))+'\n')
    for out,test,says in ('.', '', 'holds the current folder'),('d.csv', '', 'is a file'),('out', 'many.jsonl', 'give the same kind'):
        with pytest.raises((ValueError, TypeError), match=says): lifecycle_train('d.csv', out, model='none', test=test)

def test_a_mark_of_utf8(tmp_path):
    for name,text in ('a.txt', 'bank\ngoal\n'),('a.jsonl', '{"text": "bank"}\n{"text": "goal"}\n'),('a.csv', 'text\nbank\ngoal\n'):
        (tmp_path/name).write_text(text, encoding='utf-8-sig')
        assert [o for b in read_texts(tmp_path/name) for o in b]==['bank', 'goal']

def test_training_files_of_every_kind(tmp_path):
    static_model(n=len(words)).save_pretrained(tmp_path/'static')
    import pyarrow as pa
    pq.write_table(pa.table(dict(text=X, label=several)), tmp_path/'d.parquet')
    (tmp_path/'d.jsonl').write_text('\n'.join(json.dumps(dict(text=a, label=b)) for a,b in zip(X, several)))
    with open(tmp_path/'d.csv', 'w', newline='') as f: csv.writer(f).writerows([('text', 'label'), *((a, '|'.join(b)) for a,b in zip(X, several))])
    for kind in 'parquet','jsonl','csv':
        lifecycle_train(tmp_path/f'd.{kind}', tmp_path/kind, model=str(tmp_path/'static'), separator='|' if kind=='csv' else '', quiet=True)
    p = [StaticModelPipeline.from_pretrained(tmp_path/kind) for kind in ('parquet', 'jsonl', 'csv')]
    for o in p[1:]: np.testing.assert_allclose(o.predict_proba(X), p[0].predict_proba(X), atol=1e-6)
    assert all(o.multilabel for o in p)

def test_a_file_of_indicator_rows(tmp_path, capsys):
    "Lists of zeros and ones are columns, in training, in the report and in what is predicted; thresholds are saved"
    static_model(n=len(words)).save_pretrained(tmp_path/'static')
    as_rows = [[int(name in o) for name in ('business', 'sports')] for o in several]
    (tmp_path/'d.jsonl').write_text('\n'.join(json.dumps(dict(text=a, label=b)) for a,b in zip(X, as_rows)))
    lifecycle_train(tmp_path/'d.jsonl', tmp_path/'out', model=str(tmp_path/'static'), quiet=True)
    assert '64 texts learned, 16 held out: exact match' in capsys.readouterr().out
    served = StaticModelPipeline.from_pretrained(tmp_path/'out')
    assert served.multilabel and served.indicators and served.classes.tolist()==[0, 1]
    found = served.predict(X)
    assert found.shape==(80, 2) and set(found.ravel())=={0, 1} and (found==as_rows).mean()>0.8
    assert len(served.thresholds)==2
    assert (served.predict(X, threshold='tuned')==(served.predict_proba(X)>np.float32(served.thresholds))).all()
    told = (tmp_path/'out/report.md').read_text(encoding='utf-8')
    assert '## Words that speak for a label' in told and '## Taken for' not in told
    lifecycle_predict(tmp_path/'out', tmp_path/'d.jsonl', tmp_path/'p.jsonl', threshold='tuned', quiet=True)
    said = [json.loads(o)['label'] for o in (tmp_path/'p.jsonl').read_text().splitlines()]
    assert said==[np.flatnonzero(o).tolist() for o in served.predict(X, threshold='tuned')]
    with pytest.raises(ValueError, match='Head, words, classes and thresholds are of sizes'):
        StaticModelPipeline(served.model, nn.Linear(8, 2), ['a', 'b'], 'sigmoid', thresholds=[0.5])

def test_a_file_without_labels(tmp_path, capsys):
    static_model(n=len(words)).save_pretrained(tmp_path/'static')
    write_csv(tmp_path/'data.csv')
    (tmp_path/'more.txt').write_text('\n'.join(sentence((bank, sport)[i%2], 100+i) for i in range(60)))
    lifecycle_train(tmp_path/'data.csv', tmp_path/'out', model=str(tmp_path/'static'), unlabelled=str(tmp_path/'more.txt'), test_size=0.5, quiet=True)
    assert '40 texts learned, 40 held out: accuracy' in capsys.readouterr().out
    served = StaticModelPipeline.from_pretrained(tmp_path/'out')
    assert {o.word for o in served.top_words('sports', 3)}=={*sport} and served.explain(X[1]).label==y[1]
    told = (tmp_path/'out/report.md').read_text(encoding='utf-8')
    assert told.startswith('# out\n') and '## Taken for' in told and '| sports | ' in told
    with pytest.raises(ValueError, match='words=False'):
        lifecycle_train(tmp_path/'data.csv', tmp_path/'no', model=str(tmp_path/'static'), unlabelled=str(tmp_path/'more.txt'), fine_tune=True, quiet=True)
    assert not (tmp_path/'no').exists()
