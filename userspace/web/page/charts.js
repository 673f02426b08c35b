// SPDX-License-Identifier: Apache-2.0
// How many alerts there were over time, by priority and by rule. Drawn as SVG, and there as a table.
import { get } from './api.js';
import { foreign, h, replace, svg, visible } from './dom.js';
import { empty, head, select, table } from './parts.js';
import { clock, day, moment, number, plural, priorities } from './text.js';

const ranges = {
  hour: ['Last hour', 3600, 60], six: ['Last 6 hours', 6 * 3600, 300], day: ['Last 24 hours', 86400, 1200],
  week: ['Last 7 days', 7 * 86400, 3 * 3600], month: ['Last 30 days', 30 * 86400, 12 * 3600],
};
const width = 960, height = 220, left = 52, bottom = 24, top = 8;

// A round number at or above n.
function ceiling(n) {
  const power = 10 ** Math.floor(Math.log10(Math.max(n, 1)));
  return [1, 2, 5, 10].map((f) => f * power).find((c) => c >= n && c >= 4) ?? 4;
}

const label = (time, span) => {
  const date = new Date(time * 1000);
  return span > 2 * 86400 ? day(date).slice(5) : clock(date).slice(0, 5);
};

// Bars upon each other: `series` are [{name, values: Map(time -> number)}].
function stack(series, times, step, span, title) {
  const totals = times.map((t) => series.reduce((sum, s) => sum + (s.values.get(t) ?? 0), 0));
  const high = ceiling(Math.max(...totals, 1));
  const across = (width - left) / times.length, y = (n) => top + (height - top - bottom) * (1 - n / high);
  const chart = svg('svg', { viewBox: `0 0 ${width} ${height}`, class: 'chart', role: 'img', 'aria-label': title });
  for (const part of [0, 0.5, 1]) {
    chart.append(svg('line', { class: 'grid', x1: left, x2: width, y1: y(high * part), y2: y(high * part) }),
      svg('text', { class: 'axis', x: left - 8, y: y(high * part) + 4, 'text-anchor': 'end' }, number(high * part)));
  }
  times.forEach((time, i) => {
    let base = 0;
    const bar = svg('g', {});
    for (const s of series) {
      const n = s.values.get(time) ?? 0;
      if (!n) continue;
      bar.append(svg('rect', { 'data-priority': s.priority, x: left + i * across + 0.5, width: Math.max(across - 1, 1), y: y(base + n), height: Math.max(y(base) - y(base + n), 1) }));
      base += n;
    }
    if (base) bar.append(svg('title', {}, `${moment(new Date(time * 1000))}: ${plural(base, 'alert')}`));
    chart.append(bar);
    if (i % Math.ceil(times.length / 6) === 0)
      chart.append(svg('text', { class: 'axis', x: left + i * across, y: height - 6 }, label(time, span)));
  });
  return chart;
}

function sparkline(values, times) {
  const high = Math.max(...times.map((t) => values.get(t) ?? 0), 1), w = 240, tall = 32;
  const points = times.map((t, i) =>
    `${(i * w / Math.max(times.length - 1, 1)).toFixed(1)},${(tall - 2 - (tall - 4) * (values.get(t) ?? 0) / high).toFixed(1)}`);
  return svg('svg', { viewBox: `0 0 ${w} ${tall}`, class: 'spark', 'aria-hidden': 'true', preserveAspectRatio: 'none' },
    svg('polygon', { points: `0,${tall} ${points.join(' ')} ${w},${tall}` }),
    svg('polyline', { points: points.join(' ') }));
}

function sums(rows, key) {
  const out = new Map();
  for (const row of rows) {
    const name = key(row);
    if (!out.has(name)) out.set(name, { name, total: 0, values: new Map(), priority: row[2] });
    const entry = out.get(name);
    entry.total += row[3];
    entry.values.set(row[0], (entry.values.get(row[0]) ?? 0) + row[3]);
    if (priorities.indexOf(row[2]) < priorities.indexOf(entry.priority)) entry.priority = row[2];
  }
  return [...out.values()];
}

export async function open(place, { values, fail }) {
  let range = Object.hasOwn(ranges, values.get('range') ?? '') ? values.get('range') : 'day';
  const body = h('div', { class: 'charts' });
  place.append(head('Charts', h('div', { class: 'tools' },
    select('Time', Object.entries(ranges).map(([key, [text]]) => [key, text]), range, (value) => { range = value; draw(); }))), body);

  async function draw() {
    const [text, span, step] = ranges[range];
    const until = Math.ceil(Date.now() / 1000 / step) * step, from = until - span;
    const times = Array.from({ length: span / step }, (_, i) => from + i * step);
    let answer;
    try { answer = await get('counts', { from, until, step }); } catch (error) { return fail(error); }
    const rows = answer.rows;
    if (!rows.length) return replace(body, empty('No alerts', `There were none in this time (${text.toLowerCase()}).`));
    const byPriority = priorities.map((p) => sums(rows.filter((r) => r[2] === p), (r) => r[2])[0]).filter(Boolean);
    const byRule = sums(rows, (r) => r[1]).sort((a, b) => b.total - a.total);
    const total = byRule.reduce((sum, r) => sum + r.total, 0), top = byRule.slice(0, 12);
    replace(body,
      h('section', { class: 'card' },
        h('div', { class: 'card-head' }, h('h2', {}, 'By priority'), h('p', { class: 'muted' }, `${plural(total, 'alert')}, ${text.toLowerCase()}`)),
        stack([...byPriority].reverse(), times, step, span, `${plural(total, 'alert')} by priority over time; the table below has the numbers`),
        h('ul', { class: 'legend' }, byPriority.map((p) => h('li', { 'data-priority': p.name }, h('span', { class: 'dot' }), `${p.name} `, h('b', {}, number(p.total))))),
        h('details', {}, h('summary', {}, 'As a table'),
          table('Alerts by time and priority', [{ name: 'From' }, ...byPriority.map((p) => ({ name: p.name, number: true }))],
            times.filter((t) => byPriority.some((p) => p.values.has(t))).map((t) =>
              [moment(new Date(t * 1000)), ...byPriority.map((p) => number(p.values.get(t) ?? 0))])))),
      h('section', { class: 'card' },
        h('div', { class: 'card-head' }, h('h2', {}, 'By rule'),
          h('p', { class: 'muted' }, byRule.length > top.length ? `the ${top.length} with the most of ${number(byRule.length)}` : '')),
        h('ul', { class: 'rule-charts' }, top.map((r) => h('li', { 'data-priority': r.priority },
          h('a', { href: '#/history?' + new URLSearchParams({ rule: r.name, from }) }, foreign(r.name)),
          sparkline(r.values, times),
          h('b', { title: visible(r.name) }, number(r.total)))))));
  }

  await draw();
  const again = setInterval(() => { if (!document.hidden) draw(); }, 30000);
  return () => clearInterval(again);
}
