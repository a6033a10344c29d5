"Rows of every layout and file as prompts and answers: what is written, what is learned, what is cut, and what bad rows get"
import json, logging, subprocess, sys
from dataclasses import asdict, replace
from itertools import groupby
import numpy as np, pandas as pd, pytest, torch
from hypothesis import HealthCheck, given, settings, strategies as st
from tokenizers import processors
from transformers import AutoTokenizer, LlamaConfig
from model_lifecycle import arguments, prompts
from model_lifecycle.tables import read_rows
from model_lifecycle.instructions import best_instruction, instruction_from
from model_lifecycle.prefix import first_ids
from model_lifecycle.answer_metrics import text_metrics
from model_lifecycle.prompts import PromptCollator, PromptFormat, encode_rows
from model_lifecycle.ptuning_trainer import PTuningTrainer, main
from tests import assets
from tests._ptune_script import byte_tokenizer, examples, size, tiny, trainer

few = settings(max_examples=80, deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])

# Chat templates as today's models have them: their beginning, their headers, their end, and whether they strip
templates = dict(
    chatml="{% for m in messages %}{% if loop.first and m.role != 'system' %}<|im_start|>system\nBe kind.<|im_end|>\n{% endif %}"
           "<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}",
    llama3="{{ bos_token }}{% for m in messages %}<|head|>{{ m.role }}<|/head|>\n\n{{ m.content | trim }}<|eot_id|>{% endfor %}"
           "{% if add_generation_prompt %}<|head|>assistant<|/head|>\n\n{% endif %}",
    llama2="{% if messages[0].role == 'system' %}{% set system, talk = messages[0].content, messages[1:] %}{% else %}{% set system, talk = none, messages %}{% endif %}"
           "{% for m in talk %}{% if m.role == 'user' %}{{ bos_token }}[INST] {% if loop.first and system is not none %}<<SYS>>{{ system }}<</SYS>>{% endif %}"
           "{{ m.content.strip() }} [/INST]{% else %} {{ m.content.strip() }} <end>{% endif %}{% endfor %}",
    gemma="{{ bos_token }}{% if messages[0].role == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}{% for m in messages %}"
          "<start_of_turn>{{ 'model' if m.role == 'assistant' else m.role }}\n{{ m.content | trim }}<end_of_turn>\n{% endfor %}"
          "{% if add_generation_prompt %}<start_of_turn>model\n{% endif %}",
    glm4="[gMASK]<sop>{% for m in messages %}<|{{ m.role }}|>\n{{ m.content }}{% endfor %}{% if add_generation_prompt %}<|assistant|>\n{% endif %}",
)
ends = dict(chatml='<|im_end|>', llama3='<|eot_id|>', llama2=' <end>', gemma='<end_of_turn>', glm4='<end>')
begins = dict(llama3=['<s>'], llama2=['<s>'], gemma=['<s>'], glm4=['[gMASK]', '<sop>'])

def chat_tokenizer(name):
    "A token for each byte, with the special tokens, the beginning and the chat template of a family of models"
    special = ['<|im_start|>', '<|im_end|>', '<|head|>', '<|/head|>', '<|eot_id|>', '<start_of_turn>', '<end_of_turn>', '[gMASK]', '<sop>']
    tok = byte_tokenizer(bos_token='<s>', extra_special_tokens=special)
    if first := begins.get(name):
        pairs = [(o, tok.convert_tokens_to_ids(o)) for o in first]
        tok.backend_tokenizer.post_processor = processors.TemplateProcessing(single=f"{' '.join(first)} $A", special_tokens=pairs)
    tok.chat_template = templates[name]
    return tok

def message(role, content): return dict(role=role, content=content)
def talk(*texts, system=None):
    said = [message(('user', 'assistant')[i%2], o) for i,o in enumerate(texts)]
    return [message('system', system)]*(system is not None)+said
def learned(row, tok):
    "The stretches of a row that are learned, as texts"
    labels = PromptCollator(tok)([row])['labels'][0].tolist()
    return [tok.decode(list(o)) for yes,o in groupby(labels, lambda i: i>=0) if yes]
def one(row, tok, fmt, **kwargs): return encode_rows([row], tok, fmt, **kwargs)[0][0]
def text(row, tok): return tok.decode(row['prompt_ids']+row['answer_ids'])

long_talk = talk('Who wrote it?', 'Ann.', 'When?', ' In 1900. ', 'Where?', 'At home.')

# What is written and what is learned

@pytest.mark.parametrize('name', templates)
def test_what_is_learned_under_a_chat_template(name):
    tok,fmt = chat_tokenizer(name),PromptFormat(use_chat_template=True)
    keeps,end = name in ('chatml', 'glm4'),ends[name]
    answers = [' '*(name=='llama2')+o for o in ('Ann.', ' In 1900. ' if keeps else 'In 1900.', 'At home.')]
    last,every = (one(dict(messages=long_talk), tok, replace(fmt, learn_all_turns=o)) for o in (False, True))
    inner = '' if name=='glm4' else end  # between turns that template writes no end
    assert learned(last, tok)==[answers[-1]+end]
    assert learned(every, tok)==[answers[0]+inner, answers[1]+inner, answers[2]+end]
    whole = tok.apply_chat_template(long_talk, tokenize=False).removeprefix(''.join(begins.get(name, [])))
    for row in last,every:
        assert text(row, tok).removesuffix('<end>' if name=='glm4' else '')==whole[:len(whole)-len('\n')*(name in ('chatml', 'gemma'))]
    assert tok.decode(fmt.end_ids(tok))==''.join(dict.fromkeys([end.strip(), '<end>']))

def test_what_is_learned_with_a_real_template():
    where,gguf = assets.need(assets.smollm2)
    tok,fmt = AutoTokenizer.from_pretrained(where, gguf_file=gguf),PromptFormat(use_chat_template=True, learn_all_turns=True)
    for system in None,'You are a librarian.':
        said = talk(*(o['content'] for o in long_talk), system=system)
        row = one(dict(messages=said), tok, fmt)
        assert learned(row, tok)==['Ann.<|im_end|>', ' In 1900. <|im_end|>', 'At home.<|im_end|>']
        whole = tok.apply_chat_template(said, tokenize=False)
        assert whole.startswith(f"<|im_start|>system\n{system or 'You are a helpful AI assistant named SmolLM'}") and text(row, tok)+'\n'==whole
        assert row['prompt_ids']+row['answer_ids']==tok(whole.removesuffix('\n'), add_special_tokens=False)['input_ids']
    assert tok.convert_ids_to_tokens(fmt.end_ids(tok))==['<|im_end|>']

