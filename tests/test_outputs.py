"What is saved in the notebooks is what a reader should see: results and plots, no progress bars, warnings or places on a machine"
import ast, json, re
from pathlib import Path
import pytest

nbs = Path(__file__).resolve().parent.parent/'nbs'
notebooks = {p.relative_to(nbs).with_suffix('').as_posix(): p for p in sorted(nbs.rglob('*.ipynb')) if '.ipynb_checkpoints' not in p.parts}

garbage = {
    'a progress bar': r'TqdmWarning|IProgress|\d+%\|[ █▏▎▍▌▋▊▉#]|\d(it/s|s/it)\b|\r(?![\r\n])',
    'a warning': r'\b\w+Warning: |\bwarnings\.warn\(|WARNING|unauthenticated requests|HF_TOKEN',
    'a missing Hub': r'(The Hub cannot be reached.*){2}|LocalEntryNotFoundError|couldn.t connect to .https://huggingface',
    'a traceback': r'Traceback \(most recent call last\)',
    'a place on a machine': r'/tmp/|/home/\w+/|/root/|/var/folders/|C:\\\\Users'}

def text(s): return ''.join(s) if isinstance(s, list) else s or ''
def cells(path): return json.loads(path.read_text(encoding='utf-8'))['cells']

def shown(output):
    "What an output shows as text"
    return '\n'.join([text(output.get('text')), *(text(v) for k,v in output.get('data', {}).items() if k.startswith('text/'))])

@pytest.mark.parametrize('name', notebooks)
def test_clean(name):
    wrong = []
    for c in cells(notebooks[name]):
        for o in c.get('outputs', []):
            if o.get('name')=='stderr' or o['output_type']=='error': wrong.append((c['id'], shown(o)[:200] or text(o.get('evalue'))))
            wrong += [(c['id'], what, m[0][:80]) for what,pat in garbage.items() if (m := re.search(pat, shown(o), re.S))]
            wrong += [(c['id'], k) for k in o.get('data', {}) if 'widget' in k]
    assert not wrong, wrong

def test_what_is_garbage():
    "The patterns know what they are for, and nothing of what notebooks show"
    bad = {'a progress bar': ' 45%|████▌     | 9/20 [00:01<00:01,  8.10it/s]', 'a warning': 'x.py:3: FutureWarning: soon gone',
           'a place on a machine': "PosixPath('/tmp/tmpabc/model')", 'a missing Hub': 'The Hub cannot be reached: a\nThe Hub cannot be reached: b'}
    for what,s in bad.items(): assert re.search(garbage[what], s, re.S), what
    for s in '81.5% right', 'a | b', '100%': assert not any(re.search(o, s, re.S) for o in garbage.values()), s

@pytest.mark.parametrize('name', notebooks)
def test_alone(name):
    "It needs no file of the repository: what reads the benchmarks does so where they are, and there is no other place"
    wrong = []
    for c in cells(notebooks[name]):
        s = text(c['source'])
        if c['cell_type']!='code' or '#| export' in s or not re.search(r"/'benchmarks'|\bbenchmarks/'", s): continue
        tree = ast.parse(re.sub(r'^[!%].*$', 'pass', s, flags=re.M))
        asks = any(isinstance(o, ast.If) and re.search(r'\.(is_dir|exists)\(\)', ast.unparse(o.test)) for o in tree.body)
        if not asks: wrong.append(c['id'])
    assert not wrong, f'these cells read the benchmarks without asking whether they are there: {wrong}'

@pytest.mark.parametrize('name', notebooks)
def test_links(name):
    "Links in prose lead to notebooks and files that exist, and none holds a name in backticks, which would print literally"
    path,wrong = notebooks[name],[]
    for c in cells(path):
        if c['cell_type']!='markdown': continue
        s = re.sub(r'```.*?```', '', text(c['source']), flags=re.S)
        wrong += [(c['id'], m) for m in re.findall(r'(?<!!)\[`[^]]*\]\([^)]*\)', s)]
        for target in re.findall(r'\]\(([^)\s]+)\)', s):
            to = target.split('#')[0]
            made = to.endswith(('results.md', 'changes.md', 'contributing.md'))  # the site makes them
            if to and not re.match(r'\w+:', to) and not made and not (path.parent/to).exists(): wrong.append((c['id'], target))
    assert not wrong, wrong
