"Train classifiers on real texts with this library and its peers, in turn, and write `classify.md` and `classify.json`"
import json, statistics, sys, time
from pathlib import Path
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import numpy as np
from benchmarks._common import here, in_turn, machine, medians, table
from benchmarks.encode import model_folder
from tests.assets import bbc, newsgroups, vader

runs = 1
names = {'newsgroups': '20 Newsgroups', 'bbc': 'BBC news', 'vader': 'VADER movie snippets'}
sides = {'model_lifecycle': 'RidgeClassifier', 'tfidf': 'TF-IDF + LinearSVC', 'tfidf2': 'the same with bigrams', 'frozen': "model2vec's embeddings + logistic regression"}
sizes = 8, 16, 64, None

def texts(name):
    "Training texts and labels, test texts and labels"
    if name=='newsgroups': return *newsgroups('train'), *newsgroups('test')
    if name=='bbc': x,y = bbc()
    else:
        ratings,x = zip(*vader('reviews'))
        y = [int(r>0) for r in ratings]
    order = np.random.default_rng(0).permutation(len(x))
    k = len(x)//5
    train,test = order[k:],order[:k]
    return [x[i] for i in train],[y[i] for i in train],[x[i] for i in test],[y[i] for i in test]

def classifier(side):
    "An untrained classifier with `fit` and `predict`"
    if side=='model_lifecycle':
        from model_lifecycle import RidgeClassifier
        return RidgeClassifier.from_pretrained(str(model_folder))
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer
    from sklearn.svm import LinearSVC
    if side.startswith('tfidf'): return make_pipeline(TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2 if side=='tfidf2' else 1)), LinearSVC())
    from model2vec import StaticModel
    return make_pipeline(FunctionTransformer(StaticModel.from_pretrained(model_folder).encode), LogisticRegression(max_iter=2000))

def few(y, n, seed):
    "Numbers of `n` texts of each label, of all texts if `n` is None"
    order = np.random.default_rng(seed).permutation(len(y))
    y = np.array(y)[order]
    return order if n is None else np.concatenate([order[y==c][:n] for c in np.unique(y)])

def fitted(side, x, y, x_test, y_test):
    "Seconds of `fit`, seconds of `predict`, accuracy"
    c = classifier(side)
    start = time.perf_counter()
    c.fit(x, y)
    mid = time.perf_counter()
    pred = c.predict(x_test)
    return mid-start,time.perf_counter()-mid,float((np.asarray(pred)==np.asarray(y_test)).mean())

def run(side):
    "Mean accuracy over five draws of few labels, and accuracy and seconds with all labels"
    res = {}
    for name in names:
        x,y,x_test,y_test = texts(name)
        for n in sizes:
            picks = [few(y, n, seed) for seed in (range(5) if n else [0])]
            fit,predict,acc = zip(*(fitted(side, [x[i] for i in p], [y[i] for i in p], x_test, y_test) for p in picks))
            res[f'{name} {n or "all"}'] = statistics.mean(acc)
            if n is None: res |= {f'{name} fit': fit[0], f'{name} predict': predict[0]}
    return res

def report(res):
    med = {s: medians(r) for s,r in res.items()}
    acc = [[f'{t}, {n} labels' if n=='all' else f'{t}, {n} a class', *(f"{med[s][f'{name} {n}']:.3f}" for s in sides)] for name,t in names.items() for n in ('all' if n is None else n for n in sizes)]
    secs = [[f'{t}, {k}', *(f"{med[s][f'{name} {k}']:.2f} s" for s in sides)] for name,t in names.items() for k in ('fit', 'predict')]
    return f"""# Training classifiers

Accuracy on held-out texts, with few labels the mean of five draws; the static model is all-MiniLM-L6-v2 distilled to 256 dimensions. Choices of method were made on
splits of the training texts.

{table(['', *sides.values()], acc)}
Seconds with all labels, {runs} run{'s' if runs>1 else ''} of each side, in turn, each in a fresh process:

{table(['', *sides.values()], secs)}
{machine('torch', 'scikit-learn', 'model2vec', 'model_lifecycle')}. Made by `benchmarks/classify.py`.
"""

def main():
    res = in_turn(__file__, dict.fromkeys(sides, sys.executable), runs)
    (here/'classify.json').write_text(json.dumps(dict(runs=res), indent=1)+'\n', encoding='utf-8')
    text = report(res)
    (here/'classify.md').write_text(text, encoding='utf-8')
    print(text)

if __name__=='__main__': print(json.dumps(run(sys.argv[1]))) if len(sys.argv)>1 else main()
