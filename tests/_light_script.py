"In the base install: load, encode, predict, save, and ask for what is not there; the answers as JSON"
import json, os, sys
from pathlib import Path
import model_lifecycle
from model_lifecycle import StaticModel, StaticModelPipeline, quantize_model, vectors

student,topics,out = map(Path, sys.argv[1:4])
texts = json.loads(sys.stdin.read())

def told(action):
    "What an error says, None if there was none"
    try: action()
    except ImportError as e: return str(e)

model = StaticModel.from_pretrained(student)
pipeline = StaticModelPipeline.from_pretrained(topics)
res = dict(embeddings=model.encode(texts).tolist(), one=model.encode(texts[0]).tolist(), probabilities=pipeline.predict_proba(texts).tolist(),
           labels=pipeline.predict(texts).tolist())
res['loaded'] = [o for o in ('torch', 'pyarrow', 'scipy', 'sklearn', 'huggingface_hub', 'matplotlib') if o in sys.modules]
vectors._pays = 0  # SciPy would pay, and is not there
res['much'] = model.encode(texts).tolist()
small = quantize_model(model, quantize_to='int8', dimensionality=64)
small.save_pretrained(out/'small')
pipeline.save_pretrained(out/'topics')
res['again'] = [StaticModel.from_pretrained(out/'small').dim, *StaticModelPipeline.from_pretrained(out/'topics').predict(texts).tolist()]
res['names'] = {name: told(lambda: getattr(model_lifecycle, name)) for name in dir(model_lifecycle)}
res['rooms'] = {name: told(lambda: __import__(f'model_lifecycle.{name}')) for name in ('base', 'distillation', 'prefix_model', 'demo', 'tables', 'pipeline')}
res['calls'] = dict(evaluate=told(lambda: pipeline.evaluate(texts, res['labels'])), cluster=told(lambda: quantize_model(model, 100)))
print(json.dumps(res))
