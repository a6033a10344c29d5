"Build `README.md` and the website `_docs/`: with Quarto if it is on PATH, else with smalldocs"
import hashlib, json, os, re, shutil, subprocess, sys
from configparser import ConfigParser
from importlib.util import find_spec
from pathlib import Path
import yaml
from fastcore.nbio import read_nb, write_nb
from nbdev import showdoc
from nbdev.serve import proc_nbs
sys.path.insert(0, str(Path(__file__).parent))
import pages, results
from pages import nbs, root, site, text

ini = ConfigParser(delimiters=['='])
ini.read(root/'settings.ini', encoding='utf-8')
git_url,doc_url = (ini['DEFAULT'][o].rstrip('/') for o in ('git_url', 'doc_url'))
quarto_yml = root/'_quarto.yml'  # the source; nbs/_quarto.yml, where nbdev looks, is a copy

# -- README.md

def from_root(s):
    "The links of a notebook's markdown, as seen from the repository root"
    def f(m):
        if re.match(r'\w+:|[#/]', m[1]): return m[0]
        return f'](' + os.path.normpath(f'nbs/{m[1]}')
    return re.sub(r'\]\(([^)\s]+)', f, s)

def shown(output):
    "What an output printed; pictures are for the site"
    data = output.get('data', {})
    if 'text/markdown' in data: return from_root(text(data['text/markdown']).strip())
    plain = '' if 'image/png' in data else data.get('text/plain')
    said = text(output.get('text') or plain).rstrip()
    return said and f'```\n{said}\n```'

def blocks(cell):
    "A cell of the index as markdown: prose, shown code and what it printed"
    src = text(cell.source).strip()
    if cell.cell_type=='markdown': yield from_root(src)
    hidden = re.search(r'^#\| *(hide|include: *false|default_exp)\b', src, re.M)
    if cell.cell_type!='code' or hidden: return
    code = re.sub(r'^#\|.*\n?', '', src, flags=re.M).strip()
    if code and not re.search(r'^#\| *echo: *false', src, re.M): yield f'```python\n{code}\n```'
    yield from map(shown, cell.get('outputs', []))

def readme():
    "`README.md` as `nbs/index.ipynb` tells it"
    parts = ['<!-- Made from nbs/index.ipynb by `make docs`: edit that -->']
    for c in read_nb(nbs/'index.ipynb').cells: parts += blocks(c)
    return '\n\n'.join(o for o in parts if o)+'\n'

def check():
    "Is `README.md` in step with the index?"
    path = root/'README.md'
    if not path.exists() or path.read_text(encoding='utf-8')!=readme():
        sys.exit('README.md is not what nbs/index.ipynb says: run make docs')

# -- what the site is made of

def as_page(path, title, blurb):
    "A markdown file of the repository as a page, without its first heading"
    body = re.sub(r'^# .*\n', '', path.read_text(encoding='utf-8'), count=1)
    return f'---\ntitle: {title}\ndescription: {blurb}\n---\n\n{body}'

def config(names):
    "`_quarto.yml` with the names of the pages, and with the addresses of `settings.ini`"
    cfg = yaml.safe_load(pages.renamed(quarto_yml.read_text(encoding='utf-8'), names))
    urls = {'site-url': doc_url, 'repo-url': git_url}
    cfg['website'] |= {k: v for k,v in urls.items() if v}
    if not shutil.which('quarto'): cfg['format']['html'].pop('html-math-method')  # `finish` does it
    return yaml.safe_dump(cfg, sort_keys=False, allow_unicode=True)

def stage():
    "What nbdev makes of the notebooks, in `_proc`"
    os.chdir(root)  # nbdev looks for its settings from the working folder
    showdoc.BasicMarkdownRenderer = pages.Documented
    return proc_nbs(n_workers=0, force=True)  # in this process: heavy imports are paid once

