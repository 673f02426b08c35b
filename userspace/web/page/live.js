// SPDX-License-Identifier: Apache-2.0
// Alerts as they come. The stream rests while nobody looks; what came meanwhile is in the history.
import { get } from './api.js';
import { h, replace } from './dom.js';
import { empty, head, row, select } from './parts.js';
import { plural, priorities } from './text.js';

const most = 200;  // rows
const announceEach = 5000;

export async function open(place, { fail }) {
  const list = h('ol', { class: 'alerts', 'aria-label': 'Newest alerts' });
  const nothing = empty('No alerts yet', 'They appear here the moment a rule holds.');
  const state = h('span', { class: 'state', 'data-state': 'waiting' }, 'connecting');
  const told = h('p', { class: 'unseen', role: 'status', 'aria-live': 'polite' });
  const note = h('p', { class: 'note', hidden: true });
  const pause = h('button', { type: 'button', 'aria-pressed': 'false', onclick: () => setPaused(!paused) }, 'Pause');
  let paused = false, source = null, held = [], skipped = 0, lowest = 7, fresh = 0, worst = 7;

  const shown = (entry) => priorities.indexOf(entry.alert.priority) <= lowest;
  const filter = () => { for (const item of list.children) item.hidden = priorities.indexOf(item.dataset.priority) > lowest; none(); };
  const none = () => { nothing.hidden = [...list.children].some((item) => !item.hidden); };

  place.append(
    head('Live', state,
      h('div', { class: 'tools' },
        select('Priority', priorities.map((p, i) => [String(i), i === 7 ? 'All' : `${p}${i ? ' or worse' : ''}`]), '7',
          (value) => { lowest = Number(value); filter(); }),
        pause)),
    note, told, nothing, list);

  function add(entries) {
    for (const entry of entries) {
      const item = row(entry);
      item.hidden = !shown(entry);
      item.classList.add('fresh');
      list.prepend(item);
      if (shown(entry)) { fresh++; worst = Math.min(worst, priorities.indexOf(entry.alert.priority)); }
    }
    while (list.children.length > most) list.lastElementChild.remove();
    none();
  }

  function notes() {
    note.hidden = !(skipped || (paused && held.length));
    replace(note,
      paused && held.length ? `${plural(held.length, 'new alert')} while paused. ` : null,
      skipped ? [`${plural(skipped, 'alert')} came too fast to be shown; `, h('a', { href: '#/history' }, 'the history'), ' has them.'] : null);
  }

  function take(event) {
    const { alerts, skipped: more } = JSON.parse(event.data);
    skipped += more;
    if (paused) held = held.concat(alerts).slice(-most);
    else add(alerts);
    notes();
  }

  function setPaused(value) {
    paused = value;
    pause.textContent = paused ? 'Resume' : 'Pause';
    pause.setAttribute('aria-pressed', String(paused));
    if (!paused) { add(held); held = []; }
    setState();
    notes();
  }

  function setState() {
    const is = paused ? 'paused' : source?.readyState === 1 ? 'live' : 'waiting';
    state.dataset.state = is;
    state.textContent = is === 'waiting' ? 'connecting' : is;
  }

  function listen() {
    source?.close();
    source = new EventSource('/api/live');
    source.onopen = setState;
    source.onmessage = take;
    source.onerror = () => {
      setState();
      // The browser gives up where the answer is no stream: the session has ended.
      if (source.readyState === 2) get('session').then(() => setTimeout(() => { if (source) listen(); }, 3000), fail);
    };
  }

  async function catchUp() {
    const { alerts } = await get('alerts', { limit: 50 });
    replace(list, alerts.map(row));
    filter();
  }

  async function seen() {
    if (document.hidden) { source?.close(); source = null; return; }
    if (source) return;
    listen();
    try { await catchUp(); } catch (error) { fail(error); }
  }

  const announce = setInterval(() => {
    if (!fresh) return;
    told.textContent = `${plural(fresh, 'new alert')}, the worst ${priorities[worst]}`;
    fresh = 0;
    worst = 7;
  }, announceEach);

  document.addEventListener('visibilitychange', seen);
  listen();
  await catchUp();
  return () => {
    clearInterval(announce);
    document.removeEventListener('visibilitychange', seen);
    source?.close();
    source = null;
  };
}
