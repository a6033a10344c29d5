"What `ptune.py` measures on: three tasks of real texts, their splits, tokens and scores"
import random
from dataclasses import dataclass, field
from statistics import mean

import torch
from benchmarks._common import root
from model_lifecycle.frozen import answer_loss
from model_lifecycle.prefix_model import PTuningModel
from model_lifecycle.answer_metrics import text_metrics
from model_lifecycle.prompts import PromptCollator, PromptFormat, encode_rows
from tests import assets
from transformers import AutoModelForCausalLM, AutoTokenizer

batch_size = 8
folder = root/'.cache'/'bench'/'smollm2'

@dataclass
class Task:
    "A task: how it asks, what it may answer, and how many rows it tests and validates on"
    name:str
    template:str
    plain:str # one plain sentence to start a prefix from
    steps:int
    n_test:int
    n_val:int
    labels:list = field(default_factory=list) # what it may answer; a written answer if empty

    @property
    def format(self): return PromptFormat(template=self.template)

    @property
    def sentence(self): return self.plain+'\n'

topics = ['business', 'entertainment', 'politics', 'sports', 'tech']
tasks = {o.name: o for o in [
    Task('reviews', 'Review: {prompt}\nSentiment:',
         'Is this movie review positive or negative? Read the review and answer with one word.',
         120, 1000, 200, [' negative', ' positive']),
    Task('news', 'Article: {prompt}\nTopic:',
         'Is this news article about business, entertainment, politics, sports or tech? '
         'Read the article and answer with one word.',
         120, 400, 200, [f' {o}' for o in topics]),
    Task('headlines', 'Article: {prompt}\nHeadline:',
         'Read the news article and write a short headline that says what it is about.',
         125, 200, 100)]}

def first_words(text, n): return ' '.join(text.split()[:n])

def reviews():
    "Snippets with the sign of their mean rating, from -4 to 4, if its size is 1 or more"
    rows = [dict(prompt=text, response=tasks['reviews'].labels[rating > 0])
            for rating,text in assets.vader('reviews') if abs(rating) >= 1]
    return rows, 'prompt'

def news():
    "The first 60 words of BBC articles with their class"
    rows = [dict(prompt=first_words(text, 60), response=' '+topic)
            for text,topic in zip(*assets.bbc())]
    return rows, 'prompt'

def headlines():
    "The first 150 words of BBC articles, without the headline, with their headline"
    parts = [text.split('\n', 1) for text in assets.bbc()[0]]
    rows = [dict(prompt=first_words(body, 150), response=' '+head.strip()) for head,body in parts]
    return rows, 'response'

def splits(task):
    "Test, validation and training rows, in an order of a fixed seed; no text is in two of them"
    rows,key = dict(reviews=reviews, news=news, headlines=headlines)[task.name]()
    rows = list({o[key]: o for o in rows}.values())
    if task.name == 'headlines': rows = list({o['prompt'][:200]: o for o in rows}.values())
    random.Random(42).shuffle(rows)
    n = task.n_test+task.n_val
    rest = rows[n:n+1000] if task.name == 'headlines' else rows[n:]
    return dict(test=rows[:task.n_test], val=rows[task.n_test:n], train=rest)

def drawn(rows, seed, n_steps):
    "The rows of a training: all are drawn once before one is drawn again"
    rng,res = random.Random(seed),[]
    while len(res) < n_steps*batch_size: res += rng.sample(rows, len(rows))
    return res[:n_steps*batch_size]

def encode(task, rows, tok):
    "Tokens, with the answer's alone to be learnt: a label's first, or a headline and its end"
    res,_ = encode_rows(rows, tok, task.format)
    for o in res if task.labels else []: o['answer_ids'] = o['answer_ids'][:1]
    return res

