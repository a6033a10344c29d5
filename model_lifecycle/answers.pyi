"""What a language model says, asked for as OpenAI's clients ask, while it is written"""
from typing import Any
__all__ = ['Answer']
from fastcore.basics import patch
from .bodies import ChatBody

def plain_message(message, i):
    """A message whose content is a text, or `Refused`"""
    ...

def question_of(messages):
    """(Earlier messages, question) of a conversation"""
    ...

def until(pieces, stops):
    """Pieces of text up to the first of `stops`"""
    ...

class Answer:
    """The answer of a served language model to a request, piece by piece"""
    usage: Any
    reason: Any
    served: Any
    body: ChatBody
    loop: Any
    pieces: Any
    stopped: Any
    id: Any
    created: Any
    limits: Any
    turn: Any
    timer: Any
    history: Any
    question: Any

    def __init__(self, served, body: ChatBody):
        ...

    def stop(self):
        """Nobody reads it any more"""
        ...

    def chat(self):
        """A conversation with what the request says, or `Refused`"""
        ...

    def write(self):
        """Have the model write, in its own thread"""
        ...

    def whole(self, text):
        """The object of an answer that is complete"""
        ...

    def chunk(self, reason=None, **delta):
        """The object of a piece"""
        ...

def penalties(presence, frequency):
    """What `generate` asks about the scores of the next token, (rows, vocabulary)"""
    ...

def drawing(seed):
    """In this block random numbers come from `seed`, if there is one"""
    ...

@patch
async def read(self: Answer):
    """The answer while it is written; who stops reading stops the model"""
    ...

@patch
async def chunks(self: Answer, pieces):
    """The objects of a streamed answer"""
    ...
