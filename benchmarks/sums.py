"Add the vectors of words to texts in several ways, each in a fresh process, in turn, and write `sums.md` and `sums.json`: why `sum_runs` is made as it is"
import json, sys, threading, time
from importlib.metadata import files
from pathlib import Path
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import numpy as np
from benchmarks._common import here, in_turn, machine, make_student, medians, model_folder, peers, root, table

runs = 5
arrays = root/'.cache'/'bench'/'sums.npz'
ways = dict(numpy='`sum_runs` with numpy alone', reduceat='`np.add.reduceat` of all rows', scipy='`sum_runs` with SciPy loaded', torch='torch, `embedding_bag`', numba='numba, three loops')
packages = dict(scipy=['scipy'], torch=['torch'], numba=['numba', 'llvmlite'])

def make_arrays():
    "What is to be added: the vectors of words, and which of them each of 10,000 sentences has"
    from benchmarks.encode import texts
    from model_lifecycle import StaticModel
    model,sents = StaticModel.from_pretrained(model_folder),texts('sentences')[:10_000]
    model.encode(sents)
    found = model._word_table().lookup(sents, model._sums)
    np.savez(arrays, vectors=found.store.sums[:found.store.keys.n], rows=found.rows, first=found.first)

def adder(way):
    "A function that adds, one thread to a call"
    if way=='reduceat': return lambda vectors, rows, first: np.add.reduceat(vectors.take(rows, 0), first[:-1], 0)
    if way=='torch':
        import torch
        torch.set_num_threads(1)
        def add(vectors, rows, first):
            given = [torch.from_numpy(np.asarray(o, dtype)) for o,dtype in ((rows, np.int64), (vectors, np.float32), (first[:-1], np.int64))]
            return torch.nn.functional.embedding_bag(*given, mode='sum').numpy()
        return add
    if way=='numba':
        import numba
        @numba.njit(nogil=True)
        def loops(vectors, rows, first, out):
            for i in range(len(out)):
                sums = out[i]
                for j in range(first[i], first[i+1]):
                    row = vectors[rows[j]]
                    for k in range(len(sums)): sums[k] += row[k]
        def add(vectors, rows, first):
            out = np.zeros((len(first)-1, vectors.shape[1]), np.float32)
            loops(vectors, rows, first, out)
            return out
        return add
    from model_lifecycle import vectors as room
    room._pays = float('inf')
    if way=='scipy': import scipy.sparse
    return room.sum_runs

def megabytes(way):
    "Of the packages that a way needs, as they lie on the disk"
    return sum(o.locate().stat().st_size for name in packages.get(way, ()) for o in files(name) if o.locate().is_file())/1e6

def run(way):
    "Milliseconds of one thread and of two that share the texts, seconds to load and to add for the first time, and the sum of all"
    if way in ('numpy', 'scipy'): import model_lifecycle.vectors
    given = {k: v for k,v in np.load(arrays).items()}
    vectors,rows,first = given.values()
    def cpu(f):
        start = time.process_time()
        res = f()
        return time.process_time()-start, res
    load,add = cpu(lambda: adder(way))
    once,sums = cpu(lambda: add(vectors, rows[:first[10]], first[:11]))
    half = len(first)//2
    parts = [(rows[:first[half]], first[:half+1]), (rows[first[half]:], first[half:]-first[half])]
    def in_two():
        threads = [threading.Thread(target=add, args=(vectors, *part)) for part in parts]
        for o in threads: o.start()
        for o in threads: o.join()
    def wall(f):
        start = time.perf_counter()
        f()
        return time.perf_counter()-start
    one = np.median([wall(lambda: add(vectors, rows, first)) for _ in range(15)])
    two = np.median([wall(in_two) for _ in range(15)])
    exact = np.add.accumulate(vectors[rows[first[5]:first[6]]])[-1]  # one after the other
    return dict(one=one*1e3, two=two*1e3, load=load, once=once, same=bool((sums[5]==exact).all()), megabytes=megabytes(way))

def main():
    make_student()
    make_arrays()
    res = in_turn(__file__, {way: peers if way=='numba' else sys.executable for way in ways}, runs)
    rows = [[ways[way], f"{o['one']:.0f}", f"{o['two']:.0f}", f"{o['load']:.2f}", f"{o['once']:.2f}", f"{o['megabytes']:.0f}", 'yes' if o['same'] else 'no'] for way,o in ((k, medians(v)) for k,v in res.items())]
    facts = machine('numpy', 'scipy', 'torch')
    n = len(np.load(arrays)['rows'])
    (here/'sums.json').write_text(json.dumps(dict(machine=facts, runs=res), indent=1)+'\n', encoding='utf-8')
    text = f"""# Adding vectors

The warm part of encoding is mostly this: for each of 10,000 sentences add the vectors (256 numbers in float32) of its words, {n:,} rows in all. Medians of {runs} fresh
processes, in turn. *The same* says whether a sum is, to the last bit, that of adding its rows one after the other.

{table(['', 'ms, one thread', 'ms, two threads', 'CPU s to load', 'CPU s for the first call', 'MB of packages', 'the same'], rows)}
A base install weighs 125 MB (`install.md`), so what would double it is used where it is already, and required nowhere: SciPy comes with scikit-learn. It gives numpy's sums to the
last bit, so a process can pass from one to the other. numba has to compile in every process anew, which takes as long as to add the vectors of some hundred thousand sentences.

{facts}, numba 0.68.1. Made by `benchmarks/sums.py`.
"""
    (here/'sums.md').write_text(text, encoding='utf-8')
    print(text)

if __name__=='__main__':
    if len(sys.argv)>1: print(json.dumps(run(sys.argv[1])))
    else: main()