def test_what_is_learned_without_a_chat_template():
    tok = byte_tokenizer()
    fmt = PromptFormat(source_prefix='Talk.\n', template='Q: {prompt}\nA:', turn='Q: {prompt}\nA:{response}\n')
    said = talk('Who?', ' Ann.', 'When?', ' 1900.', system='Be brief.')
    last,every = (one(dict(messages=said), tok, replace(fmt, learn_all_turns=o)) for o in (False, True))
    assert text(last, tok)=='Be brief.\nTalk.\nQ: Who?\nA: Ann.\nQ: When?\nA: 1900.<end>' and learned(last, tok)==[' 1900.<end>']
    assert text(every, tok)=='Be brief.\nTalk.\nQ: Who?\nA: Ann.<end>\nQ: When?\nA: 1900.<end>' and learned(every, tok)==[' Ann.<end>', ' 1900.<end>']
    every = one(dict(messages=said), tok, PromptFormat(template='<{prompt}>', learn_all_turns=True))  # the default `turn` begins otherwise
    assert text(every, tok)=='Be brief.\n<Who?> Ann.<end>\n<When?> 1900.<end>'

@pytest.mark.parametrize('name', [None, *templates])
def test_a_turn_is_asked_as_it_was_learned(name):
    "What a turn of a whole dialogue is learned behind is what a prefix is asked with, at training and at answering"
    tok = chat_tokenizer(name) if name else byte_tokenizer()
    fmt = PromptFormat(template='Q: {prompt}', source_prefix='Go. ', use_chat_template=bool(name), learn_all_turns=True)
    whole = one(dict(messages=long_talk), tok, fmt)
    ids = whole['prompt_ids']+whole['answer_ids']
    for n in 2,4,6:
        part = one(dict(messages=long_talk[:n]), tok, fmt)
        asked,cut = fmt.ids(tok, long_talk[n-2]['content'], long_talk[:n-2])
        assert part['prompt_ids']==asked==fmt.ids(tok, long_talk[:n-1])[0] and not cut
        assert ids[:len(asked)]==asked and ids[:part['length']-(name=='glm4')]==(asked+part['answer_ids'])[:part['length']-(name=='glm4')]

def test_labels_for_writing_are_the_last_answers():
    tok,fmt = byte_tokenizer(),PromptFormat(learn_all_turns=True)
    rows,_ = encode_rows([dict(messages=long_talk), dict(messages=long_talk[:2])], tok, fmt)
    xb = PromptCollator(tok)(rows)
    for i,want in enumerate(('At home.<end>', 'Ann.<end>')): assert tok.decode(xb['prompt_labels'][i][xb['prompt_labels'][i]>=0])==want
    assert tok.decode(xb['prompt_ids'][0][xb['prompt_mask'][0]==1])=='Who wrote it?Ann.<end>\nWhen? In 1900. <end>\nWhere?'
    assert (xb['labels'][xb['attention_mask']==0]==-100).all() and xb['input_ids'].shape==xb['labels'].shape

def test_an_empty_answer_between_others_is_not_learned():
    tok = byte_tokenizer()
    row = one(dict(messages=talk('a', ' ', 'b', 'c')), tok, PromptFormat(learn_all_turns=True))
    assert learned(row, tok)==['c<end>']

@pytest.mark.parametrize('name', [None, 'chatml'])
def test_an_empty_last_answer_leaves_the_earlier_ones(name, caplog):
    "They are learned as in the conversation that ends with them; a row is dropped only if nothing is learned"
    tok = chat_tokenizer(name) if name else byte_tokenizer()
    fmt = PromptFormat(use_chat_template=bool(name), learn_all_turns=True)
    want = one(dict(messages=long_talk[:4]), tok, fmt)
    for last in ('Where?', ''), ('Where?', ' \n'), ('', 'At home.'), ('', ''), ('Where?', '', 'Why?', ' '):
        rows,n = encode_rows([dict(messages=long_talk[:4]+talk(*last))], tok, fmt)
        assert rows==[want] and n['dropped']==0
        said = long_talk[:4]+talk(*last)
        assert one(dict(prompt=said[-2]['content'], response=said[-1]['content'], history=said[:-2]), tok, replace(fmt, history_column='history'))==want
    empty = dict(messages=talk('a', ' ', 'b', ''))
    assert encode_rows([empty, dict(messages=long_talk[:4])], tok, fmt)[1]['dropped']==1
    with pytest.raises(ValueError, match='All 2 rows were dropped, .*: check `messages_column`$'): encode_rows([empty]*2, tok, fmt)
    with pytest.raises(ValueError, match='All 1 rows were dropped, .*: check `messages_column`$'): encode_rows([dict(talk=talk('a', ''))], tok, replace(fmt, learn_all_turns=False, messages_column='talk'))
    with pytest.raises(ValueError, match='All 1 rows were dropped, .*: check `prompt_column` and `response_column`$'): encode_rows([dict(prompt='', response='')], tok, PromptFormat())

@pytest.mark.parametrize('name', begins)
def test_one_beginning(name):
    "Behind a prefix, which begins as the tokenizer says, the chat template's own beginning is left out; without a prefix there is one"
    tok,fmt = chat_tokenizer(name),PromptFormat(use_chat_template=True)
    first = first_ids(tok)
    assert tok.convert_ids_to_tokens(first)==begins[name]
    behind,alone = one(dict(messages=long_talk[:2]), tok, fmt),one(dict(messages=long_talk[:2]), tok, fmt, first=first)
    assert not set(first) & set(behind['prompt_ids']) and alone['prompt_ids']==first+behind['prompt_ids']
    assert fmt.ids(tok, 'Who wrote it?')[0]==behind['prompt_ids']
    assert not instruction_from([dict(messages=long_talk[:2])], fmt, tok, 99).startswith(begins[name][0])

