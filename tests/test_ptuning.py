"P-tuning: training that is killed, resumed and spread over processes; the command, and what bad input gets"
import json, multiprocessing, signal, sys
from pathlib import Path
from types import SimpleNamespace
import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from transformers import (AutoModelForCausalLM, LlamaConfig, TrainerCallback)
from model_lifecycle import arguments, instructions, prefix, prefix_model, ptuning_trainer as pt
from model_lifecycle.instructions import instruction_from
from model_lifecycle.answer_metrics import text_metrics
from model_lifecycle.ptuning_trainer import (PromptFormat, PTuningArguments, PTuningModel,
                                             PTuningTrainer, encode_rows, main)
from model_lifecycle.trainer import last_checkpoint
from tests._ptune_script import byte_tokenizer, examples, main as script_main, size, tiny, trainer
from tests.events import launched, patience

# Children are forked from a server that has the library loaded, so that they start at once
ctx = multiprocessing.get_context('forkserver')
ctx.set_forkserver_preload(['tests._ptune_script'])

# Training

def losses(folder): return json.loads((folder/'losses.json').read_text())
def end(folder): return load_file(folder/'end.safetensors')

def script(out, n=1, **kwargs): return launched('_ptune_script', n, out=str(out), **kwargs)

def in_process(out, **kwargs):
    t = trainer(out, **kwargs)
    t.train()
    return [o['loss'] for o in t.state.log_history if 'loss' in o],{k: v.clone() for k,v in t.model.prefixes.state_dict().items()},t

def test_killed_and_resumed(tmp_path):
    "In its second epoch, with a projection and dropout-free checkpointing: the losses and the prefix of a run left alone, but for rounding, since processes may differ in threads"
    kw = dict(projection=True, learning_rate=1e-3)
    want,weights,_ = in_process(tmp_path/'whole', **kw)
    codes,_,errs = script(tmp_path/'run', kill_at=11, **kw)
    assert codes==[-signal.SIGKILL], errs
    (tmp_path/'run'/'checkpoint-12').mkdir()  # cut off while it was written
    last = last_checkpoint(tmp_path/'run')
    assert last.endswith('checkpoint-9')
    t = trainer(tmp_path/'run', **kw)
    t.train(resume_from_checkpoint=last)
    got = {k: v for k,v in t.model.prefixes.state_dict().items()}
    np.testing.assert_allclose([o['loss'] for o in t.state.log_history if 'loss' in o], want, rtol=1e-4)
    for k in weights: torch.testing.assert_close(got[k], weights[k], rtol=1e-3, atol=1e-4)

def test_killed_at_each_write(tmp_path):
    "Whatever file it was about to make in its folder when it was killed, the next run takes away what is left of it, and learns the same"
    kw = dict(num_train_epochs=1, save_steps=3, save_total_limit=1)
    want = in_process(tmp_path/'whole', **kw)[0]
    def exit_code(n):
        p = ctx.Process(target=script_main, args=(str(tmp_path/'run'), True), kwargs=dict(kill_at_file=n, **kw))
        p.start()
        p.join(patience)
        return p.exitcode
    assert [exit_code(n) for n in (3, 9, 20, 31, 47, 0)]==[-signal.SIGKILL]*5+[0]
    np.testing.assert_allclose(losses(tmp_path/'run'), want, rtol=1e-4)
    assert not [o for o in tmp_path.rglob('.*')]

def test_two_runs_in_one_folder(tmp_path):
    seen = []
    class Second(TrainerCallback):
        def on_step_end(self, args, state, control, **kwargs):
            if state.global_step!=4: return
            with pytest.raises(ValueError, match=f"Another run writes to {tmp_path/'run'} at this moment: wait"): trainer(tmp_path/'run').train(resume_from_checkpoint=True)
            seen.append([o.name for o in (tmp_path/'run').iterdir()])
    t = trainer(tmp_path/'run', max_steps=6)
    t.add_callback(Second())
    t.train()
    assert seen and t.state.global_step==6 and last_checkpoint(tmp_path/'run').endswith('-6') and not (tmp_path/'run'/'.lock').exists()

