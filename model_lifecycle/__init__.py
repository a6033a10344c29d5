"Distil, train, tune, serve and publish small text models. Nothing heavy is imported before it is used."
import ast, re
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