def test_a_template_keeps_a_beginning_that_the_tokenizer_does_not_write():
    "SmolLM2's `bos_token` is `<|im_start|>`, with which its template begins every message"
    tok,fmt = chat_tokenizer('chatml'),PromptFormat(use_chat_template=True)
    tok.bos_token = '<|im_start|>'
    assert first_ids(tok)==[] and text(one(dict(messages=long_talk[:2]), tok, fmt), tok).startswith('<|im_start|>system\n')

def test_braces_in_a_history_are_text():
    tok = byte_tokenizer()
    for every,end in (False, ''), (True, '<end>'):
        ids,_ = PromptFormat(turn='{prompt}>{response}.', template='{prompt}>', learn_all_turns=every).ids(tok, 'go', [('a {response}?', 'b {prompt}')])
        assert tok.decode(ids)==f'a {{response}}?>b {{prompt}}{end}.go>'

# Layouts

layouts = dict(
    messages=lambda said: dict(messages=said),
    conversations=lambda said: dict(conversations=[{'from': dict(user='human', assistant='gpt').get(o['role'], o['role']), 'value': o['content']} for o in said]),
    mixed=lambda said: dict(conversations=said),
    json=lambda said: dict(messages=json.dumps(said)),
    printed=lambda said: dict(messages=str(said)),
    array=lambda said: dict(messages=np.array(said, dtype=object)),
    history=lambda said: dict(prompt=said[-2]['content'], response=said[-1]['content'], history=said[:-2]),
    named=lambda said: dict(prompt='x', response='y', talk=said))
@pytest.mark.parametrize('name', layouts)
@pytest.mark.parametrize('system', [None, 'Be brief.'])
def test_layouts_are_one(name, system):
    tok,said = chat_tokenizer('chatml'),talk(*(o['content'] for o in long_talk), system=system)
    for chat in False,True:
        fmt = PromptFormat(use_chat_template=chat, learn_all_turns=True)
        named = replace(fmt, history_column='history' if name=='history' else None, messages_column='talk' if name=='named' else None)
        assert one(layouts[name](said), tok, named)==one(dict(messages=said), tok, fmt)

def test_pairs_are_a_history():
    tok,pairs = byte_tokenizer(),[['Who?', 'Ann.'], ['When?', '1900.']]
    fmt = PromptFormat(history_column='history')
    want = one(dict(prompt='Where?', response='x', history=talk('Who?', 'Ann.', 'When?', '1900.')), tok, fmt)
    for o in pairs, tuple(map(tuple, pairs)), json.dumps(pairs), str(pairs), np.array(pairs, dtype=object), np.array([np.array(o, dtype=object) for o in pairs], dtype=object):
        assert one(dict(prompt='Where?', response='x', history=o), tok, fmt)==want
    for o in None, '', '[]', 'None', float('nan'), [], np.array([]): assert tok.decode(one(dict(prompt='Where?', response='x', history=o), tok, fmt)['prompt_ids'])=='Where?'

def test_histories_written_by_pandas(tmp_path):
    rows = [dict(prompt='c', response='d', history=[['a', "it's b"]]), dict(prompt='e', response='f', history=[])]
    pd.DataFrame(rows).to_csv(tmp_path/'a.csv', index=False)
    pd.DataFrame(rows).to_parquet(tmp_path/'a.parquet')
    tok,fmt = byte_tokenizer(),PromptFormat(history_column='history')
    assert '"[[\'a\'' in (tmp_path/'a.csv').read_text()
    for o in read_rows(tmp_path/'a.csv'), read_rows(tmp_path/'a.parquet'), pd.read_parquet(tmp_path/'a.parquet').to_dict('records'):
        assert encode_rows(o, tok, fmt)==encode_rows(rows, tok, fmt)

def test_conversations_are_seen_once(caplog):
    rows = [dict(conversations=[{'from': 'human', 'value': 'a'}, {'from': 'gpt', 'value': 'b'}])]*3
    prompts._tell_talks.cache_clear()
    with caplog.at_level(logging.WARNING, 'model_lifecycle'):
        for _ in range(2): encode_rows(rows, byte_tokenizer(), PromptFormat())
    assert [o.getMessage() for o in caplog.records]==["There is no column 'prompt', and the conversations in column 'conversations' are used"]

bad = [([], 'The conversation of row 1 is empty'), (None, 'The conversation of row 1 is empty'), ('', 'The conversation of row 1 is empty'),
       ([message('user', 'Hello')], "row 1 has no assistant's turn to learn, only 'Hello' of user: add the answer"),
       ([message('system', 'Hello')], "row 1 is 'Hello' of system alone: give a user's turn"),
       ([message('user', 'a'), message('tool', 'b')], "row 1 has the role 'tool', which is not known: use one of system, user, human"),
       ([{'from': 'observer', 'value': 'b'}], "row 1 has the role 'observer'"),
       (talk('a', 'b')+talk('c', 'd')[::-1], "row 1 has the message 'd' of assistant where user's turn is"),
       (talk('a', 'b')+[message('system', 'c')], "row 1 has the message 'c' of system where user's turn is"),
       ([message('user', None)], "row 1 has 'None' as the text of message 0"), ([dict(text='a')], "row 1 has {'text': 'a'} as message 0: give each `role` and `content`"),
       ('Hello', "The conversation of row 1 is 'Hello': give a list of messages")]
@pytest.mark.parametrize('messages,says', bad)
def test_bad_conversations(messages, says):
    with pytest.raises(ValueError) as e: encode_rows([dict(messages=long_talk), dict(messages=messages)], byte_tokenizer(), PromptFormat())
    assert says in str(e.value)

@pytest.mark.parametrize('history,says', [(['a', 'b', 'c'], "The history of row 0 is ['a', 'b', 'c']: give a list"), ('no list', 'The history of row 0 is no list'),
    ([['a', 'b', 'c']], 'The history of row 0 is'), ([['a', 3]], 'The history of row 0 is'), ([message('user', 'a')], "ends with 'a', which nobody answers"),
    ([message('assistant', 'a'), message('user', 'b')], "has the message 'a' of assistant where user's turn is, "), ([message('critic', 'a')], "The history of row 0 has the role 'critic'")])
