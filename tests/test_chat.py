"`lifecycle_chat`: what is streamed, what is remembered, and the command as a user runs it, in pipes and in a terminal"
import fcntl, os, pty, select, signal, subprocess, sys, termios, threading
from dataclasses import asdict
from pathlib import Path
import pytest, torch
from transformers import AutoModelForCausalLM, AutoTokenizer, GPT2Config, LlamaConfig, PreTrainedTokenizerFast
from model_lifecycle.chat import Chat, TextPieces, lifecycle_chat
from model_lifecycle.prefix_model import PTuningModel
from model_lifecycle.prompts import PromptFormat
from tests import assets
from tests._ptune_script import byte_tokenizer, size, tiny
from tests.tiny import word_tokenizer

command = [Path(sys.executable).parent/'lifecycle_chat']
fmt = PromptFormat(template='the {prompt} is', turn='{prompt} and {response} ', max_source_length=24)
review = PromptFormat(template='Review: {prompt}\nSentiment:')

def words():
    "A tokenizer of whole words, with an end"
    return PreTrainedTokenizerFast(tokenizer_object=word_tokenizer(), unk_token='[UNK]', pad_token='[PAD]', eos_token='<end>')

def base_of_words(context=4096, seed=0):
    "A model that writes those words and never ends"
    tok = words()
    ids = dict(vocab_size=len(tok), eos_token_id=tok.eos_token_id, pad_token_id=tok.pad_token_id)
    base = tiny(LlamaConfig(**size|ids|dict(max_position_embeddings=context)), seed)
    with torch.no_grad(): base.lm_head.weight[[tok.eos_token_id, tok.unk_token_id, tok.pad_token_id]] = 0
    return base

def behind(base, fmt=fmt, seed=0):
    model = PTuningModel.from_base(base, 6, seed=seed)
    model.info['default']['prompt'] = asdict(fmt)
    return model

@pytest.fixture(scope='module')
def folders(tmp_path_factory):
    "The folders of a model of words and of a prefix for it"
    d = tmp_path_factory.mktemp('chat')
    base = base_of_words(10**6)
    base.save_pretrained(d/'model')
    words().save_pretrained(d/'model')
    behind(base).save_pretrained(d/'prefix')
    return d/'model',d/'prefix'

@pytest.fixture(scope='module')
def model(folders): return PTuningModel.from_pretrained(folders[1], AutoModelForCausalLM.from_pretrained(folders[0]))

def answer_alone(base, tok, fmt, prompt, history=(), n=12):
    "What the base model says to the same tokens"
    ids = torch.tensor([fmt.ids(tok, prompt, history)[0]])
    out = base.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=n, do_sample=False)
    return tok.decode(out[0,ids.shape[1]:], skip_special_tokens=True).strip()

def answers(model, *args, n=12):
    "What is said behind the prefix, and without it"
    prompt,history = (*args, ())[:2]
    return model.answer(words(), prompt, history=history, max_new_tokens=n),answer_alone(model.base, words(), fmt, prompt, history, n)

def said(pieces): return ''.join(pieces)

# -- what is streamed

@pytest.mark.parametrize('config', [LlamaConfig(**size), GPT2Config(n_layer=2, n_head=4, n_embd=32, vocab_size=258, initializer_range=0.3, eos_token_id=256, bos_token_id=None)], ids=['llama', 'gpt2'])
def test_streamed_is_the_answer(config):
    "Bytes at random, most of them half characters"
    model,tok = PTuningModel.from_base(tiny(config), 6, seed=0),byte_tokenizer()
    for q in 'Hi', 'Is it good?', 'né ラ🎬':
        chat = Chat(model, tok, max_new_tokens=40)
        pieces = list(chat.ask(q))
        assert said(pieces) == model.answer(tok, q, max_new_tokens=40) and all(pieces)
        assert chat.full

