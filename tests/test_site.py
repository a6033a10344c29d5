"""The website as readers meet it: pages, links, search, on a desktop and on a phone

What `make docs` built is tested, if it was built from what stands in the repository now; `.ci/run` builds it first."""
import functools, json, re, sys, threading
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit
import pytest
from tests import assets
from tests.browser import hard_to_read, too_wide

root = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(root/'tools'))
import docs, results

def built():
    "The folder of the site, if it is there and fresh"
    if docs.site.is_dir() and docs.built_from()==docs.sources(): return docs.site
    raise assets.AssetUnavailable('the website was not built from what is in nbs/, benchmarks/ and tools/ now: run make docs')

@pytest.fixture(scope='session')
def site():
    if sys.version_info < (3, 11): pytest.skip('smalldocs needs Python 3.11')
    return assets.need(built)

@pytest.fixture(scope='session')
def pages(site): return {p.relative_to(site).as_posix(): Page(p.read_text(encoding='utf-8')) for p in sorted(site.rglob('*.html'))}

class Page(HTMLParser):
    "What a page links to, where it can be linked to, its headings, and the prose that is read"
    def __init__(self, html):
        super().__init__()
        self.links,self.loads,self.ids,self.headings,self.prose,self.tags = [],[],set(),[],[],[]
        self.feed(html)
    def handle_starttag(self, tag, attrs):
        o = dict(attrs)
        if 'id' in o: self.ids.add(o['id'])
        if tag=='a' and 'href' in o: self.links.append(o['href'])
        if tag=='link' and 'alternate' not in o.get('rel', ''): self.loads.append(o['href'])
        if 'src' in o: self.loads.append(o['src'])
        if re.fullmatch('h[1-6]', tag): self.headings.append('')
        if tag not in ('br', 'img', 'hr', 'meta', 'link', 'input', 'col', 'source', 'wbr', 'path', 'circle', 'rect'): self.tags.append(tag)
    def handle_endtag(self, tag):
        while self.tags and self.tags.pop()!=tag: pass
    def handle_data(self, data):
        if self.tags and re.fullmatch('h[1-6]', self.tags[-1]): self.headings[-1] += data
        if not {'code', 'pre', 'script', 'style', 'math'} & set(self.tags): self.prose.append(data)

def local(url): return not urlsplit(url).scheme and not url.startswith('//')

# -- the files

def test_links(site, pages):
    "Every link inside the site leads to a page, and to the place on it"
    wrong = []
    for name,page in pages.items():
        for url in page.links+page.loads:
            if not local(url): continue
            path,_,mark = url.partition('#')
            to = (site/name).parent/unquote(path.split('?')[0]) if path else site/name
            if to.is_dir(): to /= 'index.html'
            rel = to.resolve().relative_to(site.resolve()).as_posix()
            if not to.exists(): wrong.append(f'{name}: {url}')
            elif mark and rel in pages and unquote(mark) not in pages[rel].ids: wrong.append(f'{name}: {url}, which has no such place')
    assert not wrong, wrong

def test_nothing_from_elsewhere(pages):
    "No page loads a script, a style, a font or a picture of another server; formulas are drawn without one"
    wrong = {name: [o for o in page.loads if not local(o) and not o.startswith('data:') and 'colab' not in o] for name,page in pages.items()}
    assert not {k: v for k,v in wrong.items() if v}
    assert not [o for o in docs.site.rglob('*.css') if '//fonts.' in o.read_text(encoding='utf-8')]

def test_prose(pages):
    "No markdown is left as it was typed: links, formulas, attributes"
    wrong = {name: re.findall(r'.{0,30}(?:\]\([^)\s]+\)|\\\(|\\\[|\{target=|\{#).{0,20}', ' '.join(page.prose)) for name,page in pages.items()}
    assert not {k: v for k,v in wrong.items() if v}

def test_made(site):
    "No page shows what went wrong when it was made: a warning, a place on this machine, a class of the notebook's own process"
    wrong = {o.name: re.findall(r'.*(?:\bUserWarning\b|site-packages|__main__\.[A-Z]).*', o.read_text(encoding='utf-8')) for o in site.rglob('*.llms.md')}
    assert not {k: v for k,v in wrong.items() if v}
    assert '# Budget: so many of them' in (site/'distillation.llms.md').read_text(encoding='utf-8').split('### distill_from_model')[1]

def test_names(pages):
    "Private names have no heading; what a public class can do stands under its own name"
    private = {name: [o for o in page.headings if re.match(r'_\w|\w+\._[a-z]', o)] for name,page in pages.items()}
    assert not {k: v for k,v in private.items() if v}
    said = {k: ' '.join(page.headings) for k,page in pages.items()}
    for where,what in {'classifier.html': 'StaticModelForClassification.predict', 'inference.html': 'StaticModel.encode',
                       'pipeline.html': 'StaticModelPipeline.predict', 'prefix_model.html': 'PTuningModel.answer'}.items():
        assert what in said[where]
    text = (docs.site/'classifier.html').read_text(encoding='utf-8')
    for what in 'score','plot_confusion','encode','from_static_model': assert f'StaticModelForClassification.{what}' in text

