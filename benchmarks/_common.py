"What benchmarks share: both sides in turn, each run in a fresh process, medians, and a table with machine, versions and date"
import json, os, platform, statistics, subprocess, sys, time
from datetime import date
from importlib.metadata import version
from pathlib import Path

here = Path(__file__).resolve().parent
root = here.parent
peers = root/'.venv-bench'/'bin'/'python'  # has model2vec[distill,train]; `make bench` makes it
model_folder = root/'.cache'/'bench'/'minilm-static'

def make_student():
    "A static model that all sides use, distilled once"
    if model_folder.exists(): return
    from model_lifecycle import distill
    distill('sentence-transformers/all-MiniLM-L6-v2').save_pretrained(model_folder)

def child(python, script, side):
    "Run `script` for one side in a fresh process; what it prints last is its result, JSON"
    env = os.environ|{'HF_HUB_OFFLINE': '1', 'TQDM_DISABLE': '1'}
    res = subprocess.run([str(python), script, side], capture_output=True, text=True, env=env)
    if res.returncode: sys.exit(f'{side} failed:\n{res.stderr}')
    return json.loads(res.stdout.splitlines()[-1])

def in_turn(script, sides, runs):
    "`runs` results of each side, a dict of name to interpreter, one side after the other so that both see the same machine"
    res = {s: [] for s in sides}
    for i in range(runs):
        for s,python in sides.items():
            res[s].append(child(python, script, s))
            print(f'run {i+1} of {runs}, {s}: {res[s][-1]}', flush=True)
    return res

def medians(rows): return {k: statistics.median(r[k] for r in rows) if isinstance(v, (int,float)) else v for k,v in rows[-1].items()}

def peak_gflops(dtype, n=2048, reps=20):
    "The most floating-point operations a second, in billions, that a matrix product of this machine does"
    import torch
    a,b = (torch.randn(n, n).to(dtype) for _ in range(2))
    def secs():
        start = time.perf_counter()
        torch.mm(a, b)
        return time.perf_counter()-start
    return 2*n**3/min(secs() for _ in range(reps))/1e9

def cpu():
    "The processor's name, where the system tells"
    info = Path('/proc/cpuinfo')
    names = [l.split(':')[1].strip() for l in info.read_text().splitlines() if l.startswith('model name')] if info.exists() else []
    return names[0] if names else platform.processor() or platform.machine()

def machine(*packages):
    "Machine, versions and date in a line"
    return f"{os.cpu_count()} cores of {cpu()}, Python {platform.python_version()}, {', '.join(f'{p} {version(p)}' for p in packages)}, {date.today()}"

def table(head, rows):
    "A markdown table"
    return '\n'.join('| '+' | '.join(map(str, r))+' |' for r in [head, ['---']*len(head), *rows])+'\n'
