"Tests wait for what happens, never for a time, so that they pass on a busy machine too"
import os
import random
import socket
import time

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