def arrange(proc):
    "Notebooks as pages, pages that are made of other files, `_quarto.yml`; the pages' names"
    links = pages.Links(proc, git_url)
    for p in list(proc.rglob('*.ipynb')):
        nb = pages.as_page(p, links, '' if p.parent==proc else '../')
        p.unlink()
        write_nb(nb, p.with_name(links.names[p.name]))
    made = {'results': results.page(proc/'images'),
            'changes': as_page(root/'CHANGELOG.md', 'Changes', 'What is new in each version'),
            'contributing': as_page(root/'CONTRIBUTING.md', 'Contributing',
                                    'How to change a notebook, run the tests and build this site')}
    for name,body in made.items(): (proc/f'{name}.md').write_text(body, encoding='utf-8')
    for p in proc.rglob('*.md'):
        p.write_text(links.fix(p.read_text(encoding='utf-8')), encoding='utf-8')
    (proc/'_quarto.yml').unlink(missing_ok=True)
    (proc/'_quarto.yml').write_text(config(links.names), encoding='utf-8')
    return links.names

def render(proc):
    command = [sys.executable, '-m', 'smalldocs.cli', 'render', '--strict', proc]
    if shutil.which('quarto'): command = ['quarto', 'render', proc, '--no-execute']
    if subprocess.run(command).returncode:
        sys.exit('*** the site was not built, for the reasons above')
    shutil.rmtree(site, ignore_errors=True)
    shutil.move(proc/'_docs', site)

# -- what is done to the finished site

def sidebar(part=None):
    "(file, what the sidebar calls it or None) from top to bottom"
    if part is None:
        cfg = yaml.safe_load(quarto_yml.read_text(encoding='utf-8'))
        part = cfg['website']['sidebar']['contents']
    for o in part:
        if isinstance(o, str): yield o,None
        else:
            if 'href' in o: yield o['href'],o.get('text')
            yield from sidebar(o.get('contents', []))

def search_index(names):
    "The index of the search in the order of the sidebar, with the words that it has for a page"
    path = site/'search.json'
    entries = json.loads(path.read_text(encoding='utf-8'))
    called = {}
    for file,name in sidebar():
        page = Path(file).with_name(names.get(Path(file).name, Path(file).name))
        called[page.with_suffix('.html').as_posix()] = name
    order = list(called)
    def page_of(o): return o['href'].split('#')[0]
    for o in entries: o['title'] = called.get(page_of(o)) or o['title']
    entries.sort(key=lambda o: order.index(page_of(o)) if page_of(o) in called else len(order))
    path.write_text(json.dumps(entries, ensure_ascii=False), encoding='utf-8')

def finish(names):
    notebooks = {o.with_suffix('.html'): o for o in pages.downloads(names)}
    for p in site.rglob('*.html'):
        rel,s = p.relative_to(site),p.read_text(encoding='utf-8')
        if not shutil.which('quarto'): s = pages.ranked(pages.mathml(s))
        s = pages.wide(pages.broken(s))
        if rel in notebooks: s = pages.with_links(s, notebooks[rel], git_url)
        p.write_text(s, encoding='utf-8')
    for p in site.rglob('*.css'):
        p.write_text(pages.without_fonts(p.read_text(encoding='utf-8')), encoding='utf-8')
    search_index(names)

def sources():
    "A digest of all that the site is made of"
    parts = 'nbs', 'benchmarks', 'tools', 'model_lifecycle'
    files = [o for d in parts for o in sorted((root/d).rglob('*')) if o.is_file()]
    left_out = '__pycache__', 'nbdev.yml', 'sidebar.yml'
    digest = hashlib.sha256()
    for o in [*files, quarto_yml, root/'CHANGELOG.md', root/'CONTRIBUTING.md', root/'settings.ini']:
        rel = o.relative_to(root).parts
        if not any(p[0]=='.' or p in left_out for p in rel): digest.update(o.read_bytes())
    return digest.hexdigest()

def built_from():
    "The digest of what the site in `_docs` was made of"
    path = site/'sources.txt'
    return path.read_text() if path.exists() else None

def build():
    if not shutil.which('quarto') and not find_spec('smalldocs'):
        sys.exit('*** the site needs Quarto on PATH, or Python 3.11 or newer for smalldocs')
    results.refresh()  # the front page's figures, from the committed benchmarks
    shutil.copy(quarto_yml, nbs/'_quarto.yml')
    (root/'README.md').write_text(readme(), encoding='utf-8')
    proc = stage()
    names = arrange(proc)
    render(proc)
    finish(names)
    (site/'sources.txt').write_text(sources())
    place = site.relative_to(root)
    print(f'README.md is written, and the site is in {place}/. To see it:\n\n'
          f'  {sys.executable} -m http.server -d {place} 8000   # then open http://localhost:8000')

if __name__=='__main__': check() if sys.argv[1:]==['--check'] else build()
