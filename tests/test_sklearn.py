"scikit-learn's own checks of estimators, put to the classifier; and what its tools do with our labels and weights"
import pickle
from unittest import SkipTest
import numpy as np, pandas as pd, pytest, scipy.sparse as sp, torch
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score
from sklearn.model_selection import GridSearchCV, cross_val_predict, cross_val_score
from sklearn.multioutput import MultiOutputClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MultiLabelBinarizer
from sklearn.utils.estimator_checks import parametrize_with_checks
from sklearn.utils.validation import check_is_fitted, validate_data
from model_lifecycle import StaticModel, StaticModelForClassification, StaticModelPipeline
from tests.tiny import static_model, word_tokenizer

# -- the checks

class OfNumbers(StaticModelForClassification):
    "scikit-learn checks estimators on rows of numbers: each becomes a text with a word for each number"
    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array,tags.input_tags.one_d_array = True,False
        return tags

    def __repr__(self): return 'OfNumbers()'

    def texts(self, X, **kwargs):
        if isinstance(X, list) and X and isinstance(X[0], str): return X
        rows = validate_data(self, X, **kwargs)
        return [' '.join(f'c{i}v{int(np.clip(np.round(v*2), -6, 6))}' for i,v in enumerate(row[:12])) for row in rows]

    def fit(self, X, y, **kwargs): return super().fit(self.texts(X), y, **kwargs)
    def score(self, X, y, sample_weight=None): return super().score(self.texts(X, reset=False), y, sample_weight)
    def _logits(self, X, *args, **kwargs):
        check_is_fitted(self)
        return super()._logits(self.texts(X, reset=False), *args, **kwargs)

def of_numbers():
    "Words for numbers from -3 to 3 in twelve columns, whose vectors are these numbers"
    names = [f'c{i}v{j}' for i in range(12) for j in range(-6, 7)]
    vectors = np.concatenate([np.zeros((2, 12)), [np.eye(12)[i]*j for i in range(12) for j in range(-6, 7)]]).astype(np.float32)
    return OfNumbers.from_static_model(model=StaticModel(vectors, word_tokenizer(names)), normalize=False)

_vectors = 'it is made of a static model, so there are arguments without defaults'
_floats = 'floats are refused as labels, with the cure: pandas makes them of whole numbers beside a missing value'
expected = dict(
    check_no_attributes_set_in_init='a torch module has its layers from the start, to be looked at and replaced',
    check_dont_overwrite_parameters='`multilabel`, `temperature`, `history` and more are what fitting finds; the names are older than this contract',
    check_do_not_raise_errors_in_init_or_set_params=_vectors,
    check_parameters_default_constructible=_vectors,
    check_estimators_nan_inf=_floats,
    check_classifiers_one_label=_floats,
    check_classifiers_one_label_sample_weights='one class is an error that says so, but not that weights left it alone',
    check_classifiers_regression_target='numbers are refused with a TypeError that names StaticModelForRegression',
    check_supervised_y_no_nan='a missing label is a TypeError that names its row',
    check_supervised_y_2d='one column is taken for single labels, which the log says, not a warning of scikit-learn',
    check_set_params='`freeze` is read off the vectors, so that it is True or False whatever is set',
    check_requires_y_none='labels that are None are a TypeError')

@parametrize_with_checks([of_numbers()], expected_failed_checks=lambda _: expected)
def test_sklearn_checks(estimator, check):
    try: check(estimator)
    except SkipTest as e: assert any(o in str(e) for o in not_for_us), e

not_for_us = 'SCIPY_ARRAY_API is not set', 'does not have a decision_function'

def test_texts_are_not_numbers():
    "What scikit-learn's checks cannot know: the classifier itself takes texts, says so, and refuses anything else by name"
    clf = StaticModelForClassification.from_static_model(model=static_model())
    tags = clf.__sklearn_tags__().input_tags
    assert tags.string and not tags.two_d_array
    for X in np.zeros((4, 2)),[1., 2, 3, 4],[None]*4:
        with pytest.raises(TypeError, match='not a string|list of texts is needed'): clf.fit(X, [0, 1, 0, 1])

# -- rows of zeros and ones

