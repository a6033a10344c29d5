"The console scripts, run as a user runs them"
import csv, json, os, shutil, subprocess, sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
import numpy as np, pandas as pd, pytest
from model_lifecycle.inference import StaticModel
from tests.tiny import save_bert, static_model

bin = Path(sys.executable).parent

def run(*cmd, **env):
    "Run a console script of this environment without a network"
    cmd = [bin/cmd[0], *map(str, cmd[1:])]
    return subprocess.run(cmd, capture_output=True, text=True, env={**os.environ, 'HF_HUB_OFFLINE': '1', 'OMP_NUM_THREADS': '1', **env})

def run_all(commands):
    "Run many, two at a time, since most of each is the start of Python"
    with ThreadPoolExecutor(2) as pool: return dict(zip(commands, pool.map(lambda c: run(*c), commands.values())))

texts = ['The bank raised its rate.', '', 'A striker, injured; "out" for weeks', 'müsik 音楽 \U0001f9a9', ' spaces ', 'the game']*3

def write(path, texts):
    "A file of `texts` in the format that its name tells, with another column beside them where there can be one"
    rows = [dict(n=i, body=t) for i,t in enumerate(texts)]
    if path.suffix=='.txt': path.write_text(''.join(f'{t}\n' for t in texts), encoding='utf-8')
    if path.suffix=='.jsonl': path.write_text(''.join(json.dumps(r, ensure_ascii=False)+'\n' for r in rows), encoding='utf-8')
    if path.suffix=='.parquet': pd.DataFrame(rows).to_parquet(path)
    if path.suffix=='.csv':
        with open(path, 'w', encoding='utf-8', newline='') as f:
            w = csv.DictWriter(f, ['n', 'body'])
            w.writeheader()
            w.writerows(rows)
    return path

# -- what works

formats = [('.txt', '.npy'), ('.jsonl', '.parquet'), ('.csv', '.npy'), ('.parquet', '.parquet')]

@pytest.fixture(scope='module')
def encoded(student, tmp_path_factory):
    "What `lifecycle_encode` said, and the file that it wrote, for each of `formats`"
    d = tmp_path_factory.mktemp('encode')
    outs = {(i,o): d/f'from{i}'/f'out{o}' for i,o in formats}
    res = run_all({(i,o): ['lifecycle_encode', student[1], write(d/f'in{i}', texts), out, '--column', 'body', '--batch-size', 4, '--max-length', 3, '--quiet']
                   for (i,o),out in outs.items()})
    return {k: (res[k], outs[k]) for k in outs}

@pytest.mark.parametrize('fmt', formats, ids=' to '.join)
def test_encode(fmt, encoded, student):
    res,out = encoded[fmt]
    assert (res.returncode, res.stderr)==(0, '')
    assert res.stdout.startswith('18 texts × 256 dimensions → out') and len(res.stdout.splitlines())==1
    assert [p.name for p in out.parent.iterdir()]==[out.name]
    if out.suffix=='.npy': x = np.load(out)
    else:
        df = pd.read_parquet(out)
        assert list(df.columns)==['text', 'embedding'] and list(df.text)==texts
        x = np.stack(df.embedding)
    assert x.dtype==np.float32
    np.testing.assert_array_equal(x, student[0].encode(texts, max_length=3))

@pytest.fixture(scope='module')
def teacher(tmp_path_factory):
    folder = tmp_path_factory.mktemp('bert')/'teacher'
    save_bert(folder)
    return folder

def test_distill(teacher, tmp_path):
    "All its options at once, and then the model works"
    (tmp_path/'terms.txt').write_text('interest rate\n\nmyocarditis\n')
    out = tmp_path/'out'/'student'
    res = run('lifecycle_distill', teacher, out, '--vocabulary', tmp_path/'terms.txt', '--pca-dims', '0.9', '--sif-coefficient', 'none', '--token-remove-pattern', r'^x|\[unused',
              '--quantize-to', 'int8', '--vocabulary-quantization', '30', '--pooling', 'first', '--device', 'cpu', '--quiet')
    assert res.returncode==0, res.stderr
    assert 'distilled in' in res.stdout and '%|' not in res.stderr, 'a progress bar in spite of --quiet'
    model = StaticModel.from_pretrained(out)
    assert {'interest rate', 'myocarditis'}<set(model.tokens) and not {'[CLS]', '[unused0]', 'x'} & set(model.tokens)
    assert (model.embedding_dtype, model.vocabulary_quantization, model.config['pooling'], model.config['apply_pca'])==('int8', 30, 'first', 0.9)
    assert 1<model.dim<16 and model.encode('the interest rate').any()
    assert [p.name for p in out.parent.iterdir()]==['student']

