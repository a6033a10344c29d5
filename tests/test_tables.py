"Files of texts as people have them: read cell for cell, or refused; written so that others read them"
import bz2, csv, gzip, io, json, logging, os, subprocess, sys
from datetime import date
from pathlib import Path
import numpy as np, pandas as pd, pyarrow as pa, pyarrow.parquet as pq, pytest
from datasets import Dataset
from hypothesis import HealthCheck, given, settings, strategies as st
from model_lifecycle import StaticModelPipeline, lifecycle_encode, lifecycle_predict, lifecycle_train
from model_lifecycle.charsets import find_encoding, guess_encoding
from model_lifecycle.outputs import output_kind, row_writer
from model_lifecycle.tables import Tables, read_rows, read_texts, stream_rows
from torch import nn
from tests.tiny import static_model, words

examples = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
cell = st.text(st.one_of(st.sampled_from('ab,;\t"\'\r\n \u2028\x85\x0cé音\U0001f9a9'), st.characters(exclude_categories=['Cs'], exclude_characters='\0')), max_size=8)
bin = Path(sys.executable).parent

def packed(path, data):
    "Write bytes as the end of the name says"
    pack = {'.gz': gzip.compress, '.bz2': bz2.compress, '.zst': lambda b: bytes(pa.compress(b, 'zstd', asbytes=True))}.get(path.suffix, bytes)
    path.write_bytes(pack(data))
    return path

# -- CSV

@examples
@given(st.lists(st.tuples(cell, cell), min_size=1, max_size=8), st.sampled_from(',;\t|'), st.sampled_from(['\n', '\r\n']),
       st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]), st.sampled_from(['utf-8', 'utf-8-sig', 'utf-16']), st.sampled_from(['', '.gz', '.bz2', '.zst']))
def test_what_csv_writes(tmp_path, rows, delimiter, end, quoting, encoding, pack):
    rows = [(a, b if quoting==csv.QUOTE_ALL else b.rstrip('\r')) for a,b in rows]
    f = io.StringIO(newline='')
    # a lone \r in a bare cell is what the csv module of some Pythons and pandas write
    csv.writer(f, delimiter=delimiter, lineterminator=end, quoting=quoting).writerows([('id', 'text'), *rows])
    path = packed(tmp_path/f'a.CSV{pack}', f.getvalue().encode(encoding))
    how = dict(delimiter=delimiter, encoding='utf-16' if encoding=='utf-16' else '')
    got = list(stream_rows(path, ['id', 'text'], **how))
    want = [dict(id=a, text=b) for a,b in rows]
    assert got==want
    assert list(stream_rows(path, ['text'], **how))==[dict(text=o['text']) for o in want]

@examples
@given(st.lists(cell, min_size=1, max_size=8))
def test_what_pandas_writes(tmp_path, texts):
    texts = [t.rstrip('\r') for t in texts]  # pandas writes a bare one before \n, which nobody can tell from \r\n
    df = pd.DataFrame(dict(n=range(len(texts)), text=texts))
    df.to_csv(tmp_path/'a.csv', index=False)
    df.to_csv(tmp_path/'b.tsv.gz', index=False, sep='\t')
    df.to_json(tmp_path/'c.ndjson', orient='records', lines=True)
    df.to_json(tmp_path/'d.json', orient='records', force_ascii=False)
    df.to_parquet(tmp_path/'e.parquet')
    for name in 'a.csv','b.tsv.gz','c.ndjson','d.json','e.parquet': assert [o for b in read_texts(tmp_path/name) for o in b]==texts

@examples
@given(st.lists(st.tuples(cell, st.lists(cell, max_size=2)), max_size=6), st.sampled_from(['a.csv', 'a.tsv', 'a.csv.gz', 'a.jsonl', 'a.jsonl.zst', 'a.ndjson.bz2', 'a.parquet']))
def test_what_is_written_is_read(tmp_path, rows, name):
    rows = [dict(text=a, tags=b) for a,b in rows]
    schema = pa.schema(dict(text=pa.string(), tags=pa.list_(pa.string())))
    columns = schema if '.parquet' in name else schema.names
    with row_writer(tmp_path/name, columns, *output_kind(name)) as write:
        for row in rows: write([row])
    got = list(Tables(tmp_path/name).rows(['text', 'tags']))
    if '.csv' in name or '.tsv' in name: got = [o|dict(tags=json.loads(o['tags'])) for o in got]
    assert got==rows
    if name=='a.csv' and rows: assert pd.read_csv(tmp_path/name, keep_default_na=False, dtype=str, lineterminator=None).columns.tolist()==['text', 'tags']

