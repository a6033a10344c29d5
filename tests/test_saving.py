"A folder holds the old model or the new one, whole, whatever happens while it is written"
import errno, multiprocessing, os, resource, shutil, signal, stat, sys, tempfile
from pathlib import Path
import pytest
from model_lifecycle import inference, writing
from model_lifecycle.inference import StaticModel
from model_lifecycle.writing import atomic_path, sweep
from tests.events import patience, wait_until
from tests.tiny import static_model

# Children are forked from a server that has the library loaded: they start at once, and none inherits a thread
ctx = multiprocessing.get_context('forkserver')
ctx.set_forkserver_preload(['tests.test_saving'])

def small(): return static_model(0, 20, 8)
def large(): return static_model(1, 400, 24, normalize=True)

def contents(folder): return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob('*')) if p.is_file()}
def files_of(model, folder):
    "The files of `model`, saved in a folder of the same name as `folder`, since the card has it"
    other = folder.parent/'reference'/folder.name
    model.save_pretrained(other)
    res = contents(other)
    shutil.rmtree(other.parent)
    return res

@pytest.fixture
def folder(tmp_path): return tmp_path/'model'
@pytest.fixture
def versions(folder): return [files_of(m, folder) for m in (small(), large())]

def loads(folder):
    "The folder loads and works"
    assert StaticModel.from_pretrained(folder).encode('the bank').any()
    return True

def spawn(f, *args):
    p = ctx.Process(target=f, args=args)
    p.start()
    return p

# -- killed

def save_forever(folder, saves):
    models = small(),large()
    for i in range(10**6):
        models[i%2].save_pretrained(folder)
        saves.release()

@pytest.mark.parametrize('under_way', [False, True], ids=['after a save', 'in a save'])
def test_killed_anytime(under_way, folder, versions):
    "Killed from outside, wherever the process is by then: which of the two is there is for chance to say, not for the test"
    for n in range(12):
        saves,before = ctx.Semaphore(0),{*folder.parent.iterdir(), folder}
        p = spawn(save_forever, folder, saves)
        for _ in range(1+n%3): assert saves.acquire(timeout=patience)
        if under_way: wait_until(lambda: {*folder.parent.iterdir()}-before)
        p.kill(); p.join()
        assert contents(folder) in versions and loads(folder)

steps = {'os.rename', 'os.mkdir', 'os.rmdir', 'os.remove', 'os.link', 'shutil.move', 'ctypes.dlsym', 'open'}

def on_step(n, act):
    "Call `act` before step number `n` of those that change the file system; returns a list that counts them"
    count = []
    def hook(event, args):
        if event in steps and (event!='open' or not isinstance(args[0], int)):
            count.append(event)
            if len(count)==n: act()
    sys.addaudithook(hook)
    return count

def save_and_die(folder, n):
    model = large()
    on_step(n, lambda: os.kill(os.getpid(), signal.SIGKILL))
    model.save_pretrained(folder)

def die_at_each_step(folder, save=save_and_die):
    "Save `large` over `folder` again and again, killed one step later each time, until it is through"
    for n in range(1, 200):
        p = spawn(save, folder, n)
        p.join()
        yield n
        if p.exitcode==0: return
        assert p.exitcode==-signal.SIGKILL
    raise AssertionError('saving took more than 200 steps')

def test_killed_at_each_step(folder, versions):
    small().save_pretrained(folder)
    states = [versions.index(contents(folder)) for _ in die_at_each_step(folder)]
    assert len(states)>10 and set(states)=={0, 1} and states==sorted(states)
    assert [p.name for p in folder.parent.iterdir()]==['model'], 'the last save, which came through, sweeps up after the dead ones'

class NoExchange:
    "A C library without the system calls that exchange two folders"
    def __init__(self, *args, **kwargs): pass

def save_without_exchange_and_die(folder, n):
    writing.ctypes.CDLL = NoExchange
    save_and_die(folder, n)

