"From the notebooks to the package: clean notebooks, then modules, then their stubs"
import runpy, sys
from pathlib import Path
from nbdev.clean import nbdev_clean
from nbdev.doclinks import nbdev_export

if __name__=='__main__':
    here = Path(__file__).resolve().parent
    sys.path.insert(0, str(here.parent))
    nbdev_clean.__wrapped__()  # first: it gives new cells the ids that export writes down
    nbdev_export.__wrapped__()
    runpy.run_path(str(here/'stubs.py'), run_name='__main__')
