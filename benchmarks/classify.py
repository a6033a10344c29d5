"""Train classifiers on real texts with this library and its peers, in turn, and write `classify.md`, `classify.json` and what 01_classifier plots

`python benchmarks/classify.py again` measures all labels again, and takes few labels, where only accuracy counts, from the committed `classify.json`.
`python benchmarks/classify.py corpora` measures accuracy and macro-F1 on corpora of even and uneven classes again, and takes all else from there."""
import json, resource, statistics, sys, time
from collections import Counter
from pathlib import Path
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import numpy as np
from benchmarks._common import here, in_turn, machine, make_student, medians, model_folder, peers, table
from tests.assets import bbc, friends, newsgroups, vader

runs = 3
names = {'newsgroups': '20 Newsgroups', 'bbc': 'BBC news', 'vader': 'VADER movie snippets'}
sizes = 8, 16, 64, None
sides = {'model_lifecycle': 'model_lifecycle', 'nameless': 'model_lifecycle, label names unread', 'tfidf': 'TF-IDF + LinearSVC', 'tfidf2': 'TF-IDF with bigrams + LinearSVC',
         'frozen': "model2vec's embeddings + logistic regression", 'model2vec': "model2vec's own `fit`"}
corpora = {'newsgroups': '20 Newsgroups', 'newsgroups-cut': '20 Newsgroups, classes cut to 600 … 6', 'friends': 'Friends, lines by speaker',
           'bbc-cut': 'BBC news, classes cut to 300 … 6', 'vader': 'VADER movie snippets'}
draws = 5
rivals = 'model_lifecycle', 'tfidf', 'tfidf2'
measures = {'accuracy': 'accuracy', 'macro-F1': 'macro-F1', 'even': 'accuracy, all classes alike'}
all_only = 'model2vec', 'tfidf2'  # too slow for five draws of three sizes

def texts(name):
    "Training texts and labels, test texts and labels"
    if name=='newsgroups': return *newsgroups('train'), *newsgroups('test')
    if name=='bbc': x,y = bbc()
    elif name=='friends': x,y = friends()
    else:
        ratings,x = zip(*vader('reviews'))
        y = ['positive' if r>0 else 'negative' for r in ratings]
    order = np.random.default_rng(0).permutation(len(x))
    k = len(x)//5
    train,test = order[k:],order[:k]
    return [x[i] for i in train],[y[i] for i in train],[x[i] for i in test],[y[i] for i in test]

def classifier(side):
    "An untrained classifier with `fit` and `predict`"
    if side in ('model_lifecycle', 'nameless'):
        from model_lifecycle import StaticModelForClassification
        return StaticModelForClassification.from_pretrained(str(model_folder)).set_params(label_names=side=='model_lifecycle')
    if side=='model2vec':
        from model2vec.train import StaticModelForClassification
        return StaticModelForClassification.from_pretrained(path=str(model_folder))
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

def fitted(side, x, y, x_test, y_test, seconds=0):
    "Seconds of `fit`, peak memory by its end, seconds of `predict` (the median of passes, but for the first, that take `seconds` in all), accuracy"
    c = classifier(side)
    start = time.perf_counter()
    c.fit(x, y)
    fit,grown = time.perf_counter()-start,peak()
    served,secs = c.to_pipeline() if hasattr(c, 'to_pipeline') else c,[]
    while len(secs)<2 or sum(secs)<seconds:
        start = time.perf_counter()
        pred = served.predict(x_test)
        secs.append(time.perf_counter()-start)
    return fit,grown,statistics.median(secs[1:]),float((np.asarray(pred)==np.asarray(y_test)).mean())

def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss/1e3

def timed(side, name):
    "Accuracy, seconds and memory with all labels"
    x,y,x_test,y_test = texts(name)
    order = few(y, None, 0)
    before = peak()
    fit,grown,predict,acc = fitted(side, [x[i] for i in order], [y[i] for i in order], x_test, y_test, 5)
    return {f'{name} all': acc, f'{name} fit': fit, f'{name} predict': len(x_test)/predict, f'{name} fit memory': grown-before, f'{name} memory': peak()-before}

def with_few(side, name):
    "Mean accuracy over five draws of few labels"
    x,y,x_test,y_test = texts(name)
    draws = {n: [few(y, n, seed) for seed in range(5)] for n in sizes if n}
    return {f'{name} {n}': statistics.mean(fitted(side, [x[i] for i in p], [y[i] for i in p], x_test, y_test)[3] for p in ps) for n,ps in draws.items()}

def cut(y, seed):
    "Numbers of texts whose classes, in a random order, have sizes in a geometric series down to 6"
    rng = np.random.default_rng(seed)
    y = np.asarray(y)
    classes = rng.permutation(np.unique(y))
    sizes = np.geomspace(600 if len(classes)>5 else 300, 6, len(classes)).round().astype(int)
    return np.concatenate([rng.permutation(np.flatnonzero(y==c))[:n] for c,n in zip(classes, sizes)])

def compared(side, name):
    "Accuracy and macro-F1 of each draw, every test text weighing as much as its class does in training; mean accuracy of the classes"
    from sklearn.metrics import accuracy_score, balanced_accuracy_score, f1_score
    name,_,is_cut = name.partition('-')
    x,y,x_test,y_test = texts(name)
    res = {m: [] for m in [*measures, 'seconds']}
    for seed in range(draws if is_cut else 1):
        pick = cut(y, seed) if is_cut else few(y, None, seed)
        labels = [y[i] for i in pick]
        c,start = classifier(side),time.process_time()
        c.fit([x[i] for i in pick], labels)
        res['seconds'].append(time.process_time()-start)
        pred = c.predict(x_test)
        learned,tested = Counter(labels),Counter(y_test)
        weights = [learned[o]/tested[o] for o in y_test]
        res['accuracy'].append(accuracy_score(y_test, pred, sample_weight=weights))
        res['macro-F1'].append(f1_score(y_test, pred, average='macro', sample_weight=weights, zero_division=0))
        res['even'].append(balanced_accuracy_score(y_test, pred))
    # where there is one draw, of the test texts
    res['error'] = (res['accuracy'][0]*(1-res['accuracy'][0])/len(y_test))**0.5
    return res