def by_length(rows, size=batch_size, seed=None):
    "Batches of rows of like length, among 40 batches at a time; in order of length without a seed"
    length = lambda o: o['length']
    if seed is None: rows = sorted(rows, key=length)
    chunks = [sorted(rows[i:i+40*size], key=length) for i in range(0, len(rows), 40*size)]
    batches = [c[i:i+size] for c in chunks for i in range(0, len(c), size)]
    if seed is not None: random.Random(seed).shuffle(batches)
    return batches

def inputs(rows, tok):
    return {k: v for k,v in PromptCollator(tok)(rows).items() if not k.startswith('prompt_')}

def save_base():
    "The model of the GGUF file as safetensors, which load in a second"
    if (folder/'model.safetensors').is_file(): return
    where,gguf = assets.smollm2()
    model = AutoModelForCausalLM.from_pretrained(where, gguf_file=gguf, dtype=torch.float32)
    if hasattr(model.config, 'quantization_config'): del model.config.quantization_config
    model.is_quantized = False
    model.hf_quantizer = None
    model.save_pretrained(folder)
    AutoTokenizer.from_pretrained(where, gguf_file=gguf).save_pretrained(folder)

def base(dtype='float32'):
    "The model, and its tokenizer; in bfloat16 its head stays exact, so that logits do not tie"
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=getattr(torch, dtype))
    head = model.get_output_embeddings()
    if dtype != 'float32':
        head.weight = torch.nn.Parameter(head.weight.detach().float())
        head.register_forward_pre_hook(lambda _, args: (args[0].float(),))
    return model, AutoTokenizer.from_pretrained(folder)

def answered(model, xb):
    "Loss and logits of a batch's answers: the head sees no other token, for all sides alike"
    return model(**xb) if isinstance(model, PTuningModel) else answer_loss(model, **xb)

def numbered(rows): return [o | dict(row=i) for i,o in enumerate(rows)]

@torch.no_grad()
def labelled(task, model, tok, rows):
    "How often the right one of the labels has the largest logit of their first tokens; the loss"
    firsts = torch.tensor([tok(o)['input_ids'][0] for o in task.labels])
    if len(set(firsts.tolist())) < len(firsts): raise ValueError(f'{task.labels} begin alike')
    hits,losses = {},[]
    for batch in by_length(numbered(encode(task, rows, tok)), 32):
        xb = inputs(batch, tok)
        logits = answered(model, xb).logits[:,firsts]
        want = (xb['labels'][xb['labels'] != -100][:,None] == firsts).int().argmax(1)
        losses += torch.nn.functional.cross_entropy(logits, want, reduction='none').tolist()
        hits |= {o['row']: int(hit) for o,hit in zip(batch, logits.argmax(1) == want)}
    each = [hits[i] for i in range(len(rows))]
    return dict(score=mean(each), loss=mean(losses), rows=''.join(map(str, each)))

def write(task, model, tok, rows):
    "A headline for each row, the likeliest token after the other"
    res = {}
    for batch in by_length(numbered(encode(task, rows, tok)), 16):
        xb = PromptCollator(tok)(batch)
        ids,mask = xb['prompt_ids'],xb['prompt_mask']
        out = model.generate(input_ids=ids, attention_mask=mask, max_new_tokens=20,
                             do_sample=False, pad_token_id=tok.pad_token_id)
        texts = tok.batch_decode(out[:,ids.shape[1]:], skip_special_tokens=True)
        res |= {o['row']: t.strip().split('\n')[0] for o,t in zip(batch, texts)}
    return [res[i] for i in range(len(rows))]

def written(task, model, tok, rows):
    "ROUGE-L of each row, and whether the first word is right"
    texts = write(task, model, tok, rows)
    want = [o['response'].strip() for o in rows]
    rouge = [round(text_metrics([a], [b])['rougeL'], 4) for a,b in zip(texts, want)]
    first = [int(a.split()[:1] == b.split()[:1]) for a,b in zip(texts, want)]
    return dict(score=mean(rouge), rows=rouge, first=first, texts=texts[:5])

def score(task, model, tok, rows):
    "A score from 0 to 1, and what it is the mean of"
    model.eval()
    return (labelled if task.labels else written)(task, model, tok, rows)