@pytest.mark.parametrize('text', ['a café, naïve', '日本語のテキスト', 'สวัสดี', '👩‍👩‍👧 ok', ' two\n\n  three ', '\ufffd in it', ''])
def test_whole_characters(text):
    tok = byte_tokenizer()
    ids,pieces = tok(text).input_ids,TextPieces(tok)
    pieces.put(torch.tensor([[1, 2]]))
    for i in ids: pieces.put(torch.tensor([i]))
    pieces.end()
    got = list(pieces)
    assert said(got) == text.strip() and (text[0:1] == '\ufffd' or all('\ufffd' not in o for o in got))

# -- what is remembered

def test_history(model):
    chat = Chat(model, words(), max_new_tokens=12)
    first,base = answers(model, 'bank')
    assert first != base and said(chat.ask('bank')) == first
    assert said(chat.again(prefix=False)) == base and chat.history == [('bank', first)]
    second,other = answers(model, 'goal', [('bank', first)])
    assert said(chat.ask('goal', prefix=False)) == other and chat.history == [('bank', first)]
    assert said(chat.again()) == second == said(chat.again()) and chat.history == [('bank', first), ('goal', second)]
    chat.reset()
    assert not chat.history and said(chat.ask('goal')) == answers(model, 'goal')[0]

def test_history_that_no_longer_fits(model):
    chat = Chat(model, words(), max_new_tokens=12)
    cut = [said(chat.ask(o)) and chat.cut for o in ('bank', 'goal', 'film')]
    assert cut == [False, False, True] and len(chat.history) == 3
    assert chat.history[2][1] == answers(model, 'film', chat.history[1:2])[0]

def test_context():
    "Prompts leave room for the answer, behind the prefix too"
    base,long = base_of_words(64),'bank rate '*60
    for model,new in (base, 20), (behind(base, PromptFormat()), 20), (base, None):
        chat = Chat(model, words(), max_new_tokens=new)
        assert said(chat.ask(long)) and said(chat.ask('goal')) and chat.cut
    with pytest.raises(ValueError, match='max_new_tokens` is 58, and the model.s context has 64 tokens, 6 of them before the text'): Chat(behind(base), words(), max_new_tokens=58)

def test_stopped(model):
    "Who goes away stops the writer; what was written is remembered"
    chat = Chat(model, words(), max_new_tokens=500_000)
    pieces = chat.ask('bank')
    got = next(pieces)+next(pieces)
    pieces.close()
    assert chat.history == [('bank', got)] and not chat.full
    assert not [o for o in threading.enumerate() if 'ThreadPool' in o.name]
    pieces = chat.ask('goal')
    pieces.close()
    assert chat.history == [('bank', got)] and not model.base._forward_pre_hooks

def test_an_error_while_writing(model):
    chat = Chat(model, words(), max_new_tokens=5, no_such_option=1)
    with pytest.raises(ValueError, match='no_such_option'): said(chat.ask('bank'))
    assert not chat.history

def test_formats():
    "Behind a prefix its own, else the chat template, else line by line"
    base,tok = base_of_words(),words()
    assert Chat(base, tok).fmt.template == '{prompt}\n'
    tok.chat_template = "{% for o in messages %}{{ o.role }} {{ o.content }}\n{% endfor %}"
    assert Chat(base, tok).fmt.use_chat_template and Chat(behind(base), tok).fmt == fmt
    chat = Chat(base, tok, PromptFormat(source_prefix='the '), max_new_tokens=4, do_sample=True, temperature=2.)
    assert chat.fmt.source_prefix == 'the ' and said(chat.ask('bank'))

# -- the command

def start(*args, **kwargs):
    "The command, started with pipes; Ctrl-C works in it even if it does not in this process"
    default = lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)
    pipes = dict.fromkeys(['stdin', 'stdout', 'stderr'], subprocess.PIPE)|dict(text=True, encoding='utf-8')
    return subprocess.Popen([*command, *map(str, args)], preexec_fn=default, **pipes|kwargs)

