"The tables of `ptune.py`: what `ptune.md` says comes from `ptune.json`, and that from the results"
import json
from math import sqrt
from statistics import mean, stdev

from benchmarks._common import here, table
from benchmarks._ptune_tasks import tasks

def se(xs): return stdev(xs)/sqrt(len(xs)) if len(xs) > 1 else None

def over_seeds(runs, key='rows'):
    "The mean over seeds of each test row's score"
    return [mean(map(float, o)) for o in zip(*(r[key] for r in runs))]

def against(ours, side):
    "How much higher ours scores than a side, with its error over the rows that both were tested on"
    both = {o['seed'] for o in ours} & {o['seed'] for o in side}
    one,two = ([o for o in rows if o['seed'] in both] for rows in (ours, side))
    if not both: return None
    gaps = [a-b for a,b in zip(over_seeds(one), over_seeds(two))]
    return dict(mean=mean(gaps), se=se(gaps), seeds=sorted(both))

def side_summary(rows, task, side, lr, ours):
    "What is said of a side in a task"
    mine = [o for o in rows if (o['task'], o['side'], o['lr']) == (task, side, lr)]
    tests = sorted((o for o in mine if o['kind'] == 'test'), key=lambda o: o['seed'])
    if not tests: return None
    fits = sorted((o for o in mine if o['kind'] == 'train'), key=lambda o: o['seed'])
    scores = [o['score'] for o in tests]
    res = dict(lr=lr, steps=tests[0]['steps'], seeds=[o['seed'] for o in tests], test=scores,
               mean=mean(scores), se_rows=se(over_seeds(tests)), se_seeds=se(scores))
    res['val'] = [o['val'] for o in fits]
    if fits: res['loss_end'] = mean(mean(o['losses'][-20:]) for o in fits)
    if 'first' in tests[0]:
        res['first_words'] = mean(over_seeds(tests, 'first'))
        res['se_first_words'] = se(over_seeds(tests, 'first'))
    return res | dict(ours_ahead=against(ours, tests)) if side != 'ours' else res

def summarize(rows, rates, chosen, planned):
    "All that `ptune.md` says, from the results"
    runs = [o for o in rows if o.get('dtype') == 'bfloat16']
    sides = {}
    for task in tasks:
        ours = [o for o in runs if (o['kind'], o['task'], o['side'], o['lr'])
                == ('test', task, 'ours', chosen[task].get('ours'))]
        found = {s: side_summary(runs, task, s, lr, ours) for s,lr in chosen[task].items()}
        sides[task] = {s: o for s,o in found.items() if o}
    first = [o for o in runs if o['kind'] == 'train' and o['seed'] == 0]
    tried = {task: {side: {} for side in rates} for task in tasks}
    for o in first:
        if o['side'] in rates: tried[o['task']][o['side']][f"{o['lr']:g}"] = o['val']
    extra = [dict(side=o['side'], lr=o['lr'], seed=o['seed'], val=o['val'], task=o['task'],
                  loss_end=mean(o['losses'][-20:]))
             for o in runs if o['kind'] == 'train' and o['side'] not in rates]
    return dict(machine=next((o['line'] for o in rows[::-1] if o['kind'] == 'machine'), None),
                tasks=sides, rates=tried, variants=extra, precision=precision(rows),
                missing=not_yet(sides, planned, rates, tried),
                targets=targets(sides, rows),
                untuned=untuned(runs),
                **{k: [o for o in rows if o['kind'] == k]
                   for k in ('text', 'speed', 'start', 'peak', 'length', 'earlier')})

def untuned(runs):
    return {o['task']: o['score'] for o in runs if o['side'] == 'untuned' and o['kind'] == 'test'}

def precision(rows):
    "Mean losses of the first 30 steps in float32 and in bfloat16, for each side"
    res = {}
    for o in rows:
        if o['kind'] != 'precision': continue
        twin = [r for r in rows if r['kind'] == 'train' and r['dtype'] == 'bfloat16'
                and all(r[k] == o[k] for k in ('task', 'side', 'lr', 'seed', 'steps'))]
        if not twin: continue
        pair = o['losses'],twin[0]['losses'][:30]
        res[o['side']] = dict(float32=mean(pair[0][10:]), bfloat16=mean(pair[1][10:]))
    return res

