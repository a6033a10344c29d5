"The package, the saved notebooks and `README.md` say what `nbs/` says"
import re, shutil, subprocess, sys
from pathlib import Path
import pytest

root = Path(__file__).resolve().parent.parent

@pytest.fixture
def copy(tmp_path):
    for d in 'nbs','model_lifecycle': shutil.copytree(root/d, tmp_path/d, symlinks=True, ignore=shutil.ignore_patterns('__pycache__', '.*'))
    for f in 'settings.ini','pyproject.toml','_quarto.yml': shutil.copy(root/f, tmp_path/f)
    return tmp_path

def run(code, cwd): subprocess.run([sys.executable, '-c', code], cwd=cwd, check=True)
def files(d, pat): return {p.relative_to(d).as_posix(): p.read_text(encoding='utf-8') for p in d.rglob(pat) if not any(o[0]=='.' for o in p.relative_to(d).parts)}
def differing(a, b): return sorted(k for k in a.keys()|b.keys() if a.get(k)!=b.get(k))

def test_modules():
    "A notebook that is gone leaves no module behind, since export deletes none"
    made = {m for o in files(root/'nbs', '*.ipynb').values() for m in re.findall(r'#\| *default_exp (\w+)', o)}
    assert made=={p.stem for p in (root/'model_lifecycle').glob('[!_]*.py')}, 'each module needs its notebook, and each notebook its module'

def test_exported(copy):
    lib = copy/'model_lifecycle'
    for p in lib.glob('*.py'):
        if p.name!='__init__.py': p.unlink()
    run('from nbdev.doclinks import nbdev_export; nbdev_export.__wrapped__()', copy)
    assert not differing(files(lib, '*.py'), files(root/'model_lifecycle', '*.py')), 'run python tools/export.py'

def test_clean(copy):
    run('from nbdev.clean import nbdev_clean; nbdev_clean.__wrapped__()', copy)
    assert not differing(files(copy/'nbs', '*.ipynb'), files(root/'nbs', '*.ipynb')), 'run python tools/export.py'

def test_readme():
    res = subprocess.run([sys.executable, root/'tools/docs.py', '--check'], capture_output=True, text=True)
    assert not res.returncode, res.stderr
