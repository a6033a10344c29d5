"""P-tuning of SmolLM2-135M-Instruct beside PEFT: what it learns of 960 review snippets, how fast it trains, and how much memory it takes

Trainings run two at a time, with a thread each. A run is long, so each training's result is kept in `.cache/bench/ptune.jsonl` until all are there, and an interrupted run goes on;
`python benchmarks/ptune.py report` writes the table of what is there, and `python benchmarks/ptune.py again 'text start' 'speed both'` measures these sides once more and keeps the others."""
import json, os, random, resource, statistics, subprocess, sys, time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import torch, torch.nn.functional as F
from benchmarks._common import here, machine, root, table
from model_lifecycle.ptuning_trainer import PromptCollator, PromptFormat, PTuningModel, best_instruction
from tests import assets
from transformers import AutoModelForCausalLM, AutoTokenizer

steps,bs,virtual,n_eval,seeds,lengths = 120,8,64,300,(0,1,2),(8,16,32)
clear = 1.  # smallest size of a mean rating, from -4 to 4, that counts: weaker ones are raters who disagree
rates = {'text start': (0.01, 0.003), 'PEFT LoRA': (1e-3, 3e-4), 'random start': (0.03, 0.01), 'PEFT prefix': (0.01, 0.03)}  # the better on the validation split
fmt,labels = PromptFormat(template='Review: {prompt}\nSentiment:'),(' negative', ' positive')
store,folder = root/'.cache'/'bench'/'ptune.jsonl',root/'.cache'/'bench'/'smollm2'

def save_base():
    "The model of the GGUF file as safetensors, which load in a second"
    if (folder/'model.safetensors').is_file(): return
    where,gguf = assets.smollm2()
    model,tok = (o.from_pretrained(where, gguf_file=gguf, **kw) for o,kw in ((AutoModelForCausalLM, dict(dtype=torch.float32)), (AutoTokenizer, {})))
    if hasattr(model.config, 'quantization_config'): del model.config.quantization_config
    model.is_quantized,model.hf_quantizer = False,None
    model.save_pretrained(folder); tok.save_pretrained(folder)

def base(): return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32),AutoTokenizer.from_pretrained(folder)

def snippets():
    "Test, validation and training snippets, {prompt, response, clear}: the label is the sign of the mean rating; `n_eval` clear ones in test and in validation, with those between them, and only clear ones to train on"
    rows = [dict(prompt=t, response=labels[r>0], clear=abs(r)>=clear) for r,t in assets.vader('reviews') if r]
    random.Random(42).shuffle(rows)
    at = [i for i,o in enumerate(rows) if o['clear']]
    a,b = at[n_eval],at[2*n_eval]
    return rows[:a],rows[a:b],[o for o in rows[b:] if o['clear']]

def encode(rows, tok):
    "Tokens, with the answer's alone to be learnt: no end token"
    return [dict(prompt_ids=fmt.ids(tok, o['prompt'])[0], answer_ids=tok(o['response'])['input_ids'], clear=o['clear']) for o in rows]

def by_length(rows, size=bs, seed=None):
    "Batches of rows of like length, among 40 batches at a time; in order of length without a seed"
    length = lambda o: len(o['prompt_ids'])
    if seed is None: rows = sorted(rows, key=length)
    chunks = [sorted(rows[i:i+40*size], key=length) for i in range(0, len(rows), 40*size)]
    batches = [c[i:i+size] for c in chunks for i in range(0, len(c), size)]
    if seed is not None: random.Random(seed).shuffle(batches)
    return batches

def tuned(side, model, tok, train, seed, virtual=virtual):
    "The model of a side, ready to train"
    torch.manual_seed(seed)
    if side=='text start': return PTuningModel.from_base(model, virtual, tok, best_instruction(model, train, fmt, tok, virtual, seed=seed))
    if side=='random start': return PTuningModel.from_base(model, virtual, tok, seed=seed)
    if side=='untuned': return model
    import peft
    if side=='PEFT LoRA': return peft.get_peft_model(model, peft.LoraConfig(task_type='CAUSAL_LM', r=8))
    return peft.get_peft_model(model, peft.PrefixTuningConfig(task_type='CAUSAL_LM', num_virtual_tokens=virtual))

def inputs(rows, tok): return {k: v for k,v in PromptCollator(tok)(rows).items() if not k.startswith('prompt_')}