def test_killed_at_each_step_without_exchange(folder, versions):
    "Killed while the old folder is aside, the place is empty until the next write there puts it back"
    small().save_pretrained(folder)
    (folder/'notes.txt').write_text('mine')
    aside = 0
    for n in die_at_each_step(folder, save_without_exchange_and_die):
        aside += not folder.exists()
        sweep(folder.parent)  # what each write begins with
        assert [p.name for p in folder.parent.iterdir()]==['model'] and contents(folder) in [o|{'notes.txt': b'mine'} for o in versions]
    assert aside

def test_killed_keeps_unrelated(folder):
    "Files that are not the model's are there after a kill too"
    small().save_pretrained(folder)
    (folder/'notes').mkdir()
    (folder/'notes'/'a.txt').write_text('mine')
    (folder/'data.csv').write_text('mine too')
    for n in die_at_each_step(folder):
        assert (folder/'notes'/'a.txt').is_file() and (folder/'data.csv').is_file(), f'lost by a kill at step {n}'

# -- errors

class Injected(Exception): pass

def fail_at(monkeypatch, where, name, call, exc):
    "Let call number `call` of `where.name` raise"
    real,calls = getattr(where, name),[]
    def f(*args, **kwargs):
        calls.append(args)
        if len(calls)==call: raise exc
        return real(*args, **kwargs)
    monkeypatch.setattr(where, name, f)
    return calls

# What is called, and how often in one save over an old folder
calls = [(inference, 'save_file', 1), (os, 'fsync', 1), (os, 'fsync', 3), (os, 'fsync', 6), (os, 'replace', 1), (writing, 'swap_folders', 1)]

@pytest.mark.parametrize('where,name,call', calls, ids=str)
@pytest.mark.parametrize('exc', [OSError(errno.ENOSPC, 'No space left on device'), Injected('!'), KeyboardInterrupt()], ids=repr)
def test_error(where, name, call, exc, folder, versions, monkeypatch):
    small().save_pretrained(folder)
    done = fail_at(monkeypatch, where, name, call, exc)
    if (name, type(exc))==('replace', OSError): large().save_pretrained(folder)  # which is what a full folder answers: exchange follows
    else:
        with pytest.raises(type(exc)): large().save_pretrained(folder)
    assert len(done)>=call, 'that call was never made'
    assert contents(folder)==versions[(name, type(exc))==('replace', OSError)]
    assert [p.name for p in folder.parent.iterdir()]==['model']

@pytest.mark.parametrize('call', [1, 2])
def test_error_without_exchange(call, folder, versions, monkeypatch):
    monkeypatch.setattr(writing.ctypes, 'CDLL', NoExchange)
    small().save_pretrained(folder)
    fail_at(monkeypatch, os, 'rename', call, Injected())
    with pytest.raises(Injected): large().save_pretrained(folder)
    assert contents(folder)==versions[0] and [p.name for p in folder.parent.iterdir()]==['model']

def test_without_exchange(folder, versions, monkeypatch):
    monkeypatch.setattr(writing.ctypes, 'CDLL', NoExchange)
    for i in 0,1,0:
        (small, large)[i]().save_pretrained(folder)
        assert contents(folder)==versions[i] and [p.name for p in folder.parent.iterdir()]==['model']

def test_error_keeps_unrelated(folder, monkeypatch):
    "An error at the very end, while unrelated files are carried over, loses none of them"
    small().save_pretrained(folder)
    (folder/'notes.txt').write_text('mine')
    for where,name in (os, 'rename'),(os, 'link'),(shutil, 'copy2'),(shutil, 'copytree'):
        with monkeypatch.context() as m:
            fail_at(m, where, name, 1, Injected())
            try: large().save_pretrained(folder)
            except Injected: pass
        assert (folder/'notes.txt').read_text()=='mine', f'lost by an error in {name}'

def test_fresh_folder(folder, monkeypatch):
    "Nothing is left of a first save that failed"
    fail_at(monkeypatch, os, 'fsync', 2, Injected())
    with pytest.raises(Injected): small().save_pretrained(folder)
    assert not list(folder.parent.iterdir())

# -- a full disk

def wordy(): return static_model(2, 2000, 1)

def save_limited(folder, model, limit, pipe):
    "Save where no file may grow beyond `limit` bytes, and report the error"
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    try: pipe.send(model().save_pretrained(folder))
    except Exception as e: pipe.send((isinstance(e, (OSError, ValueError)), type(e).__name__, str(e)))

