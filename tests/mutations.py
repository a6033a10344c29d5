"""Damage to saved files that knows how they are built: entries dropped, renamed, of another type or shape, numbers made odd, bits flipped, files cut or swapped

    for what,damage in mutations('pipeline', seed=0, n=200, other=second_folder):
        shutil.copytree(sound, copy)
        damage(copy)   # says in words what it did

The same seed gives the same damage to the same folder. Whatever was done, loading must either raise an error that names a file of the folder, or give what the sound folder gives.
"""
import json, shutil, struct
from pathlib import Path
import numpy as np

# which files a folder of each kind has that matter to whoever loads it; those that are not there are passed over
static = 'model.safetensors', 'config.json', 'modules.json', 'tokenizer.json'
adapter = 'adapter_model.safetensors', 'adapter_config.json', 'ptuning.json'
kinds = dict(
    static=static,
    pipeline=(*static, 'head.safetensors', 'classifier.safetensors'),
    training=('checkpoint.safetensors',),
    cache=('teacher.json', 'budget-*.json', 'shard-*.arrow'),
    parts=('_run/run.json', '_run/*.parquet.json'),
    prefix=adapter,
    ptuning=(*adapter, 'prefix_training.safetensors', 'trainer_state.json', 'optimizer.pt', 'scheduler.pt', 'rng_state.pth', 'manifest.json'))

odd_numbers = float('nan'), float('inf'), -float('inf'), 10**12, -1, 0, 10**400, -10**18, 1e308, 0.5
odd_values = None, True, False, '', 'x', '../..', '/etc', '\x00', '\ud800', [], {}, [None], [[[]]], {'a': {}}, 'softmax', 'tanh', 3, -1

def pick(rng, items): return items[int(rng.integers(len(items)))]

# -- any file

def flip(path, rng):
    data = bytearray(path.read_bytes())
    at = int(rng.integers(len(data)))
    data[at] ^= 1<<int(rng.integers(8))
    path.write_bytes(data)
    return f'a bit of byte {at} flipped'

def cut(path, rng):
    data = path.read_bytes()
    n = int(rng.integers(len(data)))
    path.write_bytes(data[:n])
    return f'cut after {n} of {len(data)} bytes'

def noise(path, rng):
    data = bytearray(path.read_bytes())
    at,n = int(rng.integers(len(data))),int(rng.integers(2, 64))
    data[at:at+n] = rng.bytes(n)
    path.write_bytes(data)
    return f'{n} bytes of noise from byte {at}'

def longer(path, rng):
    path.write_bytes(path.read_bytes()+rng.bytes(int(rng.integers(1, 64))))
    return 'bytes behind its end'

def gone(path, rng):
    path.unlink()
    return 'removed'

def folder_instead(path, rng):
    path.unlink()
    path.mkdir()
    return 'a folder in its place'

def emptied(path, rng):
    path.write_bytes(b'')
    return 'emptied'

anything = flip, flip, cut, noise, longer, gone, folder_instead, emptied

# -- JSON

def places(value, path=()):
    "Every entry of nested dicts and lists, as (what holds it, its key, path); of a long one only the ends"
    if isinstance(value, dict): items = list(value.items())
    elif isinstance(value, list): items = list(enumerate(value))
    else: return
    for k,v in items if len(items)<9 else items[:4]+items[-4:]:
        yield value,k,(*path, k)
        yield from places(v, (*path, k))

def entry(tree, rng):
    found = list(places(tree))
    # those near the root as often as the many below
    near = [o for o in found if len(o[2])<=2]
    return pick(rng, near if rng.random()<0.5 else found)

def dropped(tree, rng):
    holder,k,path = entry(tree, rng)
    del holder[k]
    return f'{path} dropped'

def renamed(tree, rng):
    holder,k,path = entry(tree, rng)
    if isinstance(holder, list): return retyped(tree, rng)
    holder[f'{k}_'] = holder.pop(k)
    return f'{path} renamed'

def retyped(tree, rng):
    holder,k,path = entry(tree, rng)
    holder[k] = pick(rng, odd_values)
    return f'{path} made {holder[k]!r}'