def test_around(site, pages):
    "Icon, description, a copy of each page for language models, a page of results for each benchmark, notebooks to download"
    for name,page in pages.items(): assert any('favicon' in o for o in page.loads), name
    index = (site/'llms.txt').read_text(encoding='utf-8')
    assert 'inference.llms.md' in index and (site/'inference.llms.md').exists()
    assert (site/'images'/'favicon.svg').exists() and (site/'images'/'speed_quality.png').exists() and (site/'images'/'card.png').exists()
    assert {o.stem for o in results.benchmarks.glob('*.json')} <= pages['results.html'].ids
    for where,lm in ('notebooks/inference.ipynb', False),('notebooks/tutorials/tune_and_chat.ipynb', True):
        code = [''.join(c['source']) for c in json.loads((site/where).read_text(encoding='utf-8'))['cells'] if c['cell_type']=='code']
        assert 'pip' in code[0] and ('smollm2' in code[0]) >= lm

# -- in a browser

@pytest.fixture(scope='module')
def address(site):
    "The site behind a server of this machine: search asks for a file"
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *args): pass
    server = ThreadingHTTPServer(('127.0.0.1', 0), functools.partial(Quiet, directory=str(site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f'http://127.0.0.1:{server.server_port}/'
    server.shutdown()

cut = "[...document.querySelectorAll('main pre')].filter(o => o.offsetParent && o.scrollWidth > o.clientWidth+1).length"

def test_every_page(address, pages, open_page):
    "On a desktop and as narrow as a phone no code is cut off and nothing sticks out sideways, and no page is endless"
    page,wrong = open_page(address),[]
    for name in pages:
        page.set_viewport_size(dict(width=1280, height=800))
        page.goto(address+name, wait_until='domcontentloaded')
        height = page.evaluate('document.documentElement.scrollHeight')
        if height>15_000: wrong.append(f'{name}: {height} pixels high')
        for width in 1280,390:
            page.set_viewport_size(dict(width=width, height=800))
            n = page.evaluate(cut)
            if n: wrong.append(f'{name}: {n} blocks of code are cut off at {width} pixels')
            wrong += [f'{name}: {o} is too wide for {width} pixels' for o in too_wide(page)[:1]]
    assert not wrong, wrong

def test_dark(address, open_page):
    "A page is dark where the system asks for it, and says so to pictures and code"
    def luma(dark):
        page = open_page(address+'classifier.html', dark=dark)
        page.wait_for_function("document.readyState === 'complete'")
        r,g,b = map(int, re.findall(r'\d+', page.evaluate('getComputedStyle(document.body).backgroundColor'))[:3])
        return 0.3*r+0.6*g+0.1*b
    assert luma(True)<80<180<luma(False)

def hits(page, question):
    "The search's first three hits, as links, once they are there"
    found = page.locator('.search-result, .search-none, .aa-Item a')
    page.evaluate("document.querySelectorAll('.search-result, .search-none, .aa-Item').forEach(o => o.remove())")
    page.locator('.smalldocs-search input, #quarto-search input').first.fill(question)
    found.first.wait_for()  # all come at once
    return [o.get_attribute('href') for o in found.all()[:3]]

def test_contrast(address, open_page):
    "On a light page and on a dark one all text can be read: prose, code, bars, and what the search finds"
    for dark in False,True:
        page = open_page(address+'classifier.html', dark=dark)
        hits(page, 'encode')
        page.wait_for_function(f"document.documentElement.classList.contains('quarto-dark') === {str(dark).lower()}")
        page.evaluate('Promise.all(document.getAnimations().map(o => o.finished))')
        assert not hard_to_read(page)

questions = {'encode': 'inference.html', 'semantic search': 'search_texts.html', 'multi-label': 'classifier.html', 'save a model': 'inference.html',
             'serve': 'serve|pipeline', 'few labels': 'few_labels.html|classifier.html', 'chat': 'chat.html', 'GPU': 'index.html|distillation.html|torch_extras.html',
             'predict': 'classifier.html|pipeline.html|prediction.html', 'onnx': 'onnx'}

def test_search(address, open_page):
    "What a user would type finds its page in the first three hits"
    page = open_page(address)
    found = {o: hits(page, o) for o in questions}
    there = {q: where for q,where in questions.items() if q!='onnx' or (docs.site/'onnx_export.html').exists()}
    wrong = {q: found[q] for q,where in there.items() if not any(re.search(where, o or '') for o in found[q])}
    assert not wrong, wrong
