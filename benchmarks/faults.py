"""The campaign of faults: commands are stopped, disks fill, files are damaged; what becomes of it

`python benchmarks/faults.py` tries what was not tried yet on this code, and writes `faults.json`
and `faults.md`; `… report` writes them of what is there; names of commands or kinds of files
(`distill`, `static`, …) keep to these, and a number is how many minutes there are. Each result is kept in `.cache/bench/faults.jsonl` as it
comes, and an interrupted run goes on; on another machine, with the commands and kinds of files that
`faults.json` does not call through. Trials run two at a time, each with a thread.
"""
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from functools import cache, cached_property
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault('HF_HUB_OFFLINE', '1')
from benchmarks._common import here, machine, make_student, model_folder, root, table
from tests import faults
from tests.damaged import alone, sorts
from tests.faults import Bench, Server, cases

store = root/'.cache'/'bench'/'faults.jsonl'
committed = here/'faults.json'
per_file = 2000  # damages of each kind of file
slow = dict(student=500)  # of those that take long to load
at_once = 100  # damages that one process tries
through = 'through'  # a group of notes: all there is to try of a case was tried
place = 'group', 'case', 'code'
jobs = [*sorts, 'large', 'serve', *cases]
aims = 'foreign', 'lost', 'wrong', 'left', 'memory'

@cache
def code():
    "What the code is: results are of one version of it"
    cmd = ['git', 'rev-parse', 'HEAD:model_lifecycle']
    dirty = subprocess.run(['git', 'diff', '--quiet', 'HEAD', '--', 'model_lifecycle'], cwd=root)
    res = subprocess.run(cmd, cwd=root, capture_output=True, text=True, check=True).stdout.strip()
    return res[:12]+'+'*bool(dirty.returncode)

def kept():
    "The newest result of each trial, whatever the code was"
    if not store.is_file(): return []
    rows = map(json.loads, store.read_text().splitlines())
    return [*{key(o): o for o in rows}.values()]

@cache
def earlier():
    "What is committed, from whatever machine: `figures` by group, case and code, `through`, `missed`"
    facts = json.loads(committed.read_text()) if committed.is_file() else dict(figures=[])
    figures = {tuple(o.pop(k) for k in place): Counter(o) for o in facts['figures']}
    return dict(through={}, missed=[]) | facts | dict(figures=figures)

def key(o): return o['group'], o['case'], o['what']

def in_turn(trials):
    "One of each group after the other, so that a part of them is useful"
    n = Counter()
    def place(o):
        n[o[0]] += 1
        return n[o[0]]
    return sorted(trials, key=place)

def without_places(o):
    "The same without the folders of this machine"
    if isinstance(o, str): return re.sub(r'(?<![\w.])(/[^\s/"\']+)+/', '…/', o)
    if isinstance(o, list): return [without_places(v) for v in o]
    if isinstance(o, dict): return {k: without_places(v) for k,v in o.items()}
    return o

def keep(rows):
    store.parent.mkdir(parents=True, exist_ok=True)
    text = ''.join(json.dumps(dict(code=code())|without_places(o))+'\n' for o in rows)
    with open(store, 'a') as f: f.write(text)  # in one go, since two threads write

def keep_verdict(group, case, what, res):
    "Keep what came of a trial"
    row = dict(group=group, case=case, what=what, ending=res.ending, bad=res.bad(),
               detail=res.detail, left=res.left[:3])
    keep([row])
    if row['bad']: print(row, flush=True)

# -- what there is to try

def of_command(bench, other, name, known_rows, end):
    "Try all that is not known of a command"
    known = bench.known(name)
    trials = [*faults.each_trial(known)]
    trials += [('two at once', f'time {i}', lambda: faults.two_at_once(known, other()))
               for i in range(10)]
    for group,what,trial in in_turn(trials):
        if (group, name, what) in known_rows: continue
        if time.monotonic() > end: return False
        keep_verdict(group, name, what, trial())
    return True

def of_server(bench, known_rows, end):
    "Stop a server while it starts and while it answers"
    served = faults.Served(bench)
    for group,what,trial in in_turn(faults.serve_trials(served)):
        if (group, 'serve', what) in known_rows: continue
        if time.monotonic() > end: return False
        keep_verdict(group, 'serve', what, trial())
    return True

def of_files(bench, sort, known_rows, end_of_time):
    "Try damages of a kind of files, and all mixtures"
    n = slow.get(sort, per_file)*len(faults.files(bench, sort))
    if sort not in alone and ('mixed folders', sort, 'all') not in known_rows:
        rows = faults.damaged(bench, sort, 0, 0, 10**6, mixed=True)
        keep([tried(sort, 'mixed folders', 'all', rows)])
    for begin in range(0, n, at_once):
        end = min(n, begin+at_once)
        if ('damaged files', sort, f'{begin} to {end}') in known_rows: continue
        if time.monotonic() > end_of_time: return False
        rows = faults.damaged(bench, sort, 0, begin, end)
        keep([tried(sort, 'damaged files', f'{begin} to {end}', rows)])
    return True