def run(*args, lines=''):
    res = start(*args)
    out,err = res.communicate(lines, timeout=600)
    return res.returncode,out,err

def test_pipe(folders, model):
    "Only answers on stdout, and no control codes anywhere"
    (bank,bank_base),(film,_) = answers(model, 'bank'),answers(model, 'film')
    goal,_ = answers(model, 'goal', [('bank', bank)])
    lines = 'bank\n/base\n\n/base \n/prefix\ngoal\n/reset\n/prefix\n/nonsense\n/help\nfilm\n/exit\nnever\n'
    rc,out,err = run(folders[0], '--prefix', folders[1], '--max_new_tokens', 12, lines=lines)
    assert (rc, out.split('\n')) == (0, [bank, bank_base, bank_base, bank, goal, film, ''])
    for o in 'without the prefix', 'Forgotten', 'Nothing was asked yet', 'no command /nonsense', '/exit ', 'Ended after 12 tokens': assert o in err
    assert '\x1b' not in out+err and 'Traceback' not in err

def test_once(folders, model):
    rc,out,_ = run(folders[0], '--prefix', folders[1], '--once', '-', '--max-new-tokens', 12, lines='bank\n')
    assert (rc, out) == (0, answers(model, 'bank')[0]+'\n')

@pytest.fixture(scope='module')
def of_bytes(tmp_path_factory):
    "The folder of a model of bytes, to which spaces and line breaks matter"
    folder = tmp_path_factory.mktemp('bytes')
    tiny().save_pretrained(folder)
    byte_tokenizer().save_pretrained(folder)
    return folder

@pytest.mark.parametrize('lines', ['hi\n', '\ufeff hi\r\n'])
@pytest.mark.parametrize('how', [['--once', '-'], []], ids=['once', 'talk'])
def test_what_comes_in_is_the_question(of_bytes, how, lines):
    "Without the line break after it, and without the mark of the byte order before it"
    def wanted(question): return said(Chat.from_pretrained(of_bytes, max_new_tokens=8).ask(question))+'\n'
    assert wanted('hi') not in (wanted('hi\n'), wanted('\ufeffhi'))
    rc,out,err = run(of_bytes, *how, '--max_new_tokens', 8, lines=lines)
    assert (rc, out) == (0, wanted('hi')), err

def test_once_notes_what_was_cut(of_bytes, capsys):
    "On stderr, as the talk does; nothing where nothing was cut"
    lifecycle_chat(str(of_bytes), once='bank '*80, max_new_tokens=3)
    err = capsys.readouterr().err
    assert 'Ended after 3 tokens' in err and 'no longer fits' in err
    lifecycle_chat(str(of_bytes), once='bank', max_new_tokens=3)
    assert 'no longer fits' not in capsys.readouterr().err

def test_ctrl_c(folders):
    "Stops the answer, which would not end today, and not the chat"
    chat = start(folders[0], '--max_new_tokens', 500_000)
    chat.stdin.write('bank\n')
    chat.stdin.flush()
    first = chat.stdout.read(1)
    chat.send_signal(signal.SIGINT)
    out,err = chat.communicate('/reset\n', timeout=600)
    assert chat.returncode == 0 and first.strip() and out.endswith('\n') and 'Traceback' not in err
    assert err.index('Stopped') < err.index('Forgotten')

def test_reader_that_goes_away(folders):
    chat = start(folders[0], '--max_new_tokens', 500_000, '--once', 'bank')
    assert chat.stdout.read(1)
    chat.stdout.close()
    err = chat.stderr.read()
    assert chat.wait(600) == 0 and 'Traceback' not in err and 'Broken' not in err

def test_help_is_light():
    code = "import sys; sys.argv = ['lifecycle_chat', '--help']; import model_lifecycle.chat as c\ntry: c.chat_main()\nfinally: print('transformers' in sys.modules)"
    res = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True)
    assert res.stdout.startswith('usage: lifecycle_chat') and res.stdout.endswith('False\n')

