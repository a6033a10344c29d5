"The model behind prefixes: every architecture, PEFT's files, padding, generation, answers, and what bad input gets"
import copy
import json
import subprocess
import sys
import warnings
from pathlib import Path
import peft, pytest, torch, torch.nn.functional as F
from safetensors.torch import save_file
from transformers import (AutoConfig, AutoModelForCausalLM, DynamicCache, Gemma2Config, Gemma4TextConfig, GemmaConfig, GenerationConfig, Glm4Config, GlmConfig,
                          GPT2Config, GPTNeoConfig, LlamaConfig, MambaConfig, MistralConfig, MptConfig, OpenAIGPTConfig, Qwen2Config, Qwen3Config,
                          T5Config, pipeline)
from transformers.utils import logging as transformers_logging
from model_lifecycle import prefix, prefix_model
from model_lifecycle.frozen import answer_settings
from model_lifecycle.prefix_model import write_tokens
from model_lifecycle.loading import load_causal_lm
from model_lifecycle.prefix import PrefixEncoder
from model_lifecycle.ptuning_trainer import (PromptFormat, PTuningArguments, PTuningModel,
                                             PTuningTrainer, encode_rows)
from tests import assets
from tests._ptune_script import byte_tokenizer, examples, size, tiny

archs = dict(llama=LlamaConfig(**size), qwen2=Qwen2Config(**size, head_dim=16), qwen3=Qwen3Config(**size, head_dim=16), mistral=MistralConfig(**size, sliding_window=28),
             glm=GlmConfig(**size, head_dim=16), glm4=Glm4Config(**size, head_dim=16), gemma=GemmaConfig(**size, head_dim=16),
             gemma2=Gemma2Config(**size, head_dim=16, sliding_window=28), eager=LlamaConfig(**size, attn_implementation='eager'),
             gemma4=Gemma4TextConfig(**size, head_dim=8, global_head_dim=16, vocab_size_per_layer_input=258, hidden_size_per_layer_input=8, num_kv_shared_layers=0, layer_types=['sliding_attention', 'full_attention'],
                                     sliding_window=28, rope_parameters=None),
             gpt2=GPT2Config(n_layer=2, n_head=4, n_embd=32, n_positions=256, vocab_size=258, initializer_range=0.3, bos_token_id=None, eos_token_id=256, pad_token_id=257))

windowed = 'mistral','gemma2','gemma4'

@pytest.fixture(scope='module', params=archs)
def case(request):
    "A model with prefixes of 12 and 7 virtual tokens, texts, and a mask with padding"
    g = torch.Generator().manual_seed(0)
    prompt,ids = torch.randint(2, 256, (12,), generator=g).tolist(),torch.randint(2, 256, (3, 20), generator=g)
    base = tiny(archs[request.param])
    model = PTuningModel(base, PrefixEncoder.from_ids(base, prompt), 'a').add_prefix(PrefixEncoder.from_random(base, 7), 'b').set_prefix('a')
    mask = torch.ones_like(ids)
    mask[0,:5],mask[2,:9] = 0,0
    return request.param,model,torch.tensor([prompt]*3),ids,mask.flip(1) if request.param in windowed else mask

@torch.no_grad()
def test_it_is_the_text_it_was_made_from(case):
    name,model,prompt,ids,_ = case
    full = torch.cat([prompt, ids], 1)
    assert torch.allclose(model(ids).logits, model.base(full).logits[:,12:], atol=1e-4)
    for kw in dict(do_sample=False), dict(num_beams=3), dict(do_sample=False, repetition_penalty=1.): # across the window of those that have one
        kw = dict(max_new_tokens=30, min_new_tokens=30, pad_token_id=0)|kw
        assert torch.equal(model.generate(ids, **kw)[:,20:], model.base.generate(full, **kw)[:,32:])

@torch.no_grad()
def test_it_goes_on_from_its_cache(case):
    _,model,_,ids,_ = case
    out = model(ids[:,:15], use_cache=True)
    more = model(ids[:,15:], past_key_values=out.past_key_values, use_cache=True)
    assert torch.allclose(more.logits, model(ids).logits[:,15:], atol=1e-4)

@torch.no_grad()
def test_disabled_it_is_the_base_model(case):
    _,model,_,ids,mask = case
    want,kw = model.base(ids, attention_mask=mask).logits,dict(max_new_tokens=8, pad_token_id=0)
    model(ids, mask); model.generate(ids, **kw)
    with model.disable():
        assert torch.equal(model(ids, mask).logits, want)
        assert torch.equal(model.generate(ids, **kw), model.base.generate(ids, attention_mask=torch.ones_like(ids), **kw))
    assert torch.equal(model.base(ids, attention_mask=mask).logits, want) and model.active=='a'
    assert not model.base._forward_pre_hooks and not model.base.get_output_embeddings()._forward_pre_hooks

@torch.no_grad()
@pytest.mark.parametrize('names', [['a','b',None], ['b','b','b'], [None,'a','a']])
def test_a_prefix_for_each_row(case, names):
    name,model,_,ids,mask = case
    rows = model(ids, mask, prefix=names).logits
    for row,m,x,o in zip(rows, mask.bool(), ids, names): assert torch.allclose(row[m], model(x[None,m], prefix=[o]).logits[0], atol=1e-4)
    if name in windowed: mask = torch.ones_like(mask)
    kw = dict(num_beams=2, max_new_tokens=6, min_new_tokens=6, pad_token_id=0)
    out = model.generate(ids, mask, prefix=names, **kw)[:,20:]
    for row,m,x,o in zip(out, mask.bool(), ids, names): assert torch.equal(row, model.generate(x[None,m], prefix=[o], **kw)[0,-6:])

