"What every command does: places, exit codes, signals, terminals"
import hashlib, json, multiprocessing, os, shutil, signal, subprocess, sys
from pathlib import Path
import numpy as np, pytest, torch
from torch import nn
from model_lifecycle.classifier import StaticModelForClassification
from model_lifecycle.commands import Places
from model_lifecycle.inference import StaticModel
from model_lifecycle.pipeline import StaticModelPipeline
from tests import _command_script
from tests._ptune_script import byte_tokenizer, examples, tiny
from tests.tiny import save_bert, static_model

bin = Path(sys.executable).parent
texts = ['the bank raised its rate', 'a striker scored the goal', 'money, interest and rate', 'match and goal', 'the music award', 'the phone game']*4

def fill(d):
    "Models of every kind and files of every kind, and nothing else"
    static_model().save_pretrained(d/'static')
    StaticModelPipeline(static_model(), nn.Linear(8, 2), ['money', 'sport']).save_pretrained(d/'pipeline')
    save_bert(d/'teacher')
    tiny().save_pretrained(d/'base')
    byte_tokenizer().save_pretrained(d/'base')
    rows = [dict(text=o, label='sport' if 'goal' in o or 'game' in o else 'money') for o in texts]
    (d/'in.jsonl').write_text(''.join(json.dumps(o)+'\n' for o in rows))
    (d/'rows.jsonl').write_text(''.join(json.dumps(o)+'\n' for o in examples(8)))
    (d/'words.txt').write_text('interest rate\n')
    return d

@pytest.fixture(scope='module')
def models(tmp_path_factory): return fill(tmp_path_factory.mktemp('models'))

@pytest.fixture
def home(models, tmp_path): return Path(shutil.copytree(models, tmp_path/'home'))

@pytest.fixture(scope='module')
def start():
    "Start a command in a process that was forked from one that has all libraries loaded"
    ctx = multiprocessing.get_context('forkserver')
    ctx.set_forkserver_preload(['tests._command_script'])
    def run(line, cwd, *numbers, how=None, **env):
        said = cwd.with_name(cwd.name+'-said')
        words = [o.replace('HOME', str(cwd)) for o in line.split()]
        p = ctx.Process(target=_command_script.run, args=(words, cwd, said, env, numbers, how))
        p.start()
        p.join()
        out,err = (said.with_name(f'{said.name}.{i}').read_text() for i in (1, 2))
        return p.exitcode,out,err
    return run

def seen(folder):
    "Every file with a digest of what is in it, every folder, every link"
    def what(o): return os.readlink(o) if o.is_symlink() else hashlib.blake2b(o.read_bytes()).hexdigest() if o.is_file() else ''
    return {str(o.relative_to(folder)): what(o) for o in folder.rglob('*')}

# -- places

ptune = 'lifecycle_ptune --model_name_or_path base --pre_seq_len 4 --do_train --train_file rows.jsonl --use_cpu --max_steps 1 --max_target_length 8 --prefix_candidates 1 --disable_tqdm True --output_dir '
refused = {  # a command line: what the error says
    'lifecycle_predict pipeline in.jsonl in.jsonl': 'is also `input`',
    'lifecycle_predict pipeline in.jsonl HOME/static/../in.jsonl': 'is also `input`',
    'lifecycle_predict pipeline in.jsonl link.jsonl': 'is also `input`',
    'lifecycle_predict pipeline in.jsonl twin.jsonl': 'is also `input`',
    'lifecycle_predict pipeline in.jsonl pipeline/out.jsonl': 'is inside of `model`',
    'lifecycle_predict pipeline in.jsonl folder.jsonl': 'is a folder',
    'lifecycle_predict pipeline in.jsonl in.jsonl/out.jsonl': 'in.jsonl is a file',
    'lifecycle_predict pipeline in.jsonl /proc/out.jsonl': 'cannot be written to',
    'lifecycle_predict pipeline in.jsonl ~nobody-of-this-name/out.jsonl': 'give the whole path',
    'lifecycle_encode static texts.parquet texts.parquet': 'is also `input`',
    'lifecycle_encode static in.jsonl static/x.npy': 'is inside of `model`',
    'lifecycle_encode static in.jsonl words.txt/x.npy': 'words.txt is a file',
    'lifecycle_encode static in.jsonl /proc/x.npy': 'cannot be written to',
    'lifecycle_encode static in.jsonl x.npy --keep label': 'holds numbers, and no other columns',
    'lifecycle_export_onnx static static': 'is also `model`',
    'lifecycle_export_onnx static /proc/out': 'cannot be written to',
    'lifecycle_train in.jsonl static --model static': 'is also `model`',
    'lifecycle_train in.jsonl linked --model static': 'is also `model`',
    'lifecycle_train in.jsonl static/out --model static': 'is inside of `model`',
    'lifecycle_train folder.jsonl/in.jsonl folder.jsonl --model static': 'holds `data`',
    'lifecycle_train in.jsonl words.txt --model static': 'is a file',
    'lifecycle_train in.jsonl . --model static': 'holds the current folder',
    'lifecycle_train in.jsonl /proc/out --model static': 'cannot be written to',
    'lifecycle_distill teacher teacher': 'is also `model`',
    'lifecycle_distill HOME/teacher teacher/': 'is also `model`',
    'lifecycle_distill teacher teacher/student': 'is inside of `model`',
    'lifecycle_distill teacher out --corpus in.jsonl --cache-dir teacher': 'is also `model`',
    'lifecycle_distill teacher out --corpus in.jsonl --cache-dir out': 'is also `out`',
    'lifecycle_distill teacher out --corpus in.jsonl --cache-dir words.txt': 'is a file',
    'lifecycle_distill teacher words.txt/out': 'words.txt is a file',
    'lifecycle_distill teacher /proc/out': 'cannot be written to',
    ptune+'base': 'is also `model_name_or_path`',
    ptune+'base/out': 'is inside of `model_name_or_path`',
    ptune+'words.txt/out': 'words.txt is a file',
    ptune+'/proc/out': 'cannot be written to',
    'lifecycle_ptune --model_name_or_path base --ptuning_checkpoint base --do_predict --test_file answers/generated_predictions.jsonl --output_dir answers': 'is also `test_file`',
    'lifecycle_demo --out words.txt': 'is a file',
    'lifecycle_demo --out /proc/demo': 'cannot be written to'}
