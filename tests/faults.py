"""The campaign of faults: commands stopped, full disks, damaged and mixed files, two at once

`benchmarks/faults.py` runs all of it, `test_faults.py` a tenth. A trial happens in a folder of
its own, where all that a command may touch is; afterwards the same command runs undisturbed.
`verdict` judges every trial.
"""
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache, cached_property
from http.client import HTTPException
from pathlib import Path
from urllib.request import Request, urlopen
from tests._fault_server import cpu
from tests.tiny import save_bert, static_model, words

root = Path(__file__).resolve().parent.parent
signals = dict(SIGKILL=9, SIGTERM=15, SIGINT=2)
page = 4096  # bytes, in which a disk in memory counts

# -- processes

@cache
def can_mount():
    "May this user have disks of his own? (On Linux, where user namespaces are allowed)"
    if not shutil.which('unshare'): return False
    cmd = ['unshare', '-rm', 'mount', '-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', '/mnt']
    return subprocess.run(cmd, capture_output=True).returncode == 0

@dataclass
class Ended:
    "How a process ended"
    code:int # Negative: the signal that killed it
    cpu:float # Seconds of a processor
    memory:int # Peak, in KB
    hangs:bool # Did it have to be killed, as it came to no end?
    late:bool # Had it ended before its moment came?
    out:str # What it said
    err:str # And its errors

def taken(path):
    "What a process has said, which is taken away"
    path = Path(path)
    if not path.exists(): return ''
    res = path.read_bytes().decode(errors='replace')
    path.unlink()
    return res

class Server:
    "A process that starts commands, with their libraries loaded"
    def __init__(self):
        env = os.environ | dict(OMP_NUM_THREADS='1', HF_HUB_OFFLINE='1', MPLBACKEND='Agg',
                                TOKENIZERS_PARALLELISM='false', PYTHONPATH=str(root),
                                MPLCONFIGDIR=str(root/'.cache'/'matplotlib'))
        namespace = ['unshare', '-rm'] if can_mount() else []
        self.process = subprocess.Popen([*namespace, sys.executable, '-m', 'tests._fault_server'],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        cwd=root, env=env)
        self.mounted = []
        self.process.stdout.readline()  # it has loaded all

    def tell(self, job): print(json.dumps(job), file=self.process.stdin, flush=True)
    def hear(self): return json.loads(self.process.stdout.readline())

    def start(self, place, line, **job):
        "Start a command in `place`; `ended` waits for it"
        self.said = job.pop('said', str(place))  # not in `place`, where the disk may be full
        env = {k: f'{place}/{o}' for k,o in dict(HOME='home', TMPDIR='tmp',
                                                 XDG_CACHE_HOME='home/.cache').items()}
        env |= job.pop('env', {})
        self.tell(dict(cwd=f'{place}/work', said=self.said, line=line, env=env) | job)

    def ended(self):
        res = self.hear()
        return Ended(**res, out=taken(f'{self.said}.stdout'), err=taken(f'{self.said}.stderr'))

    def run(self, place, line, **job):
        self.start(place, line, **job)
        return self.ended()

    def inside(self, place):
        "`place` as this process sees it, with the disks that the server has mounted"
        return Path(f'/proc/{self.process.pid}/root{place}') if place in self.mounted else place

    def mount(self, place, options):
        "An empty disk at `place`"
        place.mkdir()
        self.tell(dict(mount=dict(place=str(place), options=options)))
        self.hear()
        self.mounted.append(place)

    def remount(self, place, options):
        self.tell(dict(mount=dict(place=str(place), options=f'remount,{options}')))
        self.hear()

    def umount(self, place):
        self.tell(dict(umount=str(place)))
        self.hear()
        self.mounted.remove(place)

    def close(self):
        self.process.stdin.close()
        self.process.wait()

# -- commands

