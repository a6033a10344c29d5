"The front page's figures and the page of results, from `benchmarks/*.json` and the tables beside"
import hashlib, json, re
from pathlib import Path
from statistics import median
import matplotlib
matplotlib.use('Agg')
import matplotlib.pyplot as plt
from matplotlib.ticker import FixedLocator, NullLocator
from PIL import Image

root = Path(__file__).resolve().parent.parent
benchmarks,images,index = root/'benchmarks',root/'nbs'/'images',root/'nbs'/'index.ipynb'
first = ['encode', 'classify', 'distill', 'corpus', 'ptune']  # others follow by name, faults last
ours = 'model_lifecycle'
names = dict(tfidf='TF-IDF, LinearSVC', tfidf2='TF-IDF with bigrams', model2vec="model2vec's fit",
             frozen='model2vec + logistic regression', nameless=f'{ours}, names of labels unread')
embedders = dict(model2vec='model2vec', model2vec_processes='model2vec, processes',
                 sentence_transformers='sentence-transformers')

def measured(name): return json.loads((benchmarks/f'{name}.json').read_text(encoding='utf-8'))
def told(name): return (benchmarks/f'{name}.md').read_text(encoding='utf-8')
def of(runs, key): return median(o[key] for o in runs if key in o)
def has(runs, key): return any(key in o for o in runs)

def made_on(name):
    "Machine, versions and date, as the benchmark wrote them"
    lines = re.findall(r'^\d.*\bcores of\b.*\d{4}-\d\d-\d\d.*$', told(name), re.M)
    return lines[-1].split(' Made by')[0] if lines else ''

def plain(axis, ticks):
    "Numbers as people write them on a logarithmic axis, where the data are"
    axis.set_major_locator(FixedLocator(ticks))
    axis.set_major_formatter('{x:,g}')
    axis.set_minor_locator(NullLocator())

# -- plots, each of one file

def speed_and_quality(ax, size=9):
    x,y = 'newsgroups predict','newsgroups all'
    sides = {k: o for k,o in measured('classify')['runs'].items() if k!='nameless' and has(o, x)}
    for side,runs in sides.items():
        place,mine = (of(runs, x), of(runs, y)),side==ours
        ax.scatter(*place, s=90 if mine else 45, color='C0' if mine else 'C7', zorder=3)
        ax.annotate(names.get(side, side), place, xytext=(-8 if mine else 8, -4), fontsize=size,
                    textcoords='offset points', ha='right' if mine else 'left',
                    weight='bold' if mine else 'normal')
    speeds = [of(o, x) for o in sides.values()]
    ticks = [a*10**b for b in range(1, 7) for a in (1, 2, 5)]
    ax.set(xscale='log', xlabel='texts classified in a second, two cores (log)',
           ylabel='accuracy, 20 Newsgroups')
    plain(ax.xaxis, ticks)
    ax.set_xlim(0.8*min(speeds), 1.3*max(speeds))
    ax.margins(y=0.15)
    ax.grid(alpha=0.3)

def plot_encode(ax):
    sides = measured('encode')['runs']
    jobs = [k for k in sides[ours][0] if k!='one']
    width = 0.8/len(sides)
    for i,(side,runs) in enumerate(sides.items()):
        places = [j+i*width for j in range(len(jobs))]
        ax.bar(places, [of(runs, k) for k in jobs], width, label=embedders.get(side, side))
    ax.set(yscale='log', ylabel='seconds (log)')
    plain(ax.yaxis, [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20])
    called = [k.replace(' ', '\n') for k in jobs]
    ax.set_xticks([j+0.3 for j in range(len(jobs))], called, fontsize=8)
    ax.legend(fontsize=8)

def plot_classify(ax):
    sizes = '8','16','64','all'
    for side,runs in measured('classify')['runs'].items():
        known = [(i, f'newsgroups {n}') for i,n in enumerate(sizes) if has(runs, f'newsgroups {n}')]
        points = [(i, of(runs, k)) for i,k in known]
        if points: ax.plot(*zip(*points), marker='o', ms=4, label=names.get(side, side))
    ax.set(ylabel='accuracy, 20 Newsgroups', xlabel='labels a class')
    ax.set_xticks(range(len(sizes)), sizes)
    ax.legend(fontsize=8, loc='center left', bbox_to_anchor=(1, 0.5))

