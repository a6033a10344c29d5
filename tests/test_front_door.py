"""Every command line of the README and the notebooks, read out of their text, runs on real models, offline

A command runs as it is written, in one folder. What a reader would have is made here:
the files that it names, and for MODEL a model's name.
The options of its rule are put behind it, and are there to make it short."""
import csv, json, os, re, shlex, subprocess, sys
from pathlib import Path
import pytest
from tests import assets

root = Path(__file__).resolve().parent.parent
smollm2 = 'HuggingFaceTB/SmolLM2-135M-Instruct'

def texts():
    "The README, then the markdown of each notebook, in order, and of each tutorial"
    yield (root/'README.md').read_text(encoding='utf-8')
    for p in [*sorted((root/'nbs').glob('*.ipynb')), *sorted((root/'nbs'/'tutorials').glob('*.ipynb'))]:
        for c in json.loads(p.read_text(encoding='utf-8'))['cells']:
            if c['cell_type']=='markdown': yield ''.join(c['source'])

def command_lines():
    "The words of each command in a fenced block of `sh`, once: continued lines are one, and comments are none"
    found = {}
    for text in texts():
        for block in re.findall(r'^```sh\n(.*?)^```', text, re.M|re.S):
            for line in block.replace('\\\n', ' ').splitlines():
                if words := shlex.split(line, comments=True): found[tuple(words)] = None
    return list(found)

few = ('--use_cpu --disable_tqdm True --per_device_train_batch_size 4 --max_steps 4 --save_steps 2 '
       '--prefix_candidates 1 --max_train_samples 48 --max_eval_samples 4 --max_predict_samples 4 '
       '--generation_max_length 6')
quick = '--minutes 0.02 --cache-dir cache --token-remove-pattern "[^[a-d].*"'
predictions = 'generated_predictions.jsonl'

# What a command must contain to be meant (a dot: and nothing else), what is put behind it, and the file that it makes
rules = {
    'lifecycle_distill minilm-static': ('', 'minilm-static/model.safetensors'),
    'lifecycle_distill better-static': (quick, 'better-static/model.safetensors'),
    'lifecycle_encode articles.npy': ('', 'articles.npy'),
    'lifecycle_train reviews-model': ('', 'reviews-model/report.json'),
    'lifecycle_train few-model': ('', 'few-model/report.md'),
    'lifecycle_train tags-model': ('', 'tags-model/report.json'),
    'lifecycle_train tuned-model': ('--max-epochs 2', 'tuned-model/report.json'),
    'lifecycle_predict reviews-model': ('', 'labels.jsonl'),
    'lifecycle_ptune --do_train reviews-prefix': (few, 'reviews-prefix/adapter_model.safetensors'),
    'lifecycle_ptune --do_predict reviews-answers': (few, f'reviews-answers/{predictions}'),
    'lifecycle_chat reviews-prefix': ('', None),
    f'lifecycle_chat {smollm2} .': ('--max_new_tokens 4', None),
    'lifecycle_chat models/smollm2.gguf': ('--max_new_tokens 4', None),
    'lifecycle_chat question.txt': ('--max_new_tokens 4', None),
    'lifecycle_export_onnx reviews-onnx': ('', 'reviews-onnx/onnx/model.onnx'),
    'lifecycle_ptune --do_train adgen': (few, 'adgen/adapter_model.safetensors'),
    'lifecycle_ptune --do_predict adgen-answers': (few, f'adgen-answers/{predictions}'),
    'lifecycle_train topics': ('', 'topics/report.json'),
    'lifecycle_predict topics': ('', 'labels.csv'),
    'lifecycle_ptune --do_train topics-prefix': (few, 'topics-prefix/adapter_model.safetensors'),
    'lifecycle_chat topics-prefix': ('--max_new_tokens 4', None)}

not_run = {
    'make demo': 'it installs, and then runs lifecycle_demo',
    'make test': 'which is what runs this',
    'pip install': 'it needs a fresh environment; make test installs by the same metadata',
    'lifecycle_serve': 'it runs until it is stopped; tests/test_serve.py does both',
    'lifecycle_demo': 'the notebook of the demo runs it'}

def means(rule, words):
    needed = set(rule.split())
    return needed-{'.'}==set(words) if '.' in needed else needed<=set(words)

def rule_of(words): return [r for r in {**rules, **not_run} if means(r, words)]

lines = command_lines()

def ptune():
    "The README's command that trains a prefix"
    return next(o for o in lines if means('lifecycle_ptune --do_train reviews-prefix', o))

walked = [o for o in lines if not any(means(r, o) for r in not_run)]

@pytest.mark.parametrize('words', lines, ids=' '.join)
def test_every_command_has_its_rule(words):
    assert len(rule_of(words))==1, 'a command of the text needs one rule here'

@pytest.mark.parametrize('rule', [*rules, *not_run])
def test_every_rule_has_its_command(rule):
    assert any(means(rule, o) for o in lines), 'no text has this command any more'

def test_what_is_read():
    "Blocks of another kind do not count; continued lines and comments are understood"
    assert ('lifecycle_demo',) in lines and not any('import' in o or '#' in o for o in lines)
    assert '\\' not in ptune() and ptune()[-2:]==('--output_dir', 'reviews-prefix')

# -- the walk

def write_csv(path, rows):
    with open(path, 'w', encoding='utf-8', newline='') as f:
        w = csv.DictWriter(f, rows[0])
        w.writeheader()
        w.writerows(rows)

