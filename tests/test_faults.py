"A tenth of the campaign of faults, the rest of which is `benchmarks/faults.py`: nothing is lost, misread or left lying about"
import sys
import pytest
from tests import damaged, faults

pytestmark = pytest.mark.skipif(sys.platform != 'linux', reason='clocks and disks as Linux has them')
seed = 1  # other moments and damages than the benchmark's
sorts = [o for o in damaged.sorts if o != 'student']

@pytest.fixture(scope='module')
def bench(tmp_path_factory):
    res = faults.Bench(tmp_path_factory.mktemp('faults'))
    yield res
    res.close()

@pytest.fixture(scope='module')
def other():
    "A second server, for two commands at once"
    res = faults.Server()
    yield res
    res.close()

def missed(trials):
    "The trials that miss an aim, and how"
    res = {(group, what): trial() for group,what,trial in trials}
    return {k: (o.bad(), o.left[:3], o.detail) for k,o in res.items() if o.bad()}

@pytest.mark.parametrize('name', faults.cases)
def test_commands(name, bench):
    "Stopped by each signal, at work and before changes of files; on disks that fill"
    assert not missed(faults.each_trial(bench.known(name), 1, 0, 4, 4, seed, odd=False))

def test_odd_surroundings(bench):
    assert not missed(faults.odd_trials(bench.known('predict')))

def test_fresh_process(bench):
    "Also while Python imports"
    known = bench.known('encode')
    for name in faults.signals:
        share, = faults.drawn_moments(known, 1, f'{seed} {name} fresh')
        res = faults.stopped(known, name, share, fresh=True)
        assert not res.bad(), (name, share, res)

def test_server(bench):
    "Stopped while it starts or answers: who was let in gets the whole answer, and it ends"
    assert not missed(faults.serve_trials(faults.Served(bench), 2, seed))

@pytest.mark.parametrize('name', [k for k,o in faults.cases.items() if o.old])
def test_two_at_once(name, bench, other):
    res = faults.two_at_once(bench.known(name), other)
    assert not res.bad(), res

def odd(rows): return [o for o in rows if o['ending'] not in ('named', 'accepted') or o['memory']]

@pytest.mark.parametrize('sort', sorts)
def test_damaged_files(sort, bench):
    "An error that names a file, or the same numbers"
    few = dict(ptuning=10, labels=25, shared=25, parts=25)
    n = len(faults.files(bench, sort))*few.get(sort, 50)
    rows = faults.damaged(bench, sort, seed, 0, n)
    assert len(rows) == n and not odd(rows)

@pytest.mark.parametrize('sort', [o for o in sorts if o not in (*damaged.alone, 'ptuning')])
def test_mixed_folders(sort, bench):
    "Files of two models in one folder: an error, or one of the two"
    assert not odd(faults.damaged(bench, sort, 0, 0, 10**6, mixed=True))
