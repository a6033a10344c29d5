"Each notebook runs from top to bottom"
import logging, os
import pytest
from nbdev.config import get_config
from nbdev.doclinks import nbglob
from nbdev.test import test_nb as run_nb
from tests.events import patience

cfg = get_config(__file__)
nbs = nbglob(cfg.nbs_path, as_path=True).sorted()

@pytest.fixture
def as_it_was():
    "A notebook runs in this process: what it sets for its reader's quiet is undone for the tests that come after"
    log,env = logging.getLogger('model_lifecycle'),dict(os.environ)
    level = log.level
    yield
    log.setLevel(level)
    os.environ.clear()
    os.environ.update(env)

@pytest.mark.parametrize('nb', nbs, ids=lambda p: p.relative_to(cfg.nbs_path).with_suffix('').as_posix())
def test_notebook(nb, as_it_was):
    ok,_ = run_nb(nb.absolute(), skip_flags=cfg.tst_flags.split(), basepath=cfg.config_path, cell_timeout=4*patience)
    assert ok, f'{nb.name} failed: its traceback is in the captured stderr'