def targets(sides, rows):
    "Each target, what was measured, and whether it is met: by the seeds that both sides have"
    res = []
    for task,found in sides.items():
        if 'ours' not in found: continue
        mine = found['ours']['mean']
        if task == 'reviews':
            seeds = ', '.join(map(str, found['ours']['seeds']))
            res.append(dict(target='reviews: ours at least 0.92', met=mine >= 0.92,
                            said=f'{mine:.3f}, seeds {seeds}'))
        gaps = {s: o['ours_ahead'] for s,o in found.items() if o.get('ours_ahead')}
        if not gaps: continue
        best = min(gaps, key=lambda s: gaps[s]['mean'])
        gap = gaps[best]
        said = (f"{gap['mean']:+.3f} ± {gap['se']:.3f} against the best of {len(gaps)}, {best}, "
                f"seeds {', '.join(map(str, gap['seeds']))}")
        res.append(dict(target=f'{task}: ours at least the best of PEFT', said=said,
                        met=gap['mean'] >= 0))
    for o in rows:
        if o['kind'] == 'speed':
            res.append(dict(target='steps a second: at least 1.25 times PEFT',
                            said=f"{o['ratio']:.2f} ({o['date']})", met=o['ratio'] >= 1.25))
    return res

def not_yet(sides, planned, rates, tried):
    "What is not measured yet: learning rates, and sides for each task and seed"
    res = {}
    for task,side in dict.fromkeys((task, side) for task,_,side in planned):
        left = [f'{side} at {lr:g}' for lr in rates[side] if f'{lr:g}' not in tried[task][side]]
        if left: res.setdefault(f'{task}, learning rates', []).extend(left)
    for task,seed,side in planned:
        done = seed in sides[task].get(side, dict(seeds=[]))['seeds']
        if not done: res.setdefault(f'{task}, seed {seed}', []).append(side)
    return res

def rounded(o):
    "Numbers to six digits"
    if isinstance(o, float): return float(f'{o:.6g}')
    if isinstance(o, dict): return {k: rounded(v) for k,v in o.items()}
    return [rounded(x) for x in o] if isinstance(o, list) else o

# -- as text

def number(x, digits=3): return '' if x is None else f'{x:.{digits}f}'

def task_table(task, sides, rates):
    "The sides of a task, the best first"
    head = ['side', 'steps', 'rate', 'test score of seeds', 'mean',
            f"± over {tasks[task].n_test} texts", '± over seeds', 'ours is ahead by']
    if task == 'headlines': head.insert(-1, 'first word right')
    rows = []
    for side,o in sorted(sides.items(), key=lambda o: -o[1]['mean']):
        gap = o.get('ours_ahead')
        row = [side, o['steps'], f"{o['lr']:g}", ', '.join(number(x) for x in o['test']),
               f"**{number(o['mean'])}**", number(o['se_rows']), number(o['se_seeds']),
               f"{gap['mean']:+.3f} ± {gap['se']:.3f}" if gap else '']
        if task == 'headlines':
            row.insert(-1, f"{o['first_words']:.3f} ± {o['se_first_words']:.3f}")
        rows.append(row)
    return table(head, rows)

def task_text(name, data):
    "Table and sentences of a task"
    if not data['tasks'][name]: return []
    said = [f'## {titles[name]}', '', about[name]]
    if name in data['untuned']: said[-1] += f" Untuned: {data['untuned'][name]:.3f}."
    return [*said, '', task_table(name, data['tasks'][name], data['rates'])]

titles = dict(reviews='Reviews: positive or negative', news='News: five classes',
              headlines='Headlines: a written answer')
about = dict(
    reviews=('Movie-review snippets of VADER, those with a mean rating of 1 or more on either side '
             'of 0; between them the raters disagree. Accuracy of the likelier of the two answers '
             'on 1,000 test snippets.'),
    news=('The first 60 words of a BBC article, 400 test articles. Accuracy of the likeliest of '
          'the five answers, by its first token.'),
    headlines=('The first 150 words of a BBC article, without its headline, and the headline to '
               'write; one epoch of 1,000 articles, 200 test articles. ROUGE-L, and how often the '
               'first word is exactly the right one.'))

def how(data):
    "How it was measured, in sentences"
    return [f"{data['machine']}. A date stands beside what is older.", '',
            'All sides train on the same rows, which the seed draws, in batches of 8, with AdamW, '
            'warm-up and linear decay, with the loss on the answer alone. The frozen model is in '
            'bfloat16 for all, and what is trained in float32. A prefix has 64 virtual tokens. '
            'LoRA is on all linear layers, with alpha twice its rank. Of two or three learning '
            'rates a side gets the one with the better validation score on the task (first seed), '
            'then the lower loss at the end; where only one was measured, that one.', '',
            '"Our text" is what `best_instruction` chooses from the training rows. Choosing takes '
            'as long as 43 steps of ours, and the sides that choose nothing get 43 steps more. '
            'PEFT sides with our text start from the very same keys and values as ours, and have '
            'as many steps. A plain sentence is repeated until it fills the prefix, without a chat '
            'template. CARTRIDGE keeps its first virtual token fixed, as PEFT does by default.', '',
            'Errors are standard errors: over test texts (of each text\'s mean over seeds), and '
            'over seeds. "Ours is ahead by" compares text by text over the seeds that both sides '
            'have; a gap under two errors is no difference.', '']

