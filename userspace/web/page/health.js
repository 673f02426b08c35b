// SPDX-License-Identifier: Apache-2.0
// Whether the sensor sees everything: what was lost, which hooks are missing, what outputs cannot deliver.
import { get } from './api.js';
import { foreign, h, replace, visible } from './dom.js';
import { head, table } from './parts.js';
import { bytes, duration, moment, number, plural } from './text.js';

const each = 3000;

const fact = (name, value, state) =>
  h('div', { class: 'fact', 'data-state': state }, h('dt', {}, name), h('dd', {}, value));
const card = (title, ...more) => h('section', { class: 'card' }, h('h2', {}, title), ...more);

// Sentences of what is wrong; none: all is well.
function troubles(page, daemon) {
  const out = [];
  const say = (bad, text) => { if (bad) out.push(text); };
  if (page.daemon.from === 'daemon') say(!page.daemon.connected || !daemon, page.daemon.problem || 'sakerd does not answer');
  say(page.daemon.dropped, `${plural(page.daemon.dropped, 'alert')} came faster than this page took them, and are missing here`);
  say(page.history.lost, `${plural(page.history.lost, 'alert')} could not be kept in the history`);
  page.history.problems.forEach((problem) => say(true, problem));
  if (!daemon) return out;
  const { records, alerts, source } = daemon;
  say(records.lost, `${plural(records.lost, 'record')} of ${number(records.seen)} lost: the rings were full`);
  say(records.corrupted, `${plural(records.corrupted, 'record')} not sound`);
  say(alerts.dropped, `${plural(alerts.dropped, 'alert')} that an output could not keep`);
  say(source.events_missing.length, `events that rules ask for and this kernel does not give: ${source.events_missing.join(', ')}`);
  const off = daemon.hooks.filter((hook) => !hook.attached && hook.error);
  say(off.length, `hooks that cannot be attached: ${off.map((hook) => hook.symbol).join(', ')}`);
  const unseen = (daemon.io_uring?.operations ?? []).filter((operation) => operation.unseen);
  say(unseen.length, `operations of io_uring that rules ask for and no hook sees: ${unseen.map((operation) => `${visible(operation.name)} (${number(operation.unseen)})`).join(', ')}`);
  const missed = daemon.hooks.reduce((sum, hook) => sum + hook.missed, 0);
  say(missed, `${plural(missed, 'call')} passed a hook without a record`);
  return out;
}

function pageCard({ history, daemon, listeners, sessions, connections }) {
  return card('History of this page', h('dl', { class: 'facts' },
    fact('Alerts kept', number(history.alerts)),
    fact('On disk', `${bytes(history.bytes)} of ${bytes(history.max_bytes)}`),
    fact('Since', history.first_time ? moment(new Date(history.first_time / 1e6)) : '–'),
    fact('Kept for', plural(history.max_days, 'day')),
    fact('Waiting to be written', number(history.waiting)),
    fact('Lost', number(history.lost), history.lost ? 'bad' : 'good'),
    fact('Alerts from', daemon.from === 'daemon' ? 'sakerd' : 'a file'),
    fact('Signed in, listening', `${number(sessions)}, ${number(listeners)}`),
    fact('Connections', number(connections))));
}

function sensorCards(d) {
  const r = d.records;
  const hooks = d.hooks.filter((hook) => hook.attached || hook.error || hook.missed);
  return [
    card('Sensor', h('dl', { class: 'facts' },
      fact('Version', visible(d.version)), fact('Running for', duration(d.uptime_s)),
      fact('Source', visible(d.source.name)), fact('Waits by', visible(d.source.wait)),
      fact('Processes known', number(d.processes.known)), fact('Containers', number(d.processes.containers)),
      fact('Rules', `${number(d.rules.enabled)} of ${number(d.rules.total)} enabled`),
      fact('Memory without rings', bytes(d.memory.without_rings_bytes)))),
    card('Records', h('dl', { class: 'facts' },
      fact('Seen', number(r.seen)), fact('Written', number(r.written)),
      fact('Lost', number(r.lost), r.lost ? 'bad' : 'good'),
      fact('Not sound', number(r.corrupted), r.corrupted ? 'bad' : 'good'),
      fact('Waiting', bytes(r.waiting_bytes)), fact('A rule held', number(r.matched)),
      fact('Alerts made', number(d.alerts.made)), fact('Alerts dropped', number(d.alerts.dropped), d.alerts.dropped ? 'bad' : 'good')),
    Object.keys(r.lost_by_event).length ? table('Lost records by event', [{ name: 'Event' }, { name: 'Lost', number: true }],
      Object.entries(r.lost_by_event).map(([name, lost]) => [visible(name), number(lost)])) : null),
    card('Outputs', table('Outputs', [{ name: 'Output' }, { name: 'Taken', number: true }, { name: 'Written', number: true }, { name: 'Waiting', number: true }, { name: 'Lost', number: true }, { name: 'Errors', number: true }],
      d.outputs.map((o) => [foreign(o.name), number(o.taken), number(o.written), number(o.waiting), number(o.lost), number(o.errors)]))),
    card('Hooks', table('Hooks', [{ name: 'Function' }, { name: 'By' }, { name: 'State' }, { name: 'Calls', number: true }, { name: 'Missed', number: true }, { name: 'Events' }],
      hooks.map((hook) => [h('code', {}, visible(hook.symbol)), visible(hook.mechanism),
        h('span', { class: 'state', 'data-state': hook.attached ? 'live' : 'bad' }, hook.attached ? 'attached' : `error ${hook.error}`),
        number(hook.hits), number(hook.missed), visible(hook.events.join(', '))]))),
    card('Rings', table('Rings', [{ name: 'CPU' }, { name: 'Lane' }, { name: 'Seen', number: true }, { name: 'Written', number: true }, { name: 'Lost', number: true }, { name: 'Waiting', number: true }],
      d.cpus.flatMap((cpu) => ['life', 'event'].map((lane) => [String(cpu.cpu), lane, number(cpu[lane].seen), number(cpu[lane].written), number(cpu[lane].lost), bytes(cpu[lane].waiting_bytes)])))),
  ];
}

export async function open(place, { fail }) {
  const verdict = h('p', { class: 'verdict', role: 'status' });
  const body = h('div', { class: 'cards' });
  place.append(head('Health'), verdict, body);

  async function draw() {
    let status;
    try { status = await get('status'); } catch (error) { return fail(error); }
    const { page, daemon } = status, wrong = troubles(page, daemon);
    const text = wrong.length ? '' : page.daemon.from === 'file' ? 'Shown from a file; no sensor is connected.' : 'All is well: nothing lost, every hook attached.';
    const key = wrong.join('\n') + text;
    if (verdict.dataset.key !== key) {
      verdict.dataset.key = key;
      verdict.dataset.state = wrong.length ? 'bad' : 'good';
      replace(verdict, text, wrong.length ? h('ul', {}, wrong.map((sentence) => h('li', {}, visible(sentence)))) : null);
    }
    const at = scrollY;
    replace(body, daemon ? sensorCards(daemon) : null, pageCard(page));
    scrollTo(0, at);
  }

  await draw();
  const again = setInterval(() => { if (!document.hidden && !body.contains(document.activeElement)) draw(); }, each);
  return () => clearInterval(again);
}
