"""Several threads, results in order, bounded."""
__all__ = []

def torch_threads():
    """How many threads torch uses for whoever asks; 0: nobody has imported it"""
    ...

def use_threads(n):
    """Let the thread that asks use `n` of torch's, unless that is 0"""
    ...

def forget_threads():
    """In a forked process: work in one thread, and let nobody wait for threads that are gone"""
    ...

def stretches(texts):
    """How much there is to read: texts, or stretches of 400 characters of a list; None: not known"""
    ...

def is_little(texts):
    """Are texts so few, and so short, that one after the other is the fastest way?"""
    ...

def n_cores():
    """Cores that this process may use: it may be bound to some, or its container to a time"""
    ...

def shares(texts, size: int, use_multiprocessing: bool, threshold: int):
    """How many threads read `texts`, and how many texts each takes at a time"""
    ...

def in_order(f, items, workers: int):
    """`f` of each of `items`, in order, in `workers` threads that are never far ahead"""
    ...