def test_loss_gradients_and_checkpointing(case):
    _,model,_,ids,mask = case
    labels = ids.masked_fill(mask==0, -100)
    labels[:,:12] = -100
    want = F.cross_entropy(model(ids, mask).logits[:,:-1].flatten(0, 1), labels[:,1:].flatten())
    assert torch.allclose(model(ids, mask, labels=labels).loss, want, atol=1e-5)
    assert torch.allclose(model(ids, mask, labels=labels, num_items_in_batch=7).loss*7, want*(labels[:,1:]!=-100).sum(), atol=1e-4)
    grads = []
    model.train()
    for on in False, True:
        model.checkpointing = on
        model.zero_grad()
        torch.manual_seed(1)  # of dropout
        loss = model(ids, mask, labels=labels).loss
        loss.backward()
        grads.append((loss.item(), model.prefixes['a'].embedding.grad.clone()))
    model.eval().checkpointing = False
    assert grads[0][0]==grads[1][0] and torch.equal(grads[0][1], grads[1][1]) and (grads[0][1]!=0).any()
    assert [n for n,p in model.named_parameters() if p.grad is not None]==['prefixes.a.embedding']

@pytest.mark.parametrize('checkpointing', [False, True])
def test_cores_with_rows_of_their_own(case, checkpointing, monkeypatch):
    "Parts of a batch train as the whole does, whatever the loss is made of"
    name,model,_,ids,mask = case
    ids,mask,threads = ids.repeat(2, 1),mask.repeat(2, 1),torch.get_num_threads()
    labels = ids.masked_fill(mask==0, -100)
    labels[:,:9] = -100
    losses = [lambda o: o.loss, lambda o: o.logits.square().mean(), lambda o: 3*o.loss+o.logits[::2].exp().mean()]
    def results(n):
        monkeypatch.setattr(PTuningModel, '_n_parts', lambda *a, **k: n)
        outs = [model(ids, mask, labels=labels) for _ in losses]
        return outs[0],[torch.autograd.grad(f(o), model.prefixes['a'].embedding)[0] for f,o in zip(losses, outs)]
    model.train().checkpointing = checkpointing
    torch.set_num_threads(2)
    try:
        assert model._n_parts(['a']*6, labels, ids, mask)==(1 if name=='gpt2' else 2)  # which has dropout
        model.base.train(name!='gpt2')
        for prefix in 'b',None: assert model._n_parts([prefix]*6, labels, ids, mask)==1
        with model.disable(): assert not model(ids, mask, labels=labels).loss.requires_grad
        (one,want),(parts,got),(again,_) = map(results, (1, 3, 3))
    finally:
        torch.set_num_threads(threads)
        model.eval().checkpointing = False
    assert torch.allclose(parts.loss, one.loss, atol=1e-5) and torch.equal(parts.loss, again.loss) and torch.allclose(parts.logits, one.logits, atol=1e-4)
    for a,b in zip(got, want): assert torch.allclose(a, b, atol=1e-4, rtol=1e-3) and a.abs().max()>0

def test_what_needs_the_whole_batch():
    "Hooks, noise and rotary tables that grow leave a batch whole; the parts' gradients can be differentiated, and are handed over once"
    def model(**kwargs): return PTuningModel.from_base(tiny(LlamaConfig(**size|kwargs, attn_implementation='eager')), 6, seed=0).train()
    ids,parts,threads = torch.randint(2, 256, (4, 12), generator=torch.Generator().manual_seed(0)),lambda m: m._n_parts(['default']*4, ids, ids, None),torch.get_num_threads()
    m = model()
    emb = m.prefixes['default'].embedding
    def penalty():
        emb.grad = None
        loss = m(ids, labels=ids).loss
        grad, = torch.autograd.grad(loss, emb, create_graph=True)
        (loss+grad.square().sum()).backward()
        return emb.grad.clone()
    torch.set_num_threads(2)
    try:
        assert parts(m)==2
        got = penalty()
        for hook in (lambda: emb.register_hook(lambda g: g), lambda: m.base.lm_head.register_forward_hook(lambda *a: None), lambda: m.base.model.register_full_backward_hook(lambda *a: None),
                     lambda: torch.nn.modules.module.register_module_forward_hook(lambda *a: None)):
            handle = hook()
            assert parts(m)==1
            handle.remove()
        assert parts(model(attention_dropout=0.1))==1 and parts(model(rope_parameters=dict(rope_type='dynamic', factor=2., rope_theta=1e4)))==1
        loss = m(ids, labels=ids).loss
        loss.backward()
        with pytest.raises(RuntimeError, match='a second time'): loss.backward()
        torch.set_num_threads(1)
        assert parts(m)==1 and torch.allclose(got, penalty(), atol=1e-4, rtol=1e-3)
    finally: torch.set_num_threads(threads)

@torch.no_grad()
def test_peft_loads_it(case, tmp_path):
    "The same logits, in 32 bits to the bit"
    _,model,_,ids,_ = case
    model.save_pretrained(tmp_path/'p')
    again,theirs = PTuningModel.from_pretrained(tmp_path/'p', model.base),peft.PeftModel.from_pretrained(copy.deepcopy(model.base), tmp_path/'p').eval()
    assert torch.equal(again(ids).logits, model(ids).logits) and torch.equal(theirs(input_ids=ids).logits, model(ids).logits)

@pytest.mark.parametrize('projection', [False, True])
def test_it_loads_peft(case, projection, tmp_path):
    _,model,_,ids,_ = case
    torch.manual_seed(0)
    theirs = peft.get_peft_model(copy.deepcopy(model.base), peft.PrefixTuningConfig(task_type='CAUSAL_LM', num_virtual_tokens=5, prefix_projection=projection, encoder_hidden_size=16))
    theirs.save_pretrained(tmp_path/'p')
    with torch.no_grad(): assert torch.allclose(PTuningModel.from_pretrained(tmp_path/'p', model.base)(ids).logits, theirs.eval()(input_ids=ids).logits, atol=1e-4)

@pytest.mark.parametrize('dtype', [torch.bfloat16, torch.float16])
def test_a_16_bit_model_has_a_32_bit_prefix(case, dtype):
    name,model,prompt,ids,_ = case
    base = copy.deepcopy(model.base).to(dtype)
    tuned = PTuningModel.from_base(base, 7, prefix_projection=True, prefix_hidden_size=16)
    assert {p.dtype for p in tuned.prefixes.parameters()}=={torch.float32}
    out = tuned.train()(ids, labels=ids)
    out.loss.backward()
    assert out.loss.isfinite() and all(p.grad is not None and p.grad.dtype==torch.float32 for p in tuned.prefixes.parameters())
    with torch.autocast('cpu', torch.bfloat16): assert model.eval().generate(ids, max_new_tokens=3, pad_token_id=0).shape[0]==3

