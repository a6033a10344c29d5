"Each notebook runs from top to bottom as in Jupyter: a fresh kernel, an empty folder beside the installed package"
import os, tempfile
from pathlib import Path
import nbformat, pytest
from nbclient import NotebookClient
from nbdev.config import get_config
from nbdev.doclinks import nbglob
from tests.events import patience
from traitlets.config import Config

cfg = get_config(__file__)
notebooks = {p.relative_to(cfg.nbs_path).with_suffix('').as_posix(): p
             for p in nbglob(cfg.nbs_path, as_path=True).sorted()
             if p.parent.name != 'tutorials'}  # minutes each: `make bench` runs them

def run(path, folder, temporary):
    "The notebook with the outputs that it has now; `folder` is where it runs"
    nb = nbformat.read(path, 4)
    env = {k: v for k,v in os.environ.items() if k != 'MPLBACKEND'}  # plots as Jupyter shows them
    with tempfile.TemporaryDirectory(prefix='k') as sockets:
        # not by ports, which are chosen before the kernel starts: somebody else may take one
        config = Config(KernelManager=dict(transport='ipc', ip=f'{sockets}/k'))
        client = NotebookClient(nb, timeout=4*patience, startup_timeout=patience, config=config,
                                kernel_name='python3',
                                resources=dict(metadata=dict(path=str(folder))))
        client.execute(env=env | dict(TMPDIR=str(temporary)))
    return nb

@pytest.mark.parametrize('name', notebooks)
def test_notebook(name, tmp_path):
    "It runs, warns of nothing and leaves nothing behind"
    with tempfile.TemporaryDirectory(prefix='nb') as temporary:  # a short name: sockets stand in it
        folders = tmp_path,Path(temporary)
        nb = run(notebooks[name], *folders)
        left = [str(o) for folder in folders for o in folder.iterdir()
                if not o.name.startswith(('torchinductor', 'jieba', 'ray'))]  # what others keep
    warned = [o.text for c in nb.cells for o in c.get('outputs', [])
              if o.output_type == 'stream' and o.name == 'stderr']
    assert not warned, warned
    assert not left, left