def test_bad_histories(history, says):
    with pytest.raises(ValueError) as e: encode_rows([dict(prompt='x', response='y', history=history)], byte_tokenizer(), PromptFormat(history_column='history'))
    assert says.rstrip(', ') in str(e.value)

halves = [(dict(prompt='a\ud83d', response='b'), {}, 'prompt'), (dict(prompt='a', response='\udc00'), {}, 'response'), (dict(messages=talk('a', 'b\ud800')), {}, 'messages'), (dict(messages=talk('a', 'b', system='\ud800')), {}, 'messages'),
          (dict(messages=json.dumps(talk('a', 'b', '\ud800', 'c'))), {}, 'messages'), (dict(prompt='a', response='b', before=[['\ud800', 'c']]), dict(history_column='before'), 'before'),
          ({'prompt': 'a', 'response': 'b', 'my input': 'c\ud800'}, dict(template='{prompt}{my input}'), 'my input')]
@pytest.mark.parametrize('row,how,column', halves)
def test_half_a_surrogate_pair(row, how, column):
    "No tokenizer reads it, so its row and column are said when rows are read; a column that is not used may hold it"
    tok,fmt,fine = byte_tokenizer(),PromptFormat(**how),{'messages': talk('a', 'b')} if 'messages' in row else {'prompt': 'a', 'response': 'b', 'my input': ''}
    says = f"Row 1 has '.*ud.*' in column '{column}', which holds half of a surrogate pair: correct it"
    for bad in lambda: encode_rows([fine, row], tok, fmt), lambda: instruction_from([fine, row], fmt, tok, 9), lambda: fmt.dialogue(row, 1):
        with pytest.raises(ValueError, match=says): bad()
    with pytest.raises(ValueError, match="which holds half"): fmt.ids(tok, row)
    encode_rows([dict(fine, before=[], note='\ud800')], tok, fmt)

def test_half_a_surrogate_pair_in_a_question():
    for args in ('a\ud800',), ('a', [('\ud800', 'b')]):
        with pytest.raises(ValueError, match="which holds half of a surrogate pair"): PromptFormat().ids(byte_tokenizer(), *args)

@pytest.mark.parametrize('rows', [pd.DataFrame(dict(prompt=['a'], response=['b'])), dict(prompt=['a'], response=['b']), ['prompt', 'response'], [('a', 'b')], [None]])
def test_rows_that_are_no_dicts(rows):
    for read in encode_rows, lambda rows, tok, fmt: instruction_from(rows, fmt, tok, 9):
        with pytest.raises(TypeError, match="Row 0 is .*, not a dict from column to cell: give a list of dicts .*to_dict.'records'.. or"): read(rows, byte_tokenizer(), PromptFormat())

def test_a_header_that_was_not_parted(tmp_path):
    (tmp_path/'a.csv').write_text('prompt;response\na, b;c\n')
    (tmp_path/'b.csv').write_text('prompt;response\na;c\n')
    with pytest.raises(ValueError, match="no column 'prompt', only 'prompt;response': name one of them, or say that ';' separates them, with `delimiter`"): encode_rows(read_rows(tmp_path/'b.csv'), byte_tokenizer(), PromptFormat())
    assert encode_rows(read_rows(tmp_path/'a.csv', delimiter=';'), byte_tokenizer(), PromptFormat())[1]['rows']==1

def test_a_template_may_refuse_a_system_message():
    with pytest.raises(ValueError, match='chat template refuses messages of system, user .System role not supported.: take out'):
        one(dict(messages=talk('a', 'b', system='c')), chat_tokenizer('gemma'), PromptFormat(use_chat_template=True))

def test_conversations_to_answer():
    "One that ends with a user's turn is a prompt; one that is answered has its answer to compare with"
    tok,fmt = byte_tokenizer(),PromptFormat(learn_all_turns=True)
    rows,_ = encode_rows([dict(messages=long_talk[:n]) for n in (1, 2, 3)], tok, fmt, need_answer=False)
    assert [tok.decode(o['prompt_ids']) for o in rows]==['Who wrote it?', 'Who wrote it?', 'Who wrote it?Ann.<end>\nWhen?']
    assert [tok.decode(o['answer_ids']) for o in rows]==['', 'Ann.<end>', ''] and [learned(o, tok) for o in rows]==[[], ['Ann.<end>'], []]
    assert tok.decode(one(dict(messages=long_talk[:3]), tok, fmt)['answer_ids'])=='Ann.<end>'

# Columns

def test_columns_named_in_the_template():
    tok,row = byte_tokenizer(),dict(instruction='Add {input}.', input='{prompt} 1', n=2, none=None, output='3')
    fmt = PromptFormat(template='{prompt}|{input}|{n}|{none}|{"a": {instruction}}|{ x }', prompt_column='instruction', response_column='output')
    want = 'Add {input}.|{prompt} 1|2||{"a": Add {input}.}|{ x }'
    assert tok.decode(one(row, tok, fmt)['prompt_ids'])==want
    for prompt in row, dict(row, prompt=row['instruction']), {k: v for k,v in dict(row, prompt=row['instruction']).items() if k!='output'}: assert tok.decode(fmt.ids(tok, prompt)[0])==want
    assert tok.decode(fmt.ids(tok, row['instruction'], columns=row)[0])==want
    for bad in (lambda: fmt.ids(tok, 'a'), lambda: one(dict(instruction='a', output='b'), tok, fmt)):
        with pytest.raises(ValueError, match="there is no column 'input', only .*: name one of them"): bad()
    with pytest.raises(ValueError, match='would show the answers of column'): one(row, tok, replace(fmt, template='{prompt} {output}'))
    with pytest.raises(ValueError, match='and its column holds'): one(dict(row, input=['a']), tok, fmt)
    with pytest.raises(ValueError, match="The prompt is {'input': 'a'}"): fmt.ids(tok, dict(input='a'))