def test_two_processes_train_as_one(tmp_path):
    kw = dict(learning_rate=0.02, max_steps=6, num_train_epochs=1)
    want,weights,t = in_process(tmp_path/'one', **kw)
    codes,outs,errs = script(tmp_path/'two', 2, per_device_train_batch_size=4, ddp_backend='gloo', **kw)
    assert codes==[0, 0], '\n'.join(o[-3000:] for o in errs)
    assert np.allclose(losses(tmp_path/'two'), want, atol=1e-4)
    for k,v in end(tmp_path/'two').items(): assert torch.allclose(v, weights[k], atol=1e-4)
    evals = {o.split()[-1] for o in outs}
    assert len(evals)==1 and abs(float(evals.pop())-t.evaluate()['eval_loss'])<1e-4

def test_checkpointing_trains_the_same(tmp_path):
    kw = dict(max_steps=4)
    assert in_process(tmp_path/'a', **kw)[0]==in_process(tmp_path/'b', gradient_checkpointing=True, **kw)[0]

def test_accumulated_batches_count_tokens(tmp_path):
    "Answers of different lengths weigh by their tokens, however the batch is cut"
    whole = in_process(tmp_path/'a', max_steps=4, train_sampling_strategy='sequential')[0]
    cut = in_process(tmp_path/'b', max_steps=4, train_sampling_strategy='sequential', per_device_train_batch_size=2, gradient_accumulation_steps=4)[0]
    assert np.allclose(whole, cut, atol=1e-4)

def test_batches_have_rows_of_like_length(tmp_path):
    t = trainer(tmp_path)
    t.train_dataset = encode_rows(examples(400), t.processing_class, t.fmt)[0]
    waste = [1-xb['attention_mask'].float().mean().item() for xb in t.get_train_dataloader()]
    assert np.mean(waste)<0.06 and len({tuple(xb['input_ids'].shape) for xb in t.get_train_dataloader()})>3

def test_best_checkpoint_and_files(tmp_path):
    kw = dict(eval_strategy='steps', eval_steps=2, save_steps=2, load_best_model_at_end=True, max_steps=8, learning_rate=0.3, save_total_limit=1)
    t = in_process(tmp_path, **kw)[2]
    best = Path(t.state.best_model_checkpoint)
    assert min(o['eval_loss'] for o in t.state.log_history if 'eval_loss' in o)==t.state.best_metric
    assert abs(t.evaluate()['eval_loss']-t.state.best_metric)<1e-6
    t.save_model()
    names = {o.name for o in tmp_path.iterdir() if o.is_file()}
    assert {'README.md', 'adapter_config.json', 'adapter_model.safetensors', 'ptuning.json', 'tokenizer.json'}<=names and 'model.safetensors' not in names
    assert not list(tmp_path.rglob('training_args.bin')) and (best/'prefix_training.safetensors').is_file()
    again = PTuningModel.from_pretrained(tmp_path, tiny())
    assert again.info['default']['prompt']['max_target_length']==8 and again.info['default']['metrics']['eval_loss']<20
    assert again.answer(t.processing_class, ['Is 4 even?'], max_new_tokens=3)==t.model.answer(t.processing_class, ['Is 4 even?'], max_new_tokens=3)

def test_evaluation_counts_tokens_not_batches(tmp_path):
    t = trainer(tmp_path, per_device_eval_batch_size=3)
    rows,tok = t.eval_dataset,t.processing_class
    with torch.no_grad(): nll = [(t.model(**{k: v for k,v in t.data_collator([o]).items() if 'prompt' not in k}).loss.item(), len(o['answer_ids'])) for o in rows]
    want = sum(a*b for a,b in nll)/sum(b for _,b in nll)
    got = t.evaluate()
    assert abs(got['eval_loss']-want)<1e-4 and np.isclose(got['eval_perplexity'], np.exp(want), rtol=1e-3)

