"The figures of the front page and the page of results, from `benchmarks/*.json` and the tables beside them: nothing is typed"
import hashlib, json, re
from pathlib import Path
from statistics import median
import matplotlib
matplotlib.use('Agg')
import matplotlib.pyplot as plt
from PIL import Image

root = Path(__file__).resolve().parent.parent
benchmarks,images,index = root/'benchmarks', root/'nbs'/'images', root/'nbs'/'index.ipynb'
first = ['encode', 'classify', 'distill', 'corpus', 'ptune']  # the order of the page; others follow by name, damage last
names = dict(model_lifecycle='model_lifecycle', tfidf='TF-IDF, LinearSVC', tfidf2='TF-IDF with bigrams', frozen='model2vec + logistic regression',
             model2vec="model2vec's fit", nameless='model_lifecycle, names of labels unread', model2vec_processes='model2vec, processes',
             sentence_transformers='sentence-transformers')
embedders = names | dict(model2vec='model2vec')  # without training there is no `fit`

def measured(name): return json.loads((benchmarks/f'{name}.json').read_text(encoding='utf-8'))
def told(name): return (benchmarks/f'{name}.md').read_text(encoding='utf-8')
def of(runs, key): return median(o[key] for o in runs if key in o)

def made_on(name):
    "Machine, versions and date, as the benchmark wrote them"
    lines = [o for o in told(name).splitlines() if re.search(r'\bcores of\b.*\d{4}-\d\d-\d\d', o)]
    return lines[-1].split(' Made by')[0] if lines else ''

# -- plots, each from one file

def speed_and_quality(ax, size=9):
    runs = measured('classify')['runs']
    shown = [o for k,o in runs.items() if k!='nameless' and any('newsgroups predict' in r for r in o)]
    for side,rows in runs.items():
        if rows not in shown: continue
        x,y,ours = of(rows, 'newsgroups predict'), of(rows, 'newsgroups all'), side=='model_lifecycle'
        ax.scatter(x, y, s=90 if ours else 45, color='C0' if ours else 'C7', zorder=3)
        ax.annotate(names.get(side, side), (x, y), textcoords='offset points', xytext=(-8,-4) if ours else (8,-4), fontsize=size,
                    ha='right' if ours else 'left', weight='bold' if ours else 'normal')
    ax.set(xscale='log', xlabel='texts classified in a second, two cores (log)', ylabel='accuracy, 20 Newsgroups')
    ax.margins(0.12, 0.15)
    ticks = [a*10**b for b in range(3, 6) for a in (1, 2, 5)]
    ax.set_xticks(ticks, [f'{o:,}' for o in ticks])
    ax.set_xticks([], minor=True)
    ax.set_xlim(*(f(of(o, 'newsgroups predict') for o in shown)*k for f,k in ((min, 0.8), (max, 1.3))))
    ax.grid(alpha=0.3)

def plot_encode(ax):
    runs = measured('encode')['runs']
    jobs = [k for k in next(iter(runs.values()))[0] if k!='one']
    for i,(side,rows) in enumerate(runs.items()):
        ax.bar([j+0.8*i/len(runs) for j in range(len(jobs))], [of(rows, k) for k in jobs], 0.8/len(runs), label=embedders.get(side, side))
    ax.set(yscale='log', ylabel='seconds (log)')
    ax.set_xticks([j+0.3 for j in range(len(jobs))], [k.replace(' ', '\n') for k in jobs], fontsize=8)
    ax.legend(fontsize=8)

def plot_classify(ax):
    runs,sizes = measured('classify')['runs'], ['8', '16', '64', 'all']
    for side,rows in runs.items():
        points = [(i, of(rows, f'newsgroups {n}')) for i,n in enumerate(sizes) if any(f'newsgroups {n}' in o for o in rows)]
        if points: ax.plot(*zip(*points), marker='o', ms=4, label=names.get(side, side))
    ax.set(ylabel='accuracy, 20 Newsgroups', xlabel='labels a class')
    ax.set_xticks(range(len(sizes)), sizes)
    ax.legend(fontsize=8)

def plot_distill(ax):
    for i,(side,rows) in enumerate(measured('distill').items()):
        if isinstance(rows, list): ax.barh(i, of(rows, 'secs'), label=side, color='C7' if side=='model2vec' else 'C0'), ax.text(0.3, i, side, va='center', color='white')
    ax.set(xlabel='seconds to distil all-MiniLM-L6-v2')
    ax.set_yticks([])

def plot_corpus(ax):
    for dtype in 'float32','float16','int8':
        rows = [o for o in measured('corpus')['sizes'] if o['dtype']==dtype]
        ax.plot([o['mb'] for o in rows], [o['probe'] for o in rows], marker='o', ms=4, label=dtype)
    ax.set(xscale='log', xlabel='MB on disk (log)', ylabel='accuracy of a probe')
    ax.legend(fontsize=8)

def plot_ptune(ax):
    sides = measured('ptune')['tasks']['reviews']
    for i,(side,o) in enumerate(reversed(sides.items())): ax.errorbar(o['mean'], i, xerr=o['se_rows'], fmt='o', color='C0' if side=='ours' else 'C7')
    ax.axvline(measured('ptune')['untuned']['reviews'], color='C7', ls=':')
    ax.set_yticks(range(len(sides)), [o.replace('ours', 'model_lifecycle') for o in reversed(sides)], fontsize=8)
    ax.set(xlabel='film reviews judged rightly (dotted: untuned)')

plots = dict(encode=plot_encode, classify=plot_classify, distill=plot_distill, corpus=plot_corpus, ptune=plot_ptune)

