"""Stubs (`.pyi`) of all modules, so that editors and checkers see what `@patch` and lazy imports hide from them

`python tools/stubs.py` writes them; `tools/export.py` does so after the modules."""
import ast, inspect, re, sys
from pathlib import Path
from tempfile import TemporaryDirectory
from fastcore import py2pyi

root = Path(__file__).resolve().parent.parent
package = root/'model_lifecycle'
marks = 'property','classmethod','staticmethod','dataclass','contextmanager'  # decorators that say something of a type
definitions = ast.FunctionDef,ast.ClassDef

def name_of(decorator):
    "Of `@a`, `@a(…)`, `@b.a` and `@b.a(…)` the name `a`"
    if isinstance(decorator, ast.Call): decorator = decorator.func
    return decorator.attr if isinstance(decorator, ast.Attribute) else decorator.id

def expand(node, module):
    "Write out what `@delegates` gives a patched method"
    found = inspect.getattr_static(getattr(module, node.args.args[0].annotation.id), node.name)
    py2pyi._update_func(node, getattr(found, 'f', found))  # of a class method of fastcore's

# fastcore's own know no `@b.a`, and lose the first parameter of class methods
py2pyi._deco_id,py2pyi._proc_patched = name_of,expand

def kept_mark(decorator):
    "What stands for a decorator in a stub, None for nothing"
    name = name_of(decorator)
    if name=='patch' and isinstance(decorator, ast.Call):
        kinds = dict(as_prop='property', cls_method='classmethod')
        return ast.Name(kinds[decorator.keywords[0].arg])
    return decorator if name in (*marks, 'setter') else None

def public(name): return not name.startswith('_') or name.endswith('__')

def plain(node):
    "Is a node a literal?"
    try: ast.literal_eval(node)
    except (ValueError, TypeError): return False
    return True

def own_attributes(function):
    "What a method sets of its object, by name and type as far as its parameters say it"
    me,*others = function.args.args
    types = {o.arg: o.annotation for o in (*others, *function.args.kwonlyargs)}
    found = {}
    for o in ast.walk(function):
        if isinstance(o, ast.Attribute) and isinstance(o.ctx, ast.Store) and getattr(o.value, 'id', '')==me.arg: found.setdefault(o.attr)
        if isinstance(o, ast.Assign) and isinstance(o.targets[0], ast.Attribute) and isinstance(o.value, ast.Name):
            found[o.targets[0].attr] = types.get(o.value.id)
        if isinstance(o, ast.Call) and getattr(o.func, 'id', '')=='store_attr':
            found |= {name: types.get(name) for name in o.args[0].value.split(',')}
    return {name: of or ast.Name('Any') for name,of in found.items() if public(name)}

def attributes(tree):
    "The attributes of each class of a module, which its methods set; patched ones too"
    res = {}
    for node in tree.body:
        if isinstance(node, ast.ClassDef): methods = [(node.name, o) for o in node.body if isinstance(o, ast.FunctionDef)]
        elif isinstance(node, ast.FunctionDef) and py2pyi.has_deco(node, 'patch'): methods = [(node.args.args[0].annotation.id, node)]
        else: methods = []
        for name,method in methods:
            if method.args.args: res[name] = own_attributes(method) | res.get(name, {})
    return res

