// SPDX-License-Identifier: Apache-2.0
// One alert: what happened, who did it and who that descends from, and where its recording is.
import { get } from './api.js';
import { foreign, h, replace, visible } from './dom.js';
import { explanation } from './explanation.js';
import { badge, head } from './parts.js';
import { field, message, moment, place as whereOf, timeOf } from './text.js';

const card = (title, ...more) => h('section', { class: 'card' }, h('h2', {}, title), ...more);

function shown(value) {
  if (value === null || value === undefined) return h('span', { class: 'muted' }, 'not known');
  if (typeof value === 'object') return foreign(JSON.stringify(value));
  return foreign(value);
}

// The process and its ancestors as far as the alert's fields have them, the oldest first.
function ancestry(alert) {
  const chain = [];
  const self = { name: field(alert, 'proc.name'), pid: field(alert, 'proc.pid'), line: field(alert, 'proc.cmdline') ?? field(alert, 'proc.exepath') };
  if (self.name || self.line) chain.push(self);
  for (let level = 1; level <= 16; level++) {
    const of = (name) => field(alert, `${name}[${level}]`);
    const name = of('proc.aname') ?? (level === 1 ? field(alert, 'proc.pname') : undefined);
    const line = of('proc.acmdline') ?? of('proc.aexepath') ?? (level === 1 ? field(alert, 'proc.pcmdline') ?? field(alert, 'proc.pexepath') : undefined);
    const pid = of('proc.apid') ?? (level === 1 ? field(alert, 'proc.ppid') : undefined);
    if (!name && !line) {
      if (level > 3) break;
      continue;
    }
    chain.push({ name, pid, line, level });
  }
  return chain.reverse();
}

function tree(chain) {
  if (!chain.length) return h('p', { class: 'muted' }, 'The rule\'s output names no process.');
  const build = (at) => h('li', { class: at === chain.length - 1 && 'self' },
    h('span', { class: 'process' },
      h('b', {}, foreign(chain[at].name ?? '?')),
      chain[at].pid !== undefined && h('span', { class: 'muted' }, ` pid ${chain[at].pid}`),
      chain[at].line && h('code', {}, foreign(chain[at].line))),
    at + 1 < chain.length && h('ul', {}, build(at + 1)));
  return h('ul', { class: 'tree', 'aria-label': 'The process and its ancestors' }, build(0));
}

function fields(alert) {
  const known = Object.entries(alert.output_fields ?? {});
  if (!known.length) return h('p', { class: 'muted' }, 'json_include_output_fields_property is false: the daemon sends none.');
  return h('dl', { class: 'fields' }, known.map(([name, value]) =>
    // A number here cannot hold nanoseconds since 1970.
    [h('dt', {}, visible(name)), h('dd', {}, shown(name === 'evt.time' ? alert.time : value))]));
}

function recording(alert) {
  if (!alert.recording) return h('p', { class: 'muted' },
    'None. With flight_recorder.enabled, severe alerts keep what came before and after them.');
  return h('div', {}, h('p', {}, 'What came before it and after it is kept on the host:'),
    h('pre', {}, h('code', {}, visible(alert.recording))),
    h('p', {}, 'To see the events in it, or to run other rules on them:'),
    h('pre', {}, h('code', {}, visible(`saker events ${alert.recording}\nsaker replay ${alert.recording}`))));
}

export async function open(place, { rest }) {
  let gone = false;
  const { id, alert } = await get('alerts/' + encodeURIComponent(rest[0] ?? ''));
  const where = whereOf(alert);
  const why = h('div', { 'aria-live': 'polite' },
    h('p', { class: 'muted' }, alert.recording ? 'Being worked out from the recording …' : 'An explanation is made from a recording, and this alert has none.'));
  if (alert.recording) explanation(id).then((parts) => { if (!gone) replace(why, parts); });
  const search = (values) => '#/history?' + new URLSearchParams(values);
  place.append(
    h('p', { class: 'crumbs' }, h('a', { href: '#/history' }, 'History'), ` / ${id}`),
    head(foreign(alert.rule), badge(alert.priority)),
    h('p', { class: 'alert-full' }, foreign(message(alert))),
    h('ul', { class: 'chips' },
      h('li', { class: 'chip' }, h('time', { datetime: alert.time, title: alert.time }, moment(timeOf(alert)))),
      alert.hostname && h('li', { class: 'chip' }, 'host ', foreign(alert.hostname)),
      where && h('li', {}, h('a', { class: 'chip', href: search({ [where.kind]: where.name }) }, where.kind, ' ', foreign(where.name))),
      alert.source && h('li', { class: 'chip' }, 'source ', foreign(alert.source)),
      (alert.tags ?? []).map((tag) => h('li', {}, h('a', { class: 'chip', href: search({ tag }) }, foreign(tag))))),
    h('div', { class: 'cards' },
      card('Process', tree(ancestry(alert))),
      card('Why the rule alerted', why),
      card('Fields', fields(alert)),
      card('Recording', recording(alert)),
      card('Near it',
        h('p', {}, h('a', { href: search({ rule: alert.rule }) }, 'Other alerts of this rule')),
        h('p', {}, h('a', { href: search({ from: Math.floor(timeOf(alert) / 1000) - 60, until: Math.floor(timeOf(alert) / 1000) + 60 }) }, 'A minute before and after'))),
      h('section', { class: 'card' }, h('details', {}, h('summary', {}, 'The alert as JSON'),
        h('pre', {}, h('code', {}, visible(JSON.stringify(alert, null, 2))))))));
  return () => { gone = true; };
}
