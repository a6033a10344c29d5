"""What a request may say, and what is answered when it says something else"""
from typing import Any
__all__ = ['Refused', 'Limits']
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

class EmbeddingBody(BaseModel):
    """Of `/v1/embeddings`"""
    input: Any
    model: str | None = ''
    encoding_format: Literal['float', 'base64'] | None = 'float'
    dimensions: int | None = Field(None, ge=1)

class PredictBody(BaseModel):
    """Of `/predict`"""
    texts: Any
    model: str | None = ''
    words: int = Field(5, ge=0, le=100)
    threshold: float = Field(0.5, ge=0, le=1)

class StreamOptions(BaseModel):
    """How an answer is streamed"""
    include_usage: bool = False

class ChatBody(BaseModel):
    """Of `/v1/chat/completions`"""
    messages: list[dict] = Field(min_length=1)
    model: str | None = ''
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    max_tokens: int | None = Field(None, ge=1)
    max_completion_tokens: int | None = Field(None, ge=1)
    temperature: float | None = Field(None, ge=0, le=2)
    top_p: float | None = Field(None, gt=0, le=1)
    stop: list[str] = []
    prefix: bool = True
    n: Literal[1] | None = 1
    tools: Literal[None] = None
    logprobs: Literal[False] | None = None

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