def test_padding_that_would_hide_the_prefix_is_refused():
    base = tiny(archs['mistral'])
    model,ids = PTuningModel.from_base(base, 12),torch.ones(2, 20, dtype=torch.long)
    mask = torch.ones_like(ids)
    mask[0,:4] = 0
    with pytest.raises(ValueError, match='exceed the attention window of 28'): model(ids, mask)
    model(ids, mask.flip(1))

def test_base_with_checkpointing_on():
    "transformers' own would drop the prefix; it is replaced"
    base,ids = tiny().train(),torch.ones(2, 9, dtype=torch.long)
    plain = PTuningModel.from_base(copy.deepcopy(base), 4)(ids, labels=ids).loss
    base.gradient_checkpointing_enable()
    model = PTuningModel.from_base(base, 4)
    assert model.checkpointing and model.train()(ids, labels=ids).loss==plain

def test_unknown_architectures_say_what_is_missing():
    with pytest.raises(ValueError, match='No prefix can be shaped for MambaConfig: it has layers without plain keys and values'): PTuningModel.from_base(tiny(MambaConfig(vocab_size=256, hidden_size=16, num_hidden_layers=1)), 4)

@torch.no_grad()
def test_generation_without_a_cache_is_generation():
    model,ids = PTuningModel.from_base(tiny(), 5),torch.arange(2, 14).view(2, 6)
    kw = dict(max_new_tokens=8, min_new_tokens=8, pad_token_id=0)
    assert torch.equal(model.generate(ids, use_cache=False, **kw), model.generate(ids, **kw))

@pytest.mark.parametrize('name', windowed)
def test_answers_beyond_the_window(name):
    tok,model = byte_tokenizer(),PTuningModel.from_base(tiny(archs[name]), 6)
    asked = ['ab', 'abcdefghij'*2, 'cd']
    assert model.answer(tok, asked, max_new_tokens=8)==[model.answer(tok, o, max_new_tokens=8) for o in asked]

def test_samples_beyond_the_window():
    base = tiny(archs['mistral'])
    model = PTuningModel.from_base(base, 6)
    tok,kw = byte_tokenizer(),dict(max_new_tokens=8, num_beams=2, num_return_sequences=2)
    each = [model.answer(tok, [o], **kw) for o in ('ab', 'abcdefghij'*2)]
    assert model.answer(tok, ['ab', 'abcdefghij'*2], **kw)==each[0]+each[1]

@torch.no_grad()
@pytest.mark.parametrize('config', [MptConfig(d_model=32, n_heads=4, n_layers=2, max_seq_len=256, vocab_size=258), GPTNeoConfig(hidden_size=32, num_layers=2, num_heads=4, attention_types=[[['global', 'local'], 1]], window_size=16, vocab_size=258, max_position_embeddings=256)], ids=['mpt', 'gpt_neo'])
def test_left_padding_that_would_count_is_refused(config):
    model = PTuningModel.from_base(tiny(config), 6)
    ids,mask = torch.randint(2, 256, (2, 20)),torch.ones(2, 20, dtype=torch.long)
    mask[0,:5] = 0
    with pytest.raises(ValueError, match='pad on the right, or give rows of one length'): model(ids, mask)
    assert torch.allclose(model(ids, mask.flip(1)).logits[0,:15], model(ids[:1,:15]).logits[0], atol=1e-4)

def test_calls_that_would_lose_the_prefix(tmp_path):
    model,ids = PTuningModel.from_base(tiny(), 5),torch.randint(2, 256, (2, 8))
    with pytest.raises(ValueError, match='`past_key_values` is empty'): model(ids, past_key_values=DynamicCache(), use_cache=True)
    with pytest.raises(ValueError, match='`past_key_values` is not empty'): model.generate(ids, past_key_values=model(ids[:,:4], use_cache=True).past_key_values)
    with pytest.raises(ValueError, match='There is no input'): model()
    with pytest.raises(ValueError, match='use_reentrant'): model.activation_checkpointing_enable(activation_checkpointing_kwargs=dict(use_reentrant=True))
    with pytest.raises(ValueError, match='reads no past keys and values'): PTuningModel.from_base(tiny(OpenAIGPTConfig(n_embd=32, n_layer=2, n_head=4, vocab_size=258)), 4)
    for make in (lambda: PTuningModel.from_base('gpt2', 4), lambda: PTuningModel.from_base(model, 4), lambda: PTuningModel.from_pretrained(tmp_path, 'gpt2')):
        with pytest.raises(TypeError, match='give a causal language model'): make()
    model.add_prefix(PrefixEncoder.from_random(model.base, 3), 'b').set_prefix('default')
    with model.disable(): model.set_prefix('b')
    assert model.active=='default' and [o.embedding.requires_grad for o in model.prefixes.values()]==[True, False]
    model.requires_grad_(False)
    with model.disable(): pass
    assert not any(o.requires_grad for o in model.parameters())
    model.add_prefix(model.prefixes['b'], 'c').set_prefix('b')  # one prefix under two names
    assert model.prefixes['b'].embedding.requires_grad
    for odd in '', None:
        with pytest.raises(ValueError, match='texts that are not empty'): model.answer(byte_tokenizer(), [odd])

def card_code(folder):
    "The example of a prefix's card"
    return (folder/'README.md').read_text().split('```python\n')[1].split('```')[0]

@pytest.mark.parametrize('template', ['{prompt}', '{prompt} {place}'])
def test_the_card_works(tmp_path, template):
    base_folder = tmp_path/'base'
    tiny().save_pretrained(base_folder)
    byte_tokenizer().save_pretrained(base_folder)
    model = PTuningModel.from_base(AutoModelForCausalLM.from_pretrained(base_folder), 5)
    model.info['default']['prompt'] = dict(template=template)
    model.save_pretrained(tmp_path/'p', model_name=str(tmp_path/'p'))
    exec(card_code(tmp_path/'p'), {})

def test_the_card_works_with_a_gguf_file(tmp_path):
    where,gguf = assets.need(assets.smollm2)
    model = PTuningModel.from_base(load_causal_lm(Path(where)/gguf), 5)
    model.info['default']['prompt'] = dict(max_target_length=4)
    model.save_pretrained(tmp_path/'p', model_name=str(tmp_path/'p'))
    assert gguf in card_code(tmp_path/'p')
    exec(card_code(tmp_path/'p'), {})

