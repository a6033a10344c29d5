// Asks the service that this page came from, as any other client would
const $ = id => document.getElementById(id)
const panels = ['labels', 'vectors', 'chat']
let models = {}, key = sessionStorage.getItem('key') || '', stopping = null

// -- asking

async function ask(path, body, signal) {
  const headers = {'content-type': 'application/json'}
  if (key) headers.authorization = `Bearer ${key}`
  const options = body ? {method: 'POST', body: JSON.stringify(body), headers, signal} : {headers}
  let response
  try { response = await fetch(path, options) }
  catch (e) { throw e.name == 'AbortError' ? e : new Error('The service does not answer. Is it still running?') }
  if (response.ok) return response
  if (response.status == 401) $('unlock').hidden = false
  const said = await response.json().catch(() => null)
  throw new Error(said?.error?.message || `The service answers ${response.status}.`)
}

function tell(problem) {
  $('problem').textContent = problem || ''
  $('problem').hidden = !problem
}

// Run what a form asks for: its button rests meanwhile, and what goes wrong is told
function onSubmit(form, work) {
  const button = form.querySelector('button:not([type=button])')
  form.addEventListener('submit', async event => {
    event.preventDefault()
    if (button.disabled) return
    tell()
    button.disabled = true
    form.setAttribute('aria-busy', 'true')
    try { await work() }
    catch (e) { if (e.name != 'AbortError') tell(e.message) }
    finally {
      button.disabled = false
      form.removeAttribute('aria-busy')
    }
  })
  form.addEventListener('keydown', event => {
    if (event.key == 'Enter' && (event.ctrlKey || event.metaKey)) form.requestSubmit()
  })
}

// -- bars

function element(tag, name, text) {
  const o = document.createElement(tag)
  o.className = name
  if (text !== undefined) o.textContent = text
  return o
}

function bar(name, number, share, against) {
  const li = element('li', against ? 'against' : ''), track = element('div', 'track'), fill = element('span', '')
  fill.style.width = `${Math.max(0, Math.min(1, share))*100}%`
  track.setAttribute('aria-hidden', 'true')
  track.append(fill)
  li.append(element('span', 'name', name), element('span', 'number', number), track)
  return li
}

const percent = p => `${(100*p).toFixed(1)} %`
const signed = x => `${x < 0 ? '−' : '+'}${Math.abs(x).toFixed(2)}`

// -- labels

async function label() {
  const response = await ask('/predict', {model: $('model').value, texts: $('text').value, words: 12})
  const result = (await response.json()).results[0]
  if (result.prediction) {
    $('bars').replaceChildren(...result.prediction.map((x, i) => bar(`Output ${i+1}`, x.toFixed(3), 0)))
    $('why').hidden = true
    return
  }
  const all = Object.entries(result.probabilities).sort((a, b) => b[1]-a[1])
  const bars = all.slice(0, 20).map(([name, p]) => bar(name, percent(p), p))
  if (all.length > 20) bars.push(element('li', 'quiet', `and ${all.length-20} more, less probable`))
  $('bars').replaceChildren(...bars)
  const words = result.words || []
  const most = Math.max(1e-9, ...words.map(o => Math.abs(o.score)))
  $('why-title').textContent = `Words that count for “${all[0][0]}”`
  $('words').replaceChildren(...words.map(o => bar(o.word, signed(o.score), Math.abs(o.score)/most, o.score < 0)))
  $('why').hidden = !words.length
}

// -- search

const length = v => Math.hypot(...v) || 1
const cosine = (a, b) => a.reduce((sum, x, i) => sum + x*b[i], 0)/(length(a)*length(b))

async function search() {
  const lines = [...new Set($('lines').value.split('\n').map(o => o.trim()).filter(Boolean))]
  const response = await ask('/v1/embeddings', {model: $('model').value, input: [$('query').value, ...lines]})
  const [query, ...vectors] = (await response.json()).data.map(o => o.embedding)
  const found = lines.map((line, i) => [line, cosine(query, vectors[i])]).sort((a, b) => b[1]-a[1])
  $('found').replaceChildren(...found.slice(0, 20).map(([line, x]) => bar(line, x.toFixed(2).replace('-0.00', '0.00'), x)))
}

// -- chat

// The objects of server-sent events, as they come
async function* events(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  let held = ''
  for (;;) {
    const {value, done} = await reader.read()
    if (done) return
    held += value
    const parts = held.split('\n\n')
    held = parts.pop()
    for (const part of parts) {
      const data = part.replace(/^data: /, '')
      if (data != '[DONE]') yield JSON.parse(data)
    }
  }
}

async function answer(side, prefix) {
  const [text, note] = $(side).querySelectorAll('p')
  text.textContent = note.textContent = ''
  text.classList.add('writing')
  const body = {model: $('model').value, stream: true, stream_options: {include_usage: true}, prefix,
                max_tokens: Number($('longest').value), messages: [{role: 'user', content: $('question').value}]}
  try {
    const response = await ask('/v1/chat/completions', body, stopping.signal)
    let reason
    for await (const o of events(response)) {
      if (o.error) throw new Error(o.error.message)
      const choice = o.choices[0]
      text.textContent += choice?.delta.content || ''
      reason = choice?.finish_reason || reason
      if (o.usage) note.textContent = `${o.usage.completion_tokens} tokens${reason == 'length' ? ', the most that was asked for' : ''}`
    }
  }
  catch (e) {
    if (e.name != 'AbortError') throw e
    note.textContent = 'Stopped.'
  }
  finally { text.classList.remove('writing') }
}

async function chat() {
  stopping = new AbortController()
  $('stop').disabled = false
  const asked = [answer('with', true)]
  if (models[$('model').value].prefix) asked.push(answer('without', false))
  try {
    const ended = await Promise.allSettled(asked)
    const wrong = ended.find(o => o.status == 'rejected')
    if (wrong) throw wrong.reason
  }
  finally { $('stop').disabled = true }
}

// -- models

const facts = {
  labels: o => o.classes ? `A classifier of ${o.classes.length} labels${o.several ? ', of which a text may have several' : ''}.`
                         : 'It predicts numbers.',
  vectors: o => `A static model: ${o.dimensions} dimensions, ${o.tokens.toLocaleString('en')} tokens.`,
  chat: o => o.prefix ? `The language model ${o.base} behind a prefix.` : 'A language model.'}

function show() {
  const model = models[$('model').value]
  stopping?.abort()
  tell()
  for (const o of panels) $(o).hidden = o != model.kind
  for (const o of ['bars', 'words', 'found']) $(o).replaceChildren()
  for (const o of document.querySelectorAll('.sides p')) o.textContent = ''
  $('why').hidden = true
  $('facts').textContent = facts[model.kind](model)
  $('without').hidden = !model.prefix
  $('with').querySelector('h3').textContent = model.prefix ? 'Behind the prefix' : 'Answer'
}

async function start() {
  const response = await ask('/models')
  models = Object.fromEntries((await response.json()).models.map(o => [o.name, o]))
  $('unlock').hidden = true
  $('model').replaceChildren(...Object.keys(models).map(o => new Option(o, o)))
  $('model').disabled = false
  show()
}

onSubmit($('labels').querySelector('form'), label)
onSubmit($('vectors').querySelector('form'), search)
onSubmit($('chat').querySelector('form'), chat)
onSubmit($('unlock'), async () => {
  key = $('key').value
  await start()
  sessionStorage.setItem('key', key)
})
$('stop').addEventListener('click', () => stopping?.abort())
$('model').addEventListener('change', show)
start().catch(e => tell(e.message))
