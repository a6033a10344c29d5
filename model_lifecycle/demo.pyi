"""The whole life of small models on real news, in one command"""
from typing import Any
__all__ = ['bbc_news', 'search', 'plot_map', 'lifecycle_demo']
import numpy as np

def bbc_news():
    """The 2,225 articles and classes of the BBC news data (Greene and Cunningham 2006)"""
    ...

def search(model, query: str, embeddings: np.ndarray, k: int=3) -> list[tuple[int, float]]:
    """The nearest of `embeddings` to a query"""
    ...

def plot_map(embeddings: np.ndarray, labels: list[str], ax=None, seed: int=0):
    """Draw embeddings in two dimensions, near where they were near"""
    ...

class Demo:
    """The news, a folder for what is made of them, and a clock"""
    model: Any
    embeddings: Any
    start: Any
    out: Any
    texts: Any
    labels: Any

    def __init__(self, out):
        ...

    def step(self, what, result):
        """Print what was done, with the seconds it took"""
        ...

    def distil(self, teacher):
        """Distil the teacher, save the student, load it and embed the articles"""
        ...

    def find(self):
        """Print the articles nearest to some queries"""
        ...

    def compare(self, teacher):
        """How much of the teacher is kept, and a picture of the articles"""
        ...

    def classify(self):
        """Train a classifier on four fifths of the articles, and measure it on the others"""
        ...

    def improve(self, task, steps=48):
        """Ask, train and ask again: the answers' share that is right, before and after"""
        ...

    def keep(self, task, metrics):
        """Save the prefix with what was measured, load it and ask it"""
        ...

    def serve(self):
        """Start a server of the model and the classifier, ask it once and stop it"""
        ...

    def tune(self):
        """What the demo does with a language model, or a line that says why it cannot be had"""
        ...

def megabytes(folder):
    """How large the files of a folder are"""
    ...

def headline_rows(texts, labels, n, seed=0):
    """`n` headlines, drawn at random, and their topics, as prompts and answers"""
    ...

class HeadlineTask:
    """A prefix that is to name the topic of a headline, rows to train it and rows to ask it"""
    tokenizer: Any
    model: Any
    test: Any
    train: Any

    def __init__(self, base, tokenizer, rows, pre_seq_len=64, held_out=80):
        ...

    @property
    def info(self):
        """What is saved with the prefix"""
        ...

    @property
    def size(self):
        """How many numbers the prefix has"""
        ...

    def ask(self):
        """(Answers to the prompts that were held out, the share of them that are right)"""
        ...

    def fit(self, steps):
        """Train the prefix on batches of eight rows: the loss of each step"""
        ...

def ask_once(url, **body):
    """What a service answers to an object"""
    ...

def load_smollm2():
    """SmolLM2 and its tokenizer; where they cannot be had, an `OSError` that says how to get them"""
    ...

def lifecycle_demo(out: str='demo'):
    """Distil, save, load, embed, search, compare, classify, tune and serve, on real news"""
    ...