def test_answers_to_nothing_and_to_histories_that_do_not_fit():
    model,tok = PTuningModel.from_base(tiny(), 4),byte_tokenizer()
    assert model.answer(tok, [])==[]
    with pytest.raises(ValueError, match='1 histories for 2 prompts'): model.answer(tok, ['a', 'b'], history=[[]])
    with pytest.raises(ValueError, match="no `tokenizer`"): PTuningModel.from_base(tiny(), 4, text='hi')

def test_another_body_under_the_same_embeddings_is_refused(tmp_path):
    PTuningModel.from_base(tiny(), 4).save_pretrained(tmp_path/'p')
    base,other = tiny(),tiny(seed=1)
    with torch.no_grad():
        for (k,a),b in zip(base.named_parameters(), other.parameters()):
            if 'proj' in k: a.copy_(b)
    with pytest.raises(ValueError, match='this model has other weights'): PTuningModel.from_pretrained(tmp_path/'p', base)

@pytest.mark.parametrize('damage,says', [(lambda f: (f/'adapter_model.safetensors').unlink(), 'adapter_model.safetensors is missing'), (lambda f: (f/'adapter_model.safetensors').write_bytes(b'x'), 'cannot be read'),
    (lambda f: (f/'ptuning.json').write_text('{'), 'is not valid JSON'), (lambda f: save_file({'other': torch.ones(2)}, f/'adapter_model.safetensors'), "'prompt_embeddings' among others should be"),
    (lambda f: save_file({'prompt_embeddings': torch.full((4, 64), torch.nan)}, f/'adapter_model.safetensors'), 'NaN or infinite somewhere'),
    (lambda f: (f/'adapter_config.json').write_text('{"peft_type": "LORA"}'), 'of type LORA')])
def test_damaged_files(tmp_path, damage, says):
    model = PTuningModel.from_base(tiny(), 4)
    model.save_pretrained(tmp_path/'p')
    damage(tmp_path/'p')
    with pytest.raises((ValueError, OSError), match=says): PTuningModel.from_pretrained(tmp_path/'p', tiny())

def test_a_broken_prefix_is_not_saved(tmp_path):
    model = PTuningModel.from_base(tiny(), 4)
    model.save_pretrained(tmp_path/'p')
    before = (tmp_path/'p'/'adapter_model.safetensors').read_bytes()
    with torch.no_grad(): model.prefixes['default'].embedding[0,0] = torch.nan
    with pytest.raises(ValueError, match='not finite and is not saved'): model.save_pretrained(tmp_path/'p')
    assert (tmp_path/'p'/'adapter_model.safetensors').read_bytes()==before and not list(tmp_path.glob('.p*'))

def test_answers_have_no_dropout():
    model = PTuningModel.from_base(tiny(archs['gpt2']), 5).train()
    said = {tuple(model.answer(byte_tokenizer(), ['Is 4 even?'], max_new_tokens=12)) for _ in range(4)}
    assert len(said)==1 and model.base.training

# Every architecture that keeps plain keys and values

small = dict(vocab_size=258, hidden_size=32, bos_token_id=None, eos_token_id=256, pad_token_id=0, initializer_range=0.3)
rows = small|dict(intermediate_size=48, num_hidden_layers=2, num_attention_heads=4, max_position_embeddings=256)
grouped = rows|dict(num_key_value_heads=2)
headed = grouped|dict(head_dim=8)
experts = dict(num_local_experts=4, num_experts_per_tok=2)
many = dict(num_experts=4, num_experts_per_tok=2)
older = dict(vocab_size=258, n_embd=32, n_layer=2, n_head=4, n_positions=256, bos_token_id=None, eos_token_id=256, pad_token_id=0, initializer_range=0.3)
seen = dict(sliding_window=64)
falcon = small|dict(num_hidden_layers=2, num_attention_heads=4)

kinds = dict(
    apertus=grouped, arcee=grouped, biogpt=rows, bloom=small|dict(n_layer=2, n_head=4), codegen=older|dict(rotary_dim=4), cohere=grouped,
    cohere2=grouped|seen, ctrl=dict(vocab_size=258, n_embd=32, dff=48, n_layer=2, n_head=4, n_positions=256), diffllama=grouped, ernie4_5=grouped,
    exaone4=grouped|seen, falcon=falcon, gemma=headed, gemma2=headed|seen, gemma3_text=headed|seen, glm=headed, glm4=headed,
    gpt2=older, gpt_bigcode=older, gpt_neox=rows, gpt_oss=headed|experts|seen, gptj=older|dict(rotary_dim=4),
    gpt_neo=small|dict(num_layers=2, num_heads=4, attention_types=[[['global', 'local'], 1]], window_size=64, max_position_embeddings=256),
    granite=grouped, granitemoe=grouped|experts, helium=headed, hunyuan_v1_dense=headed, jetmoe=grouped, lfm2=grouped, llama=grouped,
    llama4_text=headed|dict(num_local_experts=2, attention_chunk_size=64, intermediate_size_mlp=48), mistral=grouped|seen, mixtral=grouped|experts,
    mpt=dict(vocab_size=258, d_model=32, n_layers=2, n_heads=4, max_seq_len=256, eos_token_id=256, pad_token_id=0, initializer_range=0.3),
    nemotron=grouped, olmo=grouped, olmo2=grouped, olmo3=grouped|seen, olmoe=grouped|many,
    opt=small|dict(word_embed_proj_dim=32, ffn_dim=48, num_hidden_layers=2, num_attention_heads=4, max_position_embeddings=256, init_std=0.3, dropout=0.),
    persimmon=rows, phi=rows, phi3=grouped, qwen2=grouped, qwen2_moe=grouped|many|dict(moe_intermediate_size=16, shared_expert_intermediate_size=16),
    qwen3=headed, qwen3_moe=headed|many|dict(moe_intermediate_size=16), seed_oss=headed, smollm3=grouped, stablelm=grouped, starcoder2=grouped,
    xglm=dict(vocab_size=258, d_model=32, ffn_dim=48, num_layers=2, attention_heads=4, max_position_embeddings=256, init_std=0.3, pad_token_id=0,
              eos_token_id=256))