class Stub(ast.NodeTransformer):
    "What a stub says of a module's statements: nothing of those that are private, or only run"
    def __init__(self,
        rooms, # Public name to module
        attributes, # Of each class: name to type
    ): self.rooms,self.attributes = rooms,attributes

    def visit_FunctionDef(self, node):
        if not public(node.name): return
        node.decorator_list = [o for o in map(kept_mark, node.decorator_list) if o]
        a = node.args
        a.defaults = [o if plain(o) else ast.Constant(...) for o in a.defaults]
        a.kw_defaults = [o if o is None or plain(o) else ast.Constant(...) for o in a.kw_defaults]
        is_doc = isinstance(node.body[0], ast.Expr) and isinstance(getattr(node.body[0].value, 'value', None), str)
        node.body = [*node.body[:is_doc], ast.Expr(ast.Constant(...))]
        return node

    def visit_ClassDef(self, node):
        if not public(node.name): return
        node.decorator_list = [o for o in map(kept_mark, node.decorator_list) if o]
        node.body = [o for o in map(self.visit, node.body) if o] or [ast.Expr(ast.Constant(...))]
        for o in node.body:
            makes = isinstance(o, ast.FunctionDef) and 'classmethod' in map(name_of, o.decorator_list)
            if makes and getattr(o.returns, 'id', '')==node.name: o.returns = ast.Name('Self')  # of a subclass, that
        known = {getattr(o, 'name', None) or getattr(getattr(o, 'target', None), 'id', None) for o in node.body}
        fields = [ast.AnnAssign(ast.Name(name), of, None, 1) for name,of in self.attributes.get(node.name, {}).items() if name not in known]
        node.body[ast.get_docstring(node) is not None:0] = fields
        return node

    def visit_Assign(self, node):
        target = node.targets[0]
        if getattr(target, 'id', '')=='__getattr__':  # `moved`: names that have another room now
            return [ast.ImportFrom(self.rooms[o.value], [ast.alias(o.value, o.value)], 1) for o in node.value.args[1:]]
        if not isinstance(target, ast.Name) or not public(target.id): return
        if plain(node.value): return node
        return ast.AnnAssign(target, ast.Name('Any'), None, 1)

    def nothing(self, node): return None
    visit_If = visit_For = visit_With = visit_Try = visit_Delete = visit_AugAssign = nothing

def used_names(tree):
    "The names that a stub needs, its own ones apart"
    return {o.id for o in ast.walk(tree) if isinstance(o, ast.Name)}

def without_idle_imports(tree):
    used = used_names(tree)
    def wanted(node):
        if not isinstance(node, (ast.Import, ast.ImportFrom)): return node
        node.names = [o for o in node.names if (o.asname or o.name).split('.')[0] in used or o.asname==o.name]
        return node if node.names else None
    tree.body = [o for o in map(wanted, tree.body) if o]
    return tree

def stub_of(path, rooms):
    "The stub of a module, a text"
    with TemporaryDirectory() as folder:
        copy = Path(folder)/path.name
        copy.write_text(path.read_text(encoding='utf-8'), encoding='utf-8')
        py2pyi.create_pyi(copy, package.name)
        # of parameters that are shared, where the class stands, which differs from Python to Python
        said = re.sub(r'pathlib\.(_local\.)?Path', 'Path', copy.with_suffix('.pyi').read_text(encoding='utf-8'))
        tree = ast.parse(said)
    found = attributes(ast.parse(path.read_text(encoding='utf-8')))
    tree = without_idle_imports(Stub(rooms, found).visit(tree))
    known = {a.asname or a.name for o in tree.body if isinstance(o, (ast.Import, ast.ImportFrom)) for a in o.names}
    for name,module in dict(Any='typing', Self='typing_extensions', Path='pathlib').items():
        if name in used_names(tree)-known: tree.body.insert(1, ast.ImportFrom(module, [ast.alias(name)], 0))
    return ast.unparse(ast.fix_missing_locations(tree))+'\n'

def stub_of_package(rooms):
    "The stub of `__init__.py`: every public name, and every module"
    modules = sorted(p.stem for p in package.glob('[!_]*.py'))
    lines = [f'from .{module} import {name} as {name}' for name,module in sorted(rooms.items())]
    return '\n'.join(['__version__: str', *(f'from . import {o} as {o}' for o in modules), *lines])+'\n'

def stubs():
    "Name of each stub, and its text"
    from model_lifecycle import _public
    rooms = _public()
    res = {f'{p.stem}.pyi': stub_of(p, rooms) for p in sorted(package.glob('[!_]*.py'))}
    return res | {'__init__.pyi': stub_of_package(rooms)}

if __name__=='__main__':
    sys.path.insert(0, str(root))
    new = stubs()
    for old in package.glob('*.pyi'):
        if old.name not in new: old.unlink()
    for name,text in new.items(): (package/name).write_text(text, encoding='utf-8')
