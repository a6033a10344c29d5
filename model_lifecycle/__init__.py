"Distil, train, tune, serve and publish small text models. Nothing heavy is imported before it is used."
import ast, logging, os, re, sys
from functools import cache
from importlib import import_module
from pathlib import Path

@cache
def _modules():
    "Name to file"
    return {p.stem: p for p in sorted(Path(__file__).parent.glob('[!_]*.py'))}

@cache
def _public():
    "Name to module, from each module's `__all__`, read without importing it"
    res = {}
    for p in _modules().values():
        found = re.search(r'^__all__ = (\[.*?\])', p.read_text(encoding='utf-8'), re.M|re.S)
        if found: res |= dict.fromkeys(ast.literal_eval(found[1]), p.stem)
    return res

def _version():
    from importlib.metadata import PackageNotFoundError, version
    try: return version(__name__)
    except PackageNotFoundError: return '0+unknown'

def __getattr__(name):
    if name=='__version__': return _version()
    if name=='__all__': return list(_public())
    if name in _modules(): return import_module(f'.{name}', __name__)
    if name in _public(): return getattr(import_module(f'.{_public()[name]}', __name__), name)
    raise AttributeError(f'{__name__} has no public name {name!r}: dir({__name__}) lists them all')

def __dir__(): return sorted([*_public(), '__version__'])

def moved(module, *names):
    "A module's `__getattr__`, for public names that went from it to a room of their own"
    def find(name):
        if name in names: return __getattr__(name)
        raise AttributeError(f'module {module!r} has no attribute {name!r}')
    return find

# What the base install leaves out: the packages of each extra, and the rooms that need all of one
_packages = dict(
    data='pyarrow datasets', train='torch accelerate sklearn scipy matplotlib', distill='skeletoken',
    ptune='transformers jinja2 nltk rouge_score jieba rich', onnx='onnx onnxruntime', ray='ray',
    serve='starlette pydantic uvicorn orjson prometheus_client')
_rooms = dict(
    distill='distillation student corpus teacher teacher_cache quality',
    ptune='answer_metrics arguments chat dialogues frozen instructions loading parts prefix prefix_model prompts ptuning_trainer runs trainer',
    demo='demo')

def _extra(name, table): return next((extra for extra,names in table.items() if name in names.split()), None)

def _askers(frame):
    "(Module, frame) of each of ours that waits for an import, the first to ask first"
    found = []
    while frame:
        module = getattr(frame.f_globals.get('__spec__'), 'name', '')
        if module.split('.')[0]==__name__: found.append((module, frame))
        elif not module.startswith(('_frozen_importlib', 'importlib._bootstrap')) and module!='importlib': break
        frame = frame.f_back
    return found[::-1]

class _MissingExtra:
    "Asked last where a module is: if one of ours imports what an extra brings, it says which"
    @staticmethod
    def find_spec(name, path=None, target=None):
        extra = _extra(name, _packages)
        askers = _askers(sys._getframe(1)) if extra else []
        if not askers: return
        rooms = [module.rpartition('.')[2] for module,_ in askers]
        extra = next(filter(None, (_extra(room, _rooms) for room in rooms)), extra)
        names = [frame.f_locals['name'] if frame.f_code.co_name=='__getattr__' else frame.f_code.co_name for _,frame in askers]
        module,what = askers[0][0],names[0]
        what = next((o for o in names if o in _public()), module if what=='<module>' else what)
        raise ModuleNotFoundError(f"{what} needs {name}, which is not installed: pip install '{__name__}[{extra}]'", name=name)

sys.meta_path.append(_MissingExtra)

# Imported by peft, it tells everybody which kernels for four bits are missing
logging.getLogger('bitsandbytes.backends.cpu.ops').setLevel(logging.ERROR)

# Before torch or scikit-learn loads OpenMP: its threads sleep while they wait for each other. Those
# that spin, as is usual, take the core that the awaited one needs wherever something else runs too
os.environ.setdefault('OMP_WAIT_POLICY', 'PASSIVE')