if not torch.cuda.is_available():
    for o in 'lifecycle_distill teacher out --device cuda', 'lifecycle_chat base --once hello --device cuda': refused[o] = "The device 'cuda' cannot be used"

@pytest.fixture(scope='module')
def all_refused(models, start, tmp_path_factory):
    "How each command ended, and whether anything there changed"
    home = shutil.copytree(models, tmp_path_factory.mktemp('refused')/'home')
    (home/'link.jsonl').symlink_to('in.jsonl')
    os.link(home/'in.jsonl', home/'twin.jsonl')
    (home/'linked').symlink_to('static')
    (home/'folder.jsonl').mkdir()
    shutil.copy(home/'in.jsonl', home/'folder.jsonl')
    (home/'answers').mkdir()
    (home/'answers'/'generated_predictions.jsonl').write_text('{"prompt": "a", "response": "b"}\n')
    (home/'texts.parquet').write_bytes(b'never read')
    before = seen(home)
    return {line: (start(line, home), before==seen(home)) for line in refused}

@pytest.mark.parametrize('line', refused)
def test_refused(line, all_refused):
    "One sentence, before the work, and nothing changes"
    (code,out,err),unchanged = all_refused[line]
    name = line.split()[0]
    assert (code, out, unchanged) == (2, '', True), err
    last = err.splitlines()[-1]
    assert last.startswith(f'{name}: error: ') and refused[line] in last and 'Traceback' not in err, err

does = {
    'lifecycle_encode ~/static ~/in.jsonl ~/t.npy --quiet': 't.npy',
    'lifecycle_predict ~/pipeline ~/in.jsonl ~/p.jsonl --quiet': 'p.jsonl',
    'lifecycle_train ~/in.jsonl ~/topics --model ~/static --quiet': 'topics',
    'lifecycle_distill ~/teacher ~/student --vocabulary ~/words.txt --pca-dims 8 --quiet': 'student',
    ptune.replace('base', '~/base').replace('rows', '~/rows')+'~/prefix': 'prefix'}

@pytest.mark.parametrize('line', does)
def test_home_folder(line, home, start, tmp_path):
    "`~` is the home folder for every place of every command"
    before = seen(home)
    (tmp_path/'elsewhere').mkdir()
    code,out,err = start(line, tmp_path/'elsewhere', HOME=str(home))
    assert code == 0, err
    new = {o.split('/')[0] for o in seen(home).keys()-before.keys()}-{'.cache'}
    assert new == {does[line]} and not seen(tmp_path/'elsewhere')
    assert before.items() <= seen(home).items()

def test_absolute_from_then_on(home, monkeypatch):
    "A program that changes its folder, and a link that is set elsewhere, do not move what was asked for"
    monkeypatch.chdir(home)
    out = Places(model='static').folder('out')
    monkeypatch.chdir(home.parent)
    assert out == home.resolve()/'out'