def odd_number(tree, rng):
    numbers = [o for o in places(tree) if isinstance(o[0][o[1]], (int, float))]
    if not numbers: return retyped(tree, rng)
    holder,k,path = pick(rng, numbers)
    holder[k] = pick(rng, odd_numbers)
    return f'{path} made {str(holder[k])[:20]}'

def shuffled(tree, rng):
    lists = [o for o in places(tree) if isinstance(o[0][o[1]], list) and len(o[0][o[1]])>1]
    if not lists: return retyped(tree, rng)
    holder,k,path = pick(rng, lists)
    holder[k] = holder[k][1:]+(holder[k][:1] if rng.random()<0.5 else holder[k][1:2])
    return f'{path} in another order, or with one twice'

def nested(tree, rng):
    holder,k,path = entry(tree, rng)
    depth = pick(rng, (5, 100))
    for _ in range(depth): holder[k] = [holder[k]]
    return f'{path} nested {depth} deep'

def in_json(change):
    "A change of a parsed file as one of the file"
    def damage(path, rng):
        tree = json.loads(path.read_text(encoding='utf-8'))
        if not tree: return retexted(path, rng)
        what = change(tree, rng)
        path.write_text(json.dumps(tree), encoding='utf-8')
        return what
    damage.__name__ = change.__name__
    return damage

def retexted(path, rng):
    "What no parsed JSON can be"
    text = path.read_text(encoding='utf-8')
    kind,new = pick(rng, [('deep nesting', '['*100_000), ('deep nesting in an entry', '{"a": '*50_000+'1'+'}'*50_000), ('no object', pick(rng, ('[]', 'null', '3', '"x"', '[1]', '{}'))),
                          ('an entry twice', text.replace('{', '{"normalize": false, "normalize": true, ', 1)), ('a byte order mark', '\ufeff'+text), ('5,000 digits', '{"max_length": '+'9'*5000+'}')])
    path.write_text(new, encoding='utf-8')
    return kind

in_jsons = *anything, *map(in_json, (dropped, renamed, retyped, retyped, odd_number, odd_number, shuffled, nested)), retexted

# -- safetensors

sizes = dict(F64=8, F32=4, F16=2, BF16=2, I64=8, I32=4, I16=2, I8=1, U64=8, U32=4, U16=2, U8=1, BOOL=1)

def opened(path):
    "Header and data"
    b = path.read_bytes()
    n, = struct.unpack('<Q', b[:8])
    return json.loads(b[8:8+n]),bytearray(b[8+n:])

def closed(path, header, data):
    h = json.dumps(header).encode()
    path.write_bytes(struct.pack('<Q', len(h))+h+bytes(data))

def tensor(header, rng): return pick(rng, sorted(k for k in header if k!='__metadata__'))

def tensor_dropped(header, data, rng):
    k = tensor(header, rng)
    start,end = header.pop(k)['data_offsets']
    del data[start:end]
    for o in header.values():
        if 'data_offsets' in o: o['data_offsets'] = [x-(end-start)*(x>=end) for x in o['data_offsets']]
    return f'{k} dropped'

def tensor_renamed(header, data, rng):
    k = tensor(header, rng)
    header[pick(rng, (f'{k}_', 'x', 'weights', 'mapping', ''))] = header.pop(k)
    return f'{k} renamed'

def tensors_swapped(header, data, rng):
    names = sorted(k for k in header if k!='__metadata__')
    a,b = pick(rng, names),pick(rng, names)
    header[a],header[b] = header[b],header[a]
    return f'{a} and {b} swapped'

def tensor_retyped(header, data, rng):
    k = tensor(header, rng)
    was = header[k]['dtype']
    same = [o for o in sizes if o!=was and (sizes[o]==sizes[was] or rng.random()<0.2)]
    header[k]['dtype'] = pick(rng, same or ['Q9'])
    return f"{k} of type {header[k]['dtype']}"

def tensor_reshaped(header, data, rng):
    k = tensor(header, rng)
    shape = header[k]['shape']
    n = int(np.prod(shape, dtype=object))
    new = pick(rng, [shape[::-1], [n], [n, 1], [1, n], [*shape, 1], [*shape, 10**12], [10**12, *shape[1:]], [o+1 for o in shape], [0, *shape[1:]], [-1], [2**63, 2**63], []])
    header[k]['shape'] = new
    return f'{k} of shape {new}'