texts = ['bank money', 'goal match', 'film music', 'bank goal', 'money film music', 'game computer', 'the striker goal', 'interest rate bank']*4
tags = [['money'], ['sport'], ['arts'], ['money', 'sport'], ['money', 'arts'], [], ['sport'], ['money']]*4
names = ['sport', 'arts', 'money', 'none']
rows = np.array([[name in own for name in names] for own in tags]).astype(int)
table = pd.DataFrame(rows, columns=names)

def new(**kwargs): return StaticModelForClassification.from_static_model(model=static_model(dim=16), **kwargs)

forms = dict(array=rows, lists=rows.tolist(), floats=rows.astype(float), bools=rows>0, sparse=sp.csr_matrix(rows), sparse_array=sp.coo_array(rows), tensor=torch.tensor(rows), objects=rows.astype(object),
             tuples=list(map(tuple, rows.tolist())), row_arrays=list(rows), series=pd.Series(rows.tolist(), index=range(5, 37)))

@pytest.fixture(scope='module')
def of_table(): return new().fit(texts, table)

def test_tables(of_table, tmp_path):
    "Names are the columns, in their order, one of zeros alone too; what is predicted has their shape, also after saving"
    p = of_table.predict_proba(texts)
    assert of_table.classes_.tolist()==names and p.shape==rows.shape
    said = of_table.predict(texts)
    np.testing.assert_array_equal(said, p>0.5)
    assert said.dtype==np.int64 and of_table.indicators and of_table.multilabel
    assert of_table.score(texts, table)==accuracy_score(rows, said)
    report = of_table.evaluate(texts, table[names[::-1]])  # by name, whatever their order
    assert report['exact_match']==accuracy_score(rows, said) and 'accuracy' not in report
    for kind in 'micro','macro': assert report[f'{kind} avg']['f1-score']==pytest.approx(f1_score(rows, said, average=kind, zero_division=0))
    of_table.to_pipeline(report).save_pretrained(tmp_path/'p')
    again = StaticModelPipeline.from_pretrained(tmp_path/'p')
    np.testing.assert_array_equal(again.predict(texts), said)
    assert again.classes_.tolist()==names and again.score(texts, rows)==of_table.score(texts, rows)
    card = (tmp_path/'p'/'README.md').read_text()
    assert f"exact match {report['exact_match']:.3f}" in card and 'accuracy' not in card.lower()

@pytest.mark.parametrize('form', forms)
def test_forms_of_rows(form, of_table):
    "Every form is the same rows; with names they are the same model"
    clf = new().fit(texts, forms[form], class_names=names)
    np.testing.assert_array_equal(clf.predict_proba(texts), of_table.predict_proba(texts))
    assert new().fit(texts, forms[form]).classes_.tolist()==[0, 1, 2, 3]
    assert clf.score(texts, forms[form])==of_table.score(texts, table)
    assert clf.evaluate(texts, forms[form])==of_table.evaluate(texts, table)
    assert clf.evaluate(texts, tags)==of_table.evaluate(texts, table)  # lists of labels are known by name

def test_binarizer():
    binarizer = MultiLabelBinarizer()
    y = binarizer.fit_transform(tags)
    clf = new().fit(texts, y, class_names=binarizer.classes_)
    lists = new().fit(texts, tags)
    np.testing.assert_array_equal(clf.predict_proba(texts), lists.predict_proba(texts))
    assert [list(o) for o in binarizer.inverse_transform(clf.predict(texts))]==lists.predict(texts).tolist()
    assert lists.score(texts, y)==clf.score(texts, tags)  # either is measured on either