def test_predictions(tmp_path):
    t = trainer(tmp_path, per_device_eval_batch_size=4)
    metrics = t.write_predictions(t.eval_dataset, num_beams=2)
    lines = [json.loads(o) for o in (tmp_path/'generated_predictions.jsonl').read_text(encoding='utf-8').split('\n')[:-1]]
    assert [o['label'] for o in lines]==[o['response'].strip() for o in examples(10)] and [o['prompt'] for o in lines]==[o['prompt'] for o in examples(10)]
    assert text_metrics([o['predict'] for o in lines], [o['label'] for o in lines])['bleu4']==pytest.approx(metrics['predict_bleu4'])
    assert len((tmp_path/'generated_predictions.txt').read_text(encoding='utf-8').splitlines())==10 and not t.args.predict_with_generate
    with pytest.raises(ValueError, match='`num_return_sequences` is 2'): t.write_predictions(t.eval_dataset, num_beams=2, num_return_sequences=2)
    assert trainer(tmp_path, prediction_loss_only=True).write_predictions(t.eval_dataset, num_beams=2)['predict_bleu4']==metrics['predict_bleu4']
    alone = t.model.answer(t.processing_class, [examples(10)[7]['prompt']], num_beams=2, max_new_tokens=8)[0]
    assert alone==lines[7]['predict']

def test_evaluation_writes_answers_if_asked(tmp_path):
    t = trainer(tmp_path, predict_with_generate=True, generation_max_length=3)
    metrics = t.evaluate()
    assert {'eval_loss', 'eval_perplexity', 'eval_exact_match', 'eval_rouge1', 'eval_bleu4'} <= metrics.keys()
    t.write_predictions(t.eval_dataset)
    lines = [json.loads(o) for o in (tmp_path/'generated_predictions.jsonl').read_text(encoding='utf-8').splitlines()]
    assert all(len(o['predict'])<=3 for o in lines)

def saved(folder): return json.loads((folder/'ptuning.json').read_text())

def test_answers_are_greedy_and_without_dropout(tmp_path):
    t = trainer(tmp_path, max_steps=1)
    t.model.base.generation_config.do_sample = True
    t.model.base.train()
    a,b = (t.write_predictions(t.train_dataset) and (tmp_path/'generated_predictions.txt').read_text() for _ in range(2))
    assert a==b

def test_saved_metrics_are_of_the_saved_prefix(tmp_path):
    t = trainer(tmp_path, eval_strategy='steps', eval_steps=3, save_steps=3, load_best_model_at_end=True, learning_rate=2.)  # a rate at which the last is not the best
    t.train()
    t.save_model()
    card = saved(tmp_path)['metrics']['eval_loss']
    assert card==pytest.approx(t.state.best_metric) and card==pytest.approx(t.evaluate()['eval_loss'], rel=1e-5)
    t = trainer(tmp_path/'b')
    t.evaluate(); t.train(); t.save_model()
    assert 'metrics' not in saved(tmp_path/'b')
    t.evaluate(); t.write_predictions(t.eval_dataset); t.save_model()
    assert {'eval_loss', 'predict_loss'} <= saved(tmp_path/'b')['metrics'].keys()

def test_all_weights_train_on_several_processes(tmp_path):
    base,tok = tiny().requires_grad_(True),byte_tokenizer()
    args = PTuningArguments(str(tmp_path), use_cpu=True, disable_tqdm=True)
    t = PTuningTrainer(base, args, tok, encode_rows(examples(8), tok, PromptFormat())[0])
    batch = t.data_collator(list(t.train_dataset))
    wrapped = torch.nn.Module()
    wrapped.module = base
    wrapped.forward = lambda **kw: base(**kw)  # as DistributedDataParallel is
    assert torch.equal(t.compute_loss(wrapped, dict(batch)), t.compute_loss(base, dict(batch)))

def test_a_loss_that_got_to_zero_goes_on(tmp_path, monkeypatch):
    real = PTuningModel.forward
    def forward(self, *args, **kwargs):
        out = real(self, *args, **kwargs)
        if self.training: out.loss = out.loss*10.**-min(t.state.global_step, 9)
        return out
    monkeypatch.setattr(PTuningModel, 'forward', forward)
    t = trainer(tmp_path, num_train_epochs=3)
    t.train()
    assert t.state.global_step==21
    t = trainer(tmp_path, num_train_epochs=4)
    t.train(resume_from_checkpoint=True)
    assert t.state.global_step==28