def test_a_callback_that_changes_the_folder(home, monkeypatch):
    monkeypatch.chdir(home)
    seen = []
    def move(event, state):
        if event == 'after_batch': os.chdir(home/'static')
        if state.epoch > 1: seen.append((home/'run'/'checkpoint.safetensors').is_file())
    model = StaticModelForClassification.from_static_model(model=static_model(), words=False)
    labels = ['sport' if 'goal' in o else 'money' for o in texts]
    model.fit(texts, labels, checkpoint_dir='run', callbacks=[move], max_epochs=3, show_progress_bar=False)
    assert any(seen) and not (home/'static'/'run').exists()

def test_checkpoints_have_a_place(home):
    "It is found before the training"
    model = StaticModelForClassification.from_static_model(model=static_model(), words=False)
    before = model.embeddings.weight.clone()
    with pytest.raises(ValueError, match='`checkpoint_dir` .*words.txt/run cannot be made, since .*words.txt is a file'):
        model.fit(texts, ['a', 'b']*12, checkpoint_dir=home/'words.txt'/'run', show_progress_bar=False)
    assert model.embeddings.weight.equal(before) and not model.history

def test_no_room(home, monkeypatch):
    free = shutil.disk_usage(home)._replace(free=1000)
    monkeypatch.setattr(shutil, 'disk_usage', lambda place: free)
    with pytest.raises(OSError, match='needs 0.1 MB, and 0.001 MB are free'): Places().room(home/'deep'/'out', 10**5)
    Places().room(home/'deep'/'out', 1000)

def test_permissions(home, monkeypatch):
    "For those who are no administrators"
    def denied(*args, dir, **kwargs): raise PermissionError(13, 'Permission denied', str(dir))
    monkeypatch.setattr('tempfile.TemporaryFile', denied)
    with pytest.raises(ValueError, match=r'`out` .*x.npy cannot be written to \(Permission denied'): Places().file(home/'x.npy')

def test_save_where_it_was_loaded(home):
    "The usual way to change a saved model: what was read stays readable while it is replaced"
    model = StaticModel.from_pretrained(home/'static')
    before = model.encode(texts)
    for _ in range(2):
        model.save_pretrained(home/'static')
        model = StaticModel.from_pretrained(home/'static')
    np.testing.assert_array_equal(model.encode(texts), before)

# -- signals

works = {
    'lifecycle_encode static in.jsonl out.npy': 'out.npy',
    'lifecycle_predict pipeline in.jsonl out.jsonl': 'out.jsonl',
    'lifecycle_train in.jsonl out --model static': 'out',
    'lifecycle_distill teacher out --pca-dims 8': 'out',
    ptune+'out': 'out'}

@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM], ids=lambda o: o.name)
@pytest.mark.parametrize('line', works)
def test_signal(line, number, home, start):
    "While it writes, and once more while it tidies up: an exit code, a sentence, and all is as it was"
    before = seen(home)
    code,out,err = start(line, home, number, signal.SIGTERM, signal.SIGINT)
    name = line.split()[0]
    assert code == 128+number, err
    assert err.splitlines()[-1].startswith(f'{name}: interrupted: ') and 'Traceback' not in err
    assert seen(home) == before

def test_python_is_left_alone(models, tmp_path):
    "From Python no handler is set, and nothing is caught"
    from model_lifecycle.inference import lifecycle_encode
    before = [signal.getsignal(o) for o in (signal.SIGINT, signal.SIGTERM)]
    lifecycle_encode(str(models/'static'), str(models/'in.jsonl'), str(tmp_path/'x.npy'), quiet=True)
    assert before == [signal.getsignal(o) for o in (signal.SIGINT, signal.SIGTERM)]
    (tmp_path/'x.jsonl').write_text('{"text": "a"}\n')
    with pytest.raises(ValueError, match='is also `input`'): lifecycle_encode(str(models/'static'), str(tmp_path/'x.jsonl'), str(tmp_path/'x.jsonl'))

# -- terminals

def shell(line, cwd, **env):
    "A command line in a shell, as a process of its own; a variable that is None is not set there"
    env = {k: v for k,v in {**os.environ, 'HF_HUB_OFFLINE':'1', 'OMP_NUM_THREADS':'1', 'PYTHONUNBUFFERED':'', **env}.items() if v is not None}
    return subprocess.run(['bash', '-c', line], cwd=cwd, env=env, capture_output=True, text=True)

finished = {k.replace(' out', ' caf\xe9'): v.replace('out', 'caf\xe9') for k,v in works.items()}
bare = dict(PYTHONIOENCODING='ascii', LC_ALL='C', PYTHONUTF8='0', HOME=None)

def check(line, home, code, err):
    "The job is done, and there is no more to see of it"
    assert code == 0 and 'Traceback' not in err and 'Exception ignored' not in err, err
    assert (home/finished[line]).exists() and not [o for o in home.iterdir() if o.name.startswith('.') and o.name != '.cache']

