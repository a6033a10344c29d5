"Tests wait for what happens, never for a time, so that they pass on a busy machine too"
import json
import os
import random
import socket
import subprocess
import sys
import time
from pathlib import Path

patience = 900  # seconds, after which something that never happens fails a test

def wait_until(happened):
    "Come back when `happened()`"
    end = time.monotonic()+patience
    while not happened():
        assert time.monotonic()<end, f'nothing happened in {patience} s'
        time.sleep(0.001)

def seen(folder):
    "What a process can be seen to have done in `folder`: each file, its inode and its size"
    res = set()
    for place,folders,files in os.walk(folder):  # it passes over a folder that goes away meanwhile
        for name in [*folders, *files]:
            p = os.path.join(place, name)
            try: s = os.stat(p)
            except OSError: continue  # it went away meanwhile
            res.add((p, s.st_ino, s.st_size))
    return res

def free_port():
    "A port of this machine that is free, and that the system gives to nobody who asks for any (Linux: from 32768 on)"
    while True:
        port = random.SystemRandom().randint(20_000, 32_000)
        with socket.socket() as s:
            try: s.bind(('127.0.0.1', port))
            except OSError: continue
            return port

def launched(script, n=1, **kwargs):
    "Run `tests.script` with `kwargs` in `n` processes, several as `torchrun` starts them; their exit codes, outputs and errors"
    several = dict(WORLD_SIZE=str(n), LOCAL_WORLD_SIZE=str(n), MASTER_ADDR='127.0.0.1', MASTER_PORT=str(free_port()), ACCELERATE_USE_CPU='true')
    envs = [os.environ|dict(OMP_NUM_THREADS='1')|(several|dict(RANK=str(i), LOCAL_RANK=str(i)) if n>1 else {}) for i in range(n)]
    cmd = [sys.executable, '-m', f'tests.{script}', json.dumps(kwargs)]
    ps = [subprocess.Popen(cmd, env=o, cwd=Path(__file__).parent.parent, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for o in envs]
    try: said = [p.communicate(timeout=patience) for p in ps]
    finally:
        for p in ps: p.kill()
    return [p.returncode for p in ps],*map(list, zip(*said))
