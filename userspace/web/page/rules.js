// SPDX-License-Identifier: Apache-2.0
// Which rules alerted how often: what is noise is seen first.
import { get } from './api.js';
import { foreign, h, replace } from './dom.js';
import { badge, empty, head, select, table } from './parts.js';
import { moment, number, plural, priorities } from './text.js';

const orders = {
  hits: ['Most alerts first', (a, b) => b.day - a.day || b.all - a.all],
  priority: ['Severest first', (a, b) => priorities.indexOf(a.priority) - priorities.indexOf(b.priority) || b.all - a.all],
  name: ['By name', (a, b) => a.name.localeCompare(b.name)],
};

function share(part) {
  const element = h('span', { class: 'share' }, h('span', {}));
  element.firstChild.style.width = `${Math.round(part * 100)}%`;
  return h('span', { class: 'share-of' }, element, `${part >= 0.1 || part === 0 ? Math.round(part * 100) : (part * 100).toFixed(1)} %`);
}

export async function open(place, { fail }) {
  let order = 'hits';
  const body = h('div', {});
  place.append(head('Rules', h('div', { class: 'tools' },
    select('Order', Object.entries(orders).map(([key, [text]]) => [key, text]), order, (value) => { order = value; draw(); }))), body);
  const now = Math.floor(Date.now() / 1000), rules = new Map();

  async function load() {
    const { rows } = await get('counts', { step: 3600, until: now + 60 });
    for (const [from, name, priority, alerts] of rows) {
      if (!rules.has(name)) rules.set(name, { name, priority, all: 0, day: 0, last: 0 });
      const rule = rules.get(name);
      rule.all += alerts;
      if (from >= now - 86400) rule.day += alerts;
      if (from >= rule.last) { rule.last = from; rule.priority = priority; }
    }
  }

  function draw() {
    const list = [...rules.values()].sort(orders[order][1]);
    const day = list.reduce((sum, r) => sum + r.day, 0);
    if (!list.length) return replace(body, empty('No rule has alerted', 'Once one does, it is here with how often.'));
    replace(body,
      h('p', { class: 'said' }, `${plural(list.length, 'rule')} alerted, ${plural(day, 'time')} in the last 24 hours`),
      table('Rules that alerted',
        [{ name: 'Rule' }, { name: 'Priority' }, { name: 'Last 24 hours', number: true }, { name: 'Share of all', number: true }, { name: 'In the history', number: true }, { name: 'Last, about' }],
        list.map((r) => [
          h('a', { href: '#/history?' + new URLSearchParams({ rule: r.name }) }, foreign(r.name)),
          badge(r.priority), number(r.day), share(day ? r.day / day : 0), number(r.all), moment(new Date(r.last * 1000))])));
  }

  try { await load(); } catch (error) { return fail(error); }
  draw();
}