@dataclass
class Case:
    "A command that is put to the test"
    line:str # The command
    old:str = '' # Other options, for the output that is there before; '': nothing is written
    out:str = 'out' # What it writes, or '.' for what may not change
    parts:tuple = () # Of `out`, those that are the same each time; (): all are
    resumed:bool = False # Does it fill `out` step by step, so that the next run goes on?

    @property
    def name(self): return self.line.split()[0]

ptune = ('lifecycle_ptune --model_name_or_path base --pre_seq_len 6 --do_train --output_dir out '
         '--train_file rows.jsonl --use_cpu --disable_tqdm True --max_target_length 8 '
         '--logging_steps 1 --save_steps 2 --prefix_init random --resume_from_checkpoint True')
cases = dict(
    distill=Case('lifecycle_distill teacher out --device cpu --quiet --pca-dims 8', '--pca-dims 6'),
    corpus=Case('lifecycle_distill teacher out --device cpu --quiet --corpus corpus.txt '
                '--cache-dir cache --pca-dims 8', '--pca-dims 6'),
    train=Case('lifecycle_train rows.csv out --model static --quiet', '--random-seed 1'),
    fine_tune=Case('lifecycle_train rows.csv out --model static --quiet --fine-tune '
                   '--max-epochs 20', '--random-seed 1'),
    encode=Case('lifecycle_encode static in.txt out.npy --quiet --batch-size 64',
                '--max-length 1', 'out.npy'),
    predict=Case('lifecycle_predict pipeline in.txt out.jsonl --quiet --batch-size 64',
                 '--probabilities', 'out.jsonl'),
    export=Case('lifecycle_export_onnx pipeline out', '--embeddings-only'),
    chat=Case('lifecycle_chat base --once hello --max-new-tokens 9 --device cpu', out='.'),
    ptune=Case(f'{ptune} --max_steps 6', '--max_steps 2', resumed=True,
               parts=('adapter_model.safetensors', 'checkpoint-6/prefix_training.safetensors')))

def sentences(n, seed=0, most=12):
    rng = random.Random(seed)
    return [' '.join(rng.choices([*words, 'zebra', 'quilt'], k=rng.randint(2, most)))
            for _ in range(n)]

def write_inputs(work):
    "Tiny models, and texts to learn from"
    from tests._ptune_script import byte_tokenizer, examples, tiny
    save_bert(work/'teacher')
    static_model(dim=16).save_pretrained(work/'static')
    tiny().save_pretrained(work/'base')
    byte_tokenizer().save_pretrained(work/'base')
    def write(name, lines): (work/name).write_text('\n'.join(lines)+'\n', encoding='utf-8')
    write('corpus.txt', sentences(5200, most=4))  # from 5,000 on a checkpoint is kept
    write('in.txt', sentences(3000, 1))
    write('rows.jsonl', map(json.dumps, examples()))
    labels = 'bank', 'goal', 'film'
    rows = [(o, next((k for k in labels if k in o), 'none')) for o in sentences(300, 2)]
    write('rows.csv', ['text,label', *(f'{text},{label}' for text,label in rows)])

def names(folder):
    "All that is in a folder, however it is called by chance"
    found = (str(o.relative_to(folder)) for o in folder.rglob('*'))
    # Python tries out the folder for temporary files with one of 8 letters
    found = (o for o in found if not re.fullmatch(r'tmp/[a-z0-9_]{8}', o))
    return {re.sub(r'shard-[^/]*\.arrow', 'shard-*.arrow', o) for o in found}

def contents(path, parts=()):
    "Bytes of the files of an output, by name"
    if path.is_file(): return {path.name: path.read_bytes()}
    files = [path/o for o in parts] or [o for o in sorted(path.rglob('*')) if o.is_file()]
    return {str(o.relative_to(path)): o.read_bytes() for o in files if o.exists()}

