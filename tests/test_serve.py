"`lifecycle_serve` as its users meet it: OpenAI's client, HTTP, signals, and the page in a real browser"
import asyncio, json, os, re, signal, socket, subprocess, sys, threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
import httpx, numpy as np, openai, pytest
from safetensors import safe_open
from tokenizers import Tokenizer
from model_lifecycle.batching import Batcher
from model_lifecycle.bodies import Limits
from model_lifecycle.chat import Chat
from model_lifecycle.classifier import StaticModelForClassification
from model_lifecycle.inference import StaticModel
from model_lifecycle.pipeline import StaticModelPipeline
from model_lifecycle.prefix_model import PTuningModel
from model_lifecycle.serve import Service, lifecycle_serve
from model_lifecycle.served import Loader, ServedLabels, ServedVectors
from tests.browser import too_wide
from tests.events import patience, wait_until
from tests.test_chat import base_of_words, behind, said, words

root = Path(__file__).resolve().parent.parent
code = "import sys; sys.argv[0] = 'lifecycle_serve'; from model_lifecycle.serve import lifecycle_serve; lifecycle_serve()"

# -- models and a server

@pytest.fixture(scope='module')
def place(tmp_path_factory, bbc, minilm_path):
    "Folders of a static model, a classifier, a language model that never ends, and two prefixes for it"
    d = tmp_path_factory.mktemp('served')
    with safe_open(minilm_path/'model.safetensors', 'np') as f: vectors = f.get_tensor('embeddings.word_embeddings.weight')
    model = StaticModel(vectors, Tokenizer.from_file(str(minilm_path/'tokenizer.json')), normalize=True)
    model.save_pretrained(d/'minilm-static')
    texts,topics = bbc
    StaticModelForClassification.from_static_model(model=model).fit(texts[::20], topics[::20]).to_pipeline().save_pretrained(d/'news')
    base = base_of_words(10**6)
    base.save_pretrained(d/'words')
    words().save_pretrained(d/'words')
    for seed,name in enumerate(['first', 'second']): behind(base, seed=seed).save_pretrained(d/name)
    return d