def tried(sort, group, what, rows):
    "A result of several damages: how many ended how, and those that missed an aim"
    odd = [o for o in rows if o['ending'] in aims or o['memory']]
    counts = Counter(o['ending'] for o in rows)
    counts['memory'] = sum(o['memory'] for o in rows)
    if odd: print(sort, group, what, dict(counts), flush=True)
    return dict(group=group, case=sort, what=what, counts=counts, odd=odd)

def large(bench, known_rows):
    "A disk of 4 MB and outputs that are larger, with real models"
    for name,case in faults.large_cases.items():
        if ('a disk of 4 MB', name, 'once') in known_rows: continue
        keep_verdict('a disk of 4 MB', name, 'once', faults.too_large(bench, case, model_folder))
    return True

class Worker(threading.local):
    "What a thread tries with: the first server, and where two are needed a second one"
    @cached_property
    def bench(self): return opened(Bench(Path(tempfile.mkdtemp(dir=self.folder))))
    @cached_property
    def other(self): return opened(Server())

worker,to_close = Worker(),[]

def opened(o):
    to_close.append(o)
    return o

def run(job, folder, secs):
    "One part of the campaign, for so many seconds"
    if earlier()['through'].get(job) == code(): return
    worker.folder = folder
    known_rows = {key(o) for o in kept() if o['code'] == code()}
    begin = time.monotonic()
    end = begin+secs
    if job in cases: done = of_command(worker.bench, lambda: worker.other, job, known_rows, end)
    elif job == 'large': done = large(worker.bench, known_rows)
    elif job == 'serve': done = of_server(worker.bench, known_rows, end)
    else: done = of_files(worker.bench, job, known_rows, end)
    if done: keep([dict(group=through, case=job, what='all')])
    print(f'{job}: {time.monotonic()-begin:.0f} s', flush=True)

# -- the report

def counted(rows):
    "Figures of each group, case and code, by column"
    res = defaultdict(Counter)
    for o in rows:
        figures = res[tuple(o[k] for k in place)]
        if 'counts' in o: figures.update(o['counts'])
        else: figures.update({o['ending'], *o['bad']})
        if 'counts' in o: figures['tried'] += sum(o['counts'].values())-o['counts']['memory']
        else: figures['tried'] += 1
    for o in res.values():
        o['accepted'] += o.pop('finished', 0)
    return res

def summed(figures, n):
    "Figures of what is the same in the first `n` of group, case and code"
    res = defaultdict(Counter)
    for where,o in figures.items(): res[where[:n]].update(o)
    return res

def with_earlier(figures):
    "Also what is committed, where more was tried then"
    before = earlier()['figures']
    now = summed(figures, 2)
    more = {k for k,o in summed(before, 2).items() if o['tried'] > now[k]['tried']}
    kept = {k: o for k,o in figures.items() if k[:2] not in more}
    return kept | {k: o for k,o in before.items() if k[:2] in more}

columns = 'tried', 'named', 'stopped', 'accepted', *aims

def report():
    "Both files, of what is there"
    rows = kept()
    through_now = {o['case']: o['code'] for o in rows if o['group'] == through}
    rows = [o for o in rows if o['group'] != through]
    now = counted(rows)
    figures = with_earlier(now)
    all_of = earlier()['through'] | through_now
    groups = summed(figures, 1)
    total = sum(groups.values(), Counter())
    def line(o): return [f'{o[k]:,}' for k in columns]
    head = ['', *columns]
    lines = [[*k, *line(o)] for k,o in sorted(groups.items())]+[['**all**', *line(total)]]
    each = [[*k, *line(o)] for k,o in sorted(summed(figures, 2).items())]
    missed = [o for o in rows if o.get('bad')]
    missed += [{k: r[k] for k in place}|o for r in rows for o in r.get('odd', ())]
    missed += [o for o in earlier()['missed'] if tuple(o[k] for k in place) not in now]
    missed = [o for o in missed if tuple(o[k] for k in place) in figures]
    facts = dict(figures=[dict(zip(place, k))|o for k,o in sorted(figures.items())], through=all_of,
                 missed=first(missed, 10))
    committed.write_text(json.dumps(facts, indent=1)+'\n', encoding='utf-8')
    fewer = ', '.join(f'{n} of {k}' for k,n in slow.items())
    text = page.format(per_file=per_file, slow=fewer, through=said_through({*all_of}), groups=table(head, lines), each=table(['', *head], each),
                       missed=told(missed), versions=said_of(figures),
                       machine=machine('torch', 'transformers', 'safetensors', 'tokenizers',
                                       'model_lifecycle'))
    (here/'faults.md').write_text(text, encoding='utf-8')
    print(text)