@dataclass
class Bench:
    "Where trials happen: one server, and a folder that each begins as a copy of"
    folder:Path # For all that is needed
    serial:int = 0

    @cached_property
    def server(self): return Server()

    @cached_property
    def inputs(self):
        place = self.folder/'inputs'
        for o in 'work','home','tmp': (place/o).mkdir(parents=True)
        write_inputs(place/'work')
        line = 'lifecycle_train rows.csv pipeline --model static --quiet'.split()
        must(self.server.run(place, line))
        return place

    def place(self):
        "A new name for a place"
        self.serial += 1
        return self.folder/f'trial{self.serial}'

    @cache
    def known(self, name): return Known(self, cases[name])

    def __hash__(self): return id(self)

    def close(self):
        if 'server' in vars(self): self.server.close()

def must(ended):
    "What the campaign stands on has to work"
    if ended.code: raise RuntimeError(f'An undisturbed command failed: {ended}')
    return ended

class Known:
    "What a command does undisturbed: what it writes, leaves and needs"
    def __init__(self, bench, case):
        self.bench,self.case = bench,case
        self.before = bench.place()  # with an older output
        shutil.copytree(bench.inputs, self.before)
        if case.old: must(bench.server.run(self.before, self.older()))
        self.old = self.output(self.before)
        after = shutil.copytree(self.before, bench.place())
        facts = bench.folder/'facts.json'
        self.usual = must(bench.server.run(after, self.line(), measure=str(facts)))
        found = json.loads(facts.read_text())
        self.n_steps,self.usual.cpu = found['steps'],found['cpu']
        must(bench.server.run(after, self.line()))
        self.new,self.left = self.output(after),names(after)
        # the new output lies beside the old one for a while
        self.n_pages = (used(after)-used(self.before)+used_by(self.new))//page+4
        self.n_files = len(self.left)-len(names(self.before))+len(self.new)+6
        if (self.old == self.new) == bool(case.old):
            raise RuntimeError(f'{case.line} wrote what was there before, or more than it should')
        self.fresh = None
        shutil.rmtree(after)

    def line(self): return self.case.line.split()
    def older(self):
        "The command with the other options in place of its own"
        line = self.line()
        option,*value = self.case.old.split()
        if option in line: del line[line.index(option):line.index(option)+1+len(value)]
        return line+[option, *value]

    def output(self, place): return contents(place/'work'/self.case.out, self.case.parts)

    def cpu_fresh(self):
        "Seconds of a processor that the command takes with its imports"
        if not self.fresh:
            place = shutil.copytree(self.before, self.bench.place())
            self.fresh = must(self.bench.server.run(place, self.line(), fresh=True))
            shutil.rmtree(place)
        return self.fresh.cpu

# -- the verdict

@dataclass
class Verdict:
    "What came of a trial"
    ending:str # finished, named (a sentence says what was wrong), stopped (by its signal), foreign
    lost:bool = False # Is the output neither the old nor the new one, or can't a next run make it?
    wrong:bool = False # Did it finish with other numbers?
    left:list = field(default_factory=list) # Files that the next undisturbed run left lying about
    memory:bool = False # Did it take more than twice as much as usual?
    detail:str = '' # What was seen

    def bad(self):
        found = dict(foreign=self.ending == 'foreign', lost=self.lost, wrong=self.wrong,
                     left=bool(self.left), memory=self.memory)
        return [k for k,v in found.items() if v]

def right_code(ended, number):
    "Is it the exit code of a command that failed, or that signal `number` stopped?"
    if ended.hangs: return False
    if not number or ended.late: return ended.code > 0
    return ended.code in (-number, 128+number)  # the second is how a shell says it

def ending(ended, name, number=None, must_name=''):
    "How a command ended, to which signal `number` was sent, or which must name why it failed"
    if ended.code == 0 and not ended.hangs: return 'finished'
    # if not, Python was still importing, or had not come to the command's own `try` yet;
    # the exit code is 1 where Python had not got ready itself
    began = re.search(r'model_lifecycle/(?!commands)\w+\.py", line \d+, in [^<]', ended.err)
    raised = 'Traceback' in ended.err
    if raised and number and not (began or ended.hangs): return 'stopped'
    if raised or not right_code(ended, number): return 'foreign'
    if number and ended.code == -number: return 'stopped'
    *_,last = '', *filter(str.strip, ended.err.splitlines())
    named = last.startswith(f'{name}: ') and re.search(must_name, last)
    return 'named' if named else 'foreign'

