"An environment with the package's wheel and what the base install needs, and nothing else: linked, not downloaded"
import os, shutil, subprocess, sys
from configparser import ConfigParser
from importlib.metadata import distribution
from pathlib import Path
from packaging.requirements import Requirement

root = Path(__file__).resolve().parent.parent
os_env = {k: v for k,v in os.environ.items() if not k.startswith('PYTHON')}

def needed(requirements):
    "The distributions that requirements ask for, and what these ask for"
    todo,found = list(requirements),{}
    while todo:
        asked = Requirement(todo.pop())
        if asked.name in found or asked.marker and not asked.marker.evaluate(dict(extra='')): continue
        found[asked.name] = distribution(asked.name)
        todo += found[asked.name].requires or []
    return found.values()

def link(dist, site):
    "Put the files of a distribution into the folder `site`"
    place = Path(dist.locate_file(''))
    for top in {o.parts[0] for o in dist.files}-{'..', '__pycache__'}:
        if not (site/top).exists(): (site/top).symlink_to(place/top)

def quietly(*command):
    res = subprocess.run(list(map(str, command)), capture_output=True, text=True, env=os_env)
    assert not res.returncode, res.stderr

def environment(folder):
    "Make it; its folder of programs"
    source = folder/'source'
    shutil.copytree(root/'model_lifecycle', source/'model_lifecycle', ignore=shutil.ignore_patterns('__pycache__'))
    for o in 'settings.ini setup.py pyproject.toml MANIFEST.in README.md LICENSE CHANGELOG.md'.split(): shutil.copy(root/o, source)
    pip = [sys.executable, '-m', 'pip', '-q', '--disable-pip-version-check']
    quietly(*pip, 'wheel', '--no-deps', '--no-build-isolation', '-w', folder, source)
    quietly(sys.executable, '-m', 'venv', '--without-pip', folder/'env')
    python = next((folder/'env').glob('[bS]*/python*'))
    wheel, = folder.glob('*.whl')
    quietly(*pip, '--python', python, 'install', '--no-deps', '--no-index', wheel)
    site = next((folder/'env').rglob('site-packages'))
    ini = ConfigParser(delimiters=['='])
    ini.read(root/'settings.ini', encoding='utf-8')
    for dist in needed(ini['DEFAULT']['requirements'].strip().splitlines()): link(dist, site)
    return python.parent