def test_columns_are_saved_with_the_format():
    fmt = PromptFormat(prompt_column='ask', response_column='say', history_column='before')
    tok,row = byte_tokenizer(),dict(ask='a', say='b', before=[['c', 'd']])
    again = PromptFormat(**prompts.saved_format(dict(prompt=json.loads(json.dumps(asdict(fmt))))))
    assert again==fmt and one(row, tok, again)==one(row, tok, PromptFormat(), prompt_column='ask', response_column='say', history_column='before')
    old = {k: v for k,v in asdict(fmt).items() if k in ('source_prefix', 'turn', 'template', 'use_chat_template', 'max_source_length', 'max_target_length')}
    assert PromptFormat(**prompts.saved_format(dict(prompt=old)))==PromptFormat()

def test_a_saved_history_that_is_not_used(caplog):
    rows,saved = [dict(prompt='a', response='b', before=[], other=[])],asdict(PromptFormat(history_column='before'))
    for fmt,n in ((PromptFormat(history_column='before'), 0), (PromptFormat(), 1), (PromptFormat(history_column='other'), 2)):
        with caplog.at_level(logging.WARNING, 'model_lifecycle'): prompts.check_columns(rows, fmt, True, saved)
        assert len(caplog.records)==n
    assert "trained with the history in column 'before', which the data has, but `history_column` is 'other'" in caplog.text
    prompts.check_columns([dict(prompt='a', response='b')], PromptFormat(), True, saved)
    assert len(caplog.records)==2

@pytest.mark.parametrize('name', ['my input', 'my-input', 'in.a', '2nd input', 'größe (cm)', 'a/b', '入力'])
def test_columns_of_any_name(name, caplog):
    "In training, prediction and answering; what is no column is text, and said once if it reads like a name"
    tok,row = byte_tokenizer(),{'prompt': 'x', name: 'y', 'response': 'z'}
    saved = json.loads(json.dumps(asdict(PromptFormat(template=f'{{prompt}} {{{name}}} {{"a": 1}} {{}}'))))
    fmt = PromptFormat(**prompts.saved_format(dict(prompt=saved)))
    with caplog.at_level(logging.WARNING, 'model_lifecycle'):
        for o in one(row, tok, fmt), one(row, tok, fmt, need_answer=False): assert tok.decode(o['prompt_ids'])=='x y {"a": 1} {}'
        assert tok.decode(fmt.ids(tok, {k: v for k,v in row.items() if k!='response'})[0])==tok.decode(fmt.ids(tok, 'x', columns=row)[0])=='x y {"a": 1} {}'
        assert not caplog.records
    with pytest.raises(ValueError, match='would show the answers of column'): one(row, tok, fmt, response_column=name)
    with pytest.raises(ValueError, match='and its column holds'): one({**row, name: ['y']}, tok, fmt)

def test_braces_that_are_no_column(caplog):
    tok,rows = byte_tokenizer(),[{'prompt': 'x', 'my input': 'y', 'response': 'z'}]*2
    with caplog.at_level(logging.WARNING, 'model_lifecycle'):
        for _ in range(2):
            for braces in '{your own answer}', '{"a": "b"}', '{}', '{ x }', '{2}', r'{\bf a}', '{a: b}', "{'a'}", '{;}':
                assert tok.decode(one(rows[0], tok, PromptFormat(template='{prompt} '+braces))['prompt_ids'])=='x '+braces
    assert [o.getMessage() for o in caplog.records]==["`template` is '{prompt} {your own answer}', but there is no column 'your own answer': {your own answer} stays as it stands there"]
    fmt = PromptFormat(template='{prompt} {my input}')
    with pytest.raises(ValueError, match="row 1 has no column 'my input', which others have"): encode_rows([rows[0], dict(prompt='x', response='z')], tok, fmt)
    assert fmt.other_columns==[] and encode_rows(rows, tok, fmt)[1]['dropped']==0
    with pytest.raises(ValueError, match="there is no column 'input'"): one(rows[0], tok, PromptFormat(template='{prompt} {input}'))

def test_a_conversation_beside_a_history():
    "Neither is dropped: it is one or the other"
    tok,fmt = chat_tokenizer('chatml'),PromptFormat(use_chat_template=True, history_column='before')
    asked = [('h1', 'ha1')]
    for own in talk('q1', 'a1', 'q2', system='Be brief.'), talk('q1', 'a1', 'q2'), talk('q2', system='Be brief.'):
        for prompt in own, dict(messages=own), dict(prompt='q2', before=own[:-1]):
            with pytest.raises(ValueError, match='earlier messages of its own, the first of which is .(Be brief.|q1)., and `history` is given'): fmt.ids(tok, prompt, asked)
            assert fmt.ids(tok, prompt)[0]==fmt.ids(tok, prompt, [])[0]
    want = fmt.ids(tok, 'q2', asked)
    for prompt in talk('q2'), dict(messages=talk('q2')), dict(prompt='q2'), dict(prompt='q2', before=[]): assert fmt.ids(tok, prompt, asked)==want

# What is too long

words = st.text(st.characters(codec='utf-8', exclude_characters='<|'), max_size=60)
@given(words, st.lists(st.tuples(words, words), max_size=5), st.one_of(st.none(), words), st.integers(20, 160), st.booleans(), st.sampled_from([None, 'chatml', 'llama3', 'llama2', 'glm4']))
@few
def test_what_is_cut(prompt, pairs, system, most, every, name):
    "It fits, all that the format writes is there, and of the texts the newest"
    tok = chat_tokenizer(name) if name else byte_tokenizer()
    fmt = PromptFormat('Prefix. ', template='Q: {prompt} A:', use_chat_template=bool(name), learn_all_turns=every, max_source_length=most)
    history = talk(*(o for pair in pairs for o in pair), system=system)
    def write(turns, asked, fmt=replace(fmt, max_source_length=10**6)): return fmt.ids(tok, asked, history[:len(history)-2*len(pairs)]+history[len(history)-2*turns:])[0]
    if len(write(0, ''))>most:
        with pytest.raises(ValueError, match=f'has {len(write(0, ""))} tokens around its prompt.s text, more than the `max_source_length` of {most}'): fmt.ids(tok, prompt, history)
        return
    ids,cut = fmt.ids(tok, prompt, history)
    assert len(ids)<=most and cut==(len(write(len(pairs), prompt))>most)
    turns = max((n for n in range(len(pairs)+1) if len(write(n, prompt))<=most), default=None)
    if turns is not None: assert ids==write(turns, prompt)
    else:
        kept = next(i for i in range(len(prompt)+1) if write(0, prompt[i:])==ids)
        assert kept>0 and len(write(0, prompt[kept-1:]))>most-4  # a character has up to four bytes, and no part of one is kept

