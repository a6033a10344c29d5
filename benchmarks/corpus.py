"Distil all-MiniLM-L6-v2 from a corpus, beside model2vec's distillation of the same teacher, and write `corpus.md`"
import json, os, sys, tempfile, time
from collections import Counter
from pathlib import Path
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import numpy as np
from benchmarks._common import here, in_turn, machine, medians, peak_gflops, peers, root, table
from tests import assets

runs,dims,n_sentences,n_domain = 1,256,24_000,3_000
work = root/'.cache'/'bench'/'corpus'

def corpus(): return assets.bbc()[0]+[t for kind in assets.vader_files for _,t in assets.vader(kind)]

def passages(n=1000):
    "The first 60 words of some posts of the test set of 20 Newsgroups, which no student learns from"
    posts = assets.newsgroups('test')[0]
    return [' '.join(posts[i].split()[:60]) for i in np.sort(np.random.default_rng(1).permutation(len(posts))[:n])]

def few_labels(x, y, x_test, y_test, per_class=8, draws=10):
    "Mean test accuracy of logistic regressions that saw a few posts of each class"
    from sklearn.linear_model import LogisticRegression
    y,scores = np.array(y),[]
    for seed in range(draws):
        rng = np.random.default_rng(seed)
        rows = np.concatenate([rng.permutation(np.flatnonzero(y==c))[:per_class] for c in sorted(set(y))])
        scores.append(LogisticRegression(max_iter=1000).fit(x[rows], y[rows]).score(x_test, y_test))
    return float(np.mean(scores))

def scores(encode):
    "What an embedding is worth: words, texts, and classification with all labels and with few"
    from scipy.stats import spearmanr
    from sklearn.linear_model import LogisticRegression
    unit = lambda x: x/np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1e-12)
    pairs = lambda x: (x@x.T)[np.triu_indices(len(x), 1)]
    a,b,human = zip(*assets.wordsim())
    (train,y),(test,y_test) = (assets.newsgroups(s) for s in ('train', 'test'))
    x,x_test = (unit(encode(list(o))) for o in (train, test))
    return dict(words=float(spearmanr((unit(encode(list(a)))*unit(encode(list(b)))).sum(1), human).statistic),
                texts=float(spearmanr(pairs(unit(encode(passages()))), pairs(np.load(work/'passages.npy'))).statistic),
                probe=float(LogisticRegression(max_iter=1000).fit(x, y).score(x_test, y_test)), few=few_labels(x, y, x_test, y_test))

def clocked(cls, total):
    "Make `cls` add up the seconds that it reads, and note the lengths of what it reads (the cache is empty, so that is all)"
    read = cls._read_new
    def f(self, seqs, *args):
        start = time.perf_counter()
        read(self, seqs, *args)
        total['read'] += time.perf_counter()-start
        total['lengths'].update(map(len, seqs))
        total['model'] = self.teacher.model
    cls._read_new = f
    return read

def operations(model, lengths):
    "The operations, in billions, of reading sequences, as torch counts them; `lengths` counts the sequences of each length"
    from torch.utils.flop_counter import FlopCounterMode
    import torch
    def one(n):
        with torch.inference_mode(), FlopCounterMode(display=False) as counter: model(input_ids=torch.ones((1, n), dtype=torch.int64))
        return counter.get_total_flops()
    return sum(one(n)*k for n,k in lengths.items())/1e9

def with_corpus(texts, sentences):
    "A student that learned from `texts`, of all dimensions, with seconds and operations; the cache starts empty"
    import torch
    from model_lifecycle import distillation
    total,loop,training = dict(read=0., lengths=Counter()),distillation.train_loop,[]
    def timed_loop(*args, **kw):
        start = time.perf_counter()
        res = loop(*args, **kw)
        training.append((time.perf_counter()-start, len(res)))
        return res
    distillation.train_loop = timed_loop
    was = clocked(distillation.TeacherCache, total)
    peak = peak_gflops(torch.float32)
    with tempfile.TemporaryDirectory() as d:
        start,cpu = time.perf_counter(),time.process_time()
        model = distillation.distill(assets.minilm(), corpus=texts, sentences=sentences, pca_dims='auto', quantize_to='float32', cache_dir=d, show_progress_bar=False)
        secs,cpu = time.perf_counter()-start,time.process_time()-cpu
    distillation.TeacherCache._read_new,distillation.train_loop = was,loop
    peak = max(peak, peak_gflops(torch.float32))
    gflops = operations(total['model'], total['lengths'])/total['read']
    return model,dict(secs=secs, cpu_secs=cpu, read=total['read'], tokens=sum(n*k for n,k in total['lengths'].items()), training=training[0][0], epochs=training[0][1], kept=model.config['kept'],
                      gflops=gflops, peak=peak, share=gflops/peak)