def test_noise_on_the_embeddings(tmp_path):
    plain,noisy = (trainer(tmp_path/str(o), neftune_noise_alpha=o, max_steps=2) for o in (None, 5.))
    for t in plain,noisy: t.train()
    assert abs(plain.state.log_history[0]['loss']-noisy.state.log_history[0]['loss'])>1e-4 and not noisy.model.get_input_embeddings()._forward_hooks

def test_generation_settings_of_the_trainer(tmp_path):
    from transformers import GenerationConfig
    t,seen = trainer(tmp_path, generation_config=GenerationConfig(num_beams=2, do_sample=True, top_k=5, max_new_tokens=4)),[]
    write = t.model.base.generate
    t.model.base.generate = lambda **kw: seen.append(kw) or write(**kw)
    t.write_predictions(t.eval_dataset)
    assert all(o['num_beams']==2 and o['do_sample'] and o['top_k']==5 and o['max_new_tokens']==4 for o in seen)
    assert t.model.base.generation_config.eos_token_id==256 and seen[0]['eos_token_id']==[256]  # the model's own end tokens stay
    t.write_predictions(t.eval_dataset, max_new_tokens=2)
    assert seen[-1]['max_new_tokens']==2 and seen[-1]['do_sample']

def test_a_damaged_checkpoint(tmp_path):
    t = trainer(tmp_path, max_steps=3)
    t.train()
    (tmp_path/'checkpoint-3'/'prefix_training.safetensors').write_bytes(b'x'*9)
    with pytest.raises(ValueError, match='is damaged, resume from an earlier checkpoint'): trainer(tmp_path).train(resume_from_checkpoint=str(tmp_path/'checkpoint-3'))

@pytest.mark.parametrize('what,says', [('nan', 'is not finite'), ('zero', 'is 0'), ('big', 'worse than guessing')])
def test_a_loss_that_went_wrong_stops(tmp_path, monkeypatch, what, says):
    real = PTuningModel.forward
    def forward(self, *args, **kwargs):
        out = real(self, *args, **kwargs)
        if self.training and t.state.global_step>=5: out.loss = dict(nan=out.loss*torch.nan, zero=out.loss*0, big=out.loss*0+1e3)[what]
        return out
    monkeypatch.setattr(PTuningModel, 'forward', forward)
    t = trainer(tmp_path, num_train_epochs=4)
    with pytest.raises(FloatingPointError, match=says) as e: t.train()
    assert what!='zero' or 'all at once' in str(e.value)
    last = last_checkpoint(tmp_path)
    assert last in str(e.value) and 'smaller learning rate' in str(e.value)
    assert load_file(Path(last)/'adapter_model.safetensors')['prompt_embeddings'].isfinite().all()

def test_publishing(tmp_path, monkeypatch):
    calls,said = [],[]
    class Api:
        def __init__(self, token=None): calls.append(('token', token))
        def create_repo(self, name, **kwargs):
            calls.append((name, kwargs))
            return SimpleNamespace(repo_id=f'me/{name}')
        def create_branch(self, repo_id, **kwargs): calls.append(('branch', kwargs['branch']))
        def upload_folder(self, repo_id, folder_path, **kwargs): calls.append((repo_id, {o.name: o.read_bytes() for o in Path(folder_path).iterdir()})); said.append(kwargs)
    monkeypatch.setattr(prefix_model, 'HfApi', Api)
    t = trainer(tmp_path, hub_model_id='even', hub_token='secret', hub_private_repo=True)
    t.evaluate()
    t.push_to_hub()
    (_,token),(name,kw),(repo,files) = calls
    card = files['README.md'].decode()
    assert token=='secret' and name=='even' and repo=='me/even' and kw['private'] and set(files)=={'README.md', 'adapter_config.json', 'adapter_model.safetensors', 'ptuning.json'}
    assert f"| eval_loss | {t.model.info['default']['metrics']['eval_loss']:.4g} |" in card and "PTuningModel.from_pretrained('me/even', base)" in card
    t.args.hub_revision = 'dev'
    t._push_from_checkpoint(tmp_path)
    assert ('branch', 'dev') in calls and said[-1]==dict(commit_message=f'Training in progress, step {t.state.global_step}', revision='dev') and set(calls[-1][1])==set(files)