@pytest.mark.parametrize('text,says', [
    ('label,text\n1,hello, world\n', 'Expected 2 fields in line 2, saw 3'), ('label,text\n1,"two\nlines"\n1,a,b,c\n', 'Expected 2 fields in line 4, saw 4'),
    ('text,label\n"a"b,1\n', "line 2: ',' expected after"), ('label,text\n1\n', 'Expected 2 fields in line 2, saw 1'), ('text,text\na,b\n', "several columns 'text'"),
    ('n;text\n1;a\n', "or say that ';' separates them"), ('', "no column 'text', only none")])
def test_rows_that_lose_nothing(tmp_path, text, says):
    (tmp_path/'a.csv').write_text(text)
    with pytest.raises(ValueError, match=says): list(read_texts(tmp_path/'a.csv'))

def test_short_rows_are_fine_where_nothing_is_wanted(tmp_path):
    (tmp_path/'a.csv').write_text('text,note\na\nb,c\n')
    assert [o for b in read_texts(tmp_path/'a.csv') for o in b]==['a', 'b']
    assert read_rows(tmp_path/'a.csv')==[dict(text='a', note=None), dict(text='b', note='c')]

def test_rows_that_end_as_on_an_old_macintosh(tmp_path):
    (tmp_path/'a.csv').write_bytes(b'id,text\r1,one\r2,"two, ""too"""\r')
    assert read_rows(tmp_path/'a.csv')==[dict(id='1', text='one'), dict(id='2', text='two, "too"')]

# -- lines

@examples
@given(st.lists(st.text(st.sampled_from('a\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029 é'), max_size=5), min_size=1, max_size=6), st.sampled_from(['\n', '\r\n']), st.booleans())
def test_lines(tmp_path, texts, end, last):
    texts = [t.rstrip('\r') for t in texts]
    (tmp_path/'a.txt').write_bytes((end.join(texts)+end*last).encode())
    if not last and not texts[-1]: texts = texts[:-1]
    assert [o for b in read_texts(tmp_path/'a.txt') for o in b]==texts

# -- encodings