def said_of(ended): return f'code {ended.code}: {ended.err.strip()[-400:]}'

def verdict(known, place, ended, number=None, must_name=''):
    "Judge a trial, by what is there now and by what the next undisturbed run makes of it"
    case,server = known.case,known.bench.server
    seen = server.inside(place)
    now = known.output(seen)
    res = Verdict(ending(ended, case.name, number, must_name))
    if res.ending == 'finished': whole = now == known.new
    elif case.resumed: whole = resumable(seen/'work'/case.out)
    else: whole = now in (known.old, known.new)
    again = server.run(place, known.line())
    then = known.output(seen)
    res.lost = not whole or again.code != 0 or then != known.new
    res.left = sorted(names(seen)-known.left)
    res.memory = ended.memory > 2*known.usual.memory
    if res.bad(): res.detail = said_of(ended)
    if res.lost:
        res.detail += f'; {changed(now, known)}, after the next run {changed(then, known)}'
        if again.code: res.detail += f', which said {said_of(again)}'
    return res

def changed(now, known):
    "In words, what an output is"
    if not now: return 'no output'
    if now == known.old: return 'the old output'
    if now == known.new: return 'the new output'
    odd = [k for k in {*now, *known.new} if now.get(k) != known.new.get(k)]
    return f'output differs in {sorted(odd)[:6]}'

def resumable(folder):
    "Is there a checkpoint to go on from?"
    from model_lifecycle.runs import last_checkpoint
    return last_checkpoint(folder) is not None

# -- stopped

def drawn_moments(known, n, seed):
    "Moments of a command's run, as shares of the time on the processor that it takes"
    rng = random.Random(f'{known.case.line} {seed}')
    return [rng.random() for _ in range(n)]

def stopped(known, name, share=None, fresh=False, **job):
    "Send a command the signal `name` and see what comes of it"
    number = signals[name]
    if share is not None: job['moment'] = share*(known.cpu_fresh() if fresh else known.usual.cpu)
    place = shutil.copytree(known.before, known.bench.place())
    ended = known.bench.server.run(place, known.line(), number=number, fresh=fresh, **job)
    res = verdict(known, place, ended, number)
    shutil.rmtree(place)
    return res

# -- a full disk