def save(plot, path, figsize=(7,3), **info):
    fig,ax = plt.subplots(figsize=figsize, dpi=110, layout='constrained')
    plot(ax)
    fig.savefig(path, metadata=info, facecolor='white')
    plt.close(fig)

# -- the page of results

def order():
    found = sorted(o.stem for o in benchmarks.glob('*.md') if o.name[0]!='_' and o.with_suffix('.json').exists())
    return [o for o in first if o in found]+[o for o in found if o not in first+['faults']]+[o for o in ['faults'] if o in found]

def section(name, folder):
    title,body = told(name).split('\n', 1)
    if name in plots: save(plots[name], folder/f'results_{name}.png')
    picture = f'![{title.strip("# ")}](images/results_{name}.png)\n\n' if name in plots else ''
    body = re.sub(r'^#+ (.*)$', r'**\1**', body, flags=re.M).strip()
    table = re.search(r'(?:^\|.*\n)+', body, re.M)  # the first is what most come for
    first,rest = body[:table.end()],body[table.end():].strip()
    more = f'\n<details><summary>All tables of this benchmark</summary>\n\n{rest}\n\n</details>\n' if '|' in rest else f'\n{rest}\n'
    where = f'\n{made_on(name)} Made by `benchmarks/{name}.py`.\n' if '|' in rest else ''
    return f'## {title.strip("# ")} {{#{name}}}\n\n{picture}{first}{where}{more}'

def page(folder):
    "The page of results as markdown; its plots are written to `folder`"
    head = ('---\ntitle: Results\ndescription: How fast and how good, measured beside the peers\n---\n\n'
            'Every table is what a script in `benchmarks/` measured and wrote, and every plot is drawn from the same figures when this page is made. '
            'Both sides run in turn, in fresh processes; medians. Under each table stand the machine, the versions and the date. `make bench` measures again.\n')
    return '\n'.join([head, *(section(o, folder) for o in order())])

# -- the front page

def seconds(x): return f'{x:.1f} s' if x<20 else f'{x:.0f} s'
def share(x): return f'{x:.1%}'

def four():
    "Rows of the front page's table: what, here, the best peer of the table, where the table is"
    enc,cls,cor,pt = (measured(o) for o in ('encode', 'classify', 'corpus', 'ptune'))
    enc,cls,cor = enc['runs'], cls['runs'], cor['runs']
    job,few = 'sentences cold','newsgroups 8'
    peer_secs,peer = min((of(v, job), k) for k,v in enc.items() if k!='model_lifecycle')
    peer_few,few_side = max((of(v, few), k) for k,v in cls.items() if k not in ('model_lifecycle', 'nameless') and any(few in o for o in v))
    tuned = {k: o['mean'] for k,o in pt['tasks']['reviews'].items()}
    best = max((v, k) for k,v in tuned.items() if k!='ours')
    return [('Embed 100,000 sentences, the first time', seconds(of(enc['model_lifecycle'], job)), f'{seconds(peer_secs)} ({embedders.get(peer, peer)})', 'encode'),
            ('20 Newsgroups from eight labels a class: accuracy', share(of(cls['model_lifecycle'], few)), f'{share(peer_few)} ({names.get(few_side, few_side)})', 'classify'),
            ("Distil: agreement with the teacher on unseen texts", f"{of(cor['corpus'], 'texts'):.2f} in {seconds(of(cor['corpus'], 'secs'))}, from sentences",
             f"{of(cor['model2vec'], 'texts'):.2f} in {seconds(of(cor['model2vec'], 'secs'))} (model2vec, from none)", 'corpus'),
            (f"P-tune SmolLM2-135M on film reviews ({share(pt['untuned']['reviews'])} untuned)", share(tuned['ours']), f'{share(best[0])} ({best[1]})', 'ptune')]

def front():
    "The table of four results, and the plot's place"
    rows = [f'| {what} | **{ours}** | {peer} | [table](../benchmarks/{name}.md) |' for what,ours,peer,name in four()]
    return '\n'.join(['![Accuracy on 20 Newsgroups against texts classified in a second, this library and its peers](images/speed_quality.png)', '',
                      '| measured | here | the best peer measured | all of it |', '| --- | --- | --- | --- |', *rows, '',
                      f'{made_on("classify")} The plot is of the same run; each table says on which machine, with which versions and when.'])

pictures = {'speed_quality.png': lambda p,**o: save(speed_and_quality, p, **o), 'card.png': lambda p,**o: save(card, p, (12,6.3), **o)}

def card(ax):
    ax.figure.suptitle('model_lifecycle', fontsize=40, weight='bold')
    ax.set_title('Distil, train, tune, serve and publish small text models\n', fontsize=24)
    speed_and_quality(ax, 16)
    ax.xaxis.label.set_size(14), ax.yaxis.label.set_size(14)

def digest(): return hashlib.sha256((benchmarks/'classify.json').read_bytes()).hexdigest()[:16]
def drawn_of(path): return Image.open(path).text.get('Source') if path.exists() else None

def front_cell(nb): return next(o for o in nb['cells'] if ''.join(o['source']).startswith('## How fast, how good'))
def front_text(): return f'## How fast, how good\n\n{front()}'

def refresh():
    "The front page's pictures and its table, where the figures behind them have changed"
    for name,draw in pictures.items():
        if drawn_of(images/name)!=digest(): draw(images/name, Source=digest())
    nb = json.loads(index.read_text(encoding='utf-8'))
    cell = front_cell(nb)
    if ''.join(cell['source'])==front_text(): return
    cell['source'] = front_text().splitlines(keepends=True)
    index.write_text(json.dumps(nb, indent=1, ensure_ascii=False)+'\n', encoding='utf-8')