def plot_distill(ax):
    sides = {k: o for k,o in measured('distill').items() if isinstance(o, list)}
    ax.barh(list(sides), [of(o, 'secs') for o in sides.values()])
    ax.set(xlabel='seconds to distil all-MiniLM-L6-v2')

def plot_corpus(ax):
    for dtype in 'float32','float16','int8':
        rows = [o for o in measured('corpus')['sizes'] if o['dtype']==dtype]
        ax.plot([o['mb'] for o in rows], [o['probe'] for o in rows], marker='o', ms=4, label=dtype)
    ax.set(xscale='log', xlabel='MB on disk (log)', ylabel='accuracy of a probe')
    plain(ax.xaxis, [2, 4, 8, 16, 32, 64])
    ax.legend(fontsize=8)

def plot_ptune(ax):
    sides = dict(reversed(measured('ptune')['tasks']['reviews'].items()))
    for i,(side,o) in enumerate(sides.items()):
        ax.errorbar(o['mean'], i, xerr=o['se_rows'], fmt='o', color='C0' if side=='ours' else 'C7')
    ax.axvline(measured('ptune')['untuned']['reviews'], color='C7', ls=':')
    ax.set_yticks(range(len(sides)), [o.replace('ours', ours) for o in sides], fontsize=8)
    ax.set(xlabel='film reviews judged rightly (dotted: untuned)')

plots = dict(encode=plot_encode, classify=plot_classify, distill=plot_distill, corpus=plot_corpus,
             ptune=plot_ptune)

captions = dict(
    encode='Seconds to embed each set of texts, cold and warm: lower is better',
    classify='Accuracy on 20 Newsgroups by labels a class: higher is better',
    distill='Seconds to distil: lower is better',
    corpus='Accuracy of a probe by size on disk: higher and further left is better',
    ptune='Film reviews judged rightly, with the standard error: further right is better')

def save(plot, path, figsize=(7, 3), **info):
    fig,ax = plt.subplots(figsize=figsize, dpi=110, layout='constrained')
    plot(ax)
    fig.savefig(path, metadata=info, facecolor='white')
    plt.close(fig)

# -- the page of results

def order():
    "Names of the benchmarks that have figures and a table"
    found = sorted(o.stem for o in benchmarks.glob('[!_]*.md') if o.with_suffix('.json').exists())
    last = [o for o in found if o=='faults']
    return [o for o in first if o in found]+[o for o in found if o not in first+last]+last

def section(name, folder):
    "A benchmark: its plot, its first table, machine and date; its other tables can be opened"
    title,body = told(name).split('\n', 1)
    title = title.strip('# ')
    body = re.sub(r'^#+ (.*)$', r'**\1**', body, flags=re.M).strip()
    parts = [f'## {title} {{#{name}}}']
    if name in plots:
        save(plots[name], folder/f'results_{name}.png')
        parts.append(f'![{captions[name]}](images/results_{name}.png)')
    table = re.search(r'(?:^\|.*\n)+', body, re.M)
    rest = body[table.end():].strip()
    parts.append(body[:table.end()].strip())
    if '|' in rest:
        parts.append(f'{made_on(name)} Made by `benchmarks/{name}.py`.')
        rest = f'<details><summary>All tables of this benchmark</summary>\n\n{rest}\n\n</details>'
    return '\n\n'.join([*parts, rest])+'\n'

intro = '''---
title: Results
description: How fast and how good, measured beside the peers
---

Every table is what a script in `benchmarks/` measured and wrote, and every plot is drawn from the
same figures when this page is made. All sides run in turn, in fresh processes; medians count. With
each table stand the machine, the versions and the date. `make bench` measures again.
'''

def page(folder):
    "The page of results as markdown; its plots are written to `folder`"
    text = '\n'.join([intro, *(section(o, folder) for o in order())])
    return re.sub(r'(?<=\d) (?=(?:µs|ms|s|MB|×)(?: \||,))', '\u00a0', text)  # a unit stays with its number