@contextmanager
def running(*args, **env):
    "A server of its own: its process and its address"
    env = os.environ | dict(PYTHONPATH=str(root), TQDM_DISABLE='1') | env
    process = subprocess.Popen([sys.executable, '-c', code, *map(str, args), '--port', '0', '--timeout', str(patience)], env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        said = next((o for o in process.stdout if o.startswith('http://')), None)
        assert said, process.stderr.read()
        yield process,said.split()[0]
    finally:
        process.kill()
        process.communicate()

@pytest.fixture(scope='module')
def server(place):
    models = [place/'minilm-static', f"topics={place/'news'}", place/'words', f"{place/'words'}+{place/'first'}", f"{place/'words'}+{place/'second'}"]
    with running(*models, '--max-new-tokens', 1_000_000, '--max-chats', 2, '--max-texts', 20) as (_,url): yield url

@pytest.fixture(scope='module')
def client(server): return openai.OpenAI(base_url=f'{server}/v1', api_key='any', max_retries=0)

@pytest.fixture(scope='module')
def http(server):
    with httpx.Client(base_url=server, timeout=None) as http: yield http

def waits(http, n): return f'lifecycle_waiting{{model="words"}} {n}.0' in http.get('/metrics').text

def user(text): return [dict(role='user', content=text)]

# -- OpenAI's client

def test_embeddings(client, place):
    "Numbers and base64, one text and several, cut to some dimensions"
    model,texts = StaticModel.from_pretrained(place/'minilm-static'),['Markets fell.', '', 'a café, naïve 🎬']
    for options in {}, dict(encoding_format='float'), dict(encoding_format='base64'):
        got = client.embeddings.create(model='minilm-static', input=texts, **options)
        vectors = [o.embedding for o in got.data]
        if options.get('encoding_format') == 'base64': vectors = [np.frombuffer(__import__('base64').b64decode(o), '<f4') for o in vectors]
        np.testing.assert_allclose(vectors, model.encode(texts), atol=1e-6)
    assert [o.index for o in got.data] == [0, 1, 2] and got.usage.prompt_tokens == sum(map(len, model.tokenize(texts)))
    one = client.embeddings.create(model='topics', input=texts[0], dimensions=100).data[0].embedding
    want = model.encode(texts[0])[:100]
    np.testing.assert_allclose(one, want/np.linalg.norm(want), atol=1e-6)

def test_models(client):
    assert [o.id for o in client.models.list()] == ['minilm-static', 'topics', 'words', 'first', 'second']
    assert client.models.retrieve('first').id == 'first'

def test_errors_of_openai(client):
    with pytest.raises(openai.NotFoundError, match='no-model.*minilm-static, topics'): client.embeddings.create(model='no-model', input='a')
    with pytest.raises(openai.BadRequestError, match='token number.*check_embedding_ctx_length') as e: client.embeddings.create(model='topics', input=[15339, 1917])
    assert e.value.param == 'input.0'
    with pytest.raises(openai.BadRequestError, match='`n` is 3'): client.chat.completions.create(model='words', messages=user('bank'), n=3)

def answers_of(place, name=None):
    "What is answered to 'bank' by the models themselves"
    base = base_of_words(10**6)
    return said(Chat(behind(base, seed=name) if name is not None else base, words(), max_new_tokens=12).ask('bank'))

def test_chat(client, place):
    "Alone and behind each of two prefixes, which share one base; whole and streamed"
    found = {}
    for name,seed in dict(words=None, first=0, second=1).items():
        asked = dict(model=name, messages=user('bank'), max_tokens=12)
        whole = client.chat.completions.create(**asked)
        chunks = list(client.chat.completions.create(**asked, stream=True, stream_options=dict(include_usage=True)))
        found[name] = whole.choices[0].message.content
        assert found[name] == answers_of(place, seed)
        assert ''.join(o.choices[0].delta.content or '' for o in chunks if o.choices) == found[name]
        assert len(chunks) > 8 and chunks[-2].choices[0].finish_reason == whole.choices[0].finish_reason == 'length'
        assert chunks[-1].usage == whole.usage and whole.usage.completion_tokens > 0
    assert len({*found.values()}) == 3
    asked = dict(model='first', messages=user('bank'), max_tokens=12)
    without = client.chat.completions.create(**asked, extra_body=dict(prefix=False))
    assert without.choices[0].message.content not in found.values() and without.usage.completion_tokens > 0
    stop = found['first'].split()[3]
    cut = client.chat.completions.create(**asked, stop=stop).choices[0]
    assert cut.message.content == found['first'][:found['first'].index(stop)] and cut.finish_reason == 'stop'

def test_history(client):
    "Earlier turns count, in either form of content"
    talk = [*user('bank'), dict(role='assistant', content='goal'), dict(role='user', content=[dict(type='text', text='film')])]
    chat = Chat(base_of_words(10**6), words(), max_new_tokens=12)
    chat.history = [('bank', 'goal')]
    got = client.chat.completions.create(model='words', messages=talk, max_tokens=12)
    assert got.choices[0].message.content == said(chat.ask('film'))
    for wrong in user(''), talk[1:], [dict(role='assistant', content='x')], [dict(role='user', content=[dict(type='image_url', image_url={})])]:
        with pytest.raises(openai.BadRequestError, match='messages'): client.chat.completions.create(model='words', messages=wrong)

def test_how_it_is_drawn(client):
    "A seed repeats an answer; a penalty keeps a token from coming again"
    def said(**options):
        res = client.chat.completions.create(model='first', messages=user('bank'), max_tokens=12, **options)
        return res.choices[0].message.content
    assert said(temperature=2, seed=1) == said(temperature=2, seed=1) != said(temperature=2, seed=2)
    plain,once,often = said(), said(presence_penalty=2), said(frequency_penalty=2)
    assert len({*plain.split()}) < len({*often.split()}) and plain != once

def test_fields_of_openai(client):
    "What cannot be done is refused by name; what asks for nothing is no error"
    asked = dict(model='words', messages=user('bank'), max_tokens=4)
    function = dict(type='function', function=dict(name='f', parameters={}))
    refused = dict(n=2, logprobs=True, top_logprobs=3, logit_bias={'5': 1}, response_format=dict(type='json_object'), tools=[function], tool_choice='required',
                   modalities=['text', 'audio'], audio=dict(voice='a', format='mp3'), reasoning_effort='high', verbosity='low', store=True, web_search_options={},
                   seed=1.5, frequency_penalty=3, presence_penalty=-3, stop=['a']*17)
    for field,value in refused.items():
        with pytest.raises(openai.BadRequestError, match=f'`{field}` is') as e: client.chat.completions.create(**asked, **{field: value})
        assert e.value.param == field
    nothing = dict(n=1, logprobs=False, top_logprobs=0, logit_bias={}, response_format=dict(type='text'), tools=[], tool_choice='auto', modalities=['text'], store=False,
                   user='u', metadata=dict(a='b'), service_tier='auto', parallel_tool_calls=True, seed=1, frequency_penalty=0)
    assert client.chat.completions.create(**asked, **nothing).choices == client.chat.completions.create(**asked).choices
    for create,body in ((client.chat.completions.create, asked), (client.embeddings.create, dict(model='topics', input='a', user='u'))):
        with pytest.raises(openai.BadRequestError, match='`top_k` is no field') as e: create(**body, extra_body=dict(top_k=5))
        assert e.value.param == 'top_k'

# -- many at once

def test_many(server, http, place, bbc):
    "64 clients at once get what each would have got alone, in fewer calls of the model"
    texts = [o[:400] for o in bbc[0][:256]]
    pipeline = StaticModelPipeline.from_pretrained(place/'news')
    want = pipeline.predict_proba(texts)
    async def ask_all():
        async with httpx.AsyncClient(base_url=server, timeout=None, limits=httpx.Limits(max_connections=64)) as client:
            return await asyncio.gather(*(client.post('/predict', json=dict(texts=[o], words=0)) for o in texts))
    with ThreadPoolExecutor(1) as other: responses = other.submit(asyncio.run, ask_all()).result()
    results = [o.json()['results'][0] for o in responses]
    got = [[o['probabilities'][c] for c in pipeline.classes] for o in results]
    np.testing.assert_allclose(got, want, atol=1e-5)
    assert [o['label'] for o in results] == pipeline.predict(texts).tolist()
    metrics = http.get('/metrics').text
    lines = dict(o.rsplit(' ', 1) for o in metrics.splitlines() if not o.startswith('#'))
    assert float(lines['lifecycle_batch_items_sum{model="topics"}']) >= 256 > float(lines['lifecycle_batch_items_count{model="topics"}'])
    assert float(lines['lifecycle_requests_total{path="/predict",status="200"}']) >= 256

def test_words(http):
    got = http.post('/predict', json=dict(texts=['The striker scored in the cup final.'], words=2)).json()['results'][0]
    assert got['label'] == 'sports' and len(got['words']) == 2 and got['words'][0]['score'] > 0

def test_reader_that_goes_away(server, http):
    "It stops the model, which turns to the next question"
    body = dict(model='words', messages=user('bank'), max_tokens=900_000)
    for stream in True, False:
        if stream:
            with http.stream('POST', '/v1/chat/completions', json=body | dict(stream=True)) as r: next(r.iter_lines())
        else:
            host,port = server.removeprefix('http://').split(':')
            with socket.create_connection((host, int(port))) as s:
                text = json.dumps(body)
                s.sendall(f'POST /v1/chat/completions HTTP/1.1\r\nHost: {host}\r\nContent-Length: {len(text)}\r\n\r\n{text}'.encode())
                wait_until(lambda: waits(http, 0))
        http.post('/v1/chat/completions', json=body | dict(max_tokens=2)).raise_for_status()

def test_full_line(server, http):
    "One question is answered, two may wait, and the next is told when to come again"
    body = dict(model='words', messages=user('bank'), max_tokens=900_000, stream=True)
    async def fill(ready, done):
        async with httpx.AsyncClient(timeout=None) as client:
            async with client.stream('POST', f'{server}/v1/chat/completions', json=body) as first:
                lines = first.aiter_lines()  # kept: when it goes, so does the connection
                await anext(lines)
                others = [asyncio.create_task(client.post(f'{server}/v1/chat/completions', json=body)) for _ in range(2)]
                ready.set()
                await asyncio.to_thread(done.wait)
                for o in others: o.cancel()
    ready,done = threading.Event(),threading.Event()
    with ThreadPoolExecutor(1) as other:
        filled = other.submit(asyncio.run, fill(ready, done))
        try:
            ready.wait()
            wait_until(lambda: waits(http, 2))
            res = http.post('/v1/chat/completions', json=body)
            others = [http.post('/v1/embeddings', json=dict(model='minilm-static', input='a')), http.get('/health')]  # nobody else waits
        finally: done.set()
        filled.result()
    assert res.status_code == 429 and int(res.headers['retry-after']) >= 1 and res.json()['error']['limit'] == 2
    assert [o.status_code for o in others] == [200, 200]

# -- limits, without a server between

@pytest.fixture(scope='module')
def strict(place):
    "A service with small limits"
    limits = Limits(max_body=1000, max_texts=3, max_tokens=20, max_words=1, timeout=600)
    loader = Loader(limits)
    for o in 'minilm-static', 'news': loader.load(place/o)
    return Service(loader.served, limits, 'secret', ('localhost',))

def ask(service, path, method='POST', headers={}, **kwargs):
    async def send():
        at = httpx.ASGITransport(service.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=at, base_url='http://localhost') as client:
            return await client.request(method, path, headers=dict(authorization='Bearer secret') | headers, **kwargs)
    with ThreadPoolExecutor(1) as other: return other.submit(asyncio.run, send()).result()

async def in_parts():
    for _ in range(3): yield b'x'*600

wrong = dict(
    body=(413, 'more than 1,000 bytes', None, 1000, dict(content=b'x'*2000)),
    parts=(413, 'more than 1,000 bytes', None, 1000, dict(content=in_parts())),
    texts=(413, '`input` has 4 texts', 'input', 3, dict(json=dict(input=['a']*4))),
    tokens=(413, '`input` has 30 tokens', 'input', 20, dict(json=dict(input='the cat '*15))),
    dimensions=(400, 'minilm-static has 384', 'dimensions', 384, dict(json=dict(input='a', dimensions=385))),
    zero=(400, '`dimensions` is 0', 'dimensions', 1, dict(json=dict(input='a', dimensions=0))),
    no_input=(400, '`input` is missing', 'input', None, dict(json=dict(model='news'))),
    no_text=(400, "`input.1` is None", 'input.1', None, dict(json=dict(input=['a', None]))),
    encoding=(400, "`encoding_format` is 'xml'", 'encoding_format', None, dict(json=dict(input='a', encoding_format='xml'))),
    no_json=(400, 'The body is no JSON', None, None, dict(content=b'{"input"')),
    no_unicode=(400, 'The body is no JSON', None, None, dict(content=b'{"input": "\xff"}')),
    unknown=(404, "`model` is '../news', which is not served", 'model', None, dict(json=dict(model='../news', input='a'))))

@pytest.mark.parametrize('case', wrong)
def test_wrong_request(case, strict):
    "Says the field and the limit"
    status,message,field,limit,sent = wrong[case]
    sent = dict(sent)
    if 'json' in sent and case != 'no_input': sent['json'] = dict(model='minilm-static') | sent['json']
    res = ask(strict, '/v1/embeddings', **sent)
    error = res.json()['error']
    assert res.status_code == status and message in error['message'], error
    assert (error['param'], error.get('limit')) == (field, limit)

def test_wrong_predictions(strict):
    for body,status,message in ((dict(texts=['a', 'b']), 413, 'words of at most 1'), (dict(texts='a', threshold=2), 400, '`threshold` is 2'),
                                (dict(texts='a', model='minilm-static'), 400, 'none that labels texts: those that do are news')):
        res = ask(strict, '/predict', json=body)
        assert res.status_code == status and message in res.json()['error']['message']

def test_who_may_ask(strict):
    for headers,status in (dict(authorization='Bearer wrong'), 401), (dict(authorization=''), 401), (dict(host='evil.example'), 421), ({}, 200):
        assert ask(strict, '/models', 'GET', headers).status_code == status
    assert ask(strict, '/', 'GET', dict(authorization='')).status_code == 200

@pytest.mark.parametrize('path', ['/../settings.ini', '/%2e%2e/settings.ini', '/page/../../settings.ini', '/page.css/../index.html', '//etc/passwd', '/v1/models/../../etc/passwd'])
def test_no_paths(strict, path):
    res = ask(strict, path, 'GET')
    assert res.status_code == 404 and 'error' in res.json()

def busy_service(place, timeout, most):
    "A service whose model waits for `go`"
    limits = Limits(timeout=timeout, max_waiting=most)
    served = ServedVectors('slow', StaticModel.from_pretrained(place/'minilm-static'), limits)
    go = threading.Event()
    def work(texts):
        go.wait()
        return [(np.zeros(2, np.float32), 1) for _ in texts]
    served.vectors = Batcher(work, most_waiting=most)
    return Service(dict(slow=served), limits),go

def test_time_is_over(place):
    "An answer says so, and the service lives on"
    service,go = busy_service(place, 0.05, 100)
    res = ask(service, '/v1/embeddings', json=dict(input='a'))
    go.set()
    assert res.status_code == 504 and 'within 0.05 s' in res.json()['error']['message']
    assert ask(service, '/health', 'GET').status_code == 200

def test_too_many_wait(place):
    "Who comes when the line is full is told so; those who wait are answered by one call of the model"
    service,go = busy_service(place, 600, 2)
    sizes = []
    service.models['slow'].vectors.observe = sizes.append
    async def clients():
        at = httpx.ASGITransport(service.app)
        async with httpx.AsyncClient(transport=at, base_url='http://localhost') as client:
            def send(): return asyncio.create_task(client.post('/v1/embeddings', json=dict(input='a')))
            batcher = service.models['slow'].vectors
            first = [send()]
            while not batcher.task or batcher.n_waiting: await asyncio.sleep(0.001)  # it is at work now
            first += [send(), send()]
            while batcher.n_waiting < 2: await asyncio.sleep(0.001)
            refused = await client.post('/v1/embeddings', json=dict(input='a'))
            go.set()
            return refused,await asyncio.gather(*first)
    with ThreadPoolExecutor(1) as other: refused,answered = other.submit(asyncio.run, clients()).result()
    assert refused.status_code == 429 and refused.headers['retry-after'] == '1' and refused.json()['error']['limit'] == 2
    assert [o.status_code for o in answered] == [200]*3
    assert sizes == [1, 2]

def test_a_failure_is_no_secret(place, caplog):
    service,_ = busy_service(place, 600, 9)
    service.models['slow'].vectors.work = lambda texts: 1/0
    res = ask(service, '/v1/embeddings', json=dict(input='a'))
    assert res.status_code == 500 and 'ZeroDivision' not in res.text and 'ZeroDivisionError' in caplog.text

# -- the process

def test_ends_well(place):
    "SIGTERM: what is asked is answered to its end, nobody else is let in, the exit code is 0"
    body = dict(model='words', messages=user('bank'), max_tokens=60, stream=True)
    with running(place/'words') as (process,url):
        with httpx.stream('POST', f'{url}/v1/chat/completions', json=body, timeout=None) as r:
            lines = r.iter_lines()
            got = [next(lines)]
            process.send_signal(signal.SIGTERM)
            got += [o for o in lines if o]
        out,err = process.communicate()
        assert process.returncode == 0 and got[-1] == 'data: [DONE]' and '"finish_reason":"length"' in got[-2]
        assert 'Traceback' not in err
        with pytest.raises(httpx.ConnectError): httpx.get(f'{url}/health')

early = """
import asyncio, os, signal, sys, threading, uvicorn
numbers = [getattr(signal, sys.argv.pop())]
# what is started in the background of a shell, or behind nohup, ignores them
signal.signal(numbers[0], signal.default_int_handler if numbers[0]==signal.SIGINT else signal.SIG_DFL)
class Loop(asyncio.SelectorEventLoop):
    def run_forever(self):
        self._thread_id = threading.get_ident()  # it runs already, but nothing would end it: so is Python 3.13's for a moment
        while numbers: os.kill(os.getpid(), numbers.pop())
        self._thread_id = None
        super().run_forever()
uvicorn.Config.get_loop_factory = lambda self: Loop
"""+code

@pytest.mark.parametrize('name', ['SIGINT', 'SIGTERM', 'SIGHUP'])
def test_signal_before_it_listens(name, place):
    "What comes between its first words and uvicorn's own care of signals is no traceback from inside asyncio"
    res = subprocess.run([sys.executable, '-c', early, place/'minilm-static', '--port', '0', name], env=os.environ|dict(PYTHONPATH=str(root)), capture_output=True, text=True)
    assert (res.returncode, res.stderr)==(0, ''), res.stderr

def test_errors_of_the_command(place, tmp_path):
    (tmp_path/'notes.txt').write_text('x')
    with socket.create_server(('127.0.0.1', 0)) as taken:
        port = taken.getsockname()[1]
        for given,options,why in (((), {}, 'nothing to serve'), ((place/'news',), dict(port=port), f'Port {port} of 127.0.0.1 .* in use'),
                                  ((tmp_path,), {}, 'holds neither'), ((tmp_path/'notes.txt',), {}, 'holds neither'), (('no/such',), {}, "'no/such'"),
                                  ((place/'news', f"news={place/'minilm-static'}"), {}, "called 'news'"), ((place/'news',), dict(port=99999), '0 to 65535'),
                                  ((place/'news',), dict(host='no.such.host'), 'no.such.host'), ((place/'news',), dict(timeout=0), '`timeout` is 0'),
                                  ((f"{place/'words'}+{place/'news'}",), {}, 'has no prefix')):
            with pytest.raises((ValueError, OSError), match=why) as e: lifecycle_serve(*map(str, given), **dict(port=0) | options)
            assert '\n' not in str(e.value)
    res = subprocess.run([sys.executable, '-c', code, str(tmp_path), '--port', '0'], capture_output=True, text=True, env=os.environ | dict(PYTHONPATH=str(root)))
    assert res.returncode == 2 and res.stdout == '' and res.stderr.count('\n') == 1 and res.stderr.startswith('lifecycle_serve: error:')

# -- the page

def choose(page, name): page.get_by_label('Model', exact=True).select_option(name)

def test_page_labels(open_page, server):
    "Typing, result, another result"
    page = open_page(server)
    choose(page, 'topics')
    page.get_by_label('Text', exact=True).fill('The striker scored twice in the cup final.')
    page.get_by_role('button', name='Label', exact=True).click()
    first = page.locator('#bars li').first
    first.get_by_text('sports').wait_for()
    assert page.locator('#bars li').count() == 5 and '%' in first.inner_text()
    assert page.locator('#words li').count() > 3 and 'striker' in page.locator('#words').inner_text()
    page.get_by_label('Text', exact=True).fill('Shares fell after the bank raised interest rates.')
    page.get_by_label('Text', exact=True).press('Control+Enter')
    page.locator('#bars li').first.get_by_text('business').wait_for()

def test_page_search(open_page, server):
    page = open_page(server, 390, dark=True)
    page.get_by_label('What to look for').fill('injured footballer')
    page.get_by_label('What to look for').press('Enter')
    page.locator('#found li').first.get_by_text('striker').wait_for()
    assert page.locator('#found li').count() == 6 and not too_wide(page)
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != 'rgb(246, 246, 244)'

def test_page_errors(open_page, server):
    "What the service says is shown, and goes away with the next result"
    page = open_page(server, 390)
    page.get_by_label('Lines to search').fill('\n'.join(map(str, range(20))))
    page.get_by_label('What to look for').fill('7')
    page.get_by_role('button', name='Search').click()
    page.get_by_role('alert').get_by_text('at most 20 are taken').wait_for()
    assert not too_wide(page)
    page.get_by_label('Lines to search').fill('seven\neight')
    page.get_by_role('button', name='Search').click()
    page.locator('#found li').first.wait_for()
    assert page.get_by_role('alert').count() == 0

def test_page_chat(open_page, server, place):
    "Both sides stream; the button stops what would not end today"
    page = open_page(server)
    choose(page, 'first')
    page.get_by_label('Question').fill('bank')
    page.get_by_label('Most tokens').fill('12')
    page.get_by_role('button', name='Ask').click()
    for side in 'with', 'without': page.locator(f'#{side}').get_by_text('the most that was asked for').wait_for()
    shown = [page.locator(f'#{o} .answer').inner_text() for o in ('with', 'without')]
    assert shown[0] == answers_of(place, 0) != shown[1]
    page.get_by_label('Most tokens').fill('900000')
    page.get_by_role('button', name='Ask').click()
    page.locator('#with .answer').filter(has_text=re.compile('.{20}')).wait_for()
    page.get_by_role('button', name='Stop').click()
    for side in 'with', 'without': page.locator(f'#{side}').get_by_text('Stopped.').wait_for()
    choose(page, 'words')
    assert not page.locator('#without').is_visible()

def test_page_with_a_key(open_page, place):
    with running(place/'minilm-static', MODEL_LIFECYCLE_API_KEY='open sesame') as (process,url):
        page = open_page(url)
        page.get_by_label('asks for its key').fill('wrong')
        page.get_by_role('button', name='Open').click()
        page.get_by_role('alert').get_by_text('missing or wrong').wait_for()
        page.get_by_label('asks for its key').fill('open sesame')
        page.get_by_role('button', name='Open').click()
        page.get_by_label('What to look for').wait_for()
        page.reload()
        page.get_by_label('What to look for').wait_for()

def test_page_is_named(open_page, server):
    "Whoever listens to the page instead of seeing it knows what each field and button is"
    page = open_page(server)
    page.get_by_label('What to look for').wait_for()
    nameless = page.evaluate('''() => [...document.querySelectorAll('input, select, textarea, button')]
      .filter(o => !(o.labels?.length || o.textContent.trim())).map(o => o.outerHTML)''')
    assert not nameless and page.evaluate('document.documentElement.lang') == 'en'
