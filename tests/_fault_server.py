"""Starts commands, stops them at a moment, and tells how they ended: run by `faults.py`

It has their libraries loaded, and each command begins as a copy of it, at the line where its
script begins. One line of standard input is one job, one of standard output how it ended.
"""
import atexit
import ctypes
import gc
import json
import os
import runpy
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager, nullcontext
from importlib import import_module
from pathlib import Path

libraries = ('matplotlib.pyplot pyarrow.parquet pyarrow.csv datasets sklearn.metrics '
             'transformers.models.bert.modeling_bert transformers.models.llama.modeling_llama '
             'model_lifecycle.inference model_lifecycle.pipeline model_lifecycle.classifier '
             'model_lifecycle.distillation model_lifecycle.ptuning_trainer model_lifecycle.chat '
             'model_lifecycle.onnx_export').split()
patience = 300  # seconds of a processor, after which a command is taken to hang
most_idle = 120  # and seconds in which it does nothing
# what changes a file system, among the events that Python tells of
changes = {'os.rename', 'os.mkdir', 'os.rmdir', 'os.remove', 'os.link', 'shutil.move'}

def writes(event, args):
    "Does an event change the file system?"
    if event != 'open': return event in changes
    path,mode,flags = args
    if isinstance(path, int): return False
    return bool(set(mode or '') & set('wax+') or flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))

def signal_at(step, number):
    "Send the process signal `number` before its change `step` of the file system, from 1"
    count = 0
    def hook(event, args):
        nonlocal count
        if not writes(event, args): return
        count += 1
        if count == step: os.kill(os.getpid(), number)
    sys.addaudithook(hook)

@contextmanager
def measured(path):
    "Write to `path` how often the block changes the file system, and the seconds that it takes"
    count = 0
    def hook(event, args):
        nonlocal count
        count += writes(event, args)
    sys.addaudithook(hook)
    try: yield
    finally:
        found = dict(steps=count, cpu=time.process_time())
        with open(path, 'w') as f: json.dump(found, f)

def signal_after(moment, number):
    "Let the system send this process signal `number` when it has had `moment` seconds"
    libc,timer = ctypes.CDLL(None, use_errno=True),ctypes.c_void_p()
    what = struct.pack('qii48x', 0, number, 0)  # struct sigevent: a value, the signal, 'send it'
    when = struct.pack('qqqq', 0, 0, int(moment), int(moment%1*1e9))  # once, not again and again
    if libc.timer_create(time.CLOCK_PROCESS_CPUTIME_ID, what, ctypes.byref(timer)) \
       or libc.timer_settime(timer, 0, when, None):
        raise OSError(ctypes.get_errno(), 'no timer')

def output_to(job):
    "Let standard output and errors go into files, or where the job says"
    for number,name in (1, 'stdout'),(2, 'stderr'):
        where = job.get(name, f"{job['said']}.{name}")
        if where == 'closed':
            os.close(number)
            setattr(sys, name, None)  # as Python finds it when it starts
        elif where == 'broken':  # a pipe that nobody reads
            reader,writer = os.pipe()
            os.close(reader)
            os.dup2(writer, number)
        else: os.dup2(os.open(where, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), number)

def prepare(job):
    "In the new process: be as one that a shell has started"
    os.setsid()
    os.chdir(job['cwd'])
    os.environ.update(job['env'])
    tempfile.tempdir = None
    if 'umask' in job: os.umask(job['umask'])
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    sys.stdin = open(0, closefd=False)
    output_to(job)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if 'file_size' in job:
        import resource
        resource.setrlimit(resource.RLIMIT_FSIZE, (job['file_size'],)*2)

def command(job):
    "Run a console script: as this process, or as one that begins with importing"
    name,*args = job['line']
    script = str(Path(sys.executable).parent/name)
    if job.get('fresh'): os.execve(sys.executable, [sys.executable, script, *args], os.environ)
    sys.argv = [script, *args]
    if job.get('step'): signal_at(job['step'], job['number'])
    if job.get('moment') is not None: signal_after(max(job['moment'], 1e-6), job['number'])
    with measured(job['measure']) if 'measure' in job else nullcontext():
        runpy.run_path(script, run_name='__main__')

def code_of(error):
    "The exit code of an error, which is shown where Python would show it"
    if isinstance(error, KeyboardInterrupt): code = -signal.SIGINT
    elif not isinstance(error, SystemExit): code = 1
    else:
        if isinstance(error.code, str): print(error.code, file=sys.stderr)
        return error.code if isinstance(error.code, int) else int(error.code is not None)
    sys.excepthook(type(error), error, error.__traceback__)
    return code

def end(code=0):
    "End as Python does, but without taking apart all that is loaded, which takes a second"
    threading._shutdown()
    atexit._run_exitfuncs()
    try: sys.stdout and sys.stdout.flush()
    except (OSError, ValueError) as e:
        code = 120  # as Python has it
        print(f'Exception ignored on flushing sys.stdout: {e!r}', file=sys.stderr)
    if code == -signal.SIGINT:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)
    os._exit(code)

def cpu(pid):
    "Seconds of a processor that a process has had; this is how Linux numbers the clocks of others"
    return time.clock_gettime((~pid << 3) | 2)

def stands_still(pid):
    "Has somebody stopped a process, to go on later?"
    try: return Path(f'/proc/{pid}/stat').read_text().rsplit(')', 1)[1].split()[0] == 'T'
    except OSError: return True  # it has just ended

def watch(pid, moment=None, number=None, fresh=False, **job):
    "Wait for a process; to a fresh one send signal `number` when it has had `moment` seconds"
    if not fresh: moment = None  # it sees to it itself
    used,idle,hangs = 0.,0.,False
    while True:
        before = used
        try: used = cpu(pid)
        except OSError: pass  # it has just ended
        got,status,usage = os.wait4(pid, os.WNOHANG)
        if got: break
        if moment is not None and used >= moment:
            os.kill(pid, number)
            moment = None
        pause = 0.0005 if moment is not None else 0.003
        # what is counted are looks at it, so that time in which this process stands still is none
        idle = 0. if used > before or stands_still(pid) else idle+pause
        if used > patience or idle > most_idle:
            os.kill(pid, signal.SIGKILL)
            hangs = True
        time.sleep(pause)
    return dict(code=os.waitstatus_to_exitcode(status), cpu=used, memory=usage.ru_maxrss,
                hangs=hangs, late=moment is not None)

def mount(place, options):
    subprocess.run(['mount', '-t', 'tmpfs', '-o', options, 'tmpfs', place], check=True)
    return {}

def umount(place):
    subprocess.run(['umount', '-l', place], check=True)
    return {}

def main():
    for o in libraries: import_module(o)
    gc.collect()
    gc.freeze()  # a copy need not look through it
    answers = os.fdopen(os.dup(1), 'w')
    os.dup2(2, 1)  # nothing else may come between the answers
    print('{}', file=answers, flush=True)
    for text in sys.stdin:
        job = json.loads(text)
        if 'mount' in job: res = mount(**job['mount'])
        elif 'umount' in job: res = umount(job['umount'])
        else:
            sys.stdout.flush()
            pid = os.fork()
            if not pid: return job
            res = watch(pid, **job)
        print(json.dumps(res), file=answers, flush=True)

if __name__ == '__main__':
    if job := main():  # in a new process: outside of what the server does
        code = 0
        try:
            prepare(job)
            if 'call' in job:
                module,name = job['call'].split(':')
                getattr(import_module(module), name)(**job['args'])
            else: command(job)
        except BaseException as e: code = code_of(e)
        end(code)  # when the error, and all that it holds, is gone
