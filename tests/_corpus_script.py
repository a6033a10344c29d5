"Distils a tiny teacher with a corpus and writes the student: run by `test_corpus.py`, alone, killed, or as several processes"
import json, os, random, sys
from pathlib import Path
from model_lifecycle import distillation
from model_lifecycle.distillation import distill
from model_lifecycle.teacher_cache import TeacherCache
from tests.tiny import words

settings = dict(pca_dims=8, quantize_to='float32', epochs=4, held_out=30, batch_size=40, show_progress_bar=False)

def corpus(n=400, seed=0):
    "Sentences of 2 to 12 words, some of which the teacher's tokenizer has to spell"
    rng = random.Random(seed)
    return [' '.join(rng.choices([*words, 'zebra', 'quilt'], k=rng.randint(2, 12))) for _ in range(n)]

def die_at(n):
    "A function that counts its calls and kills the process at number `n`; its attribute `calls` has the count"
    def f(*args):
        f.calls += 1
        if f.calls==n: os.kill(os.getpid(), 9)
    f.calls = 0
    return f

def main(folder, out, kill='', at=0, **kwargs):
    "Distil `folder/teacher`; the process kills itself at batch `at` of the teacher or at step `at` of training, as `kill` says"
    folder,out = Path(folder),Path(str(out).format(os.environ.get('RANK', 0)))
    read,step = die_at(at if kill=='teacher' else 0),die_at(at if kill=='training' else 0)
    was_read,was_loop = TeacherCache._read,distillation.train_loop
    def counted(self, seqs):
        read()
        return was_read(self, seqs)
    TeacherCache._read,distillation._checkpoint_from = counted,0
    distillation.train_loop = lambda *args, **kw: was_loop(*args, callbacks=[lambda event, state: event=='after_batch' and step()], **kw)
    model = distill(folder/'teacher', corpus=corpus(), device='cpu', **dict(cache_dir=folder/'cache') | settings | kwargs)
    model.save_pretrained(out)
    (out/'calls.json').write_text(json.dumps(dict(read=read.calls, steps=step.calls)))

if __name__=='__main__': main(**json.loads(sys.argv[1]))