def write_files(folder):
    "The files that the commands name, of real texts"
    articles,classes = assets.need(assets.bbc)
    articles,classes = articles[::15],classes[::15]
    write_csv(folder/'articles.csv', [dict(text=t) for t in articles])
    rated = assets.need(assets.vader, 'reviews')
    snippets = [dict(text=t, sentiment='positive' if r>0 else 'negative')
                for r,t in rated if abs(r)>1 and len(t.split())<12][::4]
    write_csv(folder/'reviews.csv', snippets[:300])
    write_csv(folder/'more-reviews.csv', snippets[300:340])
    write_csv(folder/'few-reviews.csv', snippets[340:380])
    write_csv(folder/'new.csv', [dict(text=o['text']) for o in snippets[340:360]])
    sizes = ['long' if len(t)>2000 else 'short' for t in articles]
    posts = [dict(text=t, tags=f'{c},{s}') for t,c,s in zip(articles, classes, sizes)]
    (folder/'posts.jsonl').write_text(''.join(json.dumps(o)+'\n' for o in posts))
    parts = [t.split('\n') for t in articles]
    ads = [dict(content=' '.join(o[2].split()[:40]), summary=o[0]) for o in parts]
    (folder/'train.json').write_text(json.dumps(ads[:60]))
    (folder/'dev.json').write_text(json.dumps(ads[60:70]))
    write_csv(folder/'labelled.csv', [dict(text=t, topic=c) for t,c in zip(articles, classes)])
    write_csv(folder/'headlines.csv', [dict(headline=t.split('\n')[0], topic=c) for t,c in zip(articles, classes)])
    (folder/'question.txt').write_text('What is the capital of France?\n')
    (folder/'models').mkdir()
    where,gguf = assets.need(assets.smollm2)
    (folder/'models'/'smollm2.gguf').symlink_to(Path(where)/gguf)

def run(words, folder):
    "A command of this environment, without a network; it may read one question, or the file behind `<`"
    env = os.environ|dict(HF_HUB_OFFLINE='1', PYTHONPATH=str(root), PYTHONWARNINGS='ignore')
    words,file = (words[:-2],words[-1]) if '<' in words else (words,'question.txt')
    command = [Path(sys.executable).parent/words[0], *words[1:]]
    with open(folder/file) as typed:
        return subprocess.run(command, cwd=folder, env=env, stdin=typed, capture_output=True, text=True)

def as_run(words):
    "The command with a model's name for MODEL, and the options of its rule behind it"
    more,_ = rules[rule_of(words)[0]]
    words = [smollm2 if o=='MODEL' else o for o in words]
    end = words.index('<') if '<' in words else len(words)
    return words[:end]+shlex.split(more)+words[end:]

@pytest.fixture(scope='module')
def walk(tmp_path_factory):
    "The folder in which every command was run, one after the other, and what each said"
    assets.need(assets.minilm)
    folder = tmp_path_factory.mktemp('front-door')
    write_files(folder)
    return folder,{words: run(as_run(words), folder) for words in walked if rule_of(words)}

@pytest.mark.parametrize('words', walked, ids=' '.join)
def test_walk(words, walk):
    folder,said = walk
    what = f'{shlex.join(as_run(words))}\n{said[words].stdout[-2000:]}\n{said[words].stderr[-4000:]}'
    assert said[words].returncode==0, what
    makes = rules[rule_of(words)[0]][1]
    if makes: assert (folder/makes).stat().st_size
    else: assert said[words].stdout.strip()

def test_a_line_break_that_is_spelled(walk):
    "In the tutorial's line, on the way through a shell's words into the prefix's format"
    kept = json.loads((walk[0]/'topics-prefix'/'ptuning.json').read_text())
    assert kept['prompt']['template']=='Headline: {prompt}\nTopic:'

# -- the prefix that the README's command trained

def test_it_goes_on(walk):
    "Resumed where it was, for two steps more: what was written before is not written again"
    folder,_ = walk
    first = folder/'reviews-prefix'/'checkpoint-2'/'adapter_model.safetensors'
    def written(): return first.stat().st_ino,first.stat().st_mtime_ns
    before = written()
    res = run([*as_run(ptune()), '--max_steps', '6', '--resume_from_checkpoint', 'True'], folder)
    assert res.returncode==0, res.stderr[-4000:]
    state = json.loads((folder/'reviews-prefix'/'trainer_state.json').read_text())
    assert state['global_step']==6 and (first.parent.parent/'checkpoint-6').is_dir()
    assert written()==before

new_process = '''
import json, sys, torch, peft
from transformers import AutoTokenizer
from model_lifecycle import PTuningModel

folder,text = sys.argv[1:]
model = PTuningModel.from_pretrained(folder)
tok = AutoTokenizer.from_pretrained(folder)
template = model.info['default']['prompt']['template']
rows = tok([template.replace('{prompt}', text)], return_tensors='pt')
with torch.no_grad():
    ours = model(**rows).logits
    with model.disable(): plain = model(**rows).logits
    theirs = peft.PeftModel.from_pretrained(model.base, folder).eval()(**rows).logits
size = ours.abs().max()
def share(x): return float(x.abs().max()/size)
answer = model.answer(tok, text, max_new_tokens=6)
print(json.dumps(dict(answer=answer, template=template, apart=share(ours-theirs), moved=share(ours-plain))))
'''

def test_it_is_loaded_elsewhere(walk):
    "In a new process, which knows nothing but the folder: it answers, and PEFT finds the same logits"
    folder,_ = walk
    command = [sys.executable, '-c', new_process, 'reviews-prefix', 'A waste of two hours.']
    env = os.environ|dict(PYTHONPATH=str(root))
    res = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True)
    assert res.returncode==0, res.stderr[-4000:]
    said = json.loads(res.stdout.splitlines()[-1])
    assert said['answer'] and said['template']=='Review: {prompt} Sentiment: '
    assert said['apart']<1e-4<1e-2<said['moved']