def test_no_token_in_the_arguments_file(tmp_path):
    "transformers pickles the arguments beside the weights"
    args = PTuningArguments(str(tmp_path), hub_token='secret', use_cpu=True)
    torch.save(args, tmp_path/'training_args.bin')
    assert args.hub_token=='secret' and b'secret' not in (tmp_path/'training_args.bin').read_bytes()

@pytest.fixture(scope='module')
def base_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp('base')/'model'
    tiny().save_pretrained(folder)
    byte_tokenizer().save_pretrained(folder)
    return folder

@pytest.mark.parametrize('bits', [8, 4])
def test_quantised_base(bits, tmp_path):
    "A prefix in float32 learns in front of quantised weights, and is a prefix of the whole model too"
    pytest.importorskip('bitsandbytes', reason='bitsandbytes is installed on Linux only')
    folder = tmp_path/'base'
    tiny(LlamaConfig(**{**size, 'hidden_size':64, 'intermediate_size':128})).save_pretrained(folder); byte_tokenizer().save_pretrained(folder)
    base,tok = arguments.load_base(arguments.ModelArguments(str(folder), pre_seq_len=4, quantization_bit=bits))
    assert any('8bit' in type(o).__name__ or '4bit' in type(o).__name__ for o in base.modules())
    model = PTuningModel.from_base(base, 4, tok, 'Is it even?')
    start = model.prefixes['default'].rows().detach().clone()
    t = PTuningTrainer(model, PTuningArguments(str(tmp_path/'out'), max_steps=2, use_cpu=True, disable_tqdm=True, gradient_checkpointing=True), tok,
                       encode_rows(examples(), tok, PromptFormat(max_target_length=8))[0], fmt=PromptFormat(max_target_length=8))
    t.train(); t.save_model()
    rows = model.prefixes['default'].rows().detach()
    assert rows.dtype==torch.float32 and rows.isfinite().all() and not torch.equal(rows, start)
    whole = PTuningModel.from_pretrained(tmp_path/'out', AutoModelForCausalLM.from_pretrained(folder))
    assert torch.allclose(whole.prefixes['default'].rows(), rows, atol=1e-6) and len(whole.answer(tok, ['Is 2 even?'], max_new_tokens=3))==1

def tokenizer_with_start():
    "A tokenizer that begins every text with two special tokens, as GLM-4's does"
    from tokenizers import processors
    tok = byte_tokenizer(additional_special_tokens=['[gMASK]', '<sop>'])
    a,b = tok.convert_tokens_to_ids(['[gMASK]', '<sop>'])
    tok.backend_tokenizer.post_processor = processors.TemplateProcessing(single='[gMASK] <sop> $A', special_tokens=[('[gMASK]', a), ('<sop>', b)])
    return tok,[a, b]

def test_texts_begin_as_the_tokenizer_says():
    tok,first = tokenizer_with_start()
    ids = tok('abcd', add_special_tokens=False)['input_ids']
    for n,want in ((None, first+ids), (6, first+ids), (4, first+ids[-2:]), (8, first+ids[-2:]+ids), (2, first), (1, first[:1])): assert prefix._start_ids(tok, 'abcd', n)==want
    text = instruction_from([dict(prompt='ab', response='c')]*3, PromptFormat(), tok, 12)
    assert text=='abc\n\n'*2 and prefix._start_ids(tok, text, 12)==tok(text)['input_ids']
    for n in (0, -3):
        with pytest.raises(ValueError, match='pre_seq_len='): prefix._start_ids(tok, 'abcd', n)

# The command