# The first articles of the Universal Declaration of Human Rights
rights = dict(
    English=('cp1252', 'All human beings are born free and equal in dignity and rights – they are endowed with reason and “conscience”, and nobody’s freedom costs £50. It’s a café where José and Zoë are equals – “all of them”. '*2),
    German=('cp1252', 'Alle Menschen sind frei und gleich an Würde und Rechten geboren. Sie sind mit Vernunft und Gewissen begabt und sollen einander im Geist der Brüderlichkeit begegnen. Jeder hat Anspruch auf die in dieser Erklärung verkündeten Rechte und Freiheiten ohne irgendeinen Unterschied, etwa nach Rasse, Hautfarbe, Geschlecht, Sprache, Religion, politischer oder sonstiger Überzeugung, nationaler oder sozialer Herkunft, Vermögen, Geburt oder sonstigem Stand. Niemand darf in Sklaverei gehalten werden; Sklaverei und Sklavenhandel sind in allen ihren Formen verboten. Großmut für Fußgänger.'),
    French=('cp1252', "Tous les êtres humains naissent libres et égaux en dignité et en droits. Ils sont doués de raison et de conscience et doivent agir les uns envers les autres dans un esprit de fraternité. Chacun peut se prévaloir de tous les droits et de toutes les libertés proclamés dans la présente Déclaration, sans distinction aucune, notamment de race, de couleur, de sexe, de langue, de religion, d'opinion politique ou de toute autre opinion, d'origine nationale ou sociale, de fortune, de naissance ou de toute autre situation. Nul ne sera tenu en esclavage ni en servitude; l'esclavage et la traite des esclaves sont interdits sous toutes leurs formes. Ça et là, où naît l'été."),
    Spanish=('cp1252', 'Todos los seres humanos nacen libres e iguales en dignidad y derechos y, dotados como están de razón y conciencia, deben comportarse fraternalmente los unos con los otros. Toda persona tiene todos los derechos y libertades proclamados en esta Declaración, sin distinción alguna de raza, color, sexo, idioma, religión, opinión política o de cualquier otra índole, origen nacional o social, posición económica, nacimiento o cualquier otra condición. Además, no se hará distinción alguna fundada en la condición política, jurídica o internacional del país. ¿Qué niño soñó mañana?'),
    Polish=('cp1250', 'Wszyscy ludzie rodzą się wolni i równi pod względem swej godności i swych praw. Są oni obdarzeni rozumem i sumieniem i powinni postępować wobec innych w duchu braterstwa. Każdy człowiek posiada wszystkie prawa i wolności zawarte w niniejszej Deklaracji bez względu na jakiekolwiek różnice rasy, koloru, płci, języka, wyznania.'),
    Russian=('cp1251 koi8_r cp866', 'Все люди рождаются свободными и равными в своем достоинстве и правах. Они наделены разумом и совестью и должны поступать в отношении друг друга в духе братства. Каждый человек должен обладать всеми правами и всеми свободами, провозглашенными настоящей Декларацией, без какого бы то ни было различия.'),
    Chinese=('gb18030 gbk', '人人生而自由，在尊严和权利上一律平等。他们赋有理性和良心，并应以兄弟关系的精神相对待。人人有资格享有本宣言所载的一切权利和自由，不分种族、肤色、性别、语言、宗教、政治或其他见解、国籍或社会出身、财产、出生或其他身分等任何区别。'),
    Taiwanese=('big5', '人人生而自由，在尊嚴和權利上一律平等。他們賦有理性和良心，並應以兄弟關係的精神相對待。人人有資格享有本宣言所載的一切權利和自由，不分種族、膚色、性別、語言、宗教、政治或其他見解。'),
    Japanese=('shift_jis euc_jp iso2022_jp', 'すべての人間は、生まれながらにして自由であり、かつ、尊厳と権利とについて平等である。人間は、理性と良心とを授けられており、互いに同胞の精神をもって行動しなければならない。すべて人は、人種、皮膚の色、性、言語、宗教、政治上その他の意見による差別をも受けることなく、すべての権利と自由とを享有することができる。'))
cases = [(name, encoding) for name,(encodings,_) in rights.items() for encoding in encodings.split()]

@pytest.mark.parametrize('kind', ['txt', 'csv', 'json', 'csv.gz'])
@pytest.mark.parametrize('name,encoding', cases)
def test_encodings_are_guessed_and_said(name, encoding, kind, tmp_path, caplog):
    texts = [rights[name][1], 'plain']*2
    body = dict(txt='\n'.join(texts), json=json.dumps([dict(text=t) for t in texts], ensure_ascii=False)).get(kind, 'id,text\n'+''.join(f'{i},"{t.replace(chr(34), chr(34)*2)}"\n' for i,t in enumerate(texts)))
    path = packed(tmp_path/f'a.{kind}', body.encode(encoding))
    with caplog.at_level(logging.WARNING, 'model_lifecycle'): assert [o for b in read_texts(path) for o in b]==texts
    assert len(caplog.records)==1 and f'{path} is not UTF-8 and is read as ' in caplog.text
    caplog.clear()
    assert [o for b in read_texts(path, encoding=encoding) for o in b]==texts and not caplog.records

@settings(max_examples=150, deadline=None)
@given(st.sampled_from(cases), st.data())
def test_a_piece_is_guessed_right_or_refused(case, data):
    text = rights[case[0]][1]
    start = data.draw(st.integers(0, len(text)-1))
    piece = text[start:start+data.draw(st.integers(1, 200))]
    guess = guess_encoding(piece.encode(case[1]))
    assert guess is None or piece.encode(case[1]).decode(guess)==piece

@examples
@given(st.lists(st.text(st.characters(exclude_categories=['Cs'], exclude_characters='\r\n\ufeff')), min_size=1, max_size=6))
def test_utf8_is_never_taken_for_anything_else(tmp_path, texts):
    assert find_encoding(lambda: ['\n'.join(texts).encode()], 'a')=='utf-8-sig' or any('\0' in t for t in texts)