def rates_text(data):
    "Validation scores of all learning rates"
    rows = [[task, side, *(f'{lr}: {number(x)}' for lr,x in o.items())]
            for task,sides in data['rates'].items() for side,o in sides.items() if o]
    if not rows: return []
    width = max(map(len, rows))
    rows = [o+['']*(width-len(o)) for o in rows]
    said = ['Validation scores of the learning rates, first seed:', '']
    return said+[table(['task', 'side', 'rate: score', *['']*(width-3)], rows)]

def other_text(data):
    "Types, speed, memory and older results"
    said = []
    for side,o in data['precision'].items():
        said.append(f"Mean loss of steps 11 to 30, {side}: {o['float32']:.3f} in float32, "
                    f"{o['bfloat16']:.3f} in bfloat16.")
    if said: said = [' '.join(said), '']
    if data['earlier'] or data['length']: said += older_text(data)
    said += ['## Speed and memory', '', 'In float32, with all cores.', '']
    for o in data['speed'][-1:]:
        mine,peft = o['steps_a_second'].values()
        said += [f"Steps a second on {o['batches']} batches of mixed length, each taken by both "
                 f"sides in turn: {mine:.2f} here, {peft:.2f} with PEFT; the median batch is "
                 f"{o['ratio']:.2f} times as fast here ({o['date']}).", '']
    for o in data['start'][-1:]:
        said += [f"Choosing a start takes {o['secs']:.0f} s, as long as "
                 f"{o['secs']*o['steps_a_second']:.0f} steps ({o['date']}).", '']
    rows = [[o['side'], f"{o['mb']:,.0f}", f"{o['loss']:.4f}", o['date']] for o in data['peak']]
    head = ['a step of 16 x 256 tokens', 'peak memory it adds, MB', 'loss before training', 'date']
    return said+([table(head, rows)] if rows else [])

def older_text(data):
    said = []
    for o in data['earlier']:
        said += [f"{o['side']}: {o['score']:.3f} on {o['n_test']} other snippets in float32 "
                 f"({o['date']}), so it was not measured again.", '']
    if rows := sorted((o['virtual'], number(o['score'])) for o in data['length']):
        o = data['length'][0]
        said += [f"Fewer virtual tokens, one seed, {o['n_test']} snippets, float32 ({o['date']}):",
                 '', table(['virtual tokens', 'test accuracy'], rows)]
    return said

def variants_text(data):
    "What was tried to do better, on validation rows"
    if not data['variants']: return []
    rows = [[o['side'], o['task'], f"{o['lr']:g}", o['seed'], number(o['val']),
             number(o['loss_end'])] for o in data['variants']]
    head = ['variant', 'task', 'rate', 'seed', 'validation', 'loss, last 20 steps']
    return ['## Tried to do better', '', 'Chosen on validation rows, never on test rows.', '',
            table(head, rows)]

def verdict(target, missing):
    "Whether a target is met, or only so far, while other sides or seeds of its task are missing"
    part = target['target'].split(':')[0]
    so_far = ' so far' if any(o.startswith(part) for o in missing) else ''
    return ('met' if target['met'] else '**missed**')+so_far

def render(data, notes=''):
    "`ptune.md`"
    met = [[o['target'], o['said'], verdict(o, data['missing'])] for o in data['targets']]
    text = ['# P-tuning of SmolLM2-135M-Instruct, beside PEFT', '',
            'What it learns in three tasks, how fast it trains, and how much memory it takes.', '',
            table(['target', 'measured', ''], met), *how(data)]
    for name in tasks: text += task_text(name, data)
    text += [*rates_text(data), *variants_text(data), *([notes, ''] if notes else [])]
    text += other_text(data)
    left = [[k, '; '.join(v)] for k,v in data['missing'].items()]
    if left: text += ['## Not measured yet', '', table(['part', 'missing'], left)]
    return '\n'.join(text)

def save(data, rows):
    "Write both files: a result to a line of the JSON"
    data = rounded(data)
    lines = ',\n'.join(json.dumps(rounded(o)) for o in rows)
    summary = json.dumps(data, indent=1)[:-2]
    (here/'ptune.json').write_text(f'{summary},\n "rows": [\n{lines}\n]}}\n')
    notes = here/'_ptune_notes.md'
    (here/'ptune.md').write_text(render(data, notes.read_text() if notes.is_file() else ''))