@torch.no_grad()
def accuracy(model, tok, rows):
    "How often the right one of the two answers has the larger logit: for clear snippets, and for all"
    right,ids = {True:[], False:[]},torch.tensor([tok(o)['input_ids'][0] for o in labels])
    model.eval()
    for batch in by_length(rows, 20):
        xb = inputs(batch, tok)
        want = xb.pop('labels')
        if isinstance(model, PTuningModel): logits = model(**xb, labels=want).logits
        else:
            ends = (want[:,1:]!=-100).nonzero()
            full = model(**xb).logits
            logits = full[ends[:,0], ends[:,1]]
        for o,ok in zip(batch, (ids[logits[:,ids].argmax(1)]==want[want!=-100]).tolist()): right[o['clear']].append(ok)
    return statistics.mean(right[True]),statistics.mean(right[True]+right[False])

def train(side, lr, seed, n_steps, virtual):
    "One training: losses of its steps, and accuracy on the test split, and on the validation split for the first seed"
    model,tok = base()
    test,val,rest = snippets()
    rows = random.Random(seed).sample(rest, bs*max(n_steps, 1))
    model = tuned(side, model, tok, rows, seed, virtual)
    key = dict(side=side, lr=lr, seed=seed, steps=n_steps, virtual=virtual)
    if side=='untuned': return key | dict(losses=[], test=accuracy(model, tok, encode(test, tok)), val=accuracy(model, tok, encode(val, tok)))
    opt = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=lr, weight_decay=0.)
    sched = torch.optim.lr_scheduler.LambdaLR(opt, lambda i: min(1, (i+1)/(0.05*n_steps))*max(0.05, 1-i/n_steps))
    losses,start = [],time.perf_counter()
    for batch in by_length(encode(rows, tok), seed=seed)[:n_steps]:
        model.train()
        loss = model(**inputs(batch, tok)).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.)
        opt.step(); sched.step(); opt.zero_grad()
        losses.append(round(loss.item(), 4))
    secs = time.perf_counter()-start
    res = {k: accuracy(model, tok, encode(o, tok)) for k,o in dict(val=val, test=test).items() if n_steps==steps and (k=='test' or seed==seeds[0])}
    return key | dict(losses=losses, secs=round(secs, 1)) | res

def kept(): return [json.loads(o) for o in store.read_text().splitlines()] if store.is_file() else []

def again(sides):
    "Put the last run's results back into the store, but those of some sides"
    rows = json.loads((here/'ptune.json').read_text())['runs']
    if odd := set(sides)-{o['side'] for o in rows}: sys.exit(f"There is no {', '.join(sorted(odd))} among {', '.join(sorted({o['side'] for o in rows}))}")
    store.write_text(''.join(json.dumps(o)+'\n' for o in rows if o['side'] not in sides))

def result(side, lr, seed, n_steps=steps, virtual=virtual):
    "A training's result, from the store or from a fresh process"
    key = dict(side=side, lr=lr, seed=seed, steps=n_steps, virtual=virtual)
    for o in kept():
        if key.items()<=o.items(): return o
    out = subprocess.run([sys.executable, __file__, 'train', *map(str, key.values())], capture_output=True, text=True, env=os.environ|dict(OMP_NUM_THREADS='1'))
    if out.returncode: raise RuntimeError(f'{side} failed:\n{out.stderr[-3000:]}')
    return keep(json.loads(out.stdout.splitlines()[-1]))

def keep(res):
    with open(store, 'a') as f: f.write(json.dumps(res)+'\n')
    print({k: v for k,v in res.items() if k!='losses'}, flush=True)
    return res

def best_rate(side):
    "The learning rate with the better validation accuracy for the first seed, then the lower loss at the end"
    rows = [o for o in kept() if (o['side'], o['seed'], o['steps'], o.get('virtual'))==(side, seeds[0], steps, virtual)]
    return max(rows, key=lambda o: (o['val'][0], -statistics.mean(o['losses'][-20:])))['lr']