@pytest.mark.parametrize('how', ['all full', 'all closed', 'left'])
@pytest.mark.parametrize('line', finished)
def test_talk_that_nobody_hears(line, how, home, start):
    "A finished job is no error when what is said about it goes to a full disk, to a closed stream, or to a reader who has left"
    code,_,err = start(line, home, how=how)
    check(line, home, code, err)

encode,predict,train,*_ = finished

@pytest.mark.parametrize('how', ['> /dev/full 2> /dev/full', '>&- 2>&- <&-', '| true'])
def test_talk_in_a_shell(how, home):
    "The same, as a process of its own"
    res = shell(f'set -o pipefail; {bin}/{encode} {how}', home)
    check(encode, home, res.returncode, res.stderr)

@pytest.mark.parametrize('line', [predict, train])
def test_bare_terminal(line, home):
    "In a terminal of ASCII, without a home folder, and with files for nobody else to read"
    res = shell(f'umask 077; {bin}/{line}', home, **bare)
    check(line, home, res.returncode, res.stderr)
    assert r'caf\xc3\xa9' in res.stdout or r'caf\xe9' in res.stdout or r'caf\udcc3\udca9' in res.stdout, res.stdout

def test_name_that_is_no_text(home):
    "A name on the disk is bytes"
    model = static_model()
    for o in model, StaticModelPipeline(model, nn.Linear(8, 2), ['money', 'sport']):
        out = os.fsdecode(os.fsencode(home)+b'/caf\xe9')
        o.save_pretrained(out)
        assert 'caf\ufffd' in Path(out, 'README.md').read_text()

on_stdout = ('lifecycle_chat base --once hello --max-new-tokens 4 --device cpu', 'lifecycle_encode static in.jsonl - --quiet',
             'lifecycle_predict pipeline in.jsonl - --quiet')

@pytest.mark.parametrize('line', on_stdout, ids=lambda o: o.split()[0])
@pytest.mark.parametrize('how,says', [('full', 'No space left'), ('closed', 'standard output is closed'), ('left', '')])
def test_results_that_cannot_be_written(how, says, line, home, start):
    "What was asked for on standard output is no talk"
    code,_,err = start(line, home, how=how)
    assert 'Traceback' not in err and 'Exception ignored' not in err, err
    last = (err.splitlines() or [''])[-1]
    assert code == 1 and last.startswith(f'{line.split()[0]}: error: ') and says in last if says else code == 0

def test_an_answer_in_ascii(home):
    res = shell(f'{bin}/lifecycle_chat base --once hello --max-new-tokens 4 --device cpu', home, **bare)
    assert res.returncode == 0 and res.stdout.isascii() and res.stdout.endswith('\n'), res.stderr

@pytest.mark.parametrize('name', ['lifecycle_encode', 'lifecycle_ptune', 'lifecycle_chat'])
@pytest.mark.parametrize('how', ['full', 'left'])
def test_help_that_nobody_reads(name, how, home, start):
    code,_,err = start(f'{name} --help', home, how=how)
    assert code == 0 and 'Traceback' not in err, err

def test_ignored_signals_stay_ignored(home):
    "As `nohup` and a shell's background jobs want it"
    code = 'import signal, sys\nfrom model_lifecycle.commands import as_command\nsignal.signal(signal.SIGHUP, signal.SIG_IGN)\nwith as_command("x"): signal.raise_signal(signal.SIGHUP)\nprint("done")'
    res = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True)
    assert (res.returncode, res.stdout) == (0, 'done\n')

def test_a_pipe_of_its_own(home):
    "A pipe that breaks elsewhere, with standard output in order, is an error"
    code = 'from model_lifecycle.commands import as_command\nwith as_command("x", results=True): raise BrokenPipeError(32, "Broken pipe")'
    res = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True)
    assert (res.returncode, res.stderr) == (1, 'x: error: [Errno 32] Broken pipe\n')

def test_what_loggers_remember(tmp_path):
    "A library's logger keeps the stream that there was when it was imported: it is heard until the command ends"
    code = """if 1:
        import logging, sys
        from model_lifecycle import commands
        def load(name):
            logging.getLogger('library').addHandler(logging.StreamHandler())
            return sys.modules['__main__']
        @commands.command
        def train(): logging.getLogger('library').warning('heard')
        commands.import_module = load
        commands.run_command()
        """
    (tmp_path/'train.py').write_text(code)
    res = subprocess.run([sys.executable, tmp_path/'train.py'], text=True, capture_output=True)
    assert (res.returncode, res.stdout, res.stderr) == (0, '', 'heard\n')