def settings(base, tmp_path, **kwargs):
    (tmp_path/'train.jsonl').write_text('\n'.join(map(json.dumps, examples())), encoding='utf-8')
    return dict(model_name_or_path=str(base), train_file=str(tmp_path/'train.jsonl'), do_train=True, pre_seq_len=6, max_target_length=8, max_steps=4, use_cpu=True,
                disable_tqdm=True, save_strategy='no', logging_steps=1, output_dir=str(tmp_path/'out'), overwrite_output_dir=True)|kwargs

def run(base, tmp_path, **kwargs):
    (tmp_path/'settings.json').write_text(json.dumps(settings(base, tmp_path, **kwargs)))
    return main([str(tmp_path/'settings.json')])

@pytest.mark.parametrize('suffix', ['json', 'csv', 'parquet'])
def test_files_of_every_kind_train_the_same(base_folder, tmp_path, suffix):
    import datasets
    rows,path = datasets.Dataset.from_list([dict(prompt=o['prompt'], response=o['response']) for o in examples()]),tmp_path/f'rows.{suffix}'
    if suffix=='json': path.write_text(json.dumps(rows.to_list()), encoding='utf-8')
    else: getattr(rows, f'to_{suffix}')(path)
    want = run(base_folder, tmp_path)['train_loss']
    assert run(base_folder, tmp_path, train_file=str(path))['train_loss']==want

def test_command_line_and_json_are_one(base_folder, tmp_path):
    a = run(base_folder, tmp_path)
    b = main([o for k,v in settings(base_folder, tmp_path).items() for o in (f'--{k}', str(v))])
    assert a['train_loss']==b['train_loss']

def test_history_reaches_the_model(base_folder, tmp_path):
    assert run(base_folder, tmp_path, history_column='history')['train_loss']!=run(base_folder, tmp_path)['train_loss']

@pytest.mark.parametrize('kw', [dict(prefix_init='random'), dict(prefix_text='Even or odd?', prefix_projection=True, prefix_hidden_size=16), dict(bf16=True), dict(dtype='bfloat16')])
def test_ways_to_start(base_folder, tmp_path, kw):
    run(base_folder, tmp_path, **kw)
    rows = load_file(tmp_path/'out'/'adapter_model.safetensors')['prompt_embeddings']
    assert rows.shape==(6, 64) and rows.dtype==torch.float32 and rows.isfinite().all()

def test_the_start_is_chosen(base_folder, tmp_path, monkeypatch):
    "As many instructions as have 32 rows each are tried on the command line, with histories, and none where one is asked for"
    tried,real = [],instructions.start_loss
    monkeypatch.setattr(instructions, 'start_loss', lambda *args: tried.append((args[-1], len(args[-2]))) or real(*args))
    (tmp_path/'many.jsonl').write_text('\n'.join(map(json.dumps, examples(150))), encoding='utf-8')
    kw = dict(train_file=str(tmp_path/'many.jsonl'), history_column='history', pre_seq_len=60, max_steps=1)
    res = run(base_folder, tmp_path, **kw)
    assert [n for _,n in tried]==[24]*3+[37] and len({o for o,_ in tried[:3]})==3 and tried[3][0] in [o for o,_ in tried[:3]]
    assert run(base_folder, tmp_path, **kw, prefix_candidates=1)['train_loss']!=res['train_loss'] and len(tried)==4

def test_it_trains_on_from_a_prefix(base_folder, tmp_path):
    run(base_folder, tmp_path, do_eval=True, validation_file=str(tmp_path/'train.jsonl'))
    a = run(base_folder, tmp_path, do_eval=True, validation_file=str(tmp_path/'train.jsonl'), ptuning_checkpoint=str(tmp_path/'out'), output_dir=str(tmp_path/'more'), max_steps=8)
    b = json.loads((tmp_path/'out'/'all_results.json').read_text())
    assert a['eval_loss']<b['eval_loss']

def test_full_fine_tuning_still_works(base_folder, tmp_path):
    kw = settings(base_folder, tmp_path, learning_rate=1e-3)
    del kw['pre_seq_len']
    (tmp_path/'full.json').write_text(json.dumps(kw))
    main([str(tmp_path/'full.json')])
    before,after = (AutoModelForCausalLM.from_pretrained(o).state_dict() for o in (base_folder, tmp_path/'out'))
    assert any(not torch.equal(before[k], after[k]) for k in before) and not (tmp_path/'out'/'adapter_config.json').exists()

