"Install this library's base, model2vec, and laghu with laghu-rs into fresh environments, start each in turn, and write `install.md` and `install.json`"
import json, os, subprocess, sys, tempfile
from pathlib import Path
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks._common import here, in_turn, machine, make_student, medians, model_folder, root, table

runs = int(os.environ.get('INSTALL_RUNS', 15))
wanted = {'model_lifecycle': [str(root)], 'model2vec': ['model2vec==0.10.0'], 'laghu': ['laghu==0.4.0', 'laghu-rs==0.2.0']}
names = {'model_lifecycle': 'model_lifecycle', 'model2vec': 'model2vec 0.10', 'laghu': 'laghu 0.4 with laghu-rs 0.2'}
plain_folder = model_folder.parent/'minilm-static-float32' # laghu's fast path wants float32, and no truncation

def make_plain():
    "The student that all three load, as laghu's fast path wants it"
    if plain_folder.exists(): return
    make_student()
    from model_lifecycle import StaticModel
    StaticModel.from_pretrained(model_folder, quantize_to='float32', max_length=None).save_pretrained(plain_folder)

def install(folder, packages):
    "A fresh environment with some packages; its interpreter, and the megabytes of what was installed"
    subprocess.run([sys.executable, '-m', 'venv', '--without-pip', folder], check=True)
    python = next(folder.glob('[bS]*/python*'))
    pip = [sys.executable, '-m', 'pip', '-q', '--disable-pip-version-check', '--python', str(python)]
    subprocess.run([*pip, 'install', *packages], check=True)
    site = next(folder.rglob('site-packages'))
    return python, sum(o.stat().st_size for o in site.rglob('*') if o.is_file())/1e6

def load(side):
    "The encoder of a side"
    if side=='laghu':
        import laghu
        return laghu.load(str(plain_folder), fallback=False)
    if side=='model2vec': from model2vec import StaticModel
    else: from model_lifecycle import StaticModel
    return StaticModel.from_pretrained(str(plain_folder))

def run(side):
    "CPU seconds and peak memory of a process that imports, loads a model and encodes one text"
    import resource
    sys.path.remove(str(root))  # what is installed is measured
    text = load(side).encode('The striker scored twice in the final minutes of the match.')
    used = resource.getrusage(resource.RUSAGE_SELF)
    return dict(cpu_s=used.ru_utime+used.ru_stime, memory_mb=used.ru_maxrss/1024, first=float(text[0]))

def help_seconds(python):
    "CPU seconds of `lifecycle_predict --help`, the median of some runs"
    code = 'import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL); u = resource.getrusage(resource.RUSAGE_CHILDREN); print(u.ru_utime+u.ru_stime)'
    line = [sys.executable, '-c', code, str(python.parent/'lifecycle_predict'), '--help']
    secs = sorted(float(subprocess.run(line, check=True, capture_output=True, text=True).stdout) for _ in range(runs))
    return secs[runs//2]

def main():
    make_plain()
    os.environ.pop('PYTHONPATH', None)
    with tempfile.TemporaryDirectory() as d:
        there = {side: install(Path(d)/side, packages) for side,packages in wanted.items()}
        res = in_turn(__file__, {side: python for side,(python,_) in there.items()}, runs)
        help_s = help_seconds(there['model_lifecycle'][0])
    sizes = {side: mb for side,(_,mb) in there.items()}
    said = {side: medians(rows) for side,rows in res.items()}
    facts = machine('numpy', 'tokenizers', 'safetensors')
    (here/'install.json').write_text(json.dumps(dict(machine=facts, sizes_mb=sizes, help_s=help_s, runs=res), indent=1)+'\n', encoding='utf-8')
    rows = [(names[o], f'{sizes[o]:.0f}', f"{said[o]['cpu_s']:.2f}", f"{said[o]['memory_mb']:.0f}") for o in wanted]
    text = f"""# What an installation weighs

Each is installed into a fresh environment without extras. Then each in turn, {runs} times and in a process of its own, is imported, loads the same static model
(29,525 tokens, 256 dimensions, float32) and encodes one text: medians. `lifecycle_predict --help` takes {help_s:.2f} CPU seconds. `python benchmarks/install.py` wrote this.

{table(['', 'MB installed', 'CPU seconds', 'MB of memory'], rows)}
{facts}
"""
    (here/'install.md').write_text(text, encoding='utf-8')
    print(text)

if __name__=='__main__':
    if len(sys.argv)>1: print(json.dumps(run(sys.argv[1])))
    else: main()
