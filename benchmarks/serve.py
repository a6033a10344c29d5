"""Requests a second of `lifecycle_serve` beside model2vec behind the same framework, and a minute of load

Both sides are Starlette and uvicorn with the same body, the same JSON and the same static model; the other side asks model2vec
for each request by itself, in the event loop, which is the fastest way without batches. Clients are an asyncio process of raw
sockets, so that they cost little. Writes `serve.md` and `serve.json`; `python benchmarks/serve.py --short` is a trial that writes nothing."""
import asyncio, json, os, statistics, subprocess, sys, time
from itertools import cycle, islice
from pathlib import Path
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks._common import here, machine, make_student, model_folder, root, table
from tests.assets import bbc

short = '--short' in sys.argv
runs = 1 if short else 3
seconds = 1. if short else 3.
minute = 3. if short else 60.
clients = 1, 8, 64
sizes = 1, 32  # texts of a request

peer = '''
import orjson, socket, sys, uvicorn
from base64 import b64encode
from model2vec import StaticModel
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route
model = StaticModel.from_pretrained(sys.argv[1])
async def embeddings(request):
    body = orjson.loads(await request.body())
    vectors = model.encode(body["input"])
    data = [dict(object="embedding", index=i, embedding=b64encode(v.astype("<f4").tobytes()).decode()) for i,v in enumerate(vectors)]
    return Response(orjson.dumps(dict(object="list", data=data, model="m", usage=dict(prompt_tokens=0, total_tokens=0))), media_type="application/json")
app = Starlette(routes=[Route("/v1/embeddings", embeddings, methods=["POST"])])
sock = socket.create_server(("127.0.0.1", 0), backlog=2048)
print(f"http://127.0.0.1:{sock.getsockname()[1]} serves", flush=True)
uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False, lifespan="off", server_header=False, proxy_headers=False)).run([sock])
'''
ours = ("import sys; sys.argv[0] = 'lifecycle_serve'; from model_lifecycle.serve import lifecycle_serve; lifecycle_serve()")
sides = dict(ours=[sys.executable, '-c', ours, str(model_folder), '--port', '0'], model2vec=[sys.executable, '-c', peer, str(model_folder)])

def start(side):
    "A fresh server of a side, and its port"
    env = os.environ | dict(HF_HUB_OFFLINE='1', TQDM_DISABLE='1', OMP_NUM_THREADS='1', PYTHONPATH=str(root))
    process = subprocess.Popen(sides[side], stdout=subprocess.PIPE, text=True, env=env)
    return process, int(process.stdout.readline().split()[0].rsplit(':', 1)[1])

