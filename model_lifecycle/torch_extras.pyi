"""Small things that PyTorch lacks: modes and seeds for a moment, a device, several processes."""
__all__ = []
from contextlib import contextmanager

@contextmanager
def evaluating(model):
    """Evaluation mode, without gradients, for a moment; each module then gets its mode back"""
    ...

@contextmanager
def seeded(seed):
    """Random numbers from `seed` for a moment; the caller's go on as if none had been drawn"""
    ...

def seed_of(*place):
    """One number from several: the seed for a place in training"""
    ...

def check_device(device):
    """`device`, or an error if it cannot be used here"""
    ...

def processes(device):
    """The processes that train together, mostly one"""
    ...

def training_device(device='auto'):
    """`device`, or this process's GPU if there is one, without `accelerate launch --cpu`"""
    ...

def shared_outputs(model, batch, procs):
    """The outputs for a batch, of which this process computes its share; gradients flow through that"""
    ...

def sum_gradients(params):
    """Give every process the sum of all gradients"""
    ...
