"""What the README of a saved model says."""
__all__ = ['plot_sizes']

def hub_id(name: str | None) -> str | None:
    """The name of a model if it has the form `owner/name`, so that the Hub can link to it"""
    ...

def plain(value) -> str:
    """A value in one line, without markup"""
    ...

def model_facts(model, folder) -> dict:
    """What is known of a saved static model"""
    ...

def model_card(name: str, facts: dict, teacher: str | None=None, language: list[str] | None=None, loads_in_st: bool=True) -> str:
    """The card of a static embedding model"""
    ...

def main_scores(report: dict) -> str:
    """The scores by which a classifier is known, each by its name"""
    ...

def scores_section(report: dict) -> str:
    """How well a classifier did on texts that were held out"""
    ...

def pipeline_card(name: str, facts: dict, teacher: str | None=None, language: list[str] | None=None, classes: list | None=None, several: bool=False, words: bool=False, report: dict | None=None, in_model2vec: bool=True) -> str:
    """The card of a static model with trained layers"""
    ...

def prefix_card(name: str, base: str, on_hub: bool, tokens: int, layers: int, numbers: int, metrics: dict | None=None, revision: str | None=None) -> str:
    """The card of a P-Tuning prefix"""
    ...

def sizes_section(rows: list[dict]) -> str:
    """How a model fares at several sizes"""
    ...

def plot_sizes(rows: list[dict], axs=None):
    """Plot what a model is good for against its size on disk"""
    ...

def measured_sizes(config):
    """The size table among a model's facts, or None"""
    ...

def unmeasured(config):
    """The facts of a model that is made of a measured one"""
    ...

def add_sizes(folder, config):
    """Put the size table that is among a model's facts, if any, on its card, and a picture beside it"""
    ...