@pytest.mark.parametrize('encoding', ['utf-16', 'utf-16-le', 'utf-16-be', 'utf-32'])
def test_wide_encodings(encoding, tmp_path, caplog):
    rows = [dict(prompt='first', response='one'), dict(prompt='Is it “good”?', response='two')]
    (tmp_path/'a.csv').write_text('prompt,response\n'+''.join(','.join(o.values())+'\n' for o in rows), encoding=encoding)
    assert read_rows(tmp_path/'a.csv')==rows and encoding in caplog.text

@pytest.mark.parametrize('data,how,says', [
    ('Très chère'.encode('cp1252'), {}, 'is not UTF-8 (byte 2), and no other encoding is certain. It may be'), (bytes(range(128, 256))*9, {}, 'is not UTF-8 (byte 0)'),
    ('é'.encode('cp1252'), dict(encoding='ascii'), 'is not ASCII (byte 0xe9, after line 0): name its `encoding` (--encoding), or leave it out'),
    (b'abcd', dict(encoding='utf-16'), 'a.txt is not UTF-16 (UTF-16 stream does not start with BOM, after line 0): name its `encoding` (--encoding), or leave it out'),
    (b'abcdefgh', dict(encoding='UTF_32'), 'a.txt is not UTF-32'), (bytes(range(256))*9, dict(encoding='utf-16-be'), 'a.txt is not UTF-16-BE (byte 0x'), (bytes(range(256))*9, dict(encoding='utf-8'), 'a.txt is not UTF-8 (byte 0x80'),
    (b'a', dict(encoding='undefined'), "encoding='undefined' is none"), (b'a', dict(encoding='a\0b'), 'is none that Python knows'), (b'a', dict(encoding='\ud800'), 'is none that Python knows'), (b'a', dict(encoding='hex'), "encoding='hex' is none"), (b'a', dict(delimiter='ab'), "delimiter='ab'")])
def test_what_is_refused(tmp_path, data, how, says):
    (tmp_path/'a.txt').write_bytes(data)
    with pytest.raises(ValueError) as e: list(read_texts(tmp_path/'a.txt', **how))
    assert says in str(e.value)

# -- compressed, nested, many, data sets

damages = [(pack, how) for pack in ('gz', 'bz2', 'zst') for how in ('cut', 'flipped', 'plain')]
damages.remove(('zst', 'flipped')) # such a file may have no checksum

@pytest.mark.parametrize('pack,how', damages)
def test_damaged_files(tmp_path, pack, how):
    path = packed(tmp_path/f'a.txt.{pack}', os.urandom(5000).hex().encode())
    data = path.read_bytes()
    path.write_bytes(dict(cut=data[:-40], flipped=data[:900]+bytes(255-o for o in data[900:990])+data[990:], plain=b'a bank\n'*9)[how])
    with pytest.raises(ValueError, match='a.txt.*it is damaged or cut off, or is not'): list(read_texts(path))

def test_objects_in_objects(tmp_path):
    rows = [{'review': {'text': 'fine', 'by': {'name': 'Ann'}}, 'a.b': 'dot', 'a': {'b': 'in'}}, {'review': {'text': 'bad', 'by': None}, 'a.b': 'dot', 'a': {'b': 'in'}}]
    (tmp_path/'a.jsonl').write_text('\n'.join(map(json.dumps, rows)))
    pq.write_table(pa.Table.from_pylist(rows), tmp_path/'a.parquet')
    Dataset.from_list(rows).save_to_disk(tmp_path/'a')
    for name in 'a.jsonl','a.parquet','a':
        assert [list(o.values()) for o in stream_rows(tmp_path/name, ['review.text', 'a.b', 'review.by.name'])]==[['fine', 'dot', 'Ann'], ['bad', 'dot', None]]
        with pytest.raises(ValueError, match="no column 'review.title'"): list(stream_rows(tmp_path/name, ['review.title']))