def test_rows_that_are_none(of_table):
    "Lists of labels stay lists; what could be both asks"
    unequal = [[0], [0, 1], [1], []]*8
    clf = new().fit(texts, unequal)
    assert not clf.indicators and clf.classes_.tolist()==[0, 1] and clf.predict(texts).dtype==object
    assert clf.score(texts[:4], [[0], [1], [0, 1], [0]])>=0  # in a model of lists, lists of length 2 may be lists
    assert clf.evaluate(['bank', 'goal'], [[0, 1], [1, 0]])['0']['support']==2
    one = [[0], [1]]*16
    with pytest.raises(ValueError, match='Each label is a list of one 0 or 1: give single labels'): new().fit(texts, one)
    assert new().fit(texts, one, class_names=['odd']).predict(texts).shape==(32, 1)
    assert new().fit(texts, np.array(one)).predict(texts).shape==(32,)  # a column of labels, as in scikit-learn
    assert new().fit(texts, table[['sport']]).classes_.tolist()==[0, 1]
    with pytest.raises(ValueError, match="row 3 has nan in column 'arts'"): new().fit(texts, table.astype(float).mask(lambda t: (t.index.values[:,None]==3)&(t.columns=='arts')))
    with pytest.raises(ValueError, match='There are 2 columns of labels'): of_table.score(texts, rows[:,:2])
    with pytest.raises(ValueError, match=r"The columns of the labels are \['sport', 'arts'\]"): of_table.score(texts, table[['sport', 'arts']])
    with pytest.raises(TypeError, match='the training labels are single ones'): new().fit(texts, ['a', 'b']*16).score(texts, rows)

def test_network_of_rows():
    clf = new(words=False).fit(texts, table, max_epochs=3, show_progress_bar=False)
    assert clf.predict(texts).shape==rows.shape and 'val_micro_f1' in clf.history[0]

def test_tools_of_rows():
    assert cross_val_predict(new(), texts, rows, cv=2).shape==rows.shape
    assert len(cross_val_score(new(), texts, rows, cv=2, scoring='f1_micro'))==2
    assert MultiOutputClassifier(new()).fit(texts, rows[:,:3]).predict(texts).shape==(32, 3)

# -- weights

labels = ['money', 'sport', 'arts', 'sport', 'arts', 'tech', 'sport', 'money']*4
each = np.array([1, 2, 0, 1, 3, 1, 0, 2]*4)

def test_weight_zero_leaves_out():
    kept = np.flatnonzero(each)
    some = [texts[i] for i in kept],[labels[i] for i in kept]
    clf = new().fit(texts, labels, sample_weight=each)
    np.testing.assert_allclose(clf.predict_proba(texts), new().fit(*some, sample_weight=each[kept]).predict_proba(texts), atol=1e-6)
    np.testing.assert_allclose(clf.predict_proba(texts), new().fit(texts, labels, sample_weight=each*7.5).predict_proba(texts), atol=1e-5)  # only ratios count
    np.testing.assert_allclose(new().fit(texts, labels, sample_weight=np.ones(32)).predict_proba(texts), new().fit(texts, labels).predict_proba(texts), atol=1e-6)
    assert clf.calibration['texts']==len(kept)
    without = new().fit(texts, labels, sample_weight=[o!='tech' for o in labels])
    assert 'tech' not in without.classes_ and 'tech' in new().fit(texts, labels).classes_

def test_weights_are_copies(monkeypatch):
    "With the same features, shares and penalty, a weight of 2 is the text twice"
    from model_lifecycle import classifier, ridge
    def settle(strength):
        logs = torch.tensor(np.log(np.float32([.5, .2, .3])/np.float32(strength)))
        found = torch.cat([logs, torch.tensor([-1., 0.])])
        monkeypatch.setattr(ridge, 'lowest', lambda *args, **kwargs: (found, 0.))
    monkeypatch.setattr(classifier, 'best_offsets', lambda scores, *args, **kwargs: np.zeros(scores.shape[1], np.float32))
    words = sorted({*' '.join(texts).split()})
    X = words*3  # each word is in as many texts as any other, in copies too, so features stay the same
    y = [labels[i%8] for i in range(len(X))]
    weight = np.repeat([1, 2, 3], len(words))
    copies = np.repeat(np.arange(len(X)), weight)
    settle(1/weight.mean())
    weighted = new().fit(X, y, sample_weight=weight, label_names=False)
    settle(1.)
    copied = new().fit([X[i] for i in copies], [y[i] for i in copies], label_names=False)
    np.testing.assert_allclose(weighted.encode(X), copied.encode(X), atol=1e-4)