def said_of(figures):
    "On which code trials were"
    n = Counter()
    for (*_,version),o in figures.items(): n[version] += o['tried']
    each = [f'{n:,} of code {version}' for version,n in n.items()]
    return f"Trials: {', '.join(each)}, as `git rev-parse HEAD:model_lifecycle` names it"

def said_through(done):
    "How far a campaign is"
    if done >= {*jobs}: return 'All of it was done.'
    return (f"That is done for: {', '.join(sorted(done)) or 'nothing'}. Of the others the table says "
            'what was tried so far; `python benchmarks/faults.py` goes on.')

def kind(o):
    "What a trial that missed an aim has in common with others"
    ending = o['ending'] if o['ending'] in aims else 'memory'
    return o['group'], o['case'], ', '.join(o.get('bad') or [ending])

def first(missed, n):
    "The first `n` of each kind"
    seen,res = Counter(),[]
    for o in missed:
        seen[kind(o)] += 1
        if seen[kind(o)] <= n: res.append(o)
    return res

def told(missed):
    "The trials that missed an aim, the first of each kind"
    if not missed: return 'None.\n'
    n = Counter(map(kind, missed))
    def cell(text): return ' '.join(str(text).split()).replace('|', '\\|')[-200:]
    rows = [[*kind(o), n[kind(o)], cell(o.get('did') or o['what']),
             cell(o.get('left') or o['detail'])] for o in sorted(first(missed, 1), key=kind)]
    return table(['', '', 'missed', 'times', 'the first', 'what was seen'], rows)

page = """# Faults

What becomes of files when a command is stopped, when the disk is full, and when files are damaged. Every trial happens in a folder with an older output in it; afterwards the
command runs once more, undisturbed. **named**: it failed with one sentence that says what is wrong, and the exit code of its kind (130 after Ctrl-C, 143 after SIGTERM);
**stopped**: it ended by the signal itself; **accepted**: it finished, or the file was loaded, with the same numbers as undisturbed.

What must not be: **foreign**, an error from inside a library, a traceback, or a wrong exit code; **lost**, an output that is neither the old one nor the new one, or that the next run cannot
make the new one, or an answer of a server that is not whole; **wrong**, other numbers without a word, which is neither an error nor a warning that names the file; **left**, files that are left over after the next run; **memory**, more than twice as much as undisturbed.

{groups}
The signals come at moments drawn evenly from the time on the processor: *at work*, where the libraries are loaded already; in a *fresh process* also while Python imports them; or just before one
of the command's changes to the file system. A disk that fills has one page of 4 kB more each time. Files are damaged as their structure suggests (`tests/mutations.py`): entries dropped,
renamed, of other types and shapes, odd numbers, bits flipped, files cut, emptied, replaced by another model's. Mixed folders take each file from one of two models, in all ways there are.
`student` is distilled from all-MiniLM-L6-v2; the others are tiny, so that there can be many: `shared` are static models whose tokens share vectors and have weights, `head`
classifiers with layers, `words` with words and pairs, `labels` with several labels to a text, whole words and a tokenizer of pieces; `training` is the checkpoint of a fine-tuning,
`ptuning` that of a prefix, `cache` what a teacher said, `parts` the notes of `--engine ray`. `corpus` is `lifecycle_distill --corpus`, `fine_tune` is `lifecycle_train --fine-tune`.
A server is stopped while it starts and while it answers 2,000 texts. Not tried: `lifecycle_demo`, which calls what the others call, and the commands with `--engine ray`,
whose workers `tests/test_ray.py` kills.

A whole campaign damages each kind of file in each kind of folder {per_file:,} times ({slow}), and stops each command 20 times at work by each signal, 20 times in a fresh process by SIGKILL and 5 times by the others,
and before up to 20 of its changes of files. {through}

## Each command and kind of file

{each}
## Where an aim is missed

{missed}
{machine}. {versions}. Made by `benchmarks/faults.py`.
"""

def main(args):
    if args == ['report']: return report()
    make_student()
    minutes = [int(o) for o in args if o.isdigit()]
    names = [o for o in args if not o.isdigit()]
    if odd := set(names)-{*jobs}: sys.exit(f"There is no {', '.join(odd)} among {', '.join(jobs)}")
    names = names or jobs
    secs = 120*minutes[0]/len(names) if minutes else float('inf')  # two at a time
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(2) as pool:
        try:
            for o in [pool.submit(run, job, folder, secs) for job in names]: o.result()
        finally:
            for o in to_close: o.close()
    report()

if __name__ == '__main__': main(sys.argv[1:])
