// SPDX-License-Identifier: Apache-2.0
// What several views show alike.
import { h, foreign, visible } from './dom.js';
import { message, place, shortly, timeOf } from './text.js';

export const badge = (priority) =>
  h('span', { class: 'badge', 'data-priority': priority }, visible(priority ?? 'unknown'));

export const head = (title, ...more) =>
  h('header', { class: 'view-head' }, h('h1', { tabindex: '-1' }, title), ...more);

export const empty = (title, text) =>
  h('div', { class: 'empty' }, h('p', { class: 'empty-title' }, title), h('p', {}, text));

export const failed = (error) =>
  h('p', { class: 'failed', role: 'alert' }, visible(error.message));

// One alert of a list: a link to its page.
export function row({ id, alert }) {
  const where = place(alert);
  return h('li', { class: 'alert-row', 'data-priority': alert.priority },
    h('a', { href: `#/alert/${id}` },
      h('span', { class: 'alert-line' },
        badge(alert.priority),
        foreign(alert.rule, 'bdi', { class: 'alert-rule' }),
        where && h('span', { class: 'chip', title: where.kind }, foreign(where.name)),
        h('time', { class: 'alert-time', datetime: alert.time, title: alert.time }, shortly(timeOf(alert)))),
      foreign(message(alert), 'bdi', { class: 'alert-message' })));
}

export function table(caption, columns, rows) {
  return h('div', { class: 'table-wrap', tabindex: '0', role: 'region', 'aria-label': caption },
    h('table', {},
      h('caption', { class: 'unseen' }, caption),
      h('thead', {}, h('tr', {}, columns.map((column) =>
        h('th', { scope: 'col', class: column.number && 'number' }, column.name)))),
      h('tbody', {}, rows.map((cells) => h('tr', {}, cells.map((cell, i) =>
        h(i === 0 ? 'th' : 'td', { scope: i === 0 && 'row', class: columns[i].number && 'number' }, cell)))))));
}

export const select = (label, options, value, onchange) => {
  const element = h('select', { onchange: () => onchange(element.value) },
    options.map(([key, text]) => h('option', { value: key, selected: key === value }, text)));
  element.value = value;
  return h('label', { class: 'field' }, h('span', {}, label), element);
};
