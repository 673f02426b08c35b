// SPDX-License-Identifier: Apache-2.0
// What each rule does: how often it alerts, what it costs, and which are noise.
import { get } from './api.js';
import { foreign, h, replace, visible } from './dom.js';
import { badge, empty, head, select, table } from './parts.js';
import { moment, number, plural, priorities } from './text.js';

const each = 3000;

// A rule that never alerted here has none.
const severity = (rule) => rule.priority ? priorities.indexOf(rule.priority) : priorities.length;

const orders = {
  hits: ['Most alerts first', (a, b) => b.day - a.day || b.all - a.all],
  cost: ['Most expensive first', (a, b) => (b.cost ?? -1) - (a.cost ?? -1) || b.all - a.all],
  priority: ['Severest first', (a, b) => severity(a) - severity(b) || b.all - a.all],
  name: ['By name', (a, b) => a.name.localeCompare(b.name)],
};

function share(part) {
  const element = h('span', { class: 'share' }, h('span', {}));
  element.firstChild.style.width = `${Math.round(part * 100)}%`;
  return h('span', { class: 'share-of' }, element, `${part >= 0.1 || part === 0 ? Math.round(part * 100) : (part * 100).toFixed(1)} %`);
}

// CPU time in a second.
const cost = (us) => us >= 1000 ? `${(us / 1000).toFixed(1)} ms/s` : us >= 1 || us === 0 ? `${Math.round(us)} µs/s` : '< 1 µs/s';

const source = ({ exepath, image, percent }) => h('li', {},
  foreign(exepath || 'an unknown program'), image ? [' in image ', foreign(image)] : null, `: ${percent} %`);

function noisy({ rule, alerts, budget, sources, proposal }) {
  return h('section', { class: 'card noisy' },
    h('h3', {}, foreign(rule)),
    h('p', {}, `${plural(alerts, 'alert')} within an hour; its budget is ${number(budget)}. Most are of:`),
    h('ul', {}, sources.map(source)),
    proposal
      ? h('details', {}, h('summary', {}, 'An exception for them'),
        h('p', {}, 'Read it before you use it: an attacker who makes noise wants it ignored. saker backtest tries it on a recording.'),
        h('pre', {}, h('code', {}, visible(proposal))),
        h('pre', {}, h('code', {}, 'saker backtest --baseline /etc/saker/rules.d -r /etc/saker/rules.d -r exception.yaml RECORDING')))
      : h('p', { class: 'muted' }, 'No exception is proposed: the names cannot be written in a rule file.'));
}

export async function open(place, { fail }) {
  let order = 'hits', past = null;
  const body = h('div', {}), noise = h('div', { class: 'cards' });
  place.append(head('Rules', h('div', { class: 'tools' },
    select('Order', Object.entries(orders).map(([key, [text]]) => [key, text]), order, (value) => { order = value; draw(); }))), noise, body);
  const now = Math.floor(Date.now() / 1000), rules = new Map();
  const rule = (name) => {
    if (!rules.has(name)) rules.set(name, { name, priority: null, all: 0, day: 0, last: 0, cost: null, judged: null });
    return rules.get(name);
  };

  async function load() {
    const { rows } = await get('counts', { step: 3600, until: now + 60 });
    for (const [from, name, priority, alerts] of rows) {
      const of = rule(name);
      of.all += alerts;
      if (from >= now - 86400) of.day += alerts;
      if (from >= of.last) { of.last = from; of.priority = priority; }
    }
  }

  // Counters since some moment: two answers give what a second costs.
  async function measure() {
    const { daemon } = await get('rules');
    if (!daemon?.ok) return;
    const seconds = past ? (daemon.now_ns - past.now_ns) / 1e9 : 0;
    const before = new Map((past?.rules ?? []).map((row) => [row.rule, row]));
    for (const of of rules.values()) if (seconds > 0) of.cost = of.judged = 0;
    for (const row of daemon.rules) {
      const of = rule(row.rule), old = before.get(row.rule) ?? { cost_ns: 0, judged: 0 };
      if (seconds <= 0) continue;
      of.cost = Math.max(0, row.cost_ns - old.cost_ns) / 1000 / seconds;
      of.judged = Math.max(0, row.judged - old.judged) / seconds;
    }
    past = daemon;
    const key = JSON.stringify(daemon.noise);
    if (noise.dataset.key === key || noise.contains(document.activeElement)) return;
    noise.dataset.key = key;
    replace(noise, daemon.noise.length ? h('h2', { class: 'part' }, 'Over their noise budget') : null, daemon.noise.map(noisy));
  }

  function draw() {
    const list = [...rules.values()].sort(orders[order][1]);
    const day = list.reduce((sum, r) => sum + r.day, 0);
    if (!list.length) return replace(body, empty('No rule has alerted', 'Once one does, it is here with how often.'));
    const alerted = list.filter((r) => r.all).length;
    const wrap = body.querySelector('.table-wrap'), left = wrap?.scrollLeft ?? 0;
    replace(body,
      h('p', { class: 'said' }, `${plural(alerted, 'rule')} alerted, ${plural(day, 'time')} in the last 24 hours` +
        (past ? '; costs are estimated from a sample of the events' : '')),
      table('Rules with their alerts and costs',
        [{ name: 'Rule' }, { name: 'Priority' }, { name: 'Last 24 hours', number: true }, { name: 'Share of all', number: true }, { name: 'CPU time', number: true }, { name: 'Judged', number: true }, { name: 'In the history', number: true }, { name: 'Last, about' }],
        list.map((r) => [
          h('a', { href: '#/history?' + new URLSearchParams({ rule: r.name }) }, foreign(r.name)),
          r.priority ? badge(r.priority) : '–', number(r.day), share(day ? r.day / day : 0),
          r.cost === null ? '–' : cost(r.cost), r.judged === null ? '–' : `${number(Math.round(r.judged))}/s`,
          number(r.all), r.last ? moment(new Date(r.last * 1000)) : 'never'])));
    body.querySelector('.table-wrap').scrollLeft = left;
  }

  try {
    await load();
    await measure();
  } catch (error) { return fail(error); }
  draw();
  const again = setInterval(async () => {
    // A reader in the table is not thrown out of it.
    if (document.hidden || body.contains(document.activeElement)) return;
    try { await measure(); } catch (error) { return fail(error); }
    draw();
  }, each);
  return () => clearInterval(again);
}