@pytest.mark.parametrize('model,limit', [(large, 0), (large, 30_000), (wordy, 20_000)], ids=['nothing', 'vectors', 'tokenizer'])
def test_full_disk(model, limit, folder, versions):
    "The disk is full at once, while the vectors are written, or after them"
    small().save_pretrained(folder)
    here,there = ctx.Pipe()
    spawn(save_limited, folder, model, limit, there).join()
    usual,name,message = here.recv()
    assert contents(folder)==versions[0] and [p.name for p in folder.parent.iterdir()]==['model']
    assert usual, f'{name}, which the command line does not turn into a sentence: {message}'
    assert message.startswith(f'{folder} cannot be written: File too large. What was there is as it was')

def test_full_disk_where_files_have_one_name(folder, versions, monkeypatch):
    "What is carried over is copied where it cannot be linked, and the disk may be full by then"
    small().save_pretrained(folder)
    (folder/'notes.txt').write_text('mine')
    def fail(number): raise OSError(number, os.strerror(number))
    monkeypatch.setattr(os, 'link', lambda *args, **kwargs: fail(errno.EPERM))
    monkeypatch.setattr(shutil, 'copy2', lambda *args, **kwargs: fail(errno.ENOSPC))
    with pytest.raises(OSError, match=f'{folder} cannot be written: No space left on device') as e: large().save_pretrained(folder)
    assert e.value.errno==errno.ENOSPC and contents(folder)==versions[0]|{'notes.txt': b'mine'} and [p.name for p in folder.parent.iterdir()]==['model']

def test_full_disk_leaves_no_new_folders(folder):
    here,there = ctx.Pipe()
    spawn(save_limited, folder/'deep'/'deeper', large, 30_000, there).join()
    assert not here.recv()[1].startswith('None') and not list(folder.parent.iterdir())

# -- two at once

def save_once(folder, i, start):
    model = (small, large)[i]()
    start.wait()
    model.save_pretrained(folder)

@pytest.mark.parametrize('exists', [True, False])
def test_two_at_once(exists, folder, versions):
    for _ in range(20):
        if exists: small().save_pretrained(folder)
        else: shutil.rmtree(folder, ignore_errors=True)
        start = ctx.Barrier(2)
        ps = [spawn(save_once, folder, i, start) for i in (0, 1)]
        for p in ps: p.join()
        assert [p.exitcode for p in ps]==[0, 0]
        assert contents(folder) in versions and loads(folder)
        assert [p.name for p in folder.parent.iterdir()]==['model']

def write_slowly(path, begun, go_on):
    with atomic_path(path) as new:
        new.mkdir()
        (new/'a').write_text('half')
        begun.set()
        assert go_on.wait(patience)
        (new/'b').write_text('whole')

def test_the_living_are_left_alone(folder):
    "Others write to the same place and beside it meanwhile, and sweep what a dead process left"
    begun,go_on,dead,never = (ctx.Event() for _ in range(4))
    killed,p = spawn(write_slowly, folder, dead, never),spawn(write_slowly, folder, begun, go_on)
    assert dead.wait(patience) and begun.wait(patience)
    killed.kill(); killed.join()
    assert len([*folder.parent.iterdir()])==2
    small().save_pretrained(folder)
    small().save_pretrained(folder.with_name('other'))
    assert len([*folder.parent.iterdir()])==3
    go_on.set()
    p.join()
    assert p.exitcode==0 and contents(folder)['b']==b'whole'
    assert sorted(p.name for p in folder.parent.iterdir())==['model', 'other']

# -- modes

def modes(path): return {p.relative_to(path).as_posix(): stat.S_IMODE(p.stat().st_mode) for p in [path, *path.rglob('*')]}

@pytest.fixture(params=[0o022, 0o027, 0o077], ids='{:03o}'.format)
def umask(request):
    old = os.umask(request.param)
    yield request.param
    os.umask(old)