def peak(side):
    "Peak memory in MB that a step of 16 x 256 tokens adds, and its loss"
    model,tok = base()
    model = tuned('random start' if side.startswith('ours') else side, model, tok, None, 0)
    if side=='ours, checkpointing': model.gradient_checkpointing_enable()
    model.train()
    ids = torch.randint(17, 49152, (16, 256), generator=torch.Generator().manual_seed(0))
    want = ids.clone(); want[:,:-16] = -100
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    loss = model(input_ids=ids, attention_mask=torch.ones_like(ids), labels=want).loss
    loss.backward()
    return dict(mb=(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss-before)/1024, loss=loss.item())

def speed(_):
    "Steps a second of both sides on the same batches of mixed length, in turn, and the median of the batches' ratios; PEFT's mask, positions and head are its own"
    batches,secs = None,{'random start':[], 'PEFT prefix':[]}
    models = {}
    for side in secs:
        model,tok = base()
        models[side] = tuned(side, model, tok, None, 0).train()
        batches = batches or [inputs(o, tok) for o in by_length(encode(random.Random(1).sample(snippets()[2], bs*25), tok), seed=1)]
    for i,xb in enumerate(batches):
        for side in sorted(secs, reverse=i%2):
            start = time.perf_counter()
            models[side](**xb).loss.backward()
            if i: secs[side].append(time.perf_counter()-start)  # the first warms up
    return {k: len(v)/sum(v) for k,v in secs.items()} | dict(batches=len(batches)-1, ratio=statistics.median(b/a for a,b in zip(*secs.values())))

def start(_):
    "Seconds that choosing a text start takes, and steps a second behind it, with all cores"
    model,tok = base()
    rows = random.Random(seeds[0]).sample(snippets()[2], bs*steps)
    begin = time.perf_counter()
    model = tuned('text start', model, tok, rows, seeds[0]).train()
    secs = [time.perf_counter()-begin]
    for batch in by_length(encode(rows, tok), seed=seeds[0])[:20]:
        begin = time.perf_counter()
        model(**inputs(batch, tok)).loss.backward()
        secs.append(time.perf_counter()-begin)
    return dict(secs=secs[0], steps_a_second=1/statistics.mean(secs[2:]))  # the first step warms up

def measured(kind, side):
    for o in kept():
        if o['side']==f'{kind} {side}': return o
    out = subprocess.run([sys.executable, __file__, kind, side], capture_output=True, text=True)
    if out.returncode: sys.exit(f'{kind} failed:\n{out.stderr[-3000:]}')
    return keep(dict(side=f'{kind} {side}', lr=None, seed=None, steps=None, **json.loads(out.stdout.splitlines()[-1])))

peaks = 'PEFT prefix','ours','ours, checkpointing'