# -- bad input

errors = dict(
    no_model=(dict(model='no/such'), 'no/such'), no_prefix=(dict(prefix='no/such'), 'no/such'),
    no_question=(dict(once=' '), "The question is ' '"), device=(dict(device='nowhere'), "'nowhere' cannot be used .*: give cpu"),
    dtype=(dict(dtype='int3'), "'int3'.*float32"), temperature=(dict(temperature=-1.), 'temperature` is -1.0'), top_p=(dict(top_p=.5), 'without a temperature'),
    top_p_range=(dict(temperature=1., top_p=1.5), 'top_p` is 1.5'), max_new_tokens=(dict(max_new_tokens=0), 'max_new_tokens'))

@pytest.mark.parametrize('case', errors)
def test_error(case, folders):
    given,why = errors[case]
    with pytest.raises((ValueError, OSError), match=why) as e: lifecycle_chat(**dict(model=str(folders[0]), once='bank')|given)
    assert '\n' not in str(e.value)

def test_a_prefix_folder_that_is_none(folders, monkeypatch):
    def load(*args, **kwargs): raise AssertionError('the model was loaded first')
    monkeypatch.setattr('model_lifecycle.loading.load_causal_lm', load)
    with pytest.raises(FileNotFoundError, match='has no prefix'): lifecycle_chat(str(folders[0]), prefix=str(folders[0]), once='bank')

def test_a_prefix_in_the_place_of_its_model(folders, model, tmp_path, capsys):
    "Its model is the one that it names; with another prefix it would be two"
    model.save_pretrained(tmp_path/'p')
    lifecycle_chat(str(tmp_path/'p'), once='bank', max_new_tokens=12)
    assert capsys.readouterr().out == answers(model, 'bank')[0]+'\n'
    with pytest.raises(ValueError, match='is a prefix itself, of the model .*model, and `prefix` is'):
        lifecycle_chat(str(tmp_path/'p'), prefix=str(folders[1]), once='bank')
    with pytest.raises(ValueError, match='does not name its base model: give that, and the prefix as `prefix`'):
        lifecycle_chat(str(folders[1]), once='bank')

def test_a_system_message_that_is_too_long(of_bytes):
    with pytest.raises(ValueError, match='`system` makes the shortest question 26[0-9] tokens long, and 246 have room: shorten it'):
        lifecycle_chat(str(of_bytes), once='bank', system='brief '*43, max_new_tokens=10)

def test_a_prefix_that_needs_more_than_a_question(folders, tmp_path, monkeypatch):
    def load(*args, **kwargs): raise AssertionError('the model was loaded first')
    base = AutoModelForCausalLM.from_pretrained(folders[0])
    behind(base, PromptFormat(template='{prompt} of {input}')).save_pretrained(tmp_path/'p')
    monkeypatch.setattr('model_lifecycle.loading.load_causal_lm', load)
    with pytest.raises(ValueError, match="has no column 'input': use .*answer.* or lifecycle_ptune"):
        lifecycle_chat(str(folders[0]), prefix=str(tmp_path/'p'), once='bank')

def test_a_prefix_of_another_model(folders, tmp_path):
    base_of_words(seed=1).save_pretrained(tmp_path)
    words().save_pretrained(tmp_path)
    with pytest.raises(ValueError, match='trained on .* other weights'): lifecycle_chat(str(tmp_path), prefix=str(folders[1]), once='bank')

def test_no_end():
    tok = PreTrainedTokenizerFast(tokenizer_object=word_tokenizer(), unk_token='[UNK]')
    base = base_of_words()
    base.generation_config.eos_token_id = None
    with pytest.raises(ValueError, match='which token ends an answer'): Chat(base, tok)

def test_several_gguf_files(tmp_path):
    for o in 'a','b': (tmp_path/f'{o}.gguf').write_bytes(b'')
    with pytest.raises(ValueError, match='has 2 GGUF files'): lifecycle_chat(str(tmp_path), once='bank')

