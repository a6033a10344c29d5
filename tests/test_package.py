"`import model_lifecycle` is light, and still gives every public name"
import os, subprocess, sys
from configparser import ConfigParser
from importlib import import_module
from pathlib import Path
import pytest
import model_lifecycle

root = Path(__file__).resolve().parent.parent
modules = sorted(p.stem for p in (root/'model_lifecycle').glob('[!_]*.py'))

def test_light():
    code = "import sys, model_lifecycle; dir(model_lifecycle); print(*{'torch','transformers','numpy'} & set(sys.modules))"
    res = subprocess.run([sys.executable, '-c', code], cwd=root, capture_output=True, text=True, check=True)
    assert not res.stdout.split(), 'importing the package pulled these in'

@pytest.mark.parametrize('given,used', [(None, 'PASSIVE'), ('ACTIVE', 'ACTIVE')])
def test_waiting_threads_sleep(given, used):
    "OpenMP tells how its threads wait; what somebody has asked for stays"
    env = {k: v for k,v in os.environ.items() if k!='OMP_WAIT_POLICY'} | dict(OMP_DISPLAY_ENV='TRUE')
    if given: env['OMP_WAIT_POLICY'] = given
    res = subprocess.run([sys.executable, '-c', 'import model_lifecycle, torch'], cwd=root, env=env, capture_output=True, text=True, check=True)
    assert f"OMP_WAIT_POLICY = '{used}'" in res.stderr

@pytest.mark.parametrize('module', modules)
def test_names(module):
    "Also that no two modules export the same name, or one of them would be hidden"
    mod = import_module(f'model_lifecycle.{module}')
    assert getattr(model_lifecycle, module) is mod
    for o in mod.__all__: assert getattr(model_lifecycle, o) is getattr(mod, o), o

def test_listed(): assert set(dir(model_lifecycle))=={'__version__', *(o for m in modules for o in import_module(f'model_lifecycle.{m}').__all__)}

def test_inner_names():
    "Each stays in its room"
    from model_lifecycle import commands, ptuning_trainer, writing
    assert commands.command and writing.atomic_path and ptuning_trainer.main
    assert not {'command', 'atomic_path', 'main'} & set(dir(model_lifecycle))

def test_unknown():
    with pytest.raises(AttributeError, match="no public name 'StaticModle'.*lists them"): model_lifecycle.StaticModle

def test_version():
    ini = ConfigParser(delimiters=['='])
    ini.read(root/'settings.ini', encoding='utf-8')
    assert model_lifecycle.__version__==ini['DEFAULT']['version']

# where public names could be imported from before the house was divided into rooms
old_places = dict(
    base='TokenBatch FineTunable TrainState train_loop plot_history StaticModelForSimilarity StaticModelForRegression StaticModelForPairSimilarity',
    inference='resolve_model StaticModel quantize_model PoolingMode create_embeddings TeacherModel apply_pca compute_weights '
              'compare_embeddings plot_similarities expected_calibration_error StaticModelPipeline read_texts lifecycle_encode lifecycle_predict',
    distillation='DistillConfig CorpusConfig distill_from_model distill corpus_texts split_sentences sample_texts TeacherCache frequent_words '
                 'corpus_weights size_table plot_sizes with_sizes lifecycle_distill search plot_map bbc_news lifecycle_demo',
    ptuning_trainer='PTuningConfig PrefixEncoder prompt_kv PTuningModel PromptFormat encode_rows PromptCollator text_metrics PTuningArguments '
                    'PTuningTrainer last_checkpoint ModelArguments DataArguments instruction_from best_instruction lifecycle_ptune')

@pytest.mark.parametrize('module,name', [(k, o) for k,names in old_places.items() for o in names.split()])
def test_old_places(module, name): assert getattr(import_module(f'model_lifecycle.{module}'), name) is getattr(model_lifecycle, name)

def test_no_such_name():
    with pytest.raises(AttributeError, match="module 'model_lifecycle.base' has no attribute 'StaticModle'"): import_module('model_lifecycle.base').StaticModle
