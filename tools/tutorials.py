"""Run the tutorials from top to bottom as in Jupyter: a fresh kernel, an empty folder

`python tools/tutorials.py [name …]` fails where one fails, warns or leaves a file behind;
with `--save` it keeps the outputs (`nbdev-clean` after it)."""
import os, sys, tempfile, time
from pathlib import Path
import nbformat
from nbclient import NotebookClient

tutorials = Path(__file__).resolve().parent.parent/'nbs'/'tutorials'

def said(nb):
    "(stream, text) of all that was printed"
    outputs = [o for c in nb.cells for o in c.get('outputs', [])]
    return [(o.name, o.text) for o in outputs if o.output_type=='stream']

def is_bar(output):
    "Is it the widget of a progress bar, which is nothing once the kernel has gone?"
    return 'application/vnd.jupyter.widget-view+json' in output.get('data', {})

def kept(outputs):
    "What a reader should see: no bars, and lines of commands that end as others do"
    for o in outputs:
        if 'text' in o: o.text = o.text.replace('\r\n', '\n')
    return [o for o in outputs if not is_bar(o)]

def run(path):
    "The notebook with the outputs that it has now, and what is wrong with the run"
    nb = nbformat.read(path, 4)
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as temporary:
        env = {k: v for k,v in os.environ.items() if k!='MPLBACKEND'}  # plots as Jupyter shows them
        where = dict(metadata=dict(path=folder))
        client = NotebookClient(nb, timeout=3600, kernel_name='python3', resources=where,
                                coalesce_streams=True)
        client.execute(env=env | dict(TMPDIR=temporary, HF_HUB_OFFLINE='1'))
        for c in nb.cells:
            if 'outputs' in c: c.outputs = kept(c.outputs)
        nb.metadata.pop('widgets', None)
        texts = said(nb)
        wrong = [f'it warns: {text[:300]}' for name,text in texts if name=='stderr']
        wrong += [f'it names a folder of this machine: {text[:300]}' for _,text in texts
                  if temporary in text or folder in text]
        wrong += [f'it leaves {o.name} behind' for o in Path(folder).iterdir()]
    return nb,wrong

def main(names, save):
    failed = False
    for path in sorted(tutorials.glob('*.ipynb')):
        if names and path.stem not in names: continue
        start = time.perf_counter()
        nb,wrong = run(path)
        failed |= bool(wrong)
        print(f'{path.stem:24} {time.perf_counter()-start:4.0f} s', *wrong, sep='\n  ', flush=True)
        if save and not wrong: nbformat.write(nb, path)
    if failed: sys.exit('*** a tutorial does not run as it should')

if __name__=='__main__': main([o for o in sys.argv[1:] if o!='--save'], '--save' in sys.argv)