def test_errors_of_the_command(folders):
    "One sentence on stderr, nothing on stdout"
    rc,out,err = run(folders[0], '--once', '', '--device', 'cpu')
    assert (rc, out, err) == (2, '', "lifecycle_chat: error: The question is '': give at least one word\n")
    chat = start(folders[0], encoding='latin-1')
    out,err = chat.communicate('caf\xe9\n', timeout=600)
    assert (chat.returncode, out) == (2, '') and err.splitlines()[-1].startswith('lifecycle_chat: error: The input is not UTF-8 text')

# -- in a terminal

class Terminal:
    "The command in a terminal of its own"
    def __init__(self, *args):
        self.screen,child = pty.openpty()
        def own_terminal():
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)  # so that Ctrl-C typed there is a signal
        ends = dict.fromkeys(['stdin', 'stdout', 'stderr'], child)|dict(start_new_session=True, preexec_fn=own_terminal)
        self.process = subprocess.Popen([*command, *map(str, args)], env=os.environ|dict(TERM='dumb'), **ends)
        os.close(child)
        self.seen = ''

    def wait_for(self, text, again=None):
        "Read until `text` is there; what came before it. The key `again` is pressed as long as nothing comes"
        while text not in self.seen:
            if again and not select.select([self.screen], [], [], 1)[0]:
                self.type(again)
                continue
            try: new = os.read(self.screen, 4096)
            except OSError: new = b''  # the command has ended
            assert new, f'no {text!r} in {self.seen!r}'
            self.seen += new.decode(errors='replace').replace('\r\n', '\n')
        before,_,self.seen = self.seen.partition(text)
        return before

    def type(self, text): os.write(self.screen, text.encode())

def test_terminal(folders, model):
    bank,base = answers(model, 'bank')
    terminal = Terminal(folders[0], '--prefix', folders[1], '--max_new_tokens', 12)
    try:
        terminal.wait_for('> ')
        for typed,answer in ('bank', bank), ('/base', base), ('/prefix', bank), ('/reset', 'Forgotten.'):
            terminal.type(f'{typed}\n')
            shown = terminal.wait_for('> ').split('\n')
            assert shown[0] == typed and answer in shown
        terminal.type('half a li')
        terminal.wait_for('half a li')
        terminal.type('\x03')
        terminal.wait_for('> ', again='\x03')  # Python's readline misses a Ctrl-C that comes while it shows a key
        terminal.type('\x04')
        assert terminal.process.wait(600) == 0
    finally: terminal.process.kill()

# -- a real model

def test_smollm2(tmp_path):
    "From a GGUF file, alone and behind a prefix that starts as a text"
    where,gguf = assets.need(assets.smollm2)
    rc,out,err = run(where/gguf, '--once', 'What is the capital of France?', '--max_new_tokens', 20)
    assert (rc, out) == (0, 'The capital of France is Paris.\n'), err
    base = AutoModelForCausalLM.from_pretrained(where, gguf_file=gguf)
    tok = AutoTokenizer.from_pretrained(where, gguf_file=gguf)
    model = PTuningModel.from_base(base, None, tok, 'Review: A joy.\nSentiment: positive\nReview: Boring.\nSentiment: negative\n')
    model.info['default']['prompt'] = asdict(review)
    model.save_pretrained(tmp_path/'prefix')
    lines,questions = 'Dull and far too long.\n/base\nA lovely film!\n',['Dull and far too long.', 'A lovely film!']
    rc,out,err = run(where, '--prefix', tmp_path/'prefix', '--max_new_tokens', 3, lines=lines)
    first = model.answer(tok, questions[0], max_new_tokens=3)
    second = model.answer(tok, questions[1], history=[(questions[0], first)], max_new_tokens=3)
    want = [first, answer_alone(base, tok, review, questions[0], n=3), second]
    assert rc == 0 and out == ''.join(f'{o}\n' for o in want), err