def number_odd(header, data, rng):
    k = tensor(header, rng)
    kind,(start,end) = header[k]['dtype'],header[k]['data_offsets']
    codes = dict(F64='<f8', F32='<f4', F16='<f2', I64='<i8', I32='<i4', I8='<i1', U8='<u1')
    if kind not in codes or start==end: return tensor_renamed(header, data, rng)
    x = np.frombuffer(bytes(data[start:end]), codes[kind]).copy()
    with np.errstate(all='ignore'):
        value = pick(rng, odd_numbers[:3]) if kind[0]=='F' else pick(rng, (-1, 10**12, 2**31-1))
        x[int(rng.integers(len(x)))] = np.array(value).astype(x.dtype)
    data[start:end] = x.tobytes()
    if rng.random()<0.5: header.pop('__metadata__', None)
    return f'a number of {k} made {value}'

def metadata_changed(header, data, rng):
    facts = header.get('__metadata__')
    if not facts: return tensor_renamed(header, data, rng)
    k = pick(rng, sorted(facts))
    text = facts[k]
    at = int(rng.integers(len(text))) if text else 0
    facts[k] = pick(rng, (text[:at], text[:at]+'0'+text[at+1:], text[:at]+'9'+text[at+1:], '', '{}', '[]', 'null', '['*100_000, text.replace(':', ': -', 1)))
    return f'the metadata {k} changed at {at}'

def metadata_gone(header, data, rng):
    header.pop('__metadata__', None)
    return 'no metadata'

def header_alone(header, data, rng):
    k = tensor(header, rng)
    change = pick(rng, ('offsets', 'kind', 'nothing', 'extra'))
    if change=='offsets': header[k]['data_offsets'] = pick(rng, ([0, 10**12], [5, 1], [-1, 4], [0, 2**63]))
    elif change=='kind': header[k] = pick(rng, odd_values)
    elif change=='nothing': header.clear()
    else: header['head.99.weight'] = dict(dtype='F32', shape=[0], data_offsets=[len(data), len(data)])
    return f'header of {k}: {change}'

def bit_of_data(header, data, rng):
    if not data: return metadata_gone(header, data, rng)
    at = int(rng.integers(len(data)))
    data[at] ^= 1<<int(rng.integers(8))
    return f'a bit of the data at {at} flipped'

def in_tensors(change):
    def damage(path, rng):
        header,data = opened(path)
        what = change(header, data, rng)
        closed(path, header, data)
        return what
    damage.__name__ = change.__name__
    return damage

in_safetensors = *anything, *map(in_tensors, (tensor_dropped, tensor_renamed, tensors_swapped, tensor_retyped, tensor_reshaped, tensor_reshaped, number_odd, number_odd, metadata_changed,
                                              metadata_gone, header_alone, bit_of_data))

# -- folders

def swapped(other):
    "The file of another model in this one's place"
    def damage(path, rng):
        same = sorted(Path(other).rglob(path.name))
        theirs = same[0] if same else pick(rng, sorted(o for o in Path(other).iterdir() if o.suffix==path.suffix))
        shutil.copyfile(theirs, path)
        return f'taken from {Path(other).name}'
    return damage

def damages(name, other):
    suffix = name.rsplit('.', 1)[-1]
    return dict(json=in_jsons, safetensors=in_safetensors).get(suffix, anything)+((swapped(other),)*2 if other else ())

def mutations(folder_kind, seed, n, other=None, files=None):
    """`n` pairs of a description and a function that damages a copied folder and says in words what it did

    `folder_kind` is one of `kinds`; with the folder `other`, of a second sound model of that kind, files are swapped too; `files` keeps to some of the kind's files"""
    names = [o for o in kinds[folder_kind] if files is None or o in files]
    for i in range(n):
        name = names[i%len(names)]
        choices = damages(name, other)
        number = int(np.random.default_rng([seed, i]).integers(len(choices)))
        chosen = choices[number]
        def damage(folder, name=name, chosen=chosen, i=i):
            found = sorted(Path(folder).glob(name))
            if not found: return f'{name} is not there'
            rng = np.random.default_rng([seed, i, 1])
            path = pick(rng, found)
            return f'{path.name}: {chosen(path, rng)}'
        yield f'{folder_kind} {seed}/{i}: {name}, {chosen.__name__}',damage
