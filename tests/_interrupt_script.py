"Runs a command in a process that gets a signal at an event of its own: started by `test_interrupts.py`"
import os, signal, sys
from importlib.machinery import ExtensionFileLoader
from model_lifecycle import distillation, training
from model_lifecycle.teacher_cache import TeacherCache
from model_lifecycle.trainer import PTuningTrainer
from tests import _command_script

def at_step(number, epoch, step):
    "The signal comes in that step of training"
    tell = training._Loop.tell
    def told(self, event):
        tell(self, event)
        if event=='after_batch' and (self.state.epoch, self.state.step)==(epoch, step): os.kill(os.getpid(), number)
    training._Loop.tell = told

def at_batch(number, n):
    "The signal comes when the teacher reads that batch"
    read,count = TeacherCache._read,[]
    def counted(self, seqs):
        count.append(seqs)
        if len(count)==n: os.kill(os.getpid(), number)
        return read(self, seqs)
    TeacherCache._read = counted

def at_loss(number, n):
    "The signal comes when a prefix in training has its loss number `n`"
    loss,count = PTuningTrainer.compute_loss,[]
    def counted(self, model, *args, **kwargs):
        if model.training: count.append(model)
        if len(count)==n: os.kill(os.getpid(), number)
        return loss(self, model, *args, **kwargs)
    PTuningTrainer.compute_loss = counted

def at_start(number, n):
    "The signal comes when a module written in C, while it starts, calls Python for the `n`th time"
    count = []
    def starts(frame): return frame is not None and (isinstance(frame.f_locals.get('self'), ExtensionFileLoader) or starts(frame.f_back))
    def hook(frame, event, arg):
        if event!='call' or not starts(frame.f_back): return
        count.append(frame)
        if len(count)==n: os.kill(os.getpid(), number)
    sys.setprofile(hook)

def run(words, cwd, said, number, event, *place):
    signal.signal(signal.SIGINT, signal.default_int_handler)  # whatever the parent left
    distillation._checkpoint_from = 0
    dict(step=at_step, batch=at_batch, loss=at_loss, start=at_start)[event](number, *place)
    _command_script.run(words, cwd, said, {})