# -- the front page

def seconds(x): return f'{x:.1f} s' if x<20 else f'{x:.0f} s'

def four():
    "Rows of the table: what, here, the best peer that was measured, the benchmark"
    enc,cls,cor = (measured(o)['runs'] for o in ('encode', 'classify', 'corpus'))
    pt = measured('ptune')
    job,few = 'sentences cold','newsgroups 8'
    n = re.search(r'[\d,]+(?= sentences)', told('encode'))[0]
    secs,embedder = min((of(o, job), k) for k,o in enc.items() if k!=ours)
    peers = {k: o for k,o in cls.items() if k not in (ours, 'nameless') and has(o, few)}
    score,classifier = max((of(o, few), k) for k,o in peers.items())
    tuned = {k: o['mean'] for k,o in pt['tasks']['reviews'].items()}
    best,tuner = max((o, k) for k,o in tuned.items() if k!='ours')
    def kept(side):
        runs = cor[side]
        return f"{of(runs, 'texts'):.2f} in {seconds(of(runs, 'secs'))}"
    return [(f'Embed {n} sentences, the first time', seconds(of(enc[ours], job)),
             f'{seconds(secs)} ({embedders.get(embedder, embedder)})', 'encode'),
            ('20 Newsgroups from eight labels a class: accuracy', f'{of(cls[ours], few):.1%}',
             f'{score:.1%} ({names.get(classifier, classifier)})', 'classify'),
            ('Distil: rank correlation with the teacher on unseen texts',
             f"{kept('corpus')}, from sentences",
             f"{kept('model2vec')} (model2vec, from none)", 'corpus'),
            (f"P-tune SmolLM2-135M on film reviews ({pt['untuned']['reviews']:.1%} untuned)",
             f"{tuned['ours']:.1%}", f"{best:.1%} ({tuner.replace('our text', 'from our start')})", 'ptune')]

heading = '## How fast, how good'
picture = '![Accuracy on 20 Newsgroups against texts classified in a second, beside the peers]'

def front_text():
    "The front page's plot and table"
    rows = [f'| [{what}](../benchmarks/{name}.md) | **{here}** | {peer} |'
            for what,here,peer,name in four()]
    when = f'{made_on("classify")} The plot is of the same run; each page says on which machine, '
    return '\n'.join([heading, '', f'{picture}(images/speed_quality.png)', '',
                      '| measured | here | the best peer measured |',
                      '| --- | --- | --- |', *rows, '',
                      f'{when}with which versions and when. Rank correlation is 1 where a student puts '
                      'all pairs of texts in the order of likeness that its teacher does.'])

def card(ax):
    "The picture that is shown where a page of the site is linked to"
    ax.figure.suptitle(ours, fontsize=40, weight='bold')
    ax.set_title('Distil, train, tune, serve and publish small text models\n', fontsize=24)
    speed_and_quality(ax, 16)
    ax.xaxis.label.set_size(14)
    ax.yaxis.label.set_size(14)

pictures = {'speed_quality.png': (speed_and_quality, (7, 3)), 'card.png': (card, (12, 6.3))}

def digest(): return hashlib.sha256((benchmarks/'classify.json').read_bytes()).hexdigest()[:16]
def drawn_of(name):
    "The digest of the figures that a picture was drawn from"
    return Image.open(images/name).text.get('Source') if (images/name).exists() else None

def front_cell(nb): return next(o for o in nb['cells'] if ''.join(o['source']).startswith(heading))

def refresh():
    "The front page's pictures and its table, where the figures behind them have changed"
    for name,(plot,size) in pictures.items():
        if drawn_of(name)!=digest(): save(plot, images/name, size, Source=digest())
    nb = json.loads(index.read_text(encoding='utf-8'))
    cell = front_cell(nb)
    if ''.join(cell['source'])==front_text(): return
    cell['source'] = front_text().splitlines(keepends=True)
    index.write_text(json.dumps(nb, indent=1, ensure_ascii=False)+'\n', encoding='utf-8')