bad = {"has an unknown key 'templat': did you mean 'template'": dict(templat='x'), "There is no column 'reply', only": dict(response_column='reply'),
       'There is no file nowhere.jsonl': dict(train_file='nowhere.jsonl'), "ends in '.txt'": dict(train_file='notes.txt'), 'has room for in its context': dict(pre_seq_len=256),
       'of the longest row do not fit': dict(pre_seq_len=240), 'Nothing to do': dict(do_train=False), '`validation_file` is not set': dict(do_eval=True),
       "`dtype` is 'int4'": dict(dtype='int4'), 'it must hold {prompt}': dict(template='Review:'), 'adapter_config.json is missing': dict(ptuning_checkpoint='empty'),
       'has no chat template': dict(use_chat_template=True), "has None for 'template': give str": dict(template=None), "has '1e-3' for 'learning_rate': give float": dict(learning_rate='1e-3'),
       "has 'false' for 'use_chat_template': give bool": dict(use_chat_template='false'), 'but nothing is trained': dict(do_train=False, do_predict=True, test_file='t.jsonl'),
       'is a mount point or holds the current folder': dict(output_dir='.'), 'quantised weights cannot be trained': dict(quantization_bit=8, pre_seq_len=None), '`prefix_projection` is True without': dict(prefix_projection=True, pre_seq_len=None),
       'prefix_candidates=0: give a whole number': dict(prefix_candidates=0), '`label_smoothing_factor` is 0.1': dict(label_smoothing_factor=0.1), '`eval_do_concat_batches` is False': dict(eval_do_concat_batches=False),
       'and 105 real tokens of the longest row': dict(pre_seq_len=160, do_predict=True, test_file='t.jsonl', generation_max_length=80)}
@pytest.mark.parametrize('says', bad)
def test_bad_settings_stop_before_training(base_folder, tmp_path, says, monkeypatch):
    (tmp_path/'notes.txt').write_text('x')
    (tmp_path/'empty').mkdir()
    (tmp_path/'t.jsonl').write_text(json.dumps(examples(1)[0]|dict(prompt='x'*25)))
    monkeypatch.chdir(tmp_path)
    with pytest.raises((ValueError, OSError)) as e: run(base_folder, tmp_path, **bad[says])
    assert says in str(e.value) and not (tmp_path/'out').exists()

@pytest.mark.parametrize('content,says', [('', 'The data set is empty'), ('{"prompt": "a", "response": " "}\n', 'All 1 rows were dropped'), ('not json', 'cannot be read'),
                                          ('{"prompt": 3, "response": "x"}\n', 'which are not both texts')])
def test_bad_data_stops_before_training(base_folder, tmp_path, content, says):
    kw = settings(base_folder, tmp_path)
    (tmp_path/'train.jsonl').write_text(content)
    (tmp_path/'a.json').write_text(json.dumps(kw))
    with pytest.raises(ValueError, match=says): main([str(tmp_path/'a.json')])
    assert not (tmp_path/'out').exists()

def test_a_prefix_keeps_its_format(base_folder, tmp_path):
    test = dict(do_eval=True, validation_file=str(tmp_path/'train.jsonl'))
    a = run(base_folder, tmp_path, template='Q: {prompt} A:', **test)
    again = dict(test, do_train=False, ptuning_checkpoint=str(tmp_path/'out'), output_dir=str(tmp_path/'b'))
    assert run(base_folder, tmp_path, **again)['eval_loss']==pytest.approx(a['eval_loss'], rel=1e-5)
    for template in 'What: {prompt}','{prompt}': assert run(base_folder, tmp_path, template=template, **again)['eval_loss']!=pytest.approx(a['eval_loss'], rel=1e-5)  # the second is the default
    line = ['--model_name_or_path', 'a', '--output_dir', 'b', '--template', '{prompt}', '--do_eval']
    assert arguments.read_job(line).given=={'model_name_or_path', 'output_dir', 'template', 'do_eval'}
    with pytest.raises(ValueError, match='has 6 virtual tokens: leave it out'): run(base_folder, tmp_path, **again|dict(pre_seq_len=9))