@pytest.mark.parametrize('words', [True, False])
@pytest.mark.parametrize('y', [labels, tags, table], ids=['single', 'lists', 'rows'])
def test_weights_count(words, y):
    "A text of large weight is learned, against others that say the opposite"
    X = texts+['computer phone']*8
    odd = [['sport'], ['arts']] if y is tags else ['sport', 'arts']
    more = [odd[0]]*6+[odd[1]]*2
    y = pd.concat([y, pd.DataFrame([[o=='sport', o=='arts', 0, 0] for o in more], columns=names)]) if y is table else y+more
    how = {} if words else dict(max_epochs=30, learning_rate=0.02, show_progress_bar=False, X_val=X, y_val=y)
    def arts(weight):
        clf = new(words=words).fit(X, y, sample_weight=[1]*38+[weight]*2, **how)
        return clf.predict_proba(['computer phone'])[0][clf.classes_.tolist().index('arts')]
    assert arts(30)>arts(1)+0.05

def test_weights_of_a_network():
    settings = dict(max_epochs=2, show_progress_bar=False, test_size=8)
    plain = new(words=False).fit(texts, labels, **settings)
    ones = new(words=False).fit(texts, labels, sample_weight=[5]*32, **settings)
    np.testing.assert_allclose(ones.predict_proba(texts), plain.predict_proba(texts), atol=1e-5)
    assert [*ones.history[0]]==[*plain.history[0]]==['epoch', 'train_loss', 'val_loss', 'val_accuracy']
    assert ones.history[-1]['val_loss']==pytest.approx(plain.history[-1]['val_loss'], rel=1e-4)

@pytest.mark.parametrize('weights,says', [([1], 'give a number for each of the 32 texts'), ([-1]*32, 'The `sample_weight` of text 0 is -1.0'), ([0]*32, 'no text is left'),
                                          ([float('nan')]*32, 'of text 0 is nan')])
def test_bad_weights(weights, says):
    with pytest.raises(ValueError, match=says): new().fit(texts, labels, sample_weight=weights)

def test_weights_pass_through_tools():
    pipe = make_pipeline(new())
    pipe.fit(texts, labels, staticmodelforclassification__sample_weight=each)
    search = GridSearchCV(new(), dict(label_names=[True, False]), cv=2).fit(texts, labels, sample_weight=each)
    assert search.score(texts, labels)>0.5

# -- labels

def test_labels_named():
    for y,says in [([1., float('nan'), 0., 1.], 'whole numbers become floats in a column with a missing value'), (pd.Series([1, None, 0, 1]), r'\.astype\(int\)'),
                   (['a', None, 'b', 'a'], 'Label 1 is None'), (pd.array(['a', 'b', None, 'a']), 'Label 2 is (<NA>|nan)'), ([0.5, 1.5, 1., 2.], 'StaticModelForRegression')]:
        with pytest.raises(TypeError, match=says): new().fit(texts[:4], y)
    for y in ['a', 'b\0', 'b', 'a'],[['a'], ['b', 'c\0'], [], ['b']]:
        with pytest.raises(ValueError, match=r"is '[bc]\\x00': arrays of strings lose a NUL"): new().fit(texts[:4], y)
    assert new().fit(texts, np.arange(32, dtype=np.uint8)%3).predict(texts).dtype==np.int64
    assert new().fit(texts, [np.True_, np.False_]*16).classes_.tolist()==[False, True]

def test_classes_called_like_averages(tmp_path):
    y = ['macro avg', 'accuracy', 'weighted avg', 'expected_calibration_error']*8
    clf = new().fit(texts, y)
    report = clf.evaluate(texts, y)
    assert [report[f'{o} (label)']['support'] for o in sorted(set(y))]==[8]*4
    assert isinstance(report['accuracy'], float) and report['macro avg']['support']==32
    clf.to_pipeline(report).save_pretrained(tmp_path/'p')
    assert '| macro avg (label) |' in (tmp_path/'p'/'README.md').read_text()
    assert 'weighted avg (label)' in clf.evaluate(texts, y, output_dict=False)

# -- the static model as a transformer

def test_transformer():
    model = static_model(normalize=True)
    pipe = make_pipeline(model, LogisticRegression())
    search = GridSearchCV(pipe, dict(staticmodel__max_length=[1, 512]), cv=2).fit(texts, labels)
    assert search.predict(texts).shape==(32,) and len(pipe.fit(texts, labels)[:-1].get_feature_names_out())==8
    other = clone(model)
    assert other is not model and other.embedding is model.embedding
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(search)).predict(texts), search.predict(texts))
    np.testing.assert_array_equal(other.fit_transform(pd.Series(texts, index=range(5, 37))), model.encode(texts))