def used(folder):
    "Bytes that a folder takes on a disk in memory"
    files = [o for o in folder.rglob('*') if o.is_file()]
    return sum(-(-o.stat().st_size//page)*page for o in files)

def full(known, spare=None, inodes=None):
    "A disk with `spare` bytes, or with room for so many files, beside what is there already"
    bench = known.bench
    place = bench.place()
    if not can_mount(): return full_file(known, place, spare)
    options = f'size={used(known.before)+spare}' if spare is not None else 'size=1g'
    if inodes: options += f',nr_inodes={len(names(known.before))+2+inodes}'
    bench.server.mount(place, options)
    seen = bench.server.inside(place)
    shutil.copytree(known.before, seen, dirs_exist_ok=True)
    ended = bench.server.run(place, known.line())
    bench.server.remount(place, 'size=1g,nr_inodes=0')  # there is room again
    res = verdict(known, place, ended, must_name='[Ss]pace|MB are free')
    bench.server.umount(place)
    place.rmdir()
    return res

def full_file(known, place, spare):
    "Where no disk can be mounted: no file may grow beyond a size, in which the errors have room"
    shutil.copytree(known.before, place)
    ended = known.bench.server.run(place, known.line(), file_size=max(spare or 0, page))
    res = verdict(known, place, ended)
    shutil.rmtree(place)
    return res

# -- two at once

def two_at_once(known, other):
    "The same command twice at a time in one place; `other` is another server"
    bench = known.bench
    place = shutil.copytree(known.before, bench.place())
    both = bench.server,other
    for i,server in enumerate(both): server.start(place, known.line(), said=f'{place}.{i}')
    res = [server.ended() for server in both]
    best,worst = sorted(res, key=lambda o: o.code != 0)
    judged = verdict(known, place, best)
    judged.ending = ending(worst, known.case.name)
    if best.code or judged.ending == 'foreign':
        judged.ending,judged.detail = 'foreign',f'{said_of(best)} and {said_of(worst)}'
    shutil.rmtree(place)
    return judged

# -- a server

def as_in_front():
    "What is started in the background of a shell ignores Ctrl-C: not so here"
    signal.signal(signal.SIGINT, signal.SIG_DFL)

@dataclass
class Serving:
    "`lifecycle_serve` as a process of its own"
    place:Path # Where it runs

    def __post_init__(self):
        self.out,self.err = (open(f'{self.place}.{o}', 'w+') for o in ('stdout', 'stderr'))
        script = Path(sys.executable).parent/'lifecycle_serve'
        env = os.environ | dict(HF_HUB_OFFLINE='1', OMP_NUM_THREADS='1', PYTHONPATH=str(root),
                                HOME=f'{self.place}/home', TMPDIR=f'{self.place}/tmp')
        self.process = subprocess.Popen([sys.executable, script, 'pipeline', '--port', '0'],
                                        stdout=self.out, stderr=self.err, env=env,
                                        cwd=self.place/'work', stdin=subprocess.DEVNULL,
                                        preexec_fn=as_in_front)

    def serves(self):
        "Where, if it has said so already"
        found = re.search(r'(http://\S+) serves', Path(self.out.name).read_text())
        return found and found[1]

    def address(self):
        "Where it serves, when it says so; nothing if it has ended before"
        while self.process.poll() is None:
            if found := self.serves(): return found
            time.sleep(0.001)

    def spend(self, secs, done=lambda: False):
        "Wait until it has spent so many seconds of a processor, is `done`, or has ended"
        while self.process.poll() is None and cpu(self.process.pid) < secs and not done():
            time.sleep(0.0005)

    def ended(self):
        "How it ended; it is killed if that does not happen"
        looks = 0
        while self.process.poll() is None and looks < 40_000:
            time.sleep(0.003)
            looks += 1
        hangs = self.process.poll() is None
        if hangs: self.process.kill()
        code = self.process.wait()
        self.out.close(), self.err.close()
        return Ended(code, 0., 0, hangs, False, taken(self.out.name), taken(self.err.name))

def answer(address):
    "What the server says of many texts; '' if it is not there any more"
    texts = json.dumps(dict(texts=sentences(2000), words=0)).encode()
    request = Request(f'{address}/predict', texts, {'content-type': 'application/json'})
    try: return urlopen(request).read().decode()
    except (OSError, HTTPException): return ''

class Served:
    "What a server does undisturbed: seconds until it serves and until it has answered; its answer"
    def __init__(self, bench):
        self.bench = bench
        server = Serving(shutil.copytree(bench.inputs, bench.place()))
        address = server.address()
        self.starts = cpu(server.process.pid)
        self.answer = answer(address)
        self.answers = cpu(server.process.pid)-self.starts
        server.process.kill()
        server.ended()
        if not self.answer: raise RuntimeError('An undisturbed server gave no answer')

def serving(served, name, share):
    "Send a server a signal while it starts, or, with a share above 1, while it answers"
    place = shutil.copytree(served.bench.inputs, served.bench.place())
    before,number = names(place),signals[name]
    server,said = Serving(place),''
    with ThreadPoolExecutor(1) as pool:
        if share > 1 and (address := server.address()):
            began = cpu(server.process.pid)
            asked = pool.submit(answer, address)
            server.spend(began+(share-1)*served.answers, asked.done)
        else:
            asked = None
            server.spend(share*served.starts, server.serves)
        server.process.send_signal(number)
        if asked: said = asked.result()
    ended = server.ended()
    res = Verdict(ending(ended, 'lifecycle_serve', number))
    # who was let in gets the whole answer, but for a kill; who came too late gets none
    res.lost = said not in ('', served.answer)
    res.left = sorted(names(place)-before)
    if res.bad(): res.detail = f'{said_of(ended)}; answered {said[:80]}'
    shutil.rmtree(place)
    return res

def serve_trials(served, n=20, seed=0):
    for name in signals:
        rng = random.Random(f'serve {seed} {name}')
        for o in (2*rng.random() for _ in range(n)):
            yield (f'{name}, serving', f'after {o:.2%}',
                   lambda o=o, name=name: serving(served, name, o))

# -- surroundings

surroundings = {
    'standard output is closed': dict(stdout='closed'),
    'standard output is full': dict(stdout='/dev/full'),
    'nobody reads standard output': dict(stdout='broken'),
    'standard errors are closed': dict(stderr='closed'),
    'an ASCII terminal': dict(fresh=True, env=dict(
        LC_ALL='C', PYTHONUTF8='0', PYTHONCOERCECLOCALE='0', PYTHONIOENCODING='ascii')),
    'umask 077': dict(umask=0o77)}

def surrounded(known, name):
    "A command where the world around it is odd: it finishes, or says why not"
    place = shutil.copytree(known.before, known.bench.place())
    job = dict(surroundings[name])
    ended = known.bench.server.run(place, known.line(), **job)
    res = verdict(known, place, ended)
    shutil.rmtree(place)
    return res

# -- all trials

def each_trial(known, n=20, fresh=20, steps=20, pages=20, seed=0, odd=True):
    "(Group, what, function that tries it) for a command; the numbers say how many at most"
    for name in signals:
        for o in drawn_moments(known, n, f'{seed} {name}'):
            yield (f'{name} at work', f'after {o:.2%}',
                   lambda o=o, name=name: stopped(known, name, o))
        few = fresh if name == 'SIGKILL' else fresh//4
        for o in drawn_moments(known, few, f'{seed} {name} fresh'):
            yield (f'{name}, fresh process', f'after {o:.2%}',
                   lambda o=o, name=name: stopped(known, name, o, True))
        for i in evenly(known.n_steps, steps):
            yield (f'{name} before a change of files', f'step {i}',
                   lambda i=i, name=name: stopped(known, name, step=i))
    if known.case.old: yield from disk_trials(known, pages)
    if odd: yield from odd_trials(known)

def odd_trials(known):
    for name in surroundings:
        yield 'odd surroundings', name, lambda name=name: surrounded(known, name)

def evenly(n, most):
    "Up to `most` of the numbers from 1 to `n`"
    if n <= most: return range(1, n+1)
    return sorted({1+i*(n-1)//max(most-1, 1) for i in range(most)})

def disk_trials(known, most):
    "Disks with a page more each time, and with room for a file more, up to what a run needs"
    for i in evenly(known.n_pages, most):
        yield 'a disk that fills', f'{i-1} pages', lambda i=i: full(known, spare=(i-1)*page)
    if not can_mount(): return
    for i in evenly(known.n_files, most//2):
        yield 'a disk for few files', f'{i} files', lambda i=i: full(known, inodes=i)

def used_by(files): return sum(-(-len(o)//page)*page for o in files.values())

# -- damaged and mixed files

def sound(bench, sort):
    "The place of sound folders of a kind"
    place = bench.folder/'damaged'/sort
    if not (place/'work').is_dir():
        for o in 'work','home','tmp': (place/o).mkdir(parents=True)
        args = dict(folder=str(place/'work'), sort=sort)
        must(bench.server.run(place, [], call='tests.damaged:make', args=args))
    return place

def damaged(bench, sort, seed, begin, end, mixed=False):
    "What came of damages (or mixtures) number `begin` to `end`: a dict for each"
    place = sound(bench, sort)
    out = place/'rows.jsonl'
    out.unlink(missing_ok=True)
    args = dict(folder=str(place/'work'), sort=sort, seed=seed, end=end, out=str(out), mixed=mixed)
    rows = []
    while begin+len(rows) < end:
        ended = bench.server.run(place, [], call='tests.damaged:work',
                                 args=args | dict(begin=begin+len(rows)))
        if out.exists(): rows = [json.loads(o) for o in out.read_text().splitlines()]
        if not ended.code: break
        if not rows and 'Traceback' in ended.err: must(ended)
        dead = dict(what=f'number {begin+len(rows)}', did='', ending='foreign', memory=False,
                    detail=f'the process died: {said_of(ended)}')
        with open(out, 'a') as f: print(json.dumps(dead), file=f)
        rows.append(dead)
    return rows

def files(bench, sort):
    "The kinds of files that a sound folder has"
    from tests.damaged import files_of
    return files_of(sort, sound(bench, sort)/'work'/'sound')

# -- a disk of 4 MB, and outputs of real models that are larger

# `{model}` is a real model distilled, `articles` its texts
large_cases = dict(
    distill=Case('lifecycle_distill all-MiniLM-L6-v2 out --device cpu --quiet'),
    train=Case('lifecycle_train {inputs}/labels.csv out --model {model} --quiet'),
    encode=Case('lifecycle_encode {model} {inputs}/articles.jsonl out.npy --quiet', '', 'out.npy'),
    predict=Case('lifecycle_predict {inputs}/pipeline {inputs}/articles.jsonl out.jsonl --quiet',
                 '', 'out.jsonl'),
    export=Case('lifecycle_export_onnx {model} out'),
    ptune=Case(f'{ptune} --max_steps 2'.replace('--pre_seq_len 6', '--pre_seq_len 120')
               .replace('base', '{inputs}/wide').replace(' rows', ' {inputs}/rows')))

def write_large(folder):
    "Inputs whose outputs take more than 4 MB"
    from transformers import LlamaConfig
    from tests._ptune_script import byte_tokenizer, examples, size, tiny
    from tests.assets import bbc
    texts,labels = bbc()
    folder.mkdir()
    texts = [' '.join(o.split()) for o in texts]
    rows = [json.dumps(dict(text=o)) for o in texts*3]
    (folder/'articles.jsonl').write_text('\n'.join(rows)+'\n', encoding='utf-8')
    few = [*zip(texts, labels)][::20]
    few = [f'"{text[:300].replace(chr(34), "")}",{label}' for text,label in few]
    (folder/'labels.csv').write_text('\n'.join(['text,label', *few])+'\n', encoding='utf-8')
    (folder/'rows.jsonl').write_text('\n'.join(map(json.dumps, examples())), encoding='utf-8')
    wide = LlamaConfig(**size|dict(hidden_size=512, num_hidden_layers=8))
    tiny(wide).save_pretrained(folder/'wide')
    byte_tokenizer().save_pretrained(folder/'wide')

def too_large(bench, case, model):
    "A command whose output does not fit on a disk of 4 MB says so, and leaves what was there"
    inputs = bench.folder/'large'
    if not inputs.is_dir():
        write_large(inputs)
        shutil.copytree(bench.inputs/'work'/'pipeline', inputs/'pipeline')
    place = bench.place()
    bench.server.mount(place, 'size=4m')
    seen = bench.server.inside(place)
    for o in 'work','home','tmp': (seen/o).mkdir()
    old = seen/'work'/case.out
    if case.out == 'out': old.mkdir()
    mine = old/'mine' if case.out == 'out' else old
    mine.write_text('old')
    line = case.line.format(inputs=inputs, model=model).split()
    ended = bench.server.run(place, line)
    res = Verdict(ending(ended, case.name, must_name='[Ss]pace|MB are free'))
    if res.ending == 'finished': res.ending = 'foreign'
    res.lost = contents(old) != {mine.relative_to(old).name or mine.name: b'old'}
    res.left = sorted(names(seen/'work')-{case.out, f'{case.out}/mine'})
    if res.bad(): res.detail = said_of(ended)
    bench.server.umount(place)
    place.rmdir()
    return res
