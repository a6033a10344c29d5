"Runs a console script in a process that has its libraries loaded already: started by `test_commands.py`"
import os, runpy, signal, sys
from pathlib import Path
# what the commands import late
import matplotlib.figure, matplotlib.pyplot, pyarrow.parquet, sklearn.metrics  # noqa: F401
from transformers import AutoModel, AutoTokenizer  # noqa: F401
from transformers.models.bert import modeling_bert  # noqa: F401
from transformers.models.llama import modeling_llama  # noqa: F401
import model_lifecycle.chat, model_lifecycle.classifier, model_lifecycle.demo, model_lifecycle.distillation, model_lifecycle.ptuning_trainer  # noqa: F401

def send(numbers, folder):
    """Send this process the signals `numbers`: the first when something is first written below `folder`,
    each of the others when something there is next removed"""
    numbers = list(numbers)
    n_first = len(numbers)
    def hook(event, args):
        if not numbers: return
        if len(numbers) == n_first: now = event == 'os.mkdir' or event == 'open' and set(args[1] or '') & set('wax')
        else: now = event in ('os.rmdir', 'os.remove')
        name = args[0] if args else None
        if now and isinstance(name, (str, Path)) and Path(name).is_relative_to(folder): os.kill(os.getpid(), numbers.pop(0))
    sys.addaudithook(hook)

def stream(number):
    "A standard stream as Python makes it when it starts: None if it is closed"
    try: os.fstat(number)
    except OSError: return None
    return open(number, 'w' if number else 'r', closefd=False, encoding='utf-8', buffering=1 if number==2 else -1)

def streams(said, how):
    "Give this process other standard streams: files, or `how`"
    for number in 1, 2: os.dup2(os.open(f'{said}.{number}', os.O_WRONLY|os.O_CREAT|os.O_TRUNC), number)
    if how == 'full': os.dup2(os.open('/dev/full', os.O_WRONLY), 1)
    if how == 'all full':
        for number in 1, 2: os.dup2(os.open('/dev/full', os.O_WRONLY), number)
    if how == 'closed': os.close(1)
    if how == 'all closed': os.closerange(0, 3)
    if how == 'left':
        reader,writer = os.pipe()
        os.close(reader)
        os.dup2(writer, 1)
    sys.stdin,sys.stdout,sys.stderr = map(stream, range(3))

def run(words, cwd, said, env, numbers=(), how=None):
    "A command in the folder `cwd`; its standard output and errors go into files that begin with `said`"
    os.chdir(cwd)
    os.environ.update(env)
    streams(said, how)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # whatever the parent left
    sys.argv = [str(Path(sys.executable).parent/words[0]), *words[1:]]
    if numbers: send(numbers, cwd)
    runpy.run_path(sys.argv[0], run_name='__main__')
