"Embed a folder of Parquet with `lifecycle_encode`, as it is and with `--engine ray`, in turn; `passes.md` and `passes.json` say what Ray costs, and what a billion texts do"
import json, os, random, re, shutil, statistics, sys, tempfile, time
from pathlib import Path
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks._common import here, in_turn, machine, make_student, model_folder, table
from tests.assets import bbc

n_texts = int(os.environ.get('PASSES_TEXTS', 1_000_000))
runs,n_parts = 3,16
sides = dict(local='without Ray', ray='with Ray', start='with Ray, no texts')
place = Path(tempfile.gettempdir())/'model_lifecycle_passes'
core_hour = 0.05 # dollars, about what a cloud asks for a core on demand

def make_texts():
    "Parts of new text all along: sentences of news, each with a word more"
    import pyarrow as pa
    from pyarrow import parquet
    sents = [s.strip() for a in bbc()[0] for s in re.split(r'(?<=[.?!])\s+', a) if s.strip()]
    words = sorted({w for s in sents for w in s.split()})
    rng = random.Random(0)
    for name,n in dict(texts=n_texts//n_parts, none=0).items():
        (place/name).mkdir(parents=True, exist_ok=True)
        for i in range(n_parts):
            texts = [rng.choice(sents)+' '+rng.choice(words) for _ in range(n)]
            parquet.write_table(pa.table(dict(text=pa.array(texts, pa.string()))), place/name/f'part-{i:02}.parquet')

def run(side):
    "Seconds of the command and of all processes' cores, starting and loading included"
    start,before = time.perf_counter(),os.times()
    from model_lifecycle import lifecycle_encode
    source = place/('none' if side=='start' else 'texts')
    if side=='local': lifecycle_encode(str(model_folder), str(source/'*.parquet'), str(place/'out.parquet'), quiet=True)
    else:
        lifecycle_encode(str(model_folder), str(source), str(place/'out'), engine='ray', quiet=True)
        import ray
        ray.shutdown()  # only then its processes count
    secs,after = time.perf_counter()-start,os.times()
    written = sum(o.stat().st_size for o in place.glob('out*/*.parquet'))+sum(o.stat().st_size for o in place.glob('out.parquet'))
    shutil.rmtree(place/'out', ignore_errors=True)
    (place/'out.parquet').unlink(missing_ok=True)
    return dict(secs=secs, cpu=sum(after[:4])-sum(before[:4]), bytes=written)

def billion(secs, start, n_bytes, cores):
    "What a billion texts take, from the seconds of `n_texts` on so many cores, a worker each"
    rate = n_texts/(secs-start)/cores
    hours = 1e9/rate/3600
    return dict(rate=rate, core_hours=hours, workers_hour=-(-hours//1), workers_ten_minutes=-(-6*hours//1),
                dollars=hours*core_hour, terabytes=n_bytes/n_texts*1e9/1e12, megabytes_s=rate*n_bytes/n_texts/1e6)

def report(med, big):
    rows = [[name, f"{med[side]['secs']:.1f} s", f"{med[side]['secs']/med['local']['secs']:.2f} ×", f"{med[side]['cpu']:.1f} s", f"{med[side]['bytes']/1e6:,.0f} MB"] for side,name in sides.items()]
    return f"""# Passes over folders

`lifecycle_encode` on {n_texts:,} texts in {n_parts} Parquet files, each a sentence of BBC news and one word more, with a static model of all-MiniLM-L6-v2
(256 dimensions), on all cores of one machine. Without Ray threads share the model and one file is written; with Ray each core is a worker that
writes a file for each part. Medians of {runs} runs, in turn, each in a fresh process, with imports and loading; the last side is what Ray takes to start, to
load the model in every worker and to stop.

{table(['', 'time', 'of that without Ray', 'time of cores', 'written'], rows)}
A worker embeds {big['rate']:,.0f} texts a second. So a billion take {big['core_hours']:,.1f} core hours, about ${big['dollars']:,.2f} at ${core_hour} for each:
{big['workers_hour']:,.0f} workers for an hour, or {big['workers_ten_minutes']:,.0f} for ten minutes, with {big['terabytes']:.1f} TB to write, {big['megabytes_s']:.0f} MB a second
for each worker.

{machine('ray', 'pyarrow', 'numpy', 'tokenizers', 'model_lifecycle')}. Made by `benchmarks/passes.py`.
"""

def main():
    make_student()
    make_texts()
    try: res = in_turn(__file__, dict.fromkeys(sides, sys.executable), runs)
    finally: shutil.rmtree(place, ignore_errors=True)
    med = {side: {k: statistics.median(o[k] for o in rows) for k in rows[0]} for side,rows in res.items()}
    big = billion(med['ray']['secs'], med['start']['secs'], med['ray']['bytes'], os.cpu_count())
    (here/'passes.json').write_text(json.dumps(dict(texts=n_texts, cores=os.cpu_count(), core_hour=core_hour, runs=res, billion=big), indent=1)+'\n', encoding='utf-8')
    text = report(med, big)
    (here/'passes.md').write_text(text, encoding='utf-8')
    print(text)

if __name__=='__main__': print(json.dumps(run(sys.argv[1]))) if len(sys.argv)>1 else main()