def test_predicting_needs_no_answers(base_folder, tmp_path):
    run(base_folder, tmp_path)
    (tmp_path/'test.jsonl').write_text('\n'.join(json.dumps(dict(prompt=f'Is {i} even?')) for i in range(5)))
    again = dict(do_train=False, do_predict=True, ptuning_checkpoint=str(tmp_path/'out'), output_dir=str(tmp_path/'b'), test_file=str(tmp_path/'test.jsonl'))
    metrics = run(base_folder, tmp_path, **again)
    assert len((tmp_path/'b'/'generated_predictions.txt').read_text(encoding='utf-8').split('\n'))==6 and not {'predict_loss', 'predict_exact_match'} & metrics.keys()
    (tmp_path/'test.jsonl').write_text('\n'.join(json.dumps(dict(prompt=o['prompt'], response=o['response'] if i!=1 else '')) for i,o in enumerate(examples(4))))
    metrics = run(base_folder, tmp_path, **again)
    lines = [json.loads(o) for o in (tmp_path/'b'/'generated_predictions.jsonl').read_text(encoding='utf-8').splitlines()]
    assert [o['prompt'] for o in lines]==[o['prompt'] for o in examples(4)] and 'predict_exact_match' in metrics

def test_all_weights_learn_texts_from_their_beginning(tmp_path):
    tok,first = tokenizer_with_start()
    tiny(LlamaConfig(**size|dict(vocab_size=260))).save_pretrained(tmp_path/'base'); tok.save_pretrained(tmp_path/'base')
    kw = settings(tmp_path/'base', tmp_path, learning_rate=1e-3)
    del kw['pre_seq_len']
    (tmp_path/'full.json').write_text(json.dumps(kw))
    seen,real = [],PTuningTrainer.compute_loss
    def spy(self, model, inputs, **kwargs):
        seen.append(inputs['input_ids'][:,:2])
        return real(self, model, inputs, **kwargs)
    with pytest.MonkeyPatch.context() as m:
        m.setattr(PTuningTrainer, 'compute_loss', spy)
        main([str(tmp_path/'full.json')])
    assert seen and all((o==torch.tensor(first)).all() for o in seen)

def test_tokenizers_that_cannot_end_or_pad(base_folder, tmp_path):
    folder = tmp_path/'tok'
    byte_tokenizer(pad_token=None).save_pretrained(folder)
    with pytest.raises(ValueError, match='no padding token.*`pad_token` on the command line'): run(base_folder, tmp_path, tokenizer_name=str(folder))
    with pytest.raises(ValueError, match="`pad_token` is '<nope>', which is no token .* such as '<end>'"): run(base_folder, tmp_path, tokenizer_name=str(folder), pad_token='<nope>')
    run(base_folder, tmp_path, tokenizer_name=str(folder), pad_token='<end>')
    byte_tokenizer(eos_token=None).save_pretrained(folder)
    with pytest.raises(ValueError, match='no end token'): run(base_folder, tmp_path, tokenizer_name=str(folder))

def test_another_base_model_is_refused(base_folder, tmp_path):
    run(base_folder, tmp_path)
    tiny(seed=1).save_pretrained(tmp_path/'other')
    with pytest.raises(ValueError, match='this model has other weights'): PTuningModel.from_pretrained(tmp_path/'out', AutoModelForCausalLM.from_pretrained(tmp_path/'other'))
    again = PTuningModel.from_pretrained(tmp_path/'out', dtype=torch.float16)  # by the name in its files, in another type
    assert again.base.dtype==torch.float16

def test_the_command_ends_with_one_sentence(monkeypatch, capsys):
    monkeypatch.setattr(sys, 'argv', ['lifecycle_ptune', 'nowhere.json'])
    with pytest.raises(SystemExit) as e: pt.lifecycle_ptune()
    assert (e.value.code, capsys.readouterr().err)==(2, 'lifecycle_ptune: error: There is no file nowhere.json\n')
