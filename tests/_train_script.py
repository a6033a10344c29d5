"Trains a small model and writes what came out: run by `test_training.py`, alone, killed, or as several processes"
import json, os, sys
import torch, torch.nn.functional as F
from safetensors.torch import save_file
from model_lifecycle.base import FineTunable
from model_lifecycle.targets import StaticModelForPairSimilarity
from model_lifecycle.training import train_loop
from tests.tiny import static_model, words

def texts(n, seed=0):
    g = torch.Generator().manual_seed(seed)
    return [' '.join(words[i] for i in torch.randint(20, (k,), generator=g)) for k in torch.randint(0, 9, (n,), generator=g).tolist()]

def make(cls=FineTunable, **kwargs):
    torch.manual_seed(0)
    return cls.from_static_model(model=static_model(), **dict(out_dim=3, n_layers=1, hidden_dim=8)|kwargs)

def data(model, n=103):
    "Texts, and as targets which of three words they have"
    x = texts(n)
    y = torch.tensor([[float(w in o.split()) for w in words[5:8]] for o in x]).reshape(n, 3)
    tokens = model.tokenize(x)
    return (tokens[range(80)], y[:80]), (tokens[range(80, n)], y[80:])

def train(model, **kwargs):
    return train_loop(model, F.mse_loss, *data(model), **dict(max_epochs=4, batch_size=9, learning_rate=0.02, show_progress_bar=False)|kwargs)

def result(model, history, path):
    save_file({k: v.clone() for k,v in model.state_dict().items()}, path, dict(history=json.dumps(history)))

def main(out, kill_at, **kwargs):
    "Train; at the step `kill_at`, counted over all epochs, the process kills itself"
    steps = 0
    def die(event, state):
        nonlocal steps
        steps += event=='after_batch'
        if kill_at and steps==kill_at: os.kill(os.getpid(), 9)
    pairs,out = kwargs.pop('pairs', False),out.format(os.environ.get('RANK', 0))
    if pairs:
        model,x = make(StaticModelForPairSimilarity, n_layers=0, out_dim=None),texts(60)
        model.fit(x[:30], x[30:], max_epochs=2, batch_size=7, show_progress_bar=False, test_size=8)
        result(model, model.history, f'{out}-pairs')
    model = make(dropout=0. if pairs else 0.2)  # each process drops other units
    result(model, train(model, callbacks=[die], **kwargs), out)

if __name__=='__main__':
    settings = json.loads(sys.argv[1])
    main(**settings)