def test_one_mode(umask, folder):
    "All files of a model have the mode that the umask gives a plain file, whichever library wrote them"
    small().save_pretrained(folder)
    with atomic_path(folder/'made'/'deep') as p:
        p.mkdir()
        tempfile.mkdtemp(dir=p)
    with atomic_path(folder/'a.txt') as p: p.write_text('one')
    assert len(modes(folder))>8 and {k: v for k,v in modes(folder).items() if v!=(0o777 if (folder/k).is_dir() else 0o666)&~umask}=={}

def test_what_is_written_over_keeps_its_mode(umask, folder):
    small().save_pretrained(folder)
    own = {'.': 0o750, 'config.json': 0o600, 'model.safetensors': 0o664}
    for k,v in own.items(): (folder/k).chmod(v)
    (folder/'notes.txt').write_text('mine')
    (folder/'notes.txt').chmod(0o400)
    before = modes(folder)
    large().save_pretrained(folder)
    assert {k: v for k,v in modes(folder).items() if k in before}==before
    with atomic_path(folder/'config.json') as p: p.write_text('{}')
    assert modes(folder)['config.json']==0o600

# -- what is there already

def test_unrelated_files(folder, versions):
    small().save_pretrained(folder)
    mine = {'notes/a.txt': b'a', 'notes/deep/b.txt': b'b', '.git/HEAD': b'ref', 'data.csv': b'1'}
    for k,v in mine.items():
        (folder/k).parent.mkdir(parents=True, exist_ok=True)
        (folder/k).write_bytes(v)
    for i in 1,0: (small, large)[i]().save_pretrained(folder)
    assert contents(folder)==versions[0]|mine

def test_link(folder, versions):
    "A link to a folder stays a link, and the folder changes"
    small().save_pretrained(folder)
    link = folder.parent/'link'
    link.symlink_to(folder)
    large().save_pretrained(link, model_name='model')
    assert link.is_symlink() and contents(folder)==versions[1]

@pytest.mark.parametrize('inside', ['', 'deep'])
def test_current_folder(inside, folder, versions, monkeypatch):
    small().save_pretrained(folder)
    (folder/inside).mkdir(exist_ok=True)
    monkeypatch.chdir(folder/inside)
    with pytest.raises(ValueError, match='current folder.*write to a folder inside'): large().save_pretrained(folder)
    assert contents(folder)==versions[0] and [p.name for p in folder.parent.iterdir()]==['model']

def test_mount_point():
    mount = next(Path(p) for p in ('/proc', '/dev', '/') if Path(p).is_mount())
    before = sorted(p.name for p in Path('/').iterdir())
    with pytest.raises(ValueError, match=f'{mount} is a mount point'): small().save_pretrained(mount)
    assert sorted(p.name for p in Path('/').iterdir())==before

def test_file_in_the_way(folder):
    folder.write_text('mine')
    with pytest.raises(ValueError, match='is a file'): small().save_pretrained(folder)
    assert folder.read_text()=='mine' and [p.name for p in folder.parent.iterdir()]==['model']

def test_folder_in_the_way(tmp_path):
    "A file does not take the place of a folder"
    (tmp_path/'out').mkdir()
    (tmp_path/'out'/'a').touch()
    with pytest.raises(OSError):
        with atomic_path(tmp_path/'out') as p: p.write_text('new')
    assert [p.name for p in tmp_path.rglob('*')]==['out', 'a']

def test_device_in_the_way():
    with pytest.raises(ValueError, match='/dev/null is neither a file nor a folder'):
        with atomic_path('/dev/null') as p: p.write_text('new')
    assert Path('/dev/null').is_char_device()

def test_long_name(tmp_path):
    path = tmp_path/('ü'*127)
    with atomic_path(path) as p: p.write_text('one')
    assert path.read_text()=='one' and len([*tmp_path.iterdir()])==1

def test_file(tmp_path):
    with atomic_path(tmp_path/'new'/'a.txt') as p: p.write_text('one')
    with pytest.raises(Injected):
        with atomic_path(tmp_path/'new'/'a.txt') as p:
            p.write_text('two')
            raise Injected
    assert contents(tmp_path)=={'new/a.txt': b'one'} and [p.name for p in tmp_path.rglob('*')]==['new', 'a.txt']