def report():
    "Table, JSON and what is missing"
    rows = kept()
    runs = [o for o in rows if o['steps']==steps and o['side'] in rates]
    lines,summary = [],{}
    for side in rates:
        first = [o for o in runs if o['side']==side and o['seed']==seeds[0] and o['virtual']==virtual]
        if not first: continue
        lr = best_rate(side)
        mine = [o for o in runs if (o['side'], o['lr'], o['virtual'])==(side, lr, virtual)]
        m = lambda f: statistics.mean(map(f, mine))
        summary[side] = s = dict(lr=lr, seeds=len(mine), val={o['lr']: o['val'][0] for o in first}, test=[o['test'][0] for o in mine], test_all=m(lambda o: o['test'][1]), loss_25=m(lambda o: statistics.mean(o['losses'][20:30])),
                             loss_end=m(lambda o: statistics.mean(o['losses'][-20:])))
        tried = ', '.join(f"{o['lr']:g}: {o['val'][0]:.3f}" for o in sorted(first, key=lambda o: o['lr']))
        lines.append([side, tried, f'{lr:g}', f"{s['loss_25']:.3f}", f"{s['loss_end']:.3f}", ', '.join(f'{o:.3f}' for o in s['test']), f"**{statistics.mean(s['test']):.3f}**", f"{s['test_all']:.3f}"])
    start = next((o for o in rows if o['side']=='start both'), None)
    by_length = {o['virtual']: o['test'][0] for o in runs if o['side']=='text start' and o['seed']==seeds[0] and o['lr']==summary['text start']['lr']}
    plain = next((o for o in rows if o['side']=='untuned'), None)
    long = next((o for o in rows if o['side']=='PEFT prefix' and o['steps']==200), None)
    rate = next((o for o in rows if o['side']=='speed both'), None)
    mem = {o['side'][5:]: o for o in rows if o['side'].startswith('peak ')}
    text = ['# P-tuning of SmolLM2-135M-Instruct, beside PEFT', '', 'What it learns of 960 review snippets, how fast it trains, and how much memory it takes.', '', machine('torch', 'transformers', 'peft')+'.', '',
            f'Review snippets of VADER, answered with " positive" or " negative"; the label is the sign of the mean human rating, and only snippets rated {clear:g} or more on either side are trained on and counted, but for the last column, which adds the weaker ones between them. '
            f'{steps} steps of batch {bs}, loss on the answer alone, {virtual} virtual tokens, AdamW with warm-up and linear decay for all; of two learning rates, the one with the better accuracy on {n_eval} validation snippets with the first seed; accuracy on {n_eval} test snippets. LoRA is of rank 8 on the default layers of PEFT, whose prefix tuning was run with the first seed only'
            + (f"; untuned: {plain['test'][0]:.3f}, {plain['test'][1]:.3f} with unclear snippets, {plain['val'][0]:.3f} on validation." if plain else '.'), '',
            (f"A text start is the best of 16 instructions made of training snippets, by the loss of other training snippets' answers. Choosing it took {start['secs']:.0f} s, as long as {start['secs']*start['steps_a_second']:.0f} steps, which are not counted among the {steps}.\n" if start else ''),
            table(['side', 'validation accuracy of learning rates', 'chosen', 'loss, steps 21-30', 'loss, last 20 steps', 'test accuracy of seeds', 'mean', 'with unclear snippets'], lines)]
    if len(by_length)>1: text += ['A text start of fewer virtual tokens, first seed:\n', table(['virtual tokens', 'test accuracy'], [[k, f'{by_length[k]:.3f}'] for k in sorted(by_length)])]
    if long: text.append(f"PEFT's prefix tuning after 200 steps at {long['lr']:g}: loss {statistics.mean(long['losses'][-20:]):.3f} over the last 20.\n")
    if rate: text.append(f"Steps a second on {rate['batches']} batches of mixed length, each taken by both sides in turn, with all cores: {rate['random start']:.2f} here, {rate['PEFT prefix']:.2f} with PEFT; the median batch is {rate['ratio']:.2f} times as fast here.\n")
    if mem: text.append(table(['a step of 16 x 256 tokens', 'peak memory it adds, MB', 'loss'], [[k, f"{o['mb']:,.0f}", f"{o['loss']:.6f}"] for k,o in mem.items()]))
    if mem: text.append("The losses are before any training, of random tokens: PEFT's prefix starts from random numbers, ours from random tokens.\n")
    (here/'ptune.md').write_text('\n'.join(text))
    (here/'ptune.json').write_text(json.dumps(dict(machine=machine('torch', 'transformers', 'peft'), untuned=plain and plain['test'][0], sides=summary, lengths=by_length, speed=rate, start=start,
                                                   memory={k: dict(mb=o['mb'], loss=o['loss']) for k,o in mem.items()}, runs=rows), indent=1)+'\n')
    print('\n'.join(text))

def main():
    save_base()
    for o in 'speed','start': measured(o, 'both')
    for o in peaks: measured('peak', o)
    run = lambda jobs: list(ThreadPoolExecutor(2).map(lambda o: result(*o), jobs))
    run([(side, lr, seeds[0]) for i in (0, 1) for side,lrs in rates.items() for lr in lrs[i:i+1]] + [('untuned', 0., 0, 0)])
    chosen = {side: best_rate(side) for side in rates}
    run([(side, lr, seed) for seed in seeds[1:] for side,lr in chosen.items() if side!='PEFT prefix']
        + [('PEFT prefix', chosen['PEFT prefix'], seeds[0], 200)] + [('text start', chosen['text start'], seeds[0], steps, n) for n in lengths])
    report()
    store.unlink()

if __name__=='__main__':
    if len(sys.argv)==1: main()
    elif sys.argv[1]=='report': report()
    elif sys.argv[1]=='again':
        again(sys.argv[2:])
        main()
    elif sys.argv[1]=='train': print(json.dumps(train(sys.argv[2], float(sys.argv[3]), *map(int, sys.argv[4:]))))
    else: print(json.dumps(dict(peak=peak, speed=speed, start=start)[sys.argv[1]](sys.argv[2])))
