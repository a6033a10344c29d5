"Embed real texts with this library, model2vec and sentence-transformers, in turn, and write `encode.md` and `encode.json`"
import json, os, re, statistics, subprocess, sys, tempfile, time
from pathlib import Path
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks._common import here, in_turn, machine, make_student, medians, model_folder, table
from tests.assets import bbc, newsgroups

runs = 5
one = 'The striker scored twice in the final minutes of the match.'
names = {'sentences': '100,000 sentences of BBC news', 'articles': '2,225 BBC articles', 'newsgroups': '11,293 posts of 20 Newsgroups'}
sides = {'model_lifecycle': 'model_lifecycle', 'model2vec': 'model2vec, one process', 'model2vec_processes': 'model2vec, its multiprocessing', 'sentence_transformers': 'sentence-transformers'}

def texts(name):
    if name=='newsgroups': return newsgroups('train')[0]
    articles = bbc()[0]
    if name=='articles': return articles
    sents = [s.strip() for a in articles for s in re.split(r'(?<=[.?!])\s+', a) if s.strip()]
    return (sents*3)[:100_000]

def encoder(side):
    "A function that embeds a list of texts as this side does it best"
    if side=='sentence_transformers':
        from sentence_transformers import SentenceTransformer
        return SentenceTransformer(str(model_folder), device='cpu').encode
    if side=='model_lifecycle':
        from model_lifecycle import StaticModel
        return StaticModel.from_pretrained(model_folder).encode
    from model2vec import StaticModel
    m,many = StaticModel.from_pretrained(model_folder),side.endswith('processes')
    return lambda o: m.encode(o, use_multiprocessing=many, multiprocessing_threshold=1000)

def secs(f, *args):
    start = time.perf_counter()
    f(*args)
    return time.perf_counter()-start

def run(side):
    "Seconds of a model's first sight of each data set (cold) and its second (warm), and microseconds of one short text"
    res = {}
    for name in names:
        data,encode = texts(name),encoder(side)
        encode(['Warm the libraries up, not the table.'])
        res |= {f'{name} cold': secs(encode, data), f'{name} warm': secs(encode, data)}
    for _ in range(200): encode(one)
    res['one'] = min(secs(lambda: [encode(one) for _ in range(500)]) for _ in range(5))/500*1e6
    return res

def grow():
    "How time for a text and memory go with the number of texts: new text all along, streamed by `lifecycle_encode`, a fresh process each"
    import random
    words = sorted({w for t in texts('articles') for w in t.split()})
    res = {}
    for n in 10_000, 100_000, 1_000_000:
        with tempfile.TemporaryDirectory() as d:
            rng,sents = random.Random(0),texts('sentences')
            with open(f'{d}/in.txt', 'w', encoding='utf-8') as f:
                for _ in range(n): f.write(rng.choice(sents).replace('\n', ' ')+' '+rng.choice(words)+'\n')
            code = f"import resource, time; from model_lifecycle import lifecycle_encode; s = time.perf_counter(); lifecycle_encode({str(model_folder)!r}, '{d}/in.txt', '{d}/out.npy', quiet=True); print(time.perf_counter()-s, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss/1024)"
            out = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True, env=os.environ|{'HF_HUB_OFFLINE': '1'}).stdout.splitlines()[-1]
            res[n] = dict(zip(('secs', 'memory_mb'), map(float, out.split())))
            print(n, res[n], flush=True)
    return res

def adversarial():
    "Seconds with and without the table of words on texts made to defeat it, in turn: `share` of the words occur once and never again"
    import random
    from model_lifecycle import StaticModel
    common,res = sorted({w for t in texts('articles') for w in t.split()})[:2000],{}
    for share in 1.0, 0.5, 0.3, 0.1:
        rng = random.Random(0)
        data = [' '.join(''.join(rng.choices('abcdefghijklmnopqrstuvwxyz', k=8)) if rng.random()<share else rng.choice(common) for _ in range(20)) for _ in range(50_000)]
        def secs_of(words):
            m = StaticModel.from_pretrained(model_folder)
            m.max_words = words
            m.encode(['Warm the libraries up, not the table.'])
            return secs(m.encode, data)
        pairs = [(secs_of(250_000), secs_of(0)) for _ in range(runs)]
        res[share] = dict(table=statistics.median(a for a,_ in pairs), plain=statistics.median(b for _,b in pairs))
        print(share, res[share], flush=True)
    return res

def report(res, growth, worst):
    med = {s: medians(r) for s,r in res.items()}
    ours,peers = med['model_lifecycle'],[s for s in med if s!='model_lifecycle']
    def row(key, unit='s', digits=2):
        best = min(med[s][key] for s in peers if s.startswith('model2vec'))
        return [f'{ours[key]:.{digits}f} {unit}', *(f'{med[s][key]:.{digits}f} {unit}' for s in peers), f'{best/ours[key]:.1f} ×']
    rows = [[f'{t}, {k}', *row(f'{n} {k}')] for n,t in names.items() for k in ('cold', 'warm')]+[['one short sentence', *row('one', 'µs', 0)]]
    hard = [[f'{float(share):.0%}', f"{g['plain']:.2f} s", f"{g['table']:.2f} s", f"{g['table']/g['plain']:.2f} ×"] for share,g in worst.items()]
    grown = [[f'{n:,}', f"{g['secs']:.2f} s", f"{g['secs']/n*1e6:.2f} µs", f"{g['memory_mb']:.0f} MB"] for n,g in growth.items()]
    return f"""# Embedding texts

The same static model of all-MiniLM-L6-v2 (29,525 tokens, 256 dimensions, float16) in each library. Medians of {runs} runs, the sides in turn, each in a
fresh process. *Cold* is a model's first sight of the texts, *warm* its second. The last column compares with the better of model2vec's two ways.

{table(['', *sides.values(), 'faster than model2vec'], rows)}
Streaming from a text file to an `.npy` file with `lifecycle_encode`, loading the model included:

{table(['texts', 'time', 'for each', 'peak memory'], grown)}
Texts made to defeat the table of words: 50,000 texts of 20 words, a share of which are random letters that never come again. Medians of {runs} runs, in turn:

{table(['words that never come again', 'without a table', 'with it', ''], hard)}
{machine('torch', 'tokenizers', 'pyarrow', 'model2vec', 'sentence-transformers', 'model_lifecycle')}. Made by `benchmarks/encode.py`.
"""

def main():
    make_student()
    res,growth,worst = in_turn(__file__, dict.fromkeys(sides, sys.executable), runs),grow(),adversarial()
    (here/'encode.json').write_text(json.dumps(dict(runs=res, growth=growth, adversarial=worst), indent=1)+'\n', encoding='utf-8')
    text = report(res, growth, worst)
    (here/'encode.md').write_text(text, encoding='utf-8')
    print(text)

if __name__=='__main__': print(json.dumps(run(sys.argv[1]))) if len(sys.argv)>1 else main()
