"""What there is to tell apart: classes, how much each counts, and which texts to measure on"""
__all__ = []

def find_classes(labels, multi, columns=None):
    """The distinct labels in order, or `columns`, (classes,), or an error if all texts are alike"""
    ...

def class_weights(class_weight, classes, y):
    """A factor for each class, (classes,) float32, or None"""
    ...

def sample_weights(given, n):
    """How much each of `n` texts counts, (n,) float32, 1 in the mean of those that count; checked"""
    ...

def counted(labels, sample_weight):
    """The labels of texts that count, which texts these are, and how much each of them counts"""
    ...

def class_loss(out, y, weights=None, gamma=0.0, each=None):
    """Cross-entropy with a factor for each class and text, and less of it for what is already right"""
    ...

def accuracy(out, y, each=None):
    """The share of texts whose class has the highest score"""
    ...

def micro_f1(out, y, each=None):
    """F1 over all texts and classes together (micro-averaged), at a probability of one half"""
    ...

def with_weights(y, each):
    """Targets, a tensor, with the weights of the texts as their last column, float32"""
    ...

def weighted(func, single):
    """A loss or metric, of outputs, targets and weights, for targets as `with_weights` makes them"""
    ...

def read_examples(path, text_column, label_column, separator='', **kwargs):
    """Texts and labels of a file; `kwargs` are those of `Tables`"""
    ...

def some_of_each(y, n_classes, most, seed):
    """Numbers of `most` texts, or of all, with some of each class"""
    ...

def hold_out(X, y, classes, multi, test_size, seed):
    """Training and held-out texts and labels"""
    ...

def check_labels(y, classes, multi, data, test, rows=False):
    """The labels of a file to measure on, or an error now, rather than after the training"""
    ...