@pytest.mark.parametrize('name', [None, 'chatml'])
def test_long_texts_and_histories_are_read_few_times(name, monkeypatch):
    "10,000 tokens of prompt and 100 turns are tokenised a few times, not once for each token or turn"
    tok = chat_tokenizer(name) if name else byte_tokenizer()
    fmt,read,real = PromptFormat(template='Q: {prompt}', use_chat_template=bool(name), max_source_length=300),[],type(tok).__call__
    def spy(self, texts, *args, **kwargs):
        read.append(len(texts) if isinstance(texts, str) else sum(map(len, texts)))
        return real(self, texts, *args, **kwargs)
    monkeypatch.setattr(type(tok), '__call__', spy)
    history = [(f'question {i} '*9, f'answer {i} '*9) for i in range(100)]
    for prompt in 'short', 'word '*2000:
        size = sum(len(q)+len(a)+60 for q,a in history)+len(prompt)
        read.clear()
        ids,cut = fmt.ids(tok, prompt, history)
        assert cut and 300-40*len(prompt)**0 -200<len(ids)<=300 and sum(read)<4*size and len(read)<40

def test_long_histories():
    tok,fmt = byte_tokenizer(),PromptFormat(max_source_length=200)
    history = [(f'question {i}', f'answer {i}') for i in range(3000)]
    ids,cut = fmt.ids(tok, 'now', history)
    text = tok.decode(ids)
    assert cut and len(ids)<=200 and text.endswith('question 2999\nanswer 2999\nnow') and text.startswith('question ')
    assert len(fmt.ids(tok, 'now', history[-int(text.count('question'))-1:])[0])==len(ids)

def test_cut_rows_say_so():
    tok,fmt = chat_tokenizer('llama3'),PromptFormat(use_chat_template=True, max_source_length=60)
    rows,n = encode_rows([dict(messages=talk('a'*90, 'b')), dict(messages=long_talk), dict(messages=long_talk[:2])], tok, fmt)
    assert n['prompts_cut']==2 and all(len(o['prompt_ids'])<=60 and tok.decode(o['prompt_ids']).endswith('<|head|>assistant<|/head|>\n\n') for o in rows)
    with pytest.raises(ValueError, match='Row 1 has .* tokens around its prompt.s text'):
        encode_rows([dict(prompt='a', response='b', x='c'), dict(prompt='a', response='b', x='c'*99)], tok, PromptFormat(template='{prompt}{x}', max_source_length=60))

# Many rows

def test_batches_give_what_single_rows_give():
    tok = chat_tokenizer('chatml')
    rows = [dict(o, prompt=o['prompt']*(1+i%7), response=o['response'] if i%5 else '') for i,o in enumerate(examples(1203))]
    for fmt in PromptFormat(max_source_length=60, history_column='history'), PromptFormat(max_source_length=160, use_chat_template=True, learn_all_turns=True, history_column='history'):
        for need in True,False:
            whole,n = encode_rows(rows, tok, fmt, need_answer=need)
            learns = lambda o: o['response'] or (fmt.learn_all_turns and o['history'])  # an earlier answer, too
            parts = [encode_rows([o], tok, fmt, need_answer=need) for o in rows if learns(o) or not need]
            assert whole==[row for part,_ in parts for row in part] and n['prompts_cut']==sum(o['prompts_cut'] for _,o in parts)>0
    import datasets
    assert encode_rows(datasets.Dataset.from_list(rows), tok, fmt, need_answer=False)[0]==whole

def test_many_rows_show_a_bar(capsys, monkeypatch):
    tok,rows = byte_tokenizer(),[dict(prompt='a', response='b')]*3001
    monkeypatch.setattr(prompts, 'is_progress_bar_enabled', lambda: True)
    monkeypatch.delitem(sys.modules, 'datasets', raising=False)
    encode_rows(rows, tok, PromptFormat())
    assert 'Tokenising: 100%' in capsys.readouterr().err
    encode_rows(rows[:3000], tok, PromptFormat())
    monkeypatch.setattr(prompts, 'is_progress_bar_enabled', lambda: False)
    encode_rows(rows, tok, PromptFormat())
    assert 'Tokenising' not in capsys.readouterr().err

def test_the_bar_is_off_where_tqdm_is_off():
    code = 'from tests.test_prompts import *; encode_rows([dict(prompt="a", response="b")]*3001, byte_tokenizer(), PromptFormat())'
    res = subprocess.run([sys.executable, '-c', code], env=dict(__import__('os').environ, TQDM_DISABLE='1'), capture_output=True, text=True)
    assert not res.returncode and 'Tokenising' not in res.stderr, res.stderr

# Instructions

def test_instruction_shows_each_answer():
    tok = byte_tokenizer()
    text = lambda n: instruction_from(examples(), PromptFormat(template='Q: {prompt}\nA:'), tok, n)
    size = lambda s: len(tok(s, add_special_tokens=False)['input_ids'])
    assert text(1)==text(30) and text(1).count('Q:')==1
    for n in (60, 90, 200):
        answers = [o.split('A: ')[1] for o in text(n).strip().split('\n\n')]
        assert abs(answers.count('yes')-answers.count('no'))==len(answers)%2 and n-40<size(text(n))<=n

def test_an_instruction_reads_no_more_than_it_needs():
    def rows():
        for i in range(5000):
            seen.append(i)
            yield dict(prompt='' if i<1500 else 'ab', response='c')
    seen = []
    assert instruction_from(rows(), PromptFormat(), byte_tokenizer(), 5)=='abc\n\n' and len(seen)<=2501