def run(job):
    side,name,what = job.split()
    if what=='corpora': return compared(side, name)
    return timed(side, name) if what=='all' else with_few(side, name)

def number(med, side, key, form): return form.format(med[side][key]) if key in med[side] else '–'

def with_error(row, measure):
    "Mean and standard error of a measure"
    values = row[measure]
    if len(values)==1: return f'{values[0]:.3f} ± {row["error"]:.3f}' if measure=='accuracy' else f'{values[0]:.3f}'
    return f'{statistics.mean(values):.3f} ± {statistics.stdev(values)/len(values)**0.5:.3f}'

def report_corpora(found):
    rows = [[t, what, *(with_error(found[f'{s} {name}'], m) for s in rivals)] for name,t in corpora.items() for m,what in measures.items()]
    seconds = [[t, *(f'{statistics.mean(found[f"{s} {name}"]["seconds"]):.1f} s' for s in rivals)] for name,t in corpora.items()]
    return f"""
Even and uneven classes, all labels: the training classes of 20 Newsgroups and BBC cut to sizes in a geometric series, in five random orders (seeds 0 to 4; mean ± standard error), the
ten speakers of Friends as uneven as they are, four of them with a thirtieth of the others' lines (80/20, seed 0). Test texts weigh as much as their class does in training, but in the third
line of each. Where there is one draw, ± is the standard error of that many test texts.

{table(['', '', *(sides[s] for s in rivals)], rows)}
Processor seconds to fit, in the mean:

{table(['', *(sides[s] for s in rivals)], seconds)}"""

def measured_corpora():
    return {k.removesuffix(' corpora'): rows[0] for k,rows in in_turn(__file__, {f'{s} {name} corpora': sys.executable for name in corpora for s in rivals}, 1).items()}

def report(res, found):
    med = {s: medians(r) for s,r in res.items()}
    rows = lambda what,form: [[t, *(number(med, s, k, form) for s in sides)] for t,k in what]
    acc = rows([(f'{t}, {f"{n} a class" if n else "all labels"}', f'{name} {n or "all"}') for name,t in names.items() for n in sizes], '{:.3f}')
    per = lambda what,form: rows([(t, f'{name} {what}') for name,t in names.items()], form)
    return f"""# Training classifiers

Accuracy on held-out texts; with few labels the mean of five draws. The static model is all-MiniLM-L6-v2 distilled to 256 dimensions. Choices of method were made on
splits of the training texts. All sides have their defaults, but for `sublinear_tf=True` in TF-IDF and `max_iter=2000` in logistic regression. model2vec's own `fit`
and bigrams are measured with all labels only.

{table(['', *sides.values()], acc)}
Seconds to fit all labels, medians of {runs} runs (one run of model2vec's own `fit` and of bigrams), in turn, each in a fresh process:

{table(['', *sides.values()], per('fit', '{:.2f} s'))}
Texts predicted in a second, the median of the passes over the test texts that five seconds hold, but for the first (ours and model2vec's own through their saved-pipeline classes):

{table(['', *sides.values()], per('predict', '{:,.0f}'))}
Peak memory added by loading the model and fitting, MB:

{table(['', *sides.values()], per('fit memory', '{:,.0f}'))}
And by predicting too, MB:

{table(['', *sides.values()], per('memory', '{:,.0f}'))}
{report_corpora(found)}
{machine('torch', 'scikit-learn', 'model2vec', 'model_lifecycle')}. Made by `benchmarks/classify.py`.
"""

def measured(name, few):
    "A list of results for each side: everything once, then what takes less than a minute twice more; few labels, whose accuracy does not vary, once"
    res = {s: [] for s in sides}
    def add(jobs, times):
        for k,rows in in_turn(__file__, jobs, times).items(): res[k.split()[0]] += rows
    add({f'{s} {name} all': peers if s=='model2vec' else sys.executable for s in sides}, 1)
    add({f'{s} {name} all': sys.executable for s in sides if s not in all_only}, runs-1)
    few = few or {k.split()[0]: rows[0] for k,rows in in_turn(__file__, {f'{s} {name} few': sys.executable for s in sides if s not in all_only}, 1).items()}
    for side,row in few.items():
        for o in res[side]: o.update({k: v for k,v in row.items() if k.startswith(name) and k.split()[1].isdigit()})
    return res

def main(what):
    make_student()
    before = json.loads((here/'classify.json').read_text(encoding='utf-8'))['runs'] if what else {}
    found = measured_corpora()
    if what=='corpora': res = before
    else:
        few = {s: rows[0] for s,rows in before.items()}
        parts = [measured(name, few) for name in names]
        res = {s: [{k: v for part in parts for k,v in part[s][i].items()} for i in range(len(parts[0][s]))] for s in sides}
    (here/'classify.json').write_text(json.dumps(dict(runs=res, corpora=found), indent=1)+'\n', encoding='utf-8')
    text = report(res, found)
    (here/'classify.md').write_text(text, encoding='utf-8')
    print(text)

if __name__=='__main__': main(''.join(sys.argv[1:])) if sys.argv[1:] in ([], ['again'], ['corpora']) else print(json.dumps(run(sys.argv[1])))
