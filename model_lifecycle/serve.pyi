"""Models behind HTTP: embeddings, labels and chats, and a page to try them"""
from typing import Any
__all__ = ['Service', 'lifecycle_serve']
import socket, time
from contextlib import contextmanager
from fastcore.basics import patch
from starlette.responses import StreamingResponse
from .bodies import Limits

class Service:
    """Models behind HTTP"""
    requests: Any
    seconds: Any
    batches: Any
    tokens: Any
    models: dict
    limits: Limits
    key: str | None
    hosts: tuple
    created: Any
    time: Any
    registry: Any

    def __init__(self, models: dict, limits: Limits=..., key: str | None=None, hosts: tuple=()):
        ...

    def check_caller(self, request, is_open):
        """`Refused` unless a request knows the name and the key"""
        ...

    def route(self, path, work, method='GET', is_open=False):
        """A path, and what answers there"""
        ...

    def find(self, name: str, kind: str):
        """A model that does what is asked, or `Refused`"""
        ...

    def as_openai(self, name):
        ...

    def page_routes(self):
        """A route for each file of the page"""
        ...

    @property
    def app(self):
        """The service as an ASGI application"""
        ...

def json_bytes(content):
    """Objects, lists, texts, numbers and arrays as JSON; float32 with the digits that it has"""
    ...

def json_response(content, status=200, headers=None):
    """Objects, lists, texts and numbers as a response"""
    ...

def refusal(error, limits):
    """The response to what went wrong"""
    ...

def host_name(given):
    """The name, or the address, in a `Host` header"""
    ...

class Gate:
    """Answers at a path with what `work` makes of a request"""
    service: Any
    path: Any
    work: Any
    is_open: Any
    observe: Any

    def __init__(self, service, path, work, is_open):
        ...

    async def answer(self, request):
        ...

    async def __call__(self, scope, receive, send):
        ...

def does(served, kind):
    """Can it do what a kind of model does?"""
    ...

@patch
async def asked_texts(self: Service, request, kind: type, field: str, work: str) -> tuple:
    """What a request asks of texts, or `Refused`"""
    ...

def written(vector, encoding):
    """A vector in JSON"""
    ...

@patch
async def embeddings(self: Service, request):
    """`POST /v1/embeddings`"""
    ...

def labelled(pipeline, row, threshold):
    """What a row of probabilities, or of numbers, says"""
    ...

@patch
async def predict(self: Service, request):
    """`POST /predict`"""
    ...

class EventStream(StreamingResponse):
    """Objects as server-sent events; the model is stopped when the reader has gone"""
    answer: Any

    def __init__(self, answer, first, pieces):
        ...

    async def events(self, first, pieces):
        ...

    async def __call__(self, scope, receive, send):
        ...

async def stop_when_left(request, answer):
    """Stop an answer when nobody waits for it any more"""
    ...

@patch
async def chat(self: Service, request):
    """`POST /v1/chat/completions`"""
    ...

@patch
async def list_models(self: Service, request):
    """`GET /models`"""
    ...

@patch
async def openai_models(self: Service, request):
    """`GET /v1/models`, and `GET /v1/models/NAME`"""
    ...

@patch
async def health(self: Service, request):
    """`GET /health`"""
    ...

@patch
async def metrics(self: Service, request):
    """`GET /metrics`"""
    ...

def listening_socket(host: str, port: int) -> socket.socket:
    """A socket that listens, or an error that says why there is none"""
    ...

def own_names(host):
    """The names by which this machine is asked, if nobody else can ask it; else none"""
    ...
key_variable = 'MODEL_LIFECYCLE_API_KEY'

@contextmanager
def ending_told(tell):
    """In this block `tell` has the signals that end a process, but those that are ignored"""
    ...

def run_server(service, sock, limits):
    """Answer requests until a signal ends it"""
    ...

def lifecycle_serve(*models: str, host: str='127.0.0.1', port: int=8000, device: str=None, dtype: str='auto', token: str=None, max_body: int=8000000, max_texts: int=2048, max_tokens: int=300000, max_words: int=64, max_waiting: int=10000, max_chats: int=32, max_new_tokens: int=1024, timeout: float=60.0):
    """Serve models over HTTP, as OpenAI's clients ask; MODEL_LIFECYCLE_API_KEY is the key to know"""
    ...