options = dict(lifecycle_encode='column keep keep-all batch-size max-length output-format quiet engine num-workers delimiter encoding format', lifecycle_demo='', lifecycle_export_onnx='inputs embeddings-only', lifecycle_predict='column label-column separator keep keep-all probabilities threshold batch-size output-format quiet engine num-workers delimiter encoding format',
    lifecycle_train='model text-column label-column separator test test-size unlabelled fine-tune max-epochs balanced random-seed quiet delimiter encoding format',
    lifecycle_distill='vocabulary pca-dims sif-coefficient token-remove-pattern quantize-to vocabulary-quantization pooling corpus column device trust-remote-code quiet engine num-workers delimiter encoding format')

def test_help():
    for name,res in run_all({k: [k, '--help'] for k in options}).items():
        assert res.returncode==0 and res.stdout.startswith(f'usage: {name}')
        for o in options[name].split(): assert f'--{o}' in res.stdout, name

# -- what does not work

def rows(path, *rows): return path.write_text(''.join(json.dumps(r)+'\n' for r in rows)) and path

def damaged(folder, to):
    "A copy of the model in `folder` whose vectors are cut off"
    shutil.copytree(folder, to)
    with open(to/'model.safetensors', 'r+b') as f: f.truncate(500)
    return to

encode_errors = dict(  # the command's model, input, output and options; what the error must name
    missing_model=(lambda d: [d/'no such', d/'ok.txt', 'x.npy'], ['no such']),
    missing_hub_model=(lambda d: ['owner/nothing', d/'ok.txt', 'x.npy'], ['owner/nothing', 'Hub cannot be reached']),
    missing_input=(lambda d: [d/'model', d/'gone.txt', 'x.npy'], ['gone.txt']),
    missing_column_csv=(lambda d: [d/'model', d/'in.csv', 'x.npy', '--column', 'title'], ["'title'", "'n'", "'body'"]),
    missing_column_jsonl=(lambda d: [d/'model', d/'in.jsonl', 'x.npy'], ["'text'", "'n'", "'body'"]),
    missing_column_parquet=(lambda d: [d/'model', d/'in.parquet', 'x.parquet'], ["'text'", "'n'", "'body'"]),
    output_suffix=(lambda d: [d/'model', d/'ok.txt', 'x.xls'], ["'.xls'", '.npy', '.parquet']),
    npy_keeps_nothing=(lambda d: [d/'model', d/'in.csv', 'x.npy', '--column', 'body', '--keep', 'n'], ['.npy', 'no other columns']),
    kept_column=(lambda d: [d/'model', d/'in.csv', 'x.csv', '--column', 'body', '--keep', 'id'], ["'id'", "'n', 'body'"]),
    not_a_string=(lambda d: [d/'model', d/'number.jsonl', 'x.npy', '--batch-size', '2'], ['Text 5', '7']),
    null=(lambda d: [d/'model', d/'null.parquet', 'x.parquet', '--batch-size', '2'], ['Text 3', 'None']),
    not_utf8=(lambda d: [d/'model', d/'latin.txt', 'x.npy'], ['latin.txt', 'UTF-8']),
    csv_not_utf8=(lambda d: [d/'model', d/'latin.csv', 'x.npy'], ['latin.csv', 'UTF-8']),
    open_quote=(lambda d: [d/'model', d/'quote.csv', 'x.npy'], ['quote.csv', 'line 4', 'quotes']),
    truncated_model=(lambda d: [d/'damaged', d/'ok.txt', 'x.npy'], ['model.safetensors']),
    no_batch=(lambda d: [d/'model', d/'ok.txt', 'x.npy', '--batch-size', '0'], ['batch_size']),
    negative_length=(lambda d: [d/'model', d/'ok.txt', 'x.npy', '--max-length', '-1'], ['max_length']),
    folder_in_the_way=(lambda d: [d/'model', d/'ok.txt', d/'folder.npy'], ['folder.npy']))

distill_errors = dict(
    missing_teacher=(['no/such-teacher'], ['no/such-teacher']),
    dtype=(['--quantize-to', 'int4'], ["'int4'", 'float16']),
    pca_dims=(['--pca-dims', '17'], ['pca_dims=17', '16']),
    pattern=(['--token-remove-pattern', '['], ["'['", 'regular expression']),
    clusters=(['--pca-dims', '8', '--vocabulary-quantization', '9999'], ['vocabulary_quantization=9999']),
    vocabulary=(['--vocabulary', 'gone.txt'], ['gone.txt']))