def run(side):
    "One side: seconds to distil, and what the student is worth at 256 dimensions"
    if side=='model2vec':
        from model2vec.distill import distill
        start = time.perf_counter()
        model = distill(str(assets.minilm()), pca_dims=dims)
        return dict(secs=time.perf_counter()-start, **scores(model.encode))
    from model_lifecycle import quantize_model
    model,facts = with_corpus(*((assets.newsgroups('train')[0], n_domain) if side=='domain' else (corpus(), n_sentences)))
    if side=='corpus': model.save_pretrained(work/'student')
    return facts|scores(quantize_model(model, quantize_to='float16', dimensionality=dims).encode)

def sizes():
    "The size table of the student, on texts that it did not learn from"
    from model_lifecycle import StaticModel, size_table, with_sizes
    posts,labels = assets.newsgroups('train')
    rows = np.random.default_rng(0).permutation(len(posts))[:4000]
    model = StaticModel.from_pretrained(work/'student')
    res = size_table(model, passages(), np.load(work/'passages.npy'), assets.wordsim(), ([posts[i] for i in rows], [labels[i] for i in rows]))
    with_sizes(model, res).save_pretrained(work/'student')
    return res

names = {'model2vec': 'model2vec 0.10.0', 'corpus': f'model_lifecycle, {n_sentences:,} sentences',
         'domain': f'model_lifecycle, {n_domain:,} sentences of 20 Newsgroups (no labels)'}

def report(res, sized):
    "Write the tables"
    med = {s: medians(r) for s,r in res.items()}
    c = med['corpus']
    row = lambda name,m: [name, f"{m['secs']:.0f} s", *(f'{m[k]:.3f}' for k in ('words', 'texts')), *(f'{m[k]:.4f}' for k in ('probe', 'few'))]
    sized_rows = [[r['dim'], r['dtype'], f"{r['mb']:.1f} MB", *(f'{r[k]:.3f}' for k in ('words', 'texts', 'probe')), f"{r['texts_per_s']:,.0f}"] for r in sized]
    text = f"""# Distilling all-MiniLM-L6-v2 from a corpus

{n_sentences:,} sentences, drawn at random from BBC news and VADER's reviews, tweets, product reviews and editorials; {dims} dimensions, float16, for
every student. {'Medians of '+str(runs)+' runs' if runs>1 else 'One run'}, the sides in turn, each in a fresh process. `words`: Spearman correlation with people on WordSim-353. `texts`: Spearman
correlation with the teacher's similarities of all pairs of 1,000 passages of 60 words of 20 Newsgroups' test set. `probe`: test accuracy of a logistic
regression on embeddings of the 11,293 training posts of 20 Newsgroups. `8 labels`: the same from 8 posts of each class, the mean of 10 draws. No text
of these is in the corpus{'; the last student learned from the training posts, without their labels' if 'domain' in med else ''}.

{table(['', 'distil', 'words', 'texts', 'probe', '8 labels'], [row(names[s], m) for s,m in med.items()])}
Of the {c['secs']:.0f} s, the teacher reads {c['tokens']:,} tokens in {c['read']:.0f} s, the vocabulary's included, and the student learns for {c['training']:.0f} s
({c['epochs']} epochs). Reading, the teacher does {c['gflops']:.0f} GFLOPS, {c['share']:.0%} of what the fastest of 20 products of 2048 × 2048 float32 matrices did in the same
process, before and after ({c['peak']:.0f} GFLOPS). Operations are counted by torch's `FlopCounterMode`.
Over the whole distillation the process had {c['cpu_secs']/c['secs']/os.cpu_count():.0%} of the machine's cores{': other work ran beside it, so these seconds and shares say little' if c['cpu_secs']<0.8*c['secs']*os.cpu_count() else ''}.

## How small can it go?

The student of {n_sentences:,} sentences, by `size_table`: `words` and `texts` as above, `probe` on every second of 4,000 training posts of 20 Newsgroups
after learning from the others, speed on one core with passages of 60 words.

{table(['dimensions', 'stored as', 'on disk', 'words', 'texts', 'probe', 'texts a second'], sized_rows)}
{machine('torch', 'transformers', 'scikit-learn', 'model_lifecycle')}; model2vec in its own environment. Made by `benchmarks/corpus.py`.
"""
    (here/'corpus.md').write_text(text, encoding='utf-8')
    (here/'corpus.json').write_text(json.dumps(dict(runs=res, sizes=sized), indent=1)+'\n', encoding='utf-8')
    print(text)

def prepare():
    "The teacher's embeddings of the passages, made once"
    from model_lifecycle.teacher import TeacherModel
    work.mkdir(parents=True, exist_ok=True)
    if not (work/'passages.npy').exists(): np.save(work/'passages.npy', TeacherModel.from_pretrained(assets.minilm()).encode(passages()))

def main():
    if not peers.exists(): sys.exit('model2vec[distill] has an environment of its own, which is not there yet: run `make bench`.')
    prepare()
    res = in_turn(__file__, {'model2vec': peers}|dict.fromkeys(['corpus', 'domain'], sys.executable), runs)
    report(res, sizes())

if __name__=='__main__': print(json.dumps(run(sys.argv[1]))) if len(sys.argv)>1 else main()