@pytest.mark.parametrize('name', ['chatml', 'llama3', 'llama2', 'gemma'])
def test_an_instruction_in_a_chat_template(name):
    "It is a conversation as the template writes it, of rows as they are asked"
    tok,fmt = chat_tokenizer(name),PromptFormat(template='Q: {prompt}', source_prefix='Go. ', use_chat_template=True, learn_all_turns=True)
    rows = [dict(messages=talk('x', 'y', 'a', 'b')), dict(messages=talk('c', 'd'))]
    said = talk('Go. Q: a', 'b', 'Go. Q: c', 'd')
    assert instruction_from(rows, fmt, tok, 400)==tok.apply_chat_template(said, tokenize=False).removeprefix(''.join(begins.get(name, [])))
    first = tok.apply_chat_template(said[:2], tokenize=False)
    assert instruction_from(rows, fmt, tok, len(tok(first, add_special_tokens=False)['input_ids'])+9).count('Go.')==1

def test_the_best_instruction_of_conversations():
    tok = chat_tokenizer('chatml')
    base = tiny(LlamaConfig(**size|dict(vocab_size=len(tok), max_position_embeddings=512)))
    rows = [dict(messages=talk('Hello', 'Hi', o['prompt'], o['response'], system='Be brief.')) for o in examples(150)]
    for fmt in PromptFormat(template='Q: {prompt}\nA:', learn_all_turns=True), PromptFormat(use_chat_template=True, learn_all_turns=True):
        best = best_instruction(base, rows, fmt, tok, 150, n=2)
        assert 'even?' in best and 'Hello' not in best and ('<|im_end|>' in best)==fmt.use_chat_template

# Files

kinds = 'json', 'jsonl', 'ndjson', 'csv', 'tsv', 'parquet', 'JSON', 'CSV'
def write(rows, path):
    table,kind = pd.DataFrame(rows),path.suffix.lower()
    if kind in ('.csv', '.tsv'): table.to_csv(path, index=False, sep=',' if kind=='.csv' else '\t')
    elif kind=='.parquet': table.to_parquet(path)
    else: table.to_json(path, orient='records', lines=kind!='.json')
    return path

odd_answers = ['None', 'NA', 'nan', 'null', '', '01', '1e5', 'True', '2020-01-31', '2020-01-31 10:00:00', '"', 'a,b\tc', 'two\nlines', ' space ', '[1]', '好评']
@pytest.mark.parametrize('kind', kinds)
def test_cells_are_the_texts_that_were_written(kind, tmp_path):
    rows = [dict(prompt=f'q{i}', response=o) for i,o in enumerate(odd_answers)]
    assert read_rows(write(rows, tmp_path/f'rows.{kind}'))==rows

def test_cells_of_csv_files_are_texts(tmp_path):
    path = tmp_path/'rows.csv'
    path.write_text('prompt,response,history\n7,01,"[[""a"", ""b""]]"\ntrue,None,\n', encoding='utf-8')
    tok = byte_tokenizer()
    out,_ = encode_rows(read_rows(path), tok, PromptFormat(max_target_length=8), history_column='history')
    assert [tok.decode(o['prompt_ids']) for o in out]==['a\nb\n7', 'true'] and [tok.decode(o['answer_ids'][:-1]) for o in out]==['01', 'None']
    path.write_text('prompt,response\n')
    with pytest.raises(ValueError, match='The data set is empty'): read_rows(path)

def test_a_split_has_its_limit(tmp_path):
    write([dict(prompt=str(i)) for i in range(9)], tmp_path/'a.csv')
    data = arguments.DataArguments(train_file=str(tmp_path/'a.csv'))
    assert [len(arguments.read_split(data, 'train', n)) for n in (None, 4, 99)]==[9, 4, 9]

@pytest.mark.parametrize('kind', ['csv', 'jsonl', 'json'])
def test_a_byte_order_mark_is_no_text(kind, tmp_path):
    path = write([dict(prompt='a', response='b')], tmp_path/f'a.{kind}')
    path.write_text('\ufeff'+path.read_text(encoding='utf-8'), encoding='utf-8')
    assert read_rows(path)==[dict(prompt='a', response='b')]

# How close answers are

def test_bleu_over_characters():
    shirt = text_metrics(['这款白色上衣很百搭，简约风格。'], ['这款白色上衣，文艺风格，百搭。'])
    assert (round(shirt['bleu4'], 4), round(shirt['bleu4_chars'], 4))==(0.3072, 0.4188)

@pytest.mark.parametrize('a,b', [('このシャツはいい', 'そのシャツはいい'), ('ｼﾔﾂﾊｲｲ', 'ｼﾔﾂﾊｲ'), ('映画がすき', '映画すき'), ('映画が好き', '映画好'), ('ภาพยนตร์ดีมาก', 'ภาพยนตร์ดี'), ('ຮູບເງົາດີຫຼາຍ', 'ຮູບເງົາດີ'),
                                 ('ရုပ်ရှင်ကောင်းတယ်', 'ရုပ်ရှင်ကောင်း'), ('រឿងល្អណាស់', 'រឿងល្អ'), ('이 영화는 아주 좋다', '이 영화는 좋다'), ('𠀋𠀌白色上衣', '𠀋𠀌白色')])
def test_scripts_without_spaces(a, b):
    near,same,far = text_metrics([a], [b]),text_metrics([a], [a]),text_metrics([a], ['xyz'])
    assert all(0.2<near[k]<1 for k in ('rouge1', 'rougeL', 'bleu4_chars')) and same['rougeL']==same['exact_match']==1 and far['rouge1']==0

# The command

@pytest.fixture(scope='module')
def chat_base(tmp_path_factory):
    folder,tok = tmp_path_factory.mktemp('base')/'model',chat_tokenizer('llama3')
    tiny(LlamaConfig(**size|dict(vocab_size=len(tok)))).save_pretrained(folder)
    tok.save_pretrained(folder)
    return folder,tok

def command(base, tmp_path, rows, **kwargs):
    write(rows, tmp_path/'rows.jsonl')
    file = str(tmp_path/'rows.jsonl')
    run = dict(model_name_or_path=str(base), train_file=file, validation_file=file, test_file=file, pre_seq_len=6, max_steps=2, use_cpu=True, disable_tqdm=True,
               save_strategy='no', max_target_length=8, prefix_candidates=1, output_dir=str(tmp_path/'out'))|kwargs
    (tmp_path/'run.json').write_text(json.dumps({k: v for k,v in run.items() if v is not None}))
    return main([str(tmp_path/'run.json')])

