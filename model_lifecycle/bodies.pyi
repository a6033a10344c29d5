"""What a request may say, and what is answered when it says something else"""
__all__ = ['Refused', 'Limits', 'ChatBody']
from typing import Any, Literal
from pydantic import BaseModel, Field

class Refused(Exception):
    """An answer that is an error"""
    status: int
    headers: Any
    body: Any

    def __init__(self, status: int, message: str, field: str | None=None, limit=None, code: str | None=None, headers: dict | None=None):
        ...

class Limits:
    """What is taken at most"""

    def __init__(self, max_body: int=8000000, max_texts: int=2048, max_tokens: int=300000, max_words: int=64, max_waiting: int=10000, max_chats: int=32, max_new_tokens: int=1024, timeout: float=60.0):
        ...
    __repr__: Any

class EmbeddingBody(BaseModel, extra='forbid', strict=True):
    """Of `/v1/embeddings`"""
    input: Any
    model: str | None = ''
    encoding_format: Literal['float', 'base64'] | None = 'float'
    dimensions: int | None = Field(None, ge=1)
    user: Any = None

class PredictBody(BaseModel, extra='forbid', strict=True):
    """Of `/predict`"""
    texts: Any
    model: str | None = ''
    words: int = Field(5, ge=0, le=100)
    threshold: float = Field(0.5, ge=0, le=1)

class StreamOptions(BaseModel):
    """How an answer is streamed"""
    include_usage: bool = False

def only(*values):
    """The type of a field that may be `None`, or have a value that asks for nothing"""
    ...

class ChatBody(BaseModel, extra='forbid', strict=True):
    """Of `/v1/chat/completions`"""
    messages: list[dict] = Field(min_length=1)
    model: str | None = ''
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    max_tokens: int | None = Field(None, ge=1)
    max_completion_tokens: int | None = Field(None, ge=1)
    temperature: float | None = Field(None, ge=0, le=2)
    top_p: float | None = Field(None, gt=0, le=1)
    seed: int | None = Field(None, ge=-2 ** 63, lt=2 ** 63)
    presence_penalty: float | None = Field(None, ge=-2, le=2)
    frequency_penalty: float | None = Field(None, ge=-2, le=2)
    stop: list[str] = Field([], max_length=16)
    prefix: bool = True
    n: only(1) = 1
    logprobs: only(False) = None
    top_logprobs: only(0) = None
    logit_bias: only({}) = None
    response_format: only({'type': 'text'}) = None
    tools: only([]) = None
    tool_choice: only('none', 'auto') = None
    functions: only([]) = None
    function_call: only('none', 'auto') = None
    modalities: only(['text']) = None
    audio: only() = None
    reasoning_effort: only('none') = None
    verbosity: only('medium') = None
    web_search_options: only() = None
    moderation: only() = None
    store: only(False) = None
    metadata: Any = None
    parallel_tool_calls: Any = None
    prediction: Any = None
    prompt_cache_key: Any = None
    prompt_cache_options: Any = None
    prompt_cache_retention: Any = None
    safety_identifier: Any = None
    service_tier: Any = None
    user: Any = None

    @classmethod
    def listed(cls, stop):
        ...

def shortened(text, most=60):
    """The beginning of what may be long"""
    ...

def read_body(kind: type, data: bytes):
    """A body, or `Refused` with the field that is wrong"""
    ...

def texts_of(given, field: str, most: int) -> list:
    """Texts as a list, or `Refused`"""
    ...

def check_tokens(texts: list, field: str, most: int, model):
    """`Refused` if texts have too many tokens"""
    ...

async def read_bytes(request, most: int) -> bytes:
    """The body of a request, or `Refused`"""
    ...
