"Everything setuptools needs to know is in `settings.ini`"
import re
from configparser import ConfigParser
from pathlib import Path
import setuptools

root = Path(__file__).resolve().parent
ini = ConfigParser(delimiters=['='])
ini.read(root/'settings.ini', encoding='utf-8')
cfg = ini['DEFAULT']
readme = root/'README.md'
statuses = ['', '1 - Planning', '2 - Pre-Alpha', '3 - Alpha', '4 - Beta', '5 - Production/Stable']

def lines(key): return cfg[key].strip().splitlines()

def long_description():
    "The README as a package index shows it: its links and pictures lead to the repository, or are left out while there is none"
    text,url = readme.read_text(encoding='utf-8') if readme.exists() else '', cfg['git_url'].rstrip('/')
    near = r'\((?!\w+:|#)([^)\s]+)\)'
    text = re.sub(rf'!(\[[^]]*\]){near}', rf'!\1({url}/raw/main/\2)' if url else '', text)
    return re.sub(rf'(?<!!)\[([^]]*)\]{near}', rf'[\1]({url}/blob/main/\2)' if url else r'\1', text)

setuptools.setup(
    name=cfg['lib_name'], version=cfg['version'], description=cfg['description'],
    long_description=long_description(),
    long_description_content_type='text/markdown',
    author=cfg['author'], license_expression=cfg['license'], keywords=cfg['keywords'].split(),
    project_urls={k: v for k,v in {'Repository': cfg['git_url'], 'Documentation': cfg['doc_url']}.items() if v},
    classifiers=[f"Development Status :: {statuses[int(cfg['status'])]}",
                 f"Intended Audience :: {cfg['audience']}", f"Natural Language :: {cfg['language']}",
                 'Programming Language :: Python :: 3', 'Programming Language :: Python :: 3 :: Only',
                 'Topic :: Scientific/Engineering :: Artificial Intelligence'],
    python_requires='>='+cfg['min_python'],
    packages=setuptools.find_packages(include=[cfg['lib_path'], cfg['lib_path']+'.*']),
    include_package_data=True, zip_safe=False,
    install_requires=lines('requirements'),
    extras_require={k.removesuffix('_requirements'): lines(k) for k in cfg if k.endswith('_requirements')},
    entry_points={'console_scripts': lines('console_scripts'),
                  'nbdev': [f"{cfg['lib_path']}={cfg['lib_path']}._modidx:d"]},
)
