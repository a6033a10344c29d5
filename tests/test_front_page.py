"The front page says what was measured, the sidebar leads to every page, and a package index shows what the repository shows"
import re, runpy, sys
from pathlib import Path
import nbformat, pytest, setuptools

root = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(root/'tools'))
import docs, pages, results

def test_figures_are_measured():
    "The front page's table and pictures are those of the committed benchmarks"
    cell = results.front_cell(nbformat.read(results.index, 4))
    assert cell['source']==results.front_text(), 'run make docs'
    assert {results.drawn_of(results.images/o) for o in results.pictures}=={results.digest()}, 'run make docs'

def test_claims():
    "Sizes and speed in the first paragraph are those that were measured"
    text = (root/'README.md').read_text(encoding='utf-8')
    sizes = [o['mb'] for o in results.measured('corpus')['sizes']]
    assert f'{min(sizes):.0f} to {max(sizes):.0f} megabytes' in text
    assert 'tens of thousands of texts a second on one core' in text
    assert min(o['texts_per_s'] for o in results.measured('corpus')['sizes'])>10_000

def test_results(tmp_path):
    "Each benchmark has its place on the page of results, with machine, versions and date"
    text = results.page(tmp_path)
    for o in results.benchmarks.glob('*.json'): assert f'{{#{o.stem}}}' in text
    parts = re.split(r'^## ', text, flags=re.M)[1:]
    assert not [o.splitlines()[0] for o in parts if not re.search(r'\bcores of\b.*Python 3.*\d{4}-\d\d-\d\d', o)]
    assert {o.stem.removeprefix('results_') for o in tmp_path.glob('*.png')}==set(results.plots)

def test_sidebar():
    "Every notebook has its line, every line its notebook, and nbdev and Quarto find the same file in nbs/"
    text = (root/'_quarto.yml').read_text(encoding='utf-8')
    assert (root/'nbs'/'_quarto.yml').read_text(encoding='utf-8')==text, 'run make docs, or copy _quarto.yml to nbs/'
    lines = [o for o,_ in docs.sidebar()]
    notebooks = {p.relative_to(docs.nbs).as_posix() for p in docs.nbs.rglob('*.ipynb') if '.ipynb_checkpoints' not in p.parts}
    assert {o for o in lines if o.endswith('.ipynb')}==notebooks
    assert len(set(pages.page_names(docs.nbs).values()))==len(notebooks), 'two notebooks would have the same page'

@pytest.mark.parametrize('url', ['', 'https://example.org/them/it'])
def test_package_index(url, monkeypatch):
    "Pictures and links of the README lead somewhere from a package index too, or are not there"
    said = {}
    monkeypatch.setattr(setuptools, 'setup', said.update)
    config = runpy.run_path(str(root/'setup.py'))
    config['cfg']['git_url'] = url
    text = config['long_description']()
    assert not re.findall(r'\]\((?!https?:|#)[^)]*\)', text)
    assert bool(re.search(r'!\[[^]]*\]\(https://example.org/them/it/raw/main/nbs/images/speed_quality.png\)', text))==bool(url)
    assert said['long_description_content_type']=='text/markdown'

def test_formulas():
    "TeX becomes MathML, and what would draw it from another server is taken out"
    s = pages.mathml('<link rel="stylesheet" href="https://cdn/katex.min.css"><script src="https://cdn/katex.min.js" defer></script>'
                    r'<p><span class="math inline">\(10^{-12}\)</span> &lt; <span class="math display">\[a \lt b\]</span></p>')
    assert s.count('<math')==2 and 'katex' not in s and '<msup>' in s and '&lt; ' in s

def test_only_tests_are_folded():
    from fastcore.nbio import mk_cell
    def folded(s): return 'code-fold' in pages.fold(mk_cell(s)).source
    assert folded('test_eq(1, 1)\nfor o in 1,2: test_eq(o, o)') and folded('x = 1\ntest_eq(x, 1)\nassert x')
    assert not any(map(folded, ['x = 1\ntest_eq(x, 1)', 'print(1)', 'for o in 1,2: print(o)']))
