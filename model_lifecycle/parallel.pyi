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

def n_workers(n: int | None, use_multiprocessing: bool, threshold: int) -> int:
    """How many threads work on `n` texts"""
    ...

def in_order(f, items, workers: int):
    """`f` of each of `items`, in order, in `workers` threads that are never far ahead"""
    ...
