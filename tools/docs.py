"Build `README.md` and the website `_docs/` from `nbs/` and the root `_quarto.yml`: with Quarto if on PATH, else smalldocs"
import os, re, shutil, subprocess, sys
from configparser import ConfigParser
from importlib.util import find_spec
from pathlib import Path
from fastcore.nbio import read_nb, write_nb
from nbdev.config import get_config, nbpath2html
from nbdev.serve import proc_nbs

cfg = get_config(Path(__file__).parent)
root, nbs, site = cfg.config_path, cfg.nbs_path, cfg.config_path/'_docs'
ini = ConfigParser(delimiters=['='])
ini.read(root/'settings.ini', encoding='utf-8')
git_url = ini['DEFAULT']['git_url'].rstrip('/')

def text(s): return ''.join(s) if isinstance(s, list) else s or ''

def from_root(s):
    "The links of a notebook's markdown, as seen from the repository root"
    def f(m): return m[0] if re.match(r'\w+:|[#/]', m[1]) else f'](' + os.path.normpath(f'nbs/{m[1]}')
    return re.sub(r'\]\(([^)\s]+)', f, s)

def blocks(cell):
    "A cell of the index as markdown: prose, shown code and the text it printed; pictures are for the site"
    src = text(cell.source).strip()
    if cell.cell_type=='markdown': yield from_root(src)
    if cell.cell_type!='code' or re.search(r'^#\| *(hide|include: *false|default_exp)\b', src, re.M): return
    code = re.sub(r'^#\|.*\n?', '', src, flags=re.M).strip()
    if code and not re.search(r'^#\| *echo: *false', src, re.M): yield f'```python\n{code}\n```'
    for o in cell.get('outputs', []):
        data = o.get('data', {})
        if 'text/markdown' in data: yield from_root(text(data['text/markdown']).strip())
        elif out := text(o.get('text') or (data.get('text/plain') if 'image/png' not in data else '')).rstrip(): yield f'```\n{out}\n```'

def readme():
    "`README.md` as `nbs/index.ipynb` tells it"
    parts = ['<!-- Made from nbs/index.ipynb by `make docs`: edit that -->']
    for c in read_nb(nbs/'index.ipynb').cells: parts += blocks(c)
    return '\n\n'.join(o for o in parts if o)+'\n'

def page_names(proc):
    "Each notebook's name to the name that nbdev's cross-links expect: `00_base.ipynb` to `base.ipynb`"
    return {p.name: nbpath2html(Path(p.name)).with_suffix('.ipynb').name for p in proc.rglob('*.ipynb')}

def fix(s, names):
    "Links to pages by their new names, and to source in the public repository, or none while there is none"
    for old,new in names.items(): s = re.sub(rf'(?<![\w-]){re.escape(old)}', new, s)
    return s.replace('[source](/blob/', f'[source]({git_url}/blob/') if git_url else re.sub(r'\[source\]\(/blob/.*?\)\{.*?\}\n*', '', s)

def fix_notebook(nb, names):
    for c in nb.cells:
        if c.cell_type=='raw': c.source = re.sub(r'output-file:.*\n', '', text(c.source))
        elif c.cell_type=='markdown': c.source = fix(text(c.source), names)
        for o in c.get('outputs', []):
            data = o.get('data', {})
            if 'text/markdown' in data: data['text/markdown'] = fix(text(data['text/markdown']), names)
    return nb

def stage():
    "Notebooks processed by nbdev into `_proc`, with the names and the `_quarto.yml` that the site needs"
    proc = proc_nbs(n_workers=0, force=True)  # in this process, so that heavy imports are paid once
    names = page_names(proc)
    for p in list(proc.rglob('*.ipynb')):
        nb = fix_notebook(read_nb(p), names)
        p.unlink()
        write_nb(nb, p.with_name(names[p.name]))
    (proc/'_quarto.yml').unlink(missing_ok=True)
    (proc/'_quarto.yml').write_text(fix((root/'_quarto.yml').read_text(encoding='utf-8'), names), encoding='utf-8')
    return proc

def render(proc):
    if shutil.which('quarto'): cmds = [['quarto', 'render', proc, '--no-execute']]
    else: cmds = [[sys.executable, '-m', 'smalldocs.cli', *o, proc] for o in (['check'], ['render', '--strict'])]
    for cmd in cmds:
        if subprocess.run(cmd).returncode: sys.exit(f"*** the site was not built: {' '.join(map(str, cmd))} found the problems above")
    shutil.rmtree(site, ignore_errors=True)
    shutil.move(proc/'_docs', site)

def check():
    "Is `README.md` in step with the index?"
    path = root/'README.md'
    if not path.exists() or path.read_text(encoding='utf-8')!=readme(): sys.exit('README.md is not what nbs/index.ipynb says: run make docs')

def build():
    if not shutil.which('quarto') and not find_spec('smalldocs'): sys.exit('*** the site needs Quarto on PATH, or Python 3.11 or newer for smalldocs')
    (root/'README.md').write_text(readme(), encoding='utf-8')
    os.chdir(root)  # nbdev looks for its settings from the working folder
    render(stage())
    print(f'README.md is written, and the site is in {site}: open {site/"index.html"}')

if __name__=='__main__': check() if sys.argv[1:]==['--check'] else build()