def test_many_files(tmp_path):
    for i in range(12): (tmp_path/f'part-{i:02}.txt').write_text(f'{i}\n')
    (tmp_path/'part-x.txt').mkdir()
    (tmp_path/'odd[1].txt').write_text('odd\n')
    assert [o for b in read_texts(tmp_path/'part-*.txt') for o in b]==[str(i) for i in range(12)]
    assert [o for b in read_texts(tmp_path/'odd[1].txt') for o in b]==['odd']
    with pytest.raises(FileNotFoundError, match='no file like'): list(read_texts(tmp_path/'no-*.txt'))

def test_data_sets(tmp_path, monkeypatch):
    "A folder that `datasets` reads, as a name with an owner; and one that is nowhere"
    monkeypatch.chdir(tmp_path)
    (tmp_path/'owner/name').mkdir(parents=True)
    for split,text in dict(train='good', test='bad').items(): (tmp_path/f'owner/name/{split}.jsonl').write_text(json.dumps(dict(text=text, label='pos'))+'\n')
    assert [o for b in read_texts('owner/name') for o in b]==['good']
    assert read_rows('owner/name:test')==[dict(text='bad', label='pos')]
    with pytest.raises(ValueError, match='has the splits train, test: name one'): read_rows('owner/name:dev')
    with pytest.raises(FileNotFoundError, match="'owner/nothing' is neither a file nor a data set that can be loaded"): read_rows('owner/nothing')
    with pytest.raises(FileNotFoundError, match='There is no file owner/nothing.csv'): read_rows('owner/nothing.csv')

@pytest.mark.parametrize('name', ['a.txt', 'a.xlsx', 'a.txt.gz', 'a'])
def test_rows_of_what_kinds(name, tmp_path):
    "Who reads rows has no option for the kind, and no kind of texts; who reads texts has both"
    packed(tmp_path/name, b'prompt,response\na,b\n')
    with pytest.raises(ValueError, match=r'ends in .*: give a file of .csv, .tsv, .json, .jsonl, .ndjson, .parquet, or let its name end so.$'): read_rows(tmp_path/name)
    if '.txt' in name: return
    with pytest.raises(ValueError, match=r'give a file of .txt, .csv, .*, or say its `format` .--format.'): list(read_texts(tmp_path/name))
    assert read_rows(tmp_path/name, format='csv')==[dict(prompt='a', response='b')]

def test_the_wrong_encoding_of_a_table_without_rows(tmp_path):
    (tmp_path/'a.csv').write_text('text,label\na,b\n')
    with pytest.raises(ValueError, match='has no rows as cp037: check its `encoding`'): read_rows(tmp_path/'a.csv', encoding='cp037')

@pytest.mark.parametrize('files', [{'a.jsonl': '{"prompt": "a"}', 'b.jsonl': '{"text": "a", "label": 3}'}, {'a.json': '{"prompt": "a"}', 'b.json': '{"prompt": ["a"]}'}, {'a.json': 'odd{'}, {'a.csv': b'\xb6\xff'}])
def test_a_folder_of_mixed_files(files, tmp_path):
    for name,text in files.items(): (tmp_path/name).write_bytes(text if isinstance(text, bytes) else text.encode())
    for read in read_rows, lambda path: list(read_texts(path, column='prompt')):
        with pytest.raises(ValueError) as e: read(tmp_path)
        said, = str(e.value).splitlines()
        assert said.startswith(f'{tmp_path} cannot be read (') and said.endswith(f"give files of one kind that have the same columns, such as '{tmp_path}/*.jsonl'.")

def test_half_a_surrogate_pair_in_a_label(tmp_path):
    (tmp_path/'a.jsonl').write_text('{"text": "bank", "label": "a"}\n{"text": "goal", "label": "b\\ud800"}\n'*9)
    static_model(n=len(words)).save_pretrained(tmp_path/'static')
    with pytest.raises(ValueError, match="Label 1 is 'b.*', which holds half of a surrogate pair"): lifecycle_train(tmp_path/'a.jsonl', tmp_path/'out', model=str(tmp_path/'static'), quiet=True)
    assert not (tmp_path/'out').exists()

# -- commands

money,art = 'bank money interest rate'.split(),'goal match striker'.split()