@pytest.mark.parametrize('prefix', [6, None])
def test_the_command_begins_a_chat_once(chat_base, tmp_path, monkeypatch, prefix):
    (base,tok),seen,real = chat_base,[],PTuningTrainer.compute_loss
    def spy(self, model, inputs, **kwargs):
        seen.extend(inputs['input_ids'].tolist())
        return real(self, model, inputs, **kwargs)
    monkeypatch.setattr(PTuningTrainer, 'compute_loss', spy)
    command(base, tmp_path, [dict(messages=long_talk[:2])]*8, do_train=True, use_chat_template=True, pre_seq_len=prefix, learning_rate=1e-3)
    first, = first_ids(tok)
    assert seen and all(o.count(first)==(prefix is None) and (o[0]==first)==(prefix is None) for o in seen)

def test_the_command_uses_the_saved_columns(chat_base, tmp_path, caplog):
    base,_ = chat_base
    rows = [dict(ask=f'Is {i} even?', say=' yes', before=[['Hi', 'Hello']]) for i in range(8)]
    a = command(base, tmp_path, rows, do_train=True, do_eval=True, prompt_column='ask', response_column='say', history_column='before')
    again = dict(do_eval=True, pre_seq_len=None, ptuning_checkpoint=str(tmp_path/'out'), output_dir=str(tmp_path/'b'))
    assert command(base, tmp_path, rows, **again)['eval_loss']==pytest.approx(a['eval_loss'], rel=1e-5)
    with caplog.at_level(logging.WARNING, 'model_lifecycle'): other = command(base, tmp_path, rows, **again|dict(history_column=''))
    assert "trained with the history in column 'before'" in caplog.text and other['eval_loss']!=pytest.approx(a['eval_loss'], rel=1e-5)

@pytest.mark.parametrize('rows,says', [([dict(messages=o)], says) for o,says in bad[:1]+bad[3:7]]+[([dict(prompt='a', response='b')], "there is no column 'input'")])
def test_bad_rows_stop_the_command(chat_base, tmp_path, rows, says, monkeypatch):
    def load(*args, **kwargs): raise AssertionError('the model was loaded first')
    monkeypatch.setattr('model_lifecycle.ptuning_trainer.load_base', load)
    (base,_),rows = chat_base,[dict(messages=long_talk), *rows] if 'messages' in rows[0] else rows
    kwargs = {} if 'messages' in rows[0] else dict(template='{prompt} {input}')
    with pytest.raises(ValueError) as e: command(base, tmp_path, rows, do_train=True, **kwargs)
    assert says in str(e.value) and not (tmp_path/'out').exists()

def test_half_a_surrogate_pair_stops_the_command(chat_base, tmp_path, monkeypatch):
    def load(*args, **kwargs): raise AssertionError('the model was loaded first')
    monkeypatch.setattr('model_lifecycle.ptuning_trainer.load_base', load)
    path = tmp_path/'train.jsonl'
    path.write_text('{"prompt": "a", "response": "b"}\n{"prompt": "a", "response": "b\\ud800"}\n')
    with pytest.raises(ValueError, match="Row 1 has 'b.*' in column 'response', which holds half of a surrogate pair"): command(chat_base[0], tmp_path, [dict(prompt='a')], do_train=True, train_file=str(path))
    assert not (tmp_path/'out').exists()

def test_a_file_in_another_encoding_stops_the_command(chat_base, tmp_path):
    path = tmp_path/'train.csv'
    path.write_text('prompt,response\nça, oui\n', encoding='cp1252')
    with pytest.raises(ValueError, match='is not UTF-8 .*no other encoding is certain'): command(chat_base[0], tmp_path, [dict(prompt='a')], do_train=True, train_file=str(path))
    assert not (tmp_path/'out').exists()

def test_every_answer_counts_in_the_loss_and_the_last_is_compared(tmp_path):
    t = trainer(tmp_path, per_device_eval_batch_size=2, max_steps=2)
    tok,fmt = t.processing_class,PromptFormat(learn_all_turns=True, max_target_length=8)
    rows,_ = encode_rows([dict(messages=talk('Is 1 even?', ' no', 'And 2?', ' yes')), dict(messages=talk('Hi', ' Hello'))]*4, tok, fmt)
    metrics = t.write_predictions(rows)
    losses = []
    with torch.no_grad():
        for row in rows[:2]:
            ids = torch.tensor([row['prompt_ids']+row['answer_ids']])
            nll = -t.model(ids).logits[0,:-1].log_softmax(-1).gather(1, ids[0,1:,None])[:,0]
            learned = [*row.get('learned', [False]*len(row['prompt_ids'])), *[True]*len(row['answer_ids'])][1:]
            losses += nll[torch.tensor(learned)].tolist()
    assert len(losses)==len(' no')+len(' yes')+len(' Hello')+3 and metrics['predict_loss']==pytest.approx(np.mean(losses), rel=1e-4)
    assert [json.loads(o)['label'] for o in (tmp_path/'generated_predictions.jsonl').read_text(encoding='utf-8').splitlines()]==['yes', 'Hello']*4
    t.train_dataset = rows
    t.train()
    assert t.state.log_history[0]['loss']>0

def test_rows_without_an_answer_have_no_loss(tmp_path):
    t = trainer(tmp_path, per_device_eval_batch_size=2)
    tok,fmt = t.processing_class,t.fmt
    rows = [dict(o, response=o['response'] if i in (1, 4) else '') for i,o in enumerate(examples(7))]
    answered,_ = encode_rows([rows[1], rows[4]], tok, fmt)
    mixed,_ = encode_rows(rows, tok, fmt, need_answer=False)
    want,got = t.write_predictions(answered, tmp_path/'a'),t.write_predictions(mixed, tmp_path/'b')
    assert got['predict_loss']==pytest.approx(want['predict_loss'], rel=1e-5) and got['predict_bleu4']==pytest.approx(want['predict_bleu4'])
    labels = [json.loads(o)['label'] for o in (tmp_path/'b'/'generated_predictions.jsonl').read_text(encoding='utf-8').splitlines()]
    assert labels==['', 'no', '', '', 'yes', '', '']
