"""Every command line of the README and of the notebooks, read out of their text, runs on real models, in one folder, offline

A command runs as it is written. What a reader would have is made here: the files that it names, and for MODEL a model's name.
The options of its rule are put behind it, and are there to make it short."""
import csv, json, os, re, shlex, subprocess, sys
from pathlib import Path
import pytest
from tests import assets

root = Path(__file__).resolve().parent.parent
smollm2 = 'HuggingFaceTB/SmolLM2-135M-Instruct'

def texts():
    "The README, then the markdown of each notebook, in order"
    yield (root/'README.md').read_text(encoding='utf-8')
    for p in sorted((root/'nbs').glob('*.ipynb')):
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

few = '--use_cpu --disable_tqdm True --per_device_train_batch_size 4 --max_steps 4 --save_steps 2 --prefix_candidates 1 --max_train_samples 48 --max_eval_samples 8 --max_predict_samples 4 --generation_max_length 6'

# What a command must contain to be meant, what is put behind it, and the file that it makes
rules = {
    'lifecycle_distill minilm-static': ('', 'minilm-static/model.safetensors'),
    'lifecycle_distill better-static': (r'--minutes 0.02 --cache-dir cache --token-remove-pattern "[^[a-d].*"', 'better-static/model.safetensors'),
    'lifecycle_encode articles.npy': ('', 'articles.npy'),
    'lifecycle_train reviews-model': ('', 'reviews-model/report.json'),
    'lifecycle_train tags-model': ('', 'tags-model/report.json'),
    'lifecycle_train tuned-model': ('--max-epochs 2', 'tuned-model/report.json'),
    'lifecycle_predict reviews-model': ('', 'labels.jsonl'),
    'lifecycle_ptune --do_train reviews-prefix': (few, 'reviews-prefix/adapter_model.safetensors'),
    'lifecycle_ptune --do_predict reviews-answers': (few, 'reviews-answers/generated_predictions.jsonl'),
    'lifecycle_chat reviews-prefix': ('', None),
    'lifecycle_ptune --do_train adgen': (few, 'adgen/adapter_model.safetensors'),
    'lifecycle_ptune --do_predict adgen-answers': (few, 'adgen-answers/generated_predictions.jsonl')}

not_run = {
    'make demo': 'it installs, and then runs lifecycle_demo',
    'make test': 'which is what runs this',
    'pip install': 'it needs a fresh environment and the network; make test installs by the same metadata',
    'lifecycle_demo': 'the notebook of the demo runs it'}

def means(rule, words): return set(rule.split())<=set(words)
def rule_of(words): return [r for r in {**rules, **not_run} if means(r, words)]

lines = command_lines()
walked = [o for o in lines if not any(means(r, o) for r in not_run)]

@pytest.mark.parametrize('words', lines, ids=' '.join)
def test_every_command_has_its_rule(words):
    assert len(rule_of(words))==1, 'a command of the text that nothing here runs (or two rules do): write a rule for it'

@pytest.mark.parametrize('rule', [*rules, *not_run])
def test_every_rule_has_its_command(rule): assert any(means(rule, o) for o in lines), 'no text has this command any more'

def test_what_is_read(tmp_path):
    "Blocks of another kind do not count; continued lines and comments are understood"
    assert ('lifecycle_demo',) in lines and not any('python' in o or 'import' in o or '#' in o for o in lines)
    ptune = next(o for o in lines if means('lifecycle_ptune reviews-prefix --do_train', o))
    assert '\\' not in ptune and ptune[-2:]==('--output_dir', 'reviews-prefix')

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
    snippets = [(r, t) for r,t in assets.need(assets.vader, 'reviews') if abs(r)>1 and len(t.split())<12][::4]
    write_csv(folder/'reviews.csv', [dict(text=t, sentiment='positive' if r>0 else 'negative') for r,t in snippets[:300]])
    write_csv(folder/'more-reviews.csv', [dict(text=t, sentiment='positive' if r>0 else 'negative') for r,t in snippets[300:340]])
    write_csv(folder/'new.csv', [dict(text=t) for _,t in snippets[340:360]])
    posts = [dict(text=t, tags=f"{c},{'long' if len(t)>2000 else 'short'}") for t,c in zip(articles, classes)]
    (folder/'posts.jsonl').write_text(''.join(json.dumps(o)+'\n' for o in posts))
    ads = [dict(content=' '.join(t.split('\n')[2].split()[:40]), summary=t.split('\n')[0]) for t in articles]
    for name,some in ('train', ads[:60]),('dev', ads[60:70]): (folder/f'{name}.json').write_text(json.dumps(some))

def run(words, folder):
    "A command of this environment, without a network"
    env = os.environ|dict(HF_HUB_OFFLINE='1', PYTHONPATH=str(root), PYTHONWARNINGS='ignore')
    return subprocess.run([Path(sys.executable).parent/words[0], *words[1:]], cwd=folder, env=env, capture_output=True, text=True)

def as_run(words):
    "The command with a model's name for MODEL, and the options of its rule behind it"
    more,_ = rules[rule_of(words)[0]]
    return [smollm2 if o=='MODEL' else o for o in words]+shlex.split(more)

@pytest.fixture(scope='module')
def walk(tmp_path_factory):
    "The folder in which every command was run, one after the other, and what each said"
    for o in assets.minilm,assets.smollm2: assets.need(o)
    folder = tmp_path_factory.mktemp('front-door')
    write_files(folder)
    return folder,{words: run(as_run(words), folder) for words in walked if rule_of(words)}

@pytest.mark.parametrize('words', walked, ids=' '.join)
def test_walk(words, walk):
    folder,said = walk
    assert said[words].returncode==0, f'{shlex.join(as_run(words))}\n{said[words].stdout[-2000:]}\n{said[words].stderr[-4000:]}'
    makes = rules[rule_of(words)[0]][1]
    if makes: assert (folder/makes).stat().st_size
    else: assert said[words].stdout.strip()

# -- the prefix that the README's command trained

def ptune(): return next(o for o in lines if means('lifecycle_ptune --do_train reviews-prefix', o))

def test_it_goes_on(walk):
    "Resumed where it was, for two steps more: the checkpoints from before are not written again"
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
print(json.dumps(dict(answer=model.answer(tok, text), template=template, apart=float((ours-theirs).abs().max()/size), moved=float((ours-plain).abs().max()/size))))
'''

def test_it_is_loaded_elsewhere(walk):
    "In a new process, which knows nothing but the folder: it answers, and PEFT finds the same logits"
    folder,_ = walk
    res = subprocess.run([sys.executable, '-c', new_process, 'reviews-prefix', 'A waste of two hours.'], cwd=folder, env=os.environ|dict(PYTHONPATH=str(root)), capture_output=True, text=True)
    assert res.returncode==0, res.stderr[-4000:]
    said = json.loads(res.stdout.splitlines()[-1])
    assert isinstance(said['answer'], str) and said['answer'] and said['template']=='Review: {prompt} Sentiment: '
    assert said['apart']<1e-4<1e-2<said['moved']