@pytest.fixture(scope='module')
def served(tmp_path_factory):
    "A pipeline that knows money from goals, its folder, and texts with labels"
    folder = tmp_path_factory.mktemp('served')
    model,head = static_model(n=len(words)),nn.Linear(8, 2, bias=False)
    one,two = model.encode('bank'),model.encode('goal')
    head.weight.data.copy_(__import__('torch').from_numpy(np.stack([one-two, two-one])*9))
    pipeline = StaticModelPipeline(model, head, ['money', 'sport'])
    pipeline.save_pretrained(folder/'p')
    return pipeline,folder/'p'

def run(name, *args, **kwargs):
    return subprocess.run([str(bin/name), *map(str, args)], capture_output=True, env={**os.environ, 'OMP_NUM_THREADS': '1', **kwargs.pop('env', {})}, **kwargs)

def test_pipes(served):
    "Standard input to standard output, in a terminal that knows no more than ASCII"
    rows = [dict(body='bank 音楽', id=7), dict(body='goal', id=8)]
    res = run('lifecycle_predict', served[1], '-', '-', '--column', 'body', '--keep', 'id', '--format', 'jsonl', '--quiet', input=''.join(json.dumps(o, ensure_ascii=False)+'\n' for o in rows).encode(), env=dict(PYTHONIOENCODING='ascii', LC_ALL='C'))
    assert res.returncode==0, res.stderr
    out = [json.loads(o) for o in res.stdout.decode('utf-8').splitlines()]
    assert [(o['text'], o['label'], o['id']) for o in out]==[('bank 音楽', 'money', 7), ('goal', 'sport', 8)]
    assert b'1 money, 1 sport' in res.stderr
    res = run('lifecycle_encode', served[1], '-', '-', '--output-format', 'csv', '--quiet', input='bank\r\nnaïve\r'.encode())
    header,*lines = csv.reader(io.StringIO(res.stdout.decode('utf-8'), newline=''))
    assert header==['text', 'embedding'] and [o[0] for o in lines]==['bank', 'naïve'], res.stderr
    np.testing.assert_allclose([json.loads(o[1]) for o in lines], served[0].model.encode(['bank', 'naïve']), atol=1e-6)

@pytest.mark.parametrize('kind', ['csv', 'jsonl', 'parquet'])
@pytest.mark.parametrize('out', ['csv.gz', 'jsonl', 'parquet', 'TSV'])
def test_columns_go_along(served, tmp_path, kind, out):
    df = pd.DataFrame(dict(body=['bank', 'goal', 'rate'], id=[1, 2, 3], label=['money', 'sport', 'money'], url=['a', 'b, "c"', 'd\ne']))
    write = dict(csv=df.to_csv, parquet=df.to_parquet, jsonl=lambda p, index: df.to_json(p, orient='records', lines=True))[kind]
    write(tmp_path/f'in.{kind}', index=False)
    lifecycle_predict(served[1], tmp_path/f'in.{kind}', tmp_path/f'p.{out}', column='body', keep_all=True, batch_size=2, quiet=True)
    got = list(Tables(tmp_path/f'p.{out}').rows())
    assert list(got[0])==['text', 'label', 'probability', 'id', 'input_label', 'url']
    ids = [1, 2, 3] if kind!='csv' and out in ('jsonl', 'parquet') else ['1', '2', '3']
    said = served[0].predict(df.body)
    assert [(o['text'], o['label'], o['id'], o['input_label'], o['url']) for o in got]==[*zip(df.body, said, ids, df.label, df.url)]
    lifecycle_encode(served[1], tmp_path/f'in.{kind}', tmp_path/f'e.{out}', column='body', keep='url', batch_size=2, quiet=True)
    assert [(o['text'], o['url']) for o in Tables(tmp_path/f'e.{out}').rows()]==[*zip(df.body, df.url)]

def test_types_of_parquet_stay(served, tmp_path):
    table = pa.table(dict(text=['bank', 'goal'], day=[date(2026, 1, 31), None], n=pa.array([1, None], pa.int16()), tags=[['a'], []]))
    pq.write_table(table, tmp_path/'in.parquet')
    lifecycle_predict(served[1], tmp_path/'in.parquet', tmp_path/'out.parquet', keep_all=True, quiet=True)
    assert pq.read_table(tmp_path/'out.parquet').select(['text', 'day', 'n', 'tags']).equals(table)