def requests(texts, n):
    "Requests of `n` texts each, as bytes, again and again"
    texts = cycle(texts)
    made = []
    for _ in range(max(64, 2048//n)):
        body = json.dumps(dict(model=model_folder.name, input=list(islice(texts, n)), encoding_format='base64')).encode()
        made.append(b'POST /v1/embeddings HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n' % len(body)+body)
    return cycle(made)

async def client(port, made, until, times):
    "One client, which asks again as soon as it has its answer; how many answers were not whole, or not 200"
    lost = 0
    try:
        reader,writer = await asyncio.open_connection('127.0.0.1', port, limit=2**24)
        while time.perf_counter() < until:
            begin = time.perf_counter()
            writer.write(next(made))
            head = await reader.readuntil(b'\r\n\r\n')
            length = int(head[head.lower().index(b'content-length:')+15:].split(b'\r\n', 1)[0])
            body = await reader.readexactly(length)
            lost += not head.startswith(b'HTTP/1.1 200') or not body.endswith(b'}')
            times.append(time.perf_counter()-begin)
        writer.close()
    except (OSError, EOFError): return lost+1  # the server has gone, or has closed the connection
    return lost

def cpu_seconds(process):
    "Seconds of a processor that a process has had"
    fields = Path(f'/proc/{process.pid}/stat').read_text().rsplit(')', 1)[1].split()
    return (int(fields[11])+int(fields[12]))/os.sysconf('SC_CLK_TCK')

async def load(process, port, texts, n_clients, n_texts, secs):
    "Requests a second, milliseconds at which half and 99 of 100 are answered, those of a processor for each (the server's, and the clients'), and how many were lost"
    made,times = requests(texts, n_texts),[]
    used,own,begin = cpu_seconds(process),time.process_time(),time.perf_counter()
    lost = await asyncio.gather(*(client(port, made, begin+secs, times) for _ in range(n_clients)))
    spent = time.perf_counter()-begin
    cuts = statistics.quantiles(times, n=100)
    each = (cpu_seconds(process)-used)/len(times)*1000
    asking = (time.process_time()-own)/len(times)*1000
    return dict(rate=len(times)/spent, cpu=each, client=asking, busy=asking*len(times)/spent/1000, p50=cuts[49]*1000, p99=cuts[98]*1000, lost=sum(lost), n=len(times))

def memory(process):
    "Megabytes that a process has in memory"
    status = Path(f'/proc/{process.pid}/status').read_text()
    return int(status.split('VmRSS:')[1].split()[0])/1024

def measure(kinds):
    "Each side in turn, in a fresh process, for each number of clients and of texts"
    found = {}
    for run in range(runs):
        for side in sides:
            process,port = start(side)
            try:
                for kind,texts in kinds.items():
                    asyncio.run(load(process, port, texts, 8, 32, min(seconds, 1)))  # both know the words by now
                    for n in sizes:
                        for c in clients:
                            res = asyncio.run(load(process, port, texts, c, n, seconds))
                            found.setdefault(f'{kind} {n} {c} {side}', []).append(res)
                            print(run, side, kind, n, c, {k: round(v, 1) for k,v in res.items()}, flush=True)
            finally:
                process.terminate()
                process.wait()
    return {k: {f: statistics.median(o[f] for o in v) for f in v[0]} for k,v in found.items()}

def endure(texts):
    "A minute of 64 clients: memory after each sixth of it, and what was lost"
    process,port = start('ours')
    try:
        asyncio.run(load(process, port, texts, 64, 1, minute/6))  # warm
        used,lost,n = [memory(process)],0,0
        for _ in range(6):
            res = asyncio.run(load(process, port, texts, 64, 1, minute/6))
            lost += res['lost']
            n += res['n']
            used.append(memory(process))
        process.terminate()
        return dict(n=n, lost=lost, memory=used, code=process.wait())
    finally: process.kill()

def report(found, minutes):
    def cell(kind, n, c, side):
        o = found[f'{kind} {n} {c} {side}']
        return f"{o['rate']:,.0f}/s, {o['p50']:.1f} and {o['p99']:.1f} ms, {o['cpu']:.2f} ms"
    rows = []
    for key in [k for k in found if k.endswith(' ours')]:
        kind,n,c,_ = key.rsplit(' ', 3)
        ratio = found[key]['rate']/found[f'{kind} {n} {c} model2vec']['rate']
        work = found[f'{kind} {n} {c} model2vec']['cpu']/found[key]['cpu']
        rows.append([kind, n, c, cell(kind, n, c, 'ours'), cell(kind, n, c, 'model2vec'), f'{ratio:.1f} ×', f'{work:.1f} ×'])
    used = ', '.join(f'{o:.0f}' for o in minutes['memory'])
    most = max(o['busy'] for o in found.values())
    return f"""# Serving embeddings

`lifecycle_serve` beside model2vec behind the same framework (Starlette, uvicorn), without batches: the same static model of all-MiniLM-L6-v2,
the same bodies and the same base64 answers. Both read and write JSON with orjson; model2vec's side is a route of the framework, ours a gate ahead of its routes.
Each client asks again as soon as it has its answer; the clients run on the same machine.
Requests a second, and the time within which half of them and 99 of 100 are answered, and the time of a processor that the server takes for one; medians of {runs} runs of {seconds:g} s, the sides in turn, each in a fresh process.
The clients have a processor of their own, of which they use {100*most:.0f}% at most.

{table(['texts', 'in a request', 'clients', 'lifecycle_serve', 'model2vec', 'requests', 'work'], rows)}
{minute:g} s of load by 64 clients, a headline each: {minutes['n']:,} requests, {minutes['lost']} lost; memory at the start and after each sixth, in MB: {used}; exit code {minutes['code']}.

{machine('starlette', 'uvicorn', 'orjson', 'numpy', 'tokenizers', 'model2vec', 'model_lifecycle')}. Made by `benchmarks/serve.py`.
"""

def main():
    make_student()
    articles = bbc()[0]
    headlines = [o.split('\n')[0] for o in articles]
    found = measure({'headlines': headlines, 'articles': articles})
    minutes = endure(headlines)
    text = report(found, minutes)
    print(text)
    if short: return
    (here/'serve.json').write_text(json.dumps(dict(load=found, minute=minutes), indent=1)+'\n', encoding='utf-8')
    (here/'serve.md').write_text(text, encoding='utf-8')

if __name__ == '__main__': main()
