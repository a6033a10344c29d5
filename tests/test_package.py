"`import model_lifecycle` is light, and still gives every public name"
import subprocess, sys
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

@pytest.mark.parametrize('module', modules)
def test_names(module):
    "Also that no two modules export the same name, or one of them would be hidden"
    mod = import_module(f'model_lifecycle.{module}')
    assert getattr(model_lifecycle, module) is mod
    assert mod.__all__
    for o in mod.__all__: assert getattr(model_lifecycle, o) is getattr(mod, o), o

def test_listed(): assert set(dir(model_lifecycle))=={'__version__', *(o for m in modules for o in import_module(f'model_lifecycle.{m}').__all__)}

def test_unknown():
    with pytest.raises(AttributeError, match="no public name 'StaticModle'.*lists them"): model_lifecycle.StaticModle

def test_version():
    ini = ConfigParser(delimiters=['='])
    ini.read(root/'settings.ini', encoding='utf-8')
    assert model_lifecycle.__version__==ini['DEFAULT']['version']

ptuning = ('PTuningConfig PrefixEncoder prompt_kv PTuningModel PromptFormat encode_rows PromptCollator text_metrics PTuningArguments PTuningTrainer '
           'last_checkpoint ModelArguments DataArguments instruction_from best_instruction main lifecycle_ptune').split()

@pytest.mark.parametrize('name', ptuning)
def test_old_places(name): assert getattr(import_module('model_lifecycle.ptuning_trainer'), name) is getattr(model_lifecycle, name)
