"Tokenizers of every kind that `encode` is fast with, and texts made to find where words do not decide: for tests and `benchmarks/encode.py`"
import random
import numpy as np
from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers
from model_lifecycle.reading import split_patterns
from tests import assets

corpus = ["The quick brown fox jumps over the lazy dog, didn't it? 12345 times!", 'Crème brûlée costs 5€ — naïve café; Привет мир 你好 世界', 'def f(x):\n\treturn x**2\n']*20

def minilm():
    tok = Tokenizer.from_file(str(assets.need(assets.minilm)/'tokenizer.json'))
    tok.no_padding(); tok.no_truncation()
    return tok

def cased():
    tok = minilm()
    tok.normalizer = normalizers.BertNormalizer(lowercase=False, strip_accents=False)
    return tok

def with_terms():
    tok = minilm()
    tok.add_tokens(['covid-19', 'mri'])
    return tok

def bpe(*before, prefix=False, use_regex=True, texts=corpus, size=600):
    tok = Tokenizer(models.BPE())
    tok.pre_tokenizer = pre_tokenizers.Sequence([*before, pre_tokenizers.ByteLevel(add_prefix_space=prefix, use_regex=use_regex)])
    tok.train_from_iterator(texts, trainers.BpeTrainer(vocab_size=size, special_tokens=['<|endoftext|>'], initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
    return tok

def unigram(scheme, *norm):
    tok = Tokenizer(models.Unigram())
    tok.pre_tokenizer,tok.normalizer = pre_tokenizers.Metaspace(prepend_scheme=scheme),normalizers.Sequence(list(norm))
    tok.train_from_iterator(corpus, trainers.UnigramTrainer(vocab_size=200, special_tokens=['<unk>', '<s>'], unk_token='<unk>', show_progress=False))
    return tok

def smollm2():
    from transformers import AutoTokenizer
    folder,gguf = assets.need(assets.smollm2)
    return AutoTokenizer.from_pretrained(folder, gguf_file=gguf).backend_tokenizer

def xlmr(*after, pre=None, texts=corpus, size=150):
    "A Unigram behind SentencePiece's own normalisation, as XLM-R, BGE-M3, E5 and T5 have it"
    import io, sentencepiece as spm
    from sentencepiece import sentencepiece_model_pb2 as pb
    file = io.BytesIO()
    spm.SentencePieceTrainer.train(sentence_iterator=iter(texts), model_writer=file, vocab_size=size, hard_vocab_limit=False, normalization_rule_name='nmt_nfkc', minloglevel=2)
    model = pb.ModelProto.FromString(file.getvalue())
    tok = Tokenizer(models.Unigram([(p.piece, p.score) for p in model.pieces], unk_id=0))
    tok.normalizer = normalizers.Sequence([normalizers.Precompiled(model.normalizer_spec.precompiled_charsmap), *after])
    tok.pre_tokenizer = pre_tokenizers.Sequence([*(pre or []), pre_tokenizers.Metaspace(prepend_scheme='always')])
    tok.add_special_tokens([AddedToken('<mask>', lstrip=True, special=True)])
    return tok

def modernbert(**kwargs):
    tok = bpe(**kwargs)
    tok.normalizer = normalizers.NFC()
    tok.add_tokens([AddedToken(' '*n, normalized=True) for n in range(2, 25)])
    tok.add_special_tokens([AddedToken('[MASK]', lstrip=True, special=True)])
    return tok

def with_names():
    tok = minilm()
    tok.add_tokens(['interest rates', 'New York City', 'word 1234', '中 国'])
    tok.add_tokens([AddedToken('The word', normalized=False), AddedToken('mri', rstrip=True)])
    return tok

spaces = normalizers.Replace(Regex(' {2,}'), ' ')

def split(pattern): return bpe(pre_tokenizers.Split(Regex(pattern), 'isolated'), use_regex=False)

tokenizers = dict(minilm=minilm, cased=cased, with_terms=with_terms, gpt2=bpe, roberta=lambda: bpe(prefix=True), digits=lambda: bpe(pre_tokenizers.Digits(individual_digits=True)),
                  smollm2=smollm2, always=lambda: unigram('always', normalizers.NFKC()), first=lambda: unigram('first', normalizers.NFKC()),
                  never=lambda: unigram('never', normalizers.NFD(), normalizers.StripAccents(), normalizers.Lowercase()),
                  xlmr=lambda: xlmr(spaces, pre=[pre_tokenizers.WhitespaceSplit()]), t5=lambda: xlmr(normalizers.Strip(left=False), normalizers.Replace(Regex(' {2,}'), '▁')), modernbert=modernbert, with_names=with_names,
                  **{f'split{i}': lambda p=p: split(p) for i,p in enumerate(sorted(split_patterns))})

pieces = [' ', '  ', '\n', '\t', '\r\n', '\x0b', '\x0c', '\x00', '\x1c', '\x85', '\u00a0', '\u2003', '\u200b', '\u3000', '\u0301', '\u0308', '\u0345', '|', '||',
          "don't", 'Σ', 'ς', 'İ', '¨', 'ﬁ', '½', 'e\u0301', '한', 'ㄱ', '\u1100', '\u1161', '\u0600', '👩‍👩‍👧', '🇩🇪', 'A'*120, 'word', 'The', '1234', '.', '...',
          '\u2581', 'Ġ', '中文', '[MASK]', '[UNK]', '[PAD]', '<s>', '<unk>', '<|endoftext|>', 'covid-19', 'MRI', 'interest', 'Rates', ' rates', 'New York', ' city', 'a\u00a0', 'x\u200b', '\u0600', ' <mask>', '  [MASK] ', 'mri ']

def letter(rng):
    "A character: of ASCII, of two bytes, of three, of any length, or one that is in a category which normalisers look at"
    low,high = rng.choice([(0, 128), (128, 0x800), (0x300, 0x370), (0x600, 0x700), (0x2000, 0x2070), (0x3000, 0x9fff), (0xa000, 0xd800), (0xe000, 0x110000)])
    return chr(rng.randrange(low, high))

known = ['a\u00a0 [MASK]', 'a\u00a0 <mask>', 'the\u00a0 the', '\u0600 the', 'The\u200b fox', 'x\u3000 y', 'the \u0301 fox', 'INTEREST rates', 'disinterest Rateses', 'the mri of', 'the New  York City',
         'the new york citys', 'word 12345', '中 国', 'the   fox', ' the fox ', 'the fox\n', 'the \u2581fox', '\u2581 the']

def adversarial(n, seed=0):
    "`n` texts: those that are known to be hard, then pieces and characters in any order, many joined by single spaces"
    rng = random.Random(seed)
    def part(): return ''.join(rng.choice(pieces) if rng.random()<0.6 else letter(rng) for _ in range(rng.randrange(5)))
    made = (rng.choice([' ', ' ', '']).join(part() for _ in range(rng.randrange(12))) for _ in range(n))
    return [*known, *made][:n]

def plain(tok, unk, texts, limit=None):
    return [[i for i in e.ids if i!=unk][:limit] for e in tok.encode_batch_fast(texts, add_special_tokens=False)]

def by_words(table, texts, limit=None):
    ids,counts = table.tokenize(texts, limit)
    return [o.tolist() for o in np.split(ids, np.cumsum(counts)[:-1])]

def one_by_one(table, texts):
    "The tokens of each text for which the table, asked for this text alone, has an answer; else None"
    found = [table.lookup_one(text) for text in texts]
    return [o and [int(i) for r in o[1] for i in o[0].tokens[o[0].starts[r]:][:o[0].counts[r]]] for o in found]

limits = None, 1, 2, 7, 512

def differences(tok, table, texts):
    "Texts whose tokens by words are not the tokenizer's, in bulk, to every limit, and one by one"
    want = plain(tok, table.unk, texts)
    wrong = [(text, limit) for limit in limits for text,a,b in zip(texts, want, by_words(table, texts, limit)) if a[:limit]!=b]
    return wrong+[(text, 'alone') for text,a,b in zip(texts, want, one_by_one(table, texts)) if b is not None and a!=b]