@pytest.fixture(scope='module')
def failures(student, teacher, tmp_path_factory):
    "(result, files left where the output should be) of each command that must fail"
    d = tmp_path_factory.mktemp('errors')
    (d/'model').symlink_to(student[1])
    damaged(student[1], d/'damaged')
    for f in 'ok.txt','in.csv','in.jsonl','in.parquet': write(d/f, texts)
    rows(d/'number.jsonl', *[dict(text='a')]*5, dict(text=7))
    pd.DataFrame(dict(text=['a', 'b', 'c', None])).to_parquet(d/'null.parquet')
    (d/'latin.txt').write_bytes('ok\nM\xfcnchen\n'.encode('latin-1'))
    (d/'latin.csv').write_bytes('text\nM\xfcnchen\n'.encode('latin-1'))
    (d/'quote.csv').write_text('text\nbank\n"goal\nmoney\n')
    (d/'folder.npy').mkdir()
    commands = {}
    for k,(args,_) in encode_errors.items():
        model,inp,out,*opts = args(d)
        commands[k] = ['lifecycle_encode', model, inp, out if isinstance(out, Path) else d/'out'/k/out, *opts, '--quiet']
    for k,(args,_) in distill_errors.items():
        commands[k] = ['lifecycle_distill', *([teacher]*(args[0][:2]=='--') or args[:1]), d/'out'/k/'student', *args[args[0][:2]!='--':], '--quiet']
    res = run_all(commands)
    return {k: (res[k], sorted((d/'out'/k).rglob('*'))) for k in commands} | dict(inputs=sorted(p.name for p in d.iterdir()))

@pytest.mark.parametrize('case', [*encode_errors, *distill_errors])
def test_error(case, failures):
    "One sentence on stderr, which names what is wrong, and nothing written"
    res,left = failures[case]
    assert res.returncode not in (0, None) and not left
    lines = res.stderr.strip().splitlines()
    assert 'Traceback' not in res.stderr and len(lines)==1, res.stderr
    assert lines[0].startswith(('lifecycle_encode: error: ', 'lifecycle_distill: error: '))
    for o in {**encode_errors, **distill_errors}[case][1]: assert o in lines[0]

def test_inputs_untouched(failures):
    assert set(failures['inputs'])-{'out'}=={'model', 'damaged', 'ok.txt', 'in.csv', 'in.jsonl', 'in.parquet', 'number.jsonl', 'null.parquet', 'latin.txt', 'latin.csv', 'quote.csv', 'folder.npy'}

def test_old_output_stays(student, tmp_path):
    "A failure half-way does not touch what an earlier run wrote"
    old = tmp_path/'x.npy'
    old.write_bytes(b'old')
    res = run('lifecycle_encode', student[1], rows(tmp_path/'in.jsonl', *[dict(text='a')]*3, dict(text=None)), old, '--batch-size', 1, '--quiet')
    assert res.returncode and 'Text 3' in res.stderr
    assert old.read_bytes()==b'old' and {p.name for p in tmp_path.iterdir()}=={'x.npy', 'in.jsonl'}

# -- memory

def peak_memory(*cmd):
    "Peak resident memory of a command, in MB"
    code = 'import resource,subprocess,sys; subprocess.run(sys.argv[1:], check=True, stdout=2); print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)'
    res = subprocess.run([sys.executable, '-c', code, *map(str, cmd)], capture_output=True, text=True)
    assert res.returncode==0, res.stderr
    return int(res.stdout)/(1e3 if sys.platform!='darwin' else 1e6)

@pytest.mark.parametrize('suffix', ['.npy', '.parquet'])
def test_memory(suffix, tmp_path):
    "The embeddings of a long file, 410 MB, are never held at once: a few batches of 4 MB, and what allocators keep"
    static_model(dim=1024).save_pretrained(tmp_path/'model')
    peaks = []
    for n in 1_000,100_000:
        (tmp_path/'in.txt').write_text(''.join(f'bank rate {i%1000}\n' for i in range(n)))
        peaks.append(peak_memory(bin/'lifecycle_encode', tmp_path/'model', tmp_path/'in.txt', tmp_path/f'out{suffix}', '--batch-size', 1000, '--num-workers', 2, '--quiet'))
        (tmp_path/f'out{suffix}').unlink()
    assert n*1024*4>400e6 and peaks[1]-peaks[0]<200, f'{peaks[0]:.0f} MB, then {peaks[1]:.0f} MB'
