"Small models made in a moment: a few words, random weights"
import numpy as np, torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast
from model_lifecycle.inference import StaticModel

words = 'the a of in to is and bank money interest rate goal match striker film music award game computer phone'.split()
special = ['[PAD]', '[UNK]', '[CLS]', '[SEP]']

def word_tokenizer(words=words):
    "Lower-cased whole words; the others are unknown"
    tok = Tokenizer(models.WordLevel({w:i for i,w in enumerate(special[:2]+list(words))}, unk_token='[UNK]'))
    tok.normalizer,tok.pre_tokenizer = normalizers.Lowercase(),pre_tokenizers.BertPreTokenizer()
    return tok

def static_model(seed=0, n=20, dim=8, dtype='float32', **kwargs):
    "A static model of `n` words with random vectors"
    names = (words+[f'word{i}' for i in range(n)])[:n]
    vectors = np.random.default_rng(seed).normal(size=(n+2, dim)).astype(np.float32)
    return StaticModel((vectors*30).astype(dtype) if dtype=='int8' else vectors.astype(dtype), word_tokenizer(names), **kwargs)

def save_bert(folder):
    "Save a random BERT of 16 dimensions with a WordPiece tokenizer: a teacher"
    letters = 'abcdefghijklmnopqrstuvwxyz'
    vocab = {w:i for i,w in enumerate([*special, '[unused0]', '[unused1]', *letters, *(f'##{c}' for c in letters), *(w for w in words if len(w)>1)])}
    tok = Tokenizer(models.WordPiece(vocab, unk_token='[UNK]'))
    tok.normalizer,tok.pre_tokenizer,tok.decoder = normalizers.BertNormalizer(),pre_tokenizers.BertPreTokenizer(),decoders.WordPiece()
    tok.post_processor = processors.TemplateProcessing(single='[CLS] $A [SEP]', special_tokens=[(t, vocab[t]) for t in ('[CLS]', '[SEP]')])
    torch.manual_seed(0)
    BertModel(BertConfig(vocab_size=len(vocab), hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32)).save_pretrained(folder)
    names = dict(pad_token='[PAD]', unk_token='[UNK]', cls_token='[CLS]', sep_token='[SEP]')
    PreTrainedTokenizerFast(tokenizer_object=tok, **names).save_pretrained(folder)