def of_kind(kind, **kwargs): return tiny(AutoConfig.for_model(kind, **kinds[kind]|kwargs))

@pytest.mark.parametrize('kind,more', [*((o, {}) for o in kinds), ('falcon', dict(alibi=True)), ('falcon', dict(new_decoder_architecture=True, num_kv_heads=2))],
                         ids=[*kinds, 'falcon_alibi', 'falcon_new'])
def test_every_kind_of_model(kind, more):
    "A prefix is the text it was made from; prompts of several lengths are answered as each alone; it learns"
    base,g = of_kind(kind, **more),torch.Generator().manual_seed(0)
    prompt,ids = torch.randint(2, 256, (6,), generator=g).tolist(),torch.randint(2, 256, (3, 12), generator=g)
    model = PTuningModel(base, PrefixEncoder.from_ids(base, prompt))
    full,kw = torch.cat([torch.tensor([prompt]*3), ids], 1),dict(max_new_tokens=6, min_new_tokens=6, pad_token_id=0, do_sample=False)
    mask = torch.ones_like(ids)
    mask[0,:5],mask[1,:2] = 0,0
    with torch.no_grad(): assert torch.allclose(model(ids).logits, base(full).logits[:,6:], atol=1e-4)
    assert torch.equal(model.generate(ids, **kw)[:,12:], base.generate(full, **kw)[:,18:])
    for row,x,m in zip(write_tokens(model, ids, mask, **kw), ids, mask.bool()): assert torch.equal(row, model.generate(x[None,m], **kw)[0,-6:])
    if not model.counts_padding:
        with torch.no_grad(): assert torch.allclose(model(ids, mask).logits[0,5:], model(ids[:1,5:]).logits[0], atol=1e-4)
    model.train()(ids, labels=ids).loss.backward()
    assert model.prefixes['default'].embedding.grad.abs().max()>0

def test_who_counts_padding():
    assert [o for o in kinds if PTuningModel(of_kind(o)).counts_padding]==['mpt']

without = dict(jamba=(grouped, 'layers without plain keys and values'), deepseek_v2=(grouped, 'multi-head latent attention'),
               rwkv=(dict(vocab_size=258, hidden_size=32, num_hidden_layers=2), 'no `num_attention_heads`'),
               recurrent_gemma=(grouped, 'layers without plain keys and values'))

@pytest.mark.parametrize('kind', without)
def test_what_cannot_have_a_prefix_says_why(kind):
    config,why = without[kind]
    base = tiny(AutoConfig.for_model(kind, **config))
    for make in (lambda: PTuningModel.from_base(base, 4), lambda: PrefixEncoder.from_ids(base, [1, 2]), lambda: PTuningModel(base)):
        with pytest.raises(ValueError, match=why): make()
    with pytest.raises(ValueError, match='it is an encoder-decoder'): prefix.kv_shapes(T5Config())

@pytest.mark.parametrize('kind', ['mpt', 'bloom', 'mistral', 'gpt_neo', 'gemma4'])
def test_nothing_fails_after_training(kind, tmp_path):
    "Training, its evaluation with answers, and answers to prompts of many lengths"
    base = tiny(archs['gemma4']) if kind=='gemma4' else of_kind(kind, **dict(mistral=dict(sliding_window=24), gpt_neo=dict(window_size=24)).get(kind, {}))
    tok,fmt = byte_tokenizer(),PromptFormat(max_source_length=64, max_target_length=8)
    data = encode_rows(examples(12), tok, fmt)[0]
    args = PTuningArguments(str(tmp_path), use_cpu=True, disable_tqdm=True, max_steps=3, per_device_train_batch_size=4, per_device_eval_batch_size=4,
                            eval_strategy='steps', eval_steps=3, predict_with_generate=True)
    model = PTuningModel.from_base(base, 6, seed=0)
    t = PTuningTrainer(model, args, tok, data, data, fmt)
    t.train()
    assert t.write_predictions(data)
    asked,short = [o['prompt'] for o in examples(6)],dict(max_new_tokens=6)
    assert model.answer(tok, asked, **short)==[model.answer(tok, o, **short) for o in asked]

# Layers of different shapes

def gemma4(**kwargs):
    "Narrow and wide layers, of which the last two read what those before them keep"
    layers = dict(num_hidden_layers=4, layer_types=['sliding_attention', 'full_attention']*2, num_kv_shared_layers=2)
    return tiny(Gemma4TextConfig(**size|layers, head_dim=8, global_head_dim=16, vocab_size_per_layer_input=258, hidden_size_per_layer_input=8, **kwargs))

@torch.no_grad()
def test_layers_that_share_keys_and_values(tmp_path):
    base,ids,prompt = gemma4(),torch.randint(2, 256, (2, 20), generator=torch.Generator().manual_seed(0)),[5, 7, 11, 13]
    model = PTuningModel(base, PrefixEncoder.from_ids(base, prompt))
    full,kw = torch.cat([torch.tensor([prompt]*2), ids], 1),dict(max_new_tokens=9, min_new_tokens=9, pad_token_id=0)
    assert model.prefixes['default'].config.layer_shapes==[(2, 8), (2, 16), None, None]
    assert torch.allclose(model(ids).logits, base(full).logits[:,4:], atol=1e-4)
    assert torch.equal(model.generate(ids, **kw)[:,20:], base.generate(full, **kw)[:,24:])
    model.save_pretrained(tmp_path/'p')
    theirs,again = peft.PeftModel.from_pretrained(copy.deepcopy(base), tmp_path/'p').eval(),PTuningModel.from_pretrained(tmp_path/'p', base)
    assert torch.equal(theirs(input_ids=ids).logits, model(ids).logits) and torch.allclose(again(ids).logits, model(ids).logits, atol=1e-4)
    for o in theirs,again: assert torch.equal(o.generate(input_ids=ids, **kw), model.generate(ids, **kw))
    torch.manual_seed(0)
    theirs = peft.get_peft_model(copy.deepcopy(base), peft.PrefixTuningConfig(task_type='CAUSAL_LM', num_virtual_tokens=5)).eval()
    theirs.save_pretrained(tmp_path/'theirs')
    assert torch.allclose(PTuningModel.from_pretrained(tmp_path/'theirs', base)(ids).logits, theirs(input_ids=ids).logits, atol=1e-4)