def test_odd_cells_go_along(served, tmp_path):
    "Keys that some lack, half a surrogate pair, kinds that mix"
    (tmp_path/'in.jsonl').write_text('{"text": "bank", "id": 1}\n{"text": "goal", "id": "b", "note": "\\ud800"}\n')
    lifecycle_predict(served[1], tmp_path/'in.jsonl', tmp_path/'out.jsonl', keep_all=True, quiet=True)
    assert [(o['id'], o['note']) for o in Tables(tmp_path/'out.jsonl').rows()]==[(1, None), ('b', '\ud800')]
    for out,keep,says in ('out.parquet', 'id', "Column 'id' of .* has cells of several kinds"),('out.parquet', 'note', "Column 'note' of .* half of a surrogate pair"),('out.csv', 'note', 'half of a surrogate pair'):
        with pytest.raises(ValueError, match=says): lifecycle_predict(served[1], tmp_path/'in.jsonl', tmp_path/out, keep=keep, quiet=True)
    with pytest.raises(ValueError, match="no column 'url'"): lifecycle_predict(served[1], tmp_path/'in.jsonl', tmp_path/'out.csv', keep='url', quiet=True)
    assert not (tmp_path/'out.parquet').exists() and not (tmp_path/'out.csv').exists()

def test_accuracy(served, tmp_path, capsys):
    (tmp_path/'in.csv').write_text('text,topic\nbank,money\ngoal,money\nrate,\nmatch,jazz\n')
    lifecycle_predict(served[1], tmp_path/'in.csv', tmp_path/'out.csv', label_column='topic', quiet=True)
    right = (served[0].predict(['bank', 'goal', 'match'])==['money', 'money', 'jazz']).mean()
    assert f"accuracy {right:.3f} on 3 of 4 texts, which have a true label; labels that the model does not know count as wrong: 1 'jazz'" in capsys.readouterr().out
    (tmp_path/'in.csv').write_text('text,topic\n'+''.join(f'{w},{l}\n' for w,l in zip(money+art, ['money']*4+['sport']*3)))
    lifecycle_predict(served[1], tmp_path/'in.csv', tmp_path/'out.csv', label_column='topic', batch_size=2)
    want = served[0].evaluate(money+art, ['money']*4+['sport']*3)
    out = capsys.readouterr().out
    assert f"accuracy {want['accuracy']:.3f} on 7 of 7" in out and f"{want['macro avg']['f1-score']:.3f}" in out
    with pytest.raises(ValueError, match="no column 'label'"): lifecycle_predict(served[1], tmp_path/'in.csv', tmp_path/'out.csv', label_column='label', quiet=True)

def test_accuracy_of_several_labels(served, tmp_path, capsys):
    pipeline = StaticModelPipeline(served[0].model, nn.Sequential(nn.Linear(8, 2)), ['a', 'b'], 'sigmoid')
    pipeline.save_pretrained(tmp_path/'p')
    texts = money+art
    labels = pipeline.predict(texts).tolist()
    pq.write_table(pa.table(dict(text=texts, tags=pa.array(labels, pa.list_(pa.string())))), tmp_path/'in.parquet')
    (tmp_path/'in.csv').write_text('text,tags\n'+''.join(f'{t},{"|".join(o)}\n' for t,o in zip(texts, labels)))
    for name in 'in.parquet','in.csv':
        lifecycle_predict(tmp_path/'p', tmp_path/name, tmp_path/'out.csv', label_column='tags', separator='|')
        assert 'accuracy 1.000 on 7 of 7' in capsys.readouterr().out

def test_training_reads_the_same_files(tmp_path):
    static_model(n=len(words)).save_pretrained(tmp_path/'static')
    body = 'text;label\n'+''.join(f'{a} {b};{l}\n' for pool,l in ((money, 'Größe'), (art, 'Spaß')) for a in pool for b in pool)
    (tmp_path/'d.txt').write_bytes(body.encode('cp1252'))
    lifecycle_train(tmp_path/'d.txt', tmp_path/'out', model=str(tmp_path/'static'), quiet=True, delimiter=';', encoding='cp1252', format='csv')
    assert StaticModelPipeline.from_pretrained(tmp_path/'out').classes.tolist()==['Größe', 'Spaß']
