import os
# Before anything imports them: no test reaches for the network or a display
os.environ.setdefault('HF_HUB_OFFLINE', '1')
os.environ.setdefault('MPLBACKEND', 'Agg')
# Of several processes of tests each has a core: threads that wait for a core cost more than they give
if 'PYTEST_XDIST_WORKER' in os.environ: os.environ.setdefault('OMP_NUM_THREADS', '1')

import pytest
from hypothesis import HealthCheck, settings
from tests import assets
from tests.browser import browser, open_page  # fixtures

# A busy machine takes long over anything: no example, and no drawing of one, is timed
settings.register_profile('unhurried', deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile('unhurried')

@pytest.fixture(scope='session')
def minilm_path(): return assets.need(assets.minilm)

@pytest.fixture(scope='session')
def bbc(): return assets.need(assets.bbc)

@pytest.fixture(scope='session')
def student(minilm_path, tmp_path_factory):
    "A model distilled from all-MiniLM-L6-v2 with the default settings, and the folder it is saved in; tests change neither"
    from model_lifecycle.distillation import distill
    model = distill('sentence-transformers/all-MiniLM-L6-v2', show_progress_bar=False)
    folder = tmp_path_factory.mktemp('student')/'minilm-static'
    model.save_pretrained(folder)
    return model,folder

@pytest.fixture(scope='session')
def tiny_folder(tmp_path_factory):
    "The folder of a static model of a few words, for tests that copy and damage it"
    from tests.tiny import static_model
    folder = tmp_path_factory.mktemp('tiny')/'model'
    static_model().save_pretrained(folder)
    return folder