@pytest.mark.parametrize('projection', [False, True])
def test_layers_of_different_widths_learn(projection, tmp_path):
    base,ids = gemma4(),torch.randint(2, 256, (4, 20), generator=torch.Generator().manual_seed(0))
    model = PTuningModel.from_base(base, 6, seed=0, prefix_projection=projection, prefix_hidden_size=16).train()
    losses,adam = [],torch.optim.Adam((o for o in model.parameters() if o.requires_grad), lr=0.05)
    for _ in range(8):
        loss = model(ids, labels=ids).loss
        losses.append(loss.item())
        adam.zero_grad()
        loss.backward()
        adam.step()
    model.eval().save_pretrained(tmp_path/'p')
    assert losses[-1]<losses[0]
    with torch.no_grad(): assert torch.allclose(PTuningModel.from_pretrained(tmp_path/'p', base)(ids).logits, model(ids).logits, atol=1e-4)

def test_layers_that_peft_leaves_out(tmp_path, caplog):
    "PEFT takes the number of heads of the widest layers, and the others get nothing: such files say so, both ways"
    base = gemma4(attention_k_eq_v=True, num_global_key_value_heads=1)
    model,ids = PTuningModel.from_base(base, 5, seed=0),torch.arange(2, 22).view(2, 10)
    model.save_pretrained(tmp_path/'p')
    assert 'only model_lifecycle loads it' in caplog.text
    with torch.no_grad(): assert torch.allclose(PTuningModel.from_pretrained(tmp_path/'p', base)(ids).logits, model(ids).logits, atol=1e-4)
    peft.get_peft_model(copy.deepcopy(base), peft.PrefixTuningConfig(task_type='CAUSAL_LM', num_virtual_tokens=5)).save_pretrained(tmp_path/'theirs')
    with pytest.raises(ValueError, match=r'1 key-value heads of width 16, and layers \[0\] have more'): PTuningModel.from_pretrained(tmp_path/'theirs', base)

# Fingerprints

