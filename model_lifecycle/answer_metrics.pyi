"""Written answers beside the references: ROUGE, BLEU and exact match."""
__all__ = ['text_metrics']

def words_of(texts):
    """The words of texts to compare: jieba cuts Chinese; scripts without spaces become characters"""
    ...

def text_metrics(predictions: list, references: list) -> dict:
    """How close texts are to what they should be"""
    ...