def old_fingerprint(base):
    "As earlier versions made it, with places in 32-bit floats"
    named = {'embeddings': base.get_input_embeddings().weight}|{k: v for k,v in base.named_parameters() if v.ndim==1}
    pick = ['embeddings', *list(named)[1::max(1, len(named)//6)]]
    tables = {k: v for k,v in base.named_parameters() if v.ndim==2}
    named,pick = named|tables,pick+list(tables)[1::max(1, len(tables)//4)]
    few = lambda x: x.detach().flatten()[torch.linspace(0, x.numel()-1, 8).long()].float().tolist()
    return {k: [round(o, 4) for o in few(named[k])] for k in pick}

def resaved(model, folder):
    "Save with a fingerprint of an earlier version"
    model.save_pretrained(folder)
    info = json.loads((folder/'ptuning.json').read_text())
    (folder/'ptuning.json').write_text(json.dumps(info|dict(fingerprint=old_fingerprint(model.base))))
    return folder

def test_fingerprints_of_earlier_versions(tmp_path):
    base = tiny(LlamaConfig(**size|dict(vocab_size=176_000)))  # where they stood is not where it is divided exactly
    assert old_fingerprint(base)!=prefix.fingerprint(base)
    for o in tiny(),base: PTuningModel.from_pretrained(resaved(PTuningModel.from_base(o, 4, seed=0), tmp_path/'p'), o)
    with pytest.raises(ValueError, match='other weights'): PTuningModel.from_pretrained(tmp_path/'p', tiny(base.config, seed=1))

@torch.no_grad()
def test_a_table_of_more_numbers_than_floats_count(tmp_path):
    base,ids = tiny(LlamaConfig(**size|dict(vocab_size=540_000, num_hidden_layers=1, tie_word_embeddings=True))),torch.arange(539_990, 540_000)[None]
    assert base.get_input_embeddings().weight.numel()>2**24
    model = PTuningModel.from_base(base, 5, seed=0)
    model.save_pretrained(tmp_path/'p')
    theirs = peft.PeftModel.from_pretrained(base, tmp_path/'p').eval()
    assert torch.equal(theirs(input_ids=ids).logits, model(ids).logits)
    assert torch.equal(PTuningModel.from_pretrained(tmp_path/'p', base)(ids).logits, model(ids).logits)
    theirs = peft.get_peft_model(base, peft.PrefixTuningConfig(task_type='CAUSAL_LM', num_virtual_tokens=5)).eval()
    theirs.save_pretrained(tmp_path/'theirs')
    want = theirs(input_ids=ids).logits
    assert torch.allclose(PTuningModel.from_pretrained(tmp_path/'theirs', base)(ids).logits, want, atol=1e-4)
    (tmp_path/'p'/'ptuning.json').write_text(json.dumps(dict(fingerprint={'embeddings': [9.]*8})))
    with pytest.raises(ValueError, match='other weights'): PTuningModel.from_pretrained(tmp_path/'p', base)

# Saving

@pytest.mark.parametrize('fails,says,there', [('fingerprint', "its model's fingerprint", {'ptuning.json', 'README.md'}), ('card', 'its card', {'ptuning.json'}),
                                              ('info', 'ptuning.json', {'README.md'})])
def test_a_prefix_is_saved_before_all_else(fails, says, there, tmp_path, monkeypatch, caplog):
    def fail(*args, **kwargs): raise IndexError('index 28311552 is out of bounds')
    model,ids = PTuningModel.from_base(tiny(), 4, seed=0),torch.arange(2, 12)[None]
    model.info['default'] = dict(prompt=dict(template='Q: {prompt}'))
    if fails=='fingerprint': monkeypatch.setattr(prefix_model, 'fingerprint', fail)
    if fails=='card': monkeypatch.setattr(PTuningModel, '_write_card', fail)
    if fails=='info': model.info['default']['metrics'] = dict(odd={1, 2})
    model.save_pretrained(tmp_path/'p')
    assert says in caplog.text and str(tmp_path/'p') in caplog.text
    assert {o.name for o in (tmp_path/'p').iterdir()}=={'adapter_config.json', 'adapter_model.safetensors'}|there and not list(tmp_path.glob('.p*'))
    again = PTuningModel.from_pretrained(tmp_path/'p', model.base)
    with torch.no_grad(): assert torch.equal(again(ids).logits, model(ids).logits)
    # without ptuning.json too: the prefix's own file keeps its prompt format
    assert again.prompt_format().template=='Q: {prompt}'

# Answers

asked = ['Is 4 even?', 'Is it?', 'Is 7 very very even?']
short = dict(max_new_tokens=10, min_new_tokens=10)

def three():
    "A model with two prefixes of different lengths and formats"
    model = PTuningModel.from_base(tiny(), 6, name='a', seed=0).add_prefix(PrefixEncoder.from_random(tiny(), 9, seed=1), 'b').set_prefix('a')
    model.info.update(a=dict(prompt=dict(template='Q: {prompt} A:')), b=dict(prompt=dict(template='{prompt} =', source_prefix='So ')))
    return model

def test_a_prefix_for_each_prompt():
    model,tok = three(),byte_tokenizer()
    got = model.answer(tok, asked, prefix=['a', 'b', None], **short)
    assert got[:2]==[model.answer(tok, asked[0], prefix='a', **short), model.answer(tok, asked[1], prefix=['b'], **short)]
    with model.disable():
        assert got[2]==model.answer(tok, asked[2], **short)
        with model.disable(): assert got[2]==model.answer(tok, [asked[2]], **short)[0]
        assert got[0]==model.answer(tok, asked[0], prefix='a', **short)
    text = tok('Q: Is 7 very very even? A:', return_tensors='pt').input_ids
    assert got[2]==tok.decode(model.base.generate(text, pad_token_id=257, **short)[0,text.shape[1]:], skip_special_tokens=True).strip()
    twice = dict(do_sample=False, num_beams=2, num_return_sequences=2, **short)
    both = model.answer(tok, asked, prefix=['b', 'a', 'b'], **twice)
    assert both==[o for x,p in zip(asked, 'bab') for o in model.answer(tok, x, prefix=p, **twice)] and len(both)==6
    with pytest.raises(ValueError, match='There are 2 prefix names for 3 rows'): model.answer(tok, asked, prefix=['a', 'b'])
    with pytest.raises(ValueError, match="no prefix 'c'"): model.answer(tok, asked, prefix=['a', 'b', 'c'])
    assert model.set_prefix(None).prompt_format()==PromptFormat()

def test_a_base_model_gets_its_first_token():
    "Which stands in a prefix, where there is one"
    from tokenizers import processors
    tok,model,seen = byte_tokenizer(),three(),[]
    tok.backend_tokenizer.post_processor = processors.TemplateProcessing(single='<end> $A', special_tokens=[('<end>', 256)])
    with pytest.MonkeyPatch.context() as m:
        m.setattr(prefix_model, 'write_tokens', lambda model, ids, mask, **kw: seen.append(ids) or ids[:,:1])
        model.answer(tok, ['ab', 'ab'], prefix=['a', None])
    assert seen[0][1,0]==256 and seen[0][1,1:].tolist()==seen[0][0,1:].tolist()

def test_answers_end_where_the_model_says():
    "The untuned model's too, and tokens of the end are not in the text"
    model,tok = three(),byte_tokenizer()
    whole = model.answer(tok, asked[0], **short)
    model.base.generation_config.eos_token_id = [256, tok(whole, add_special_tokens=False).input_ids[0]]
    got = model.answer(tok, asked[0], max_new_tokens=10)
    assert len(got)<len(whole) and (whole.startswith(got) or not got)
    stops = answer_settings(model.base, tok)['eos_token_id']
    assert stops==model.base.generation_config.eos_token_id
    with model.disable(): text = model.answer(tok, asked, max_new_tokens=40)
    assert not any(tok.decode(stops[1]) in o for o in text)
    class Turns(PromptFormat):
        def end_ids(self, tokenizer): return [9, 256]
    model.base.generation_config.eos_token_id = 7
    assert answer_settings(model.base, tok, Turns())['eos_token_id']==[256, 7, 9]
    model.base.generation_config.eos_token_id = None
    tok.eos_token = None
    assert answer_settings(model.base, tok)['eos_token_id'] is None

def test_a_generation_config_is_obeyed_whole(tmp_path):
    model,tok = three(),byte_tokenizer()
    hot = GenerationConfig(do_sample=True, temperature=9., top_k=0, max_new_tokens=7, min_new_tokens=7, num_return_sequences=3)
    hot.save_pretrained(tmp_path)
    for config in hot, hot.to_dict(), tmp_path, tmp_path/'generation_config.json', str(tmp_path):
        torch.manual_seed(1)
        texts = model.answer(tok, asked, generation_config=config)
        torch.manual_seed(1)
        assert len(set(texts))==9 and texts==model.answer(tok, asked, generation_config=config)
    beams = model.answer(tok, asked, generation_config=dict(num_beams=3, **short))
    assert beams==model.answer(tok, asked, num_beams=3, **short)
    assert model.answer(tok, asked, generation_config=hot, do_sample=False, num_return_sequences=1)==model.answer(tok, asked, max_new_tokens=7, min_new_tokens=7)
    assert answer_settings(model.base, tok, generation_config=GenerationConfig(max_length=30)).keys()=={'do_sample', 'pad_token_id', 'eos_token_id', 'max_length'}
    ids = torch.arange(2, 14).view(2, 6)
    assert write_tokens(model, ids, torch.ones_like(ids), max_length=10, eos_token_id=None, pad_token_id=257).shape==(2, 4)
    only = model.answer(tok, asked, generation_config=GenerationConfig(eos_token_id=3, **short))
    assert answer_settings(model.base, tok, generation_config=GenerationConfig(eos_token_id=3))['eos_token_id']==3 and len(only)==3
    for odd in 3, [1]:
        with pytest.raises(TypeError, match='give a `GenerationConfig`, a dict or a file'): model.answer(tok, asked, generation_config=odd)

def test_stop_strings():
    model,tok = three(),byte_tokenizer()
    whole = model.answer(tok, asked[0], **short)
    got = model.answer(tok, asked[0], max_new_tokens=10, generation_config=GenerationConfig(stop_strings=[whole[2:4]]))
    assert whole.startswith(got) and got.endswith(whole[2:4])

def test_greedy_answers_say_nothing_of_sampling(caplog):
    model,tok = three(),byte_tokenizer()
    model.base.generation_config.update(do_sample=True, temperature=0.6, top_p=0.9)
    more = {},dict(generation_config=GenerationConfig(temperature=0.5, top_p=0.8))
    caplog.clear()
    logger = transformers_logging.get_logger()
    was = transformers_logging.get_verbosity()
    logger.addHandler(caplog.handler)
    transformers_logging.set_verbosity_warning()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter('error')
            texts = [model.answer(tok, asked, **short, **o) for o in more]
    finally:
        logger.removeHandler(caplog.handler)
        transformers_logging.set_verbosity(was)
    assert texts[0]==texts[1] and 'temperature' not in caplog.text and 'generation_config' not in caplog.text, caplog.text

def test_prompts_of_several_columns_and_conversations():
    model,tok = three(),byte_tokenizer()
    model.info['a'] = dict(prompt=dict(template='{prompt} {input}:'))
    plain = PTuningModel(model.base, model.prefixes['a'])
    assert model.answer(tok, [dict(prompt='Add', input='1 2'), dict(prompt='Sub', input='3')], **short)==plain.answer(tok, ['Add 1 2:', 'Sub 3:'], **short)
    assert model.answer(tok, dict(prompt='Add', input='1 2'), **short)==plain.answer(tok, 'Add 1 2:', **short)
    with pytest.raises(ValueError, match="no column 'input'"): model.answer(tok, 'Add')
    pairs,messages = [('Hi', 'Hello')],[dict(role='user', content='Hi'), dict(role='assistant', content='Hello')]
    want = plain.answer(tok, ['Is it?'], history=[pairs], **short)
    assert want==plain.answer(tok, ['Is it?'], history=[messages], **short)==plain.answer(tok, [messages+[dict(role='user', content='Is it?')]], **short)
    assert want!=plain.answer(tok, ['Is it?'], **short)

# transformers' pipeline

def test_a_pipeline_writes_what_generate_writes(caplog):
    model,tok = three(),byte_tokenizer()
    logger = transformers_logging.get_logger()
    logger.addHandler(caplog.handler)
    try: write = pipeline('text-generation', model=model, tokenizer=tok)
    finally: logger.removeHandler(caplog.handler)
    assert 'not supported' not in caplog.text and 'CausalLM' not in repr(write)
    kw = dict(do_sample=False, **short)
    for batch in 1, 3:
        for text,o in zip(asked, write(asked, batch_size=batch, return_full_text=False, **kw)):
            ids = tok(text, return_tensors='pt').input_ids
            assert o[0]['generated_text']==tok.decode(model.generate(ids, pad_token_id=257, **kw)[0,ids.shape[1]:], skip_special_tokens=True)
    with model.disable(): bare = write(asked[0], return_full_text=False, **kw)[0]['generated_text']
    assert bare==pipeline('text-generation', model=model.base, tokenizer=tok)(asked[0], return_full_text=False, **kw)[0]['generated_text']

# On a real model

@pytest.fixture(scope='module')
def real():
    "SmolLM2-135M-Instruct and its tokenizer"
    from transformers import AutoTokenizer
    folder,file = assets.need(assets.smollm2)
    base = load_causal_lm(folder, dtype=torch.float32)
    assert base.get_input_embeddings().weight.numel()>2**24
    return base.eval(),AutoTokenizer.from_pretrained(folder, gguf_file=file),folder

load = """
import sys, torch
from safetensors.torch import save_file
from model_lifecycle.ptuning_trainer import PTuningModel
model = PTuningModel.from_pretrained(sys.argv[1], dtype=torch.float32)
with torch.no_grad(): save_file({'logits': model(torch.arange(100, 130)[None]).logits.contiguous()}, sys.argv[2])
"""

def test_files_of_a_real_model(real, tmp_path):
    "Saved here, loaded in another process by the name of its base, a GGUF file, and by PEFT; and what PEFT saves is loaded here"
    base,tok,folder = real
    model,ids = PTuningModel.from_base(base, text='Answer with one word.', tokenizer=tok),torch.arange(100, 130)[None]
    model.save_pretrained(tmp_path/'p')
    assert json.loads((tmp_path/'p'/'adapter_config.json').read_text())['base_model_name_or_path']==str(folder)
    with torch.no_grad(): want = model(ids).logits
    res = subprocess.run([sys.executable, '-c', load, str(tmp_path/'p'), str(tmp_path/'logits')], capture_output=True, text=True, cwd=Path(__file__).parent.parent)
    assert res.returncode==0, res.stderr
    from safetensors.torch import load_file
    assert torch.allclose(load_file(tmp_path/'logits')['logits'], want, atol=1e-3)
    theirs = peft.PeftModel.from_pretrained(base, tmp_path/'p').eval()
    with torch.no_grad(): assert torch.allclose(theirs(input_ids=ids).logits, want, atol=1e-4)
    theirs = peft.get_peft_model(base, peft.PrefixTuningConfig(task_type='CAUSAL_LM', num_virtual_tokens=5)).eval()
    theirs.save_pretrained(tmp_path/'theirs')
    with torch.no_grad():
        want = theirs(input_ids=ids).logits
        assert torch.allclose(PTuningModel.from_pretrained(tmp_path/'theirs', base)(ids).logits, want, atol=1e-3)

def test_answers_of_a_real_model(real):
    base,tok,_ = real
    model = PTuningModel.from_base(base, text='You translate into French.', tokenizer=tok, name='a')
    model.add_prefix(PrefixEncoder.from_text(base, tok, 'Answer in one word, with yes or no.'), 'b').set_prefix('a')
    model.info.update({o: dict(prompt=dict(use_chat_template=True)) for o in 'ab'})
    kw = dict(max_new_tokens=16)
    questions = ['What is the capital of France?', 'Is the sky blue?', 'Say hello.']
    got = model.answer(tok, questions, prefix=['a', 'b', None], **kw)
    assert got==[model.answer(tok, q, prefix=[p], **kw) for q,p in zip(questions, ['a', 'b', None])]
    with model.disable(): bare = model.answer(tok, questions, **kw)
    assert got[2]==bare[2] and got!=bare
    assert not any('<|im_' in o for o in got)
